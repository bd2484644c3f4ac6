"""What a session needs from whoever shows its turns and lends it a kernel; protocols only.

``notebook/`` implements both; a plain program implements neither, and turns then run unseen and unasked.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from codex_jupyter.core.requests import ToolCall
    from codex_jupyter.session.live import LiveTurn
    from codex_jupyter.session.signing_in import LoginAttempt
    from codex_jupyter.session.thread import Thread


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

    def close(self) -> None:
        """The session is closed, and every turn of it has ended: let go of whatever shows one."""
        ...

    def present_login(self, attempt: LoginAttempt) -> None:
        """A program began a sign-in: show its address or code in the calling cell, so that nothing of it is saved."""
        ...


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What an offered tool gives back. ``images`` are ``data:`` URLs, kept few: a path in the text costs less."""

    success: bool
    text: str
    images: tuple[str, ...] = ()


class KernelTools(Protocol):
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

    def begin(self, live: LiveTurn, thread: Thread) -> dict[str, Any]:
        """A turn is about to start, in the calling thread: what it carries besides (``context``, ``data``)."""
        ...

    def attach(self, prompt: str, names: tuple[str, ...] = (), folder: Path | None = None) -> Any:
        """What of the user's is named by ``--with`` or mentioned in the prompt: ``.work`` for the turn, ``.sent``."""
        ...

    async def settled(self, live: LiveTurn) -> None:
        """A turn has ended: wait, for a bounded time, until what it ran in the kernel has said how it ended."""
        ...

    def attached(self, live: LiveTurn, sent: tuple[str, ...]) -> None:
        """Say in a started turn's footer what was attached to it."""
        ...

    def offer(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Offer a function to the agent, from the next new thread on."""
        ...
