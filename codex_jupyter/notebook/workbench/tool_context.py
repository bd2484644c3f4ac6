"""What the tools work with: the shell, what its sessions share, the engine, and where each turn was started."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from codex_jupyter.errors import UserError
from codex_jupyter.notebook.workbench.running import Origin, Outcome, Runner, Work

if TYPE_CHECKING:
    from codex_jupyter.notebook.workbench.shell_state import ShellState
    from codex_jupyter.session.engine import Engine
    from codex_jupyter.session.live import LiveTurn

#: Seconds that looking may take.
LOOK = 20.0


@dataclass
class Reply:
    """What a tool gives back before secrets are taken out. ``sent``: what of the user's data is in it."""

    text: str
    success: bool = True
    sent: list[str] = field(default_factory=list)


class ToolContext:
    """One session's place at the workbench.

    Attributes:
        shell: the user's shell.
        state: what all sessions of the shell share.
        engine: the session's engine.
        origins: the cell that each turn was started in.
    """

    def __init__(self, shell: Any, state: ShellState, engine: Engine) -> None:
        self.shell, self.state, self.engine = shell, state, engine
        self.origins: WeakKeyDictionary[LiveTurn, Origin] = WeakKeyDictionary()
        self.runner = Runner(shell, state.recorder, state.main)

    @property
    def hidden(self) -> dict[str, Any]:
        """What was in the namespace before the user came."""
        return getattr(self.shell, "user_ns_hidden", None) or {}

    async def run(self, live: LiveTurn, work: Work, *, limit: float) -> Outcome:
        """Run something on the main thread for a turn, and say in its transcript if that has to wait."""
        origin = self.origins.get(live) or Origin(self.shell)

        def waits() -> None:
            if self.state.main.has_loop:
                self.engine.note(live, "info", "Code waits until the kernel is idle.")
            else:
                self.engine.note(
                    live, "info", "Code waits for the prompt.", "turn.result() lets it run."
                )

        return await self.runner.run(live, origin, work, limit=limit, waits=waits)


def text_of(given: dict[str, Any], name: str, *, needed: bool = False) -> str:
    """A text among a call's arguments.

    Raises:
        UserError: it is needed and not there, or is no text.
    """
    value = given.get(name)
    if value is None and not needed:
        return ""
    if type(value) is not str or (needed and not value.strip()):
        raise UserError(f"`{name}` has to be a text.")
    return value


async def in_time(look: Callable[[], Any]) -> Any:
    """Look in a worker thread, for a bounded time.

    Raises:
        UserError: it took too long.
    """
    try:
        return await asyncio.wait_for(asyncio.to_thread(look), LOOK)
    except TimeoutError:
        raise UserError(f"Looking took longer than {LOOK:g} s, so it was given up.") from None
