"""What a session needs from whoever shows its turns and lends it a kernel; protocols only.

``notebook/`` implements both; a plain program implements neither, and turns then run unseen and unasked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from codex_jupyter.core.requests import ToolCall
    from codex_jupyter.session.live import LiveTurn


class Presenter(Protocol):
    """Shows turns to a person, and knows whether that person can be asked."""

    def present(self, live: LiveTurn, *, waiting: bool) -> None:
        """A turn was started by the calling thread; ``waiting`` says that the caller will block until it ends."""
        ...

    def wait(self, live: LiveTurn) -> None:
        """Block the calling thread until the turn is done, serving it meanwhile (prompts, kernel code).

        Raises:
            KeyboardInterrupt: the user interrupted; the turn has been told to stop.
        """
        ...


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What an offered tool gives back. ``images`` are ``data:`` URLs, kept few: a path in the text costs less."""

    success: bool
    text: str
    images: tuple[str, ...] = ()


class Workbench(Protocol):
    """Tools that the agent may call, and the note that each turn carries."""

    def tools(self) -> list[dict[str, Any]]:
        """``dynamicTools`` for ``thread/start``; they are frozen for the thread's life."""
        ...

    async def call(self, live: LiveTurn, call: ToolCall) -> ToolResult:
        """Run one call; on the session's loop. Never raises."""
        ...

    def instructions(self) -> str:
        """Developer instructions for a new thread, or ``""``."""
        ...

    def context(self, live: LiveTurn) -> str:
        """What changed in the notebook since the last turn, or ``""``; called in the thread that starts the turn."""
        ...
