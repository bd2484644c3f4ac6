"""What the tools work with: the shell, what its sessions share, the engine, and where each turn was started."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from codex_jupyter.core.diffs import Change
from codex_jupyter.core.runs import Run
from codex_jupyter.errors import UserError
from codex_jupyter.notebook import kernel_internals
from codex_jupyter.notebook.workbench.job import Job, Origin, Outcome, run_job
from codex_jupyter.notebook.workbench.work import CallWork, CellWork, CodeWork, Work

if TYPE_CHECKING:
    from codex_jupyter.notebook.workbench.cell_feed import CellRecord
    from codex_jupyter.notebook.workbench.shell_state import ShellState
    from codex_jupyter.session.engine import Engine
    from codex_jupyter.session.live import LiveTurn

#: Seconds that the end of a turn waits for what it ran.
ENDS_IN = 5.0
#: Seconds that looking may take.
LOOK = 20.0


@dataclass
class Reply:
    """What a tool gives back before secrets are taken out.

    Attributes:
        text: what the model is told.
        success: whether the tool did what it was called for.
        sent: what of the user's data is in the text.
        run: what became of code that it ran.
        changes: what it changed of the open notebook.
    """

    text: str
    success: bool = True
    sent: list[str] = field(default_factory=list)
    run: Run | None = None
    changes: tuple[Change, ...] = ()


class ToolContext:
    """What the tools of one session work with.

    Attributes:
        shell: the user's shell.
        state: what all sessions of the shell share.
        engine: the session's engine.
        origins: the cell that each turn was started in.
    """

    def __init__(self, shell: Any, state: ShellState, engine: Engine) -> None:
        self.shell, self.state, self.engine = shell, state, engine
        self.origins: WeakKeyDictionary[LiveTurn, Origin] = WeakKeyDictionary()
        self._ending: WeakKeyDictionary[LiveTurn, list[asyncio.Future[Any]]] = WeakKeyDictionary()

    @property
    def hidden(self) -> dict[str, Any]:
        """What was in the namespace before the user came."""
        return getattr(self.shell, "user_ns_hidden", None) or {}

    def own_cell(self, live: LiveTurn) -> str:
        """The id of the cell that a turn was started in, ``""`` where no page named one."""
        origin = self.origins.get(live)
        return kernel_internals.cell_id_of(origin.parent) if origin is not None else ""

    def code(self, code: str) -> CodeWork:
        """Code as work for the main thread."""
        return CodeWork(self.shell, self.state.recorder, code)

    def cell(self, code: str, record: CellRecord) -> CellWork:
        """A cell of the open notebook as work for the main thread."""
        return CellWork(self.shell, self.state.recorder, code, record)

    def call(
        self, call: Callable[[], Any], *, silent: bool, show: Callable[[Any], dict[str, Any]]
    ) -> CallWork:
        """A call as work for the main thread; see ``CallWork``."""
        return CallWork(self.shell, self.state.recorder, call, silent=silent, show=show)

    async def run(
        self,
        live: LiveTurn,
        work: Work,
        *,
        limit: float,
        late: Callable[[Outcome], None] = lambda outcome: None,
    ) -> Outcome:
        """Run something on the main thread for a turn, and say in its transcript if that has to wait.

        Args:
            live: the turn.
            work: what to run.
            limit: seconds that it may take.
            late: called on the session's loop with what became of it, where the turn ended first.
        """
        origin = self.origins.get(live) or Origin(self.shell)
        main = self.state.main

        def waits() -> None:
            if main.has_loop:
                self.engine.note(live, "info", "Code waits until the kernel is idle.")
            else:
                self.engine.note(
                    live, "info", "Code waits for the prompt.", "turn.result() lets it run."
                )

        job = Job(self.shell, live, origin, work, limit)
        try:
            return await run_job(main, live, job, waits)
        except asyncio.CancelledError:
            job.outcome.add_done_callback(lambda outcome: late(outcome.result()))
            if job.interrupted:
                self.ends_with(live, job.outcome)
            raise

    def ends_with(self, live: LiveTurn, something: asyncio.Future[Any]) -> None:
        """The end of a turn waits for this, for a bounded time."""
        self._ending.setdefault(live, []).append(something)

    async def settled(self, live: LiveTurn) -> None:
        """Wait, for a bounded time, for what the end of a turn waits for: code that a person interrupted, say, which tells
        itself how it ended."""
        if ending := self._ending.pop(live, []):
            await asyncio.wait(ending, timeout=ENDS_IN)


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
