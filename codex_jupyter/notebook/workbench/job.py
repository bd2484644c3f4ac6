"""``Job``: one piece of the agent's work on its way to the kernel's main thread and back.

Its state says where it is, and only ``Job`` changes it:

    waiting -> running -> ended        taken by whoever is first on the main thread: the cell that waits, or the idle kernel
    waiting -> ended                   its turn was stopped before anybody took it

Whoever stops it, the time limit, the turn, a person at the kernel, goes through its guard; how it ended is an ``Outcome``.
"""

from __future__ import annotations

import asyncio
import contextvars
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from codex_jupyter import journal
from codex_jupyter.core.runs import Changes, Ending, Kind
from codex_jupyter.notebook import printing
from codex_jupyter.notebook.frontend import kind_of
from codex_jupyter.notebook.workbench import execution, recorder
from codex_jupyter.notebook.workbench.idle import MainThread
from codex_jupyter.notebook.workbench.interrupting import Guard
from codex_jupyter.notebook.workbench.record import Record
from codex_jupyter.notebook.workbench.recorder import RUN
from codex_jupyter.notebook.workbench.work import Work, call_foreign
from codex_jupyter.objects.changes import Snapshot
from codex_jupyter.session.interrupts import INTERRUPTS
from codex_jupyter.session.main_thread import LOOK

if TYPE_CHECKING:
    from codex_jupyter.session.live import LiveTurn

log = journal.logger("workbench")

State = Literal["waiting", "running", "ended"]
#: Seconds after which a person is told that code waits for the kernel.
PATIENCE = 0.5


#: What a cell is told whose code does not end, in the thread that found out: the main thread is that code's.
STUCK = (
    "Codex's code does not react to the interrupt: it still runs in this kernel, and no cell can run before it ends. "
    "The turn is over.\nInterrupt again; if that does not help, only a restart of the kernel ends the code."
)


class Origin:
    """Where a turn was started: the cell that its output belongs to. Made in the thread that starts it."""

    def __init__(self, shell: Any) -> None:
        self.context = contextvars.copy_context()
        self.kind = kind_of(shell)
        self.parent = shell.get_parent() if hasattr(shell, "get_parent") else None


@dataclass(frozen=True)
class Outcome:
    """What became of a job: how it ended, what it printed and showed, what it changed."""

    ending: Ending
    record: Record
    changes: Changes = field(default_factory=Changes)


class Job:
    """One piece of work. Made on the session's loop.

    Args:
        shell: whose main thread and namespace.
        live: the turn that it is for.
        origin: the cell that its output belongs to when no cell waits.
        work: what to do.
        limit: seconds that it may take once it runs.

    Attributes:
        state: see above.
        waited: it was not begun at once, because the kernel was busy; set by whoever told the user so.
        outcome: what became of it.
    """

    def __init__(
        self, shell: Any, live: LiveTurn, origin: Origin, work: Work, limit: float
    ) -> None:
        self.state: State = "waiting"
        self.waited = False
        self.outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._loop = asyncio.get_running_loop()
        self._shell, self._live, self._origin, self._work = shell, live, origin, work
        self._limit = limit
        self._taken = threading.Lock()
        # There before anybody can take the job: from then on `stop` goes through it.
        self._guard = Guard(
            limit,
            BODY,
            held=HELD,
            inside=lambda: RUN.get() is not None and RUN.get() is work.record,
            cancel=self._cancel_task,
            interrupted=self._interrupted,
            stuck=self._say_stuck,
            drawing=DRAWING,
        )
        self._task: asyncio.Task[None] | None = None
        self._since = 0.0

    @property
    def awaited(self) -> bool:
        """Whether a cell waits for its turn, or for one behind it, so that it may run although that cell is not over."""
        return self._live.is_awaited

    @property
    def interrupted(self) -> bool:
        """Whether a person interrupted it."""
        return self._guard.cause == "interrupted"

    def stop(self) -> None:
        """Its turn is over: never begin, or end what runs. From any thread."""
        if self._leave_waiting("ended"):
            self._report(Outcome(self._ending("stopped"), self._work.record))
        else:
            self._guard.stop("stopped")

    # --- on the main thread -----------------------------------------------------------------------------------------------

    def serve(self) -> None:
        """Run it here, in the thread of a cell that waits for the turn.

        Raises:
            KeyboardInterrupt: a person interrupted the kernel, so the turn is to end as well.
        """
        if threading.current_thread() is not threading.main_thread():
            return
        if not self._begin():
            self._go_on()
            return
        if self._live.waiters:
            self._serve()
        else:  # the cell waits for a turn behind this one, whose output belongs elsewhere
            with output_to(self._shell, self._origin.parent):
                self._serve()

    def _serve(self) -> None:
        coroutine, awaits = self._body()
        if awaits:
            execution.drive_nested(coroutine, self._started)
        else:
            execution.drive(coroutine)
        if self._guard.cause == "interrupted":
            raise KeyboardInterrupt

    def _go_on(self) -> None:
        """It began while the kernel was idle and awaits on its loop, which this cell holds: go on with it here, for the cell
        waits for its turn. A little at a time, so that the cell waits no longer than it was told to."""
        task = self._task
        if task is None or task.done():
            return
        execution.go_on_nested(task, LOOK)
        if self._guard.cause == "interrupted":
            raise KeyboardInterrupt
        if not task.done():
            self._live.give_job(self.serve)

    def serve_idle(self) -> Awaitable[None] | None:
        """Run it here, in a callback of the main loop; what awaits is returned. Output goes to the turn's own cell."""
        if not self._begin():
            return None
        context = self._origin.context.copy()
        return context.run(self._serve_idle)

    def _serve_idle(self) -> Awaitable[None] | None:
        with output_to(self._shell, self._origin.parent):
            coroutine, awaits = self._body()
            if not awaits:
                execution.drive(coroutine)
                return None
            task = asyncio.get_running_loop().create_task(coroutine)
        self._started(task)
        return task

    def _started(self, task: asyncio.Task[None]) -> None:
        self._task = task

    def _leave_waiting(self, state: State) -> bool:
        """The one step out of ``waiting``: True for whoever is first."""
        if not self._taken.acquire(blocking=False):
            return False
        self.state = state
        return True

    def _begin(self) -> bool:
        if not self._leave_waiting("running"):
            return False
        self._since = time.monotonic()
        return True

    def _body(self) -> tuple[Any, bool]:
        """The coroutine to drive, and whether it really awaits. Everything of the agent happens inside the guard."""
        guard, work = self._guard, self._work
        ready, awaits, error = False, False, ""
        before = None
        try:
            guard.__enter__()
            before = self._snapshot()
            self._prepare()
            ready, awaits = True, work.awaits
        except BaseException as problem:
            log.log(journal.level_of(problem), "code could not begin", exc_info=problem)
            error = f"{type(problem).__name__} before it began"
            if isinstance(problem, KeyboardInterrupt):
                guard.cause = guard.cause or "interrupted"
        if guard.cause is not None:  # told to end before it began
            ready, awaits = False, False

        async def body() -> None:
            told = error
            try:
                if ready:
                    await work.run()
            except BaseException as problem:
                log.log(journal.level_of(problem), "running code failed", exc_info=problem)
                told = told or type(problem).__name__
                if isinstance(problem, GeneratorExit):
                    raise
            finally:
                try:
                    self._finish(told, before)
                except BaseException as problem:
                    log.log(
                        journal.level_of(problem), "what code did was not told", exc_info=problem
                    )
                    told = told or work.error or type(problem).__name__
                    self._report(Outcome(self._ending("failed", told), work.record))
                finally:
                    guard.__exit__(None, None, None)

        return body(), awaits

    def _finish(self, error: str, before: Snapshot | None) -> None:
        error = error or self._work.error
        kind: Kind = "exited" if self._work.exited else "failed" if error else "ok"
        changes = before.until(self._snapshot()) if before is not None else Changes()
        self._report(Outcome(self._ending(kind, error), self._work.record, changes))

    def _ending(self, kind: Kind, error: str = "") -> Ending:
        """How it ends now; what it was told to end by goes before what came of it."""
        seconds = time.monotonic() - self._since if self._since else 0.0
        kind = kind if kind in ("stuck", "stopped") else self._guard.cause or kind
        return Ending(kind, error, seconds, self._limit, self.waited)

    def _prepare(self) -> None:
        self._work.prepare()

    def _snapshot(self) -> Snapshot:
        return Snapshot(self._shell.user_ns, getattr(self._shell, "user_ns_hidden", None))

    def _interrupted(self) -> None:
        """A person interrupted it: its turn ends, and the cell that waits for that one or for one behind it."""
        INTERRUPTS.tell()  # first, or the next turn begins
        self._live.interrupt("you")

    def _cancel_task(self) -> None:
        if self._task is not None:
            self._task.get_loop().call_soon_threadsafe(self._task.cancel)

    # --- from any thread --------------------------------------------------------------------------------------------------

    def _say_stuck(self) -> None:
        if self._guard.cause != "time_limit":  # its turn is over, so no transcript goes on about it
            context = contextvars.copy_context() if self.awaited else self._origin.context.copy()
            context.run(printing.remark, STUCK)
        self._report(Outcome(self._ending("stuck"), self._work.record))

    def _report(self, outcome: Outcome) -> None:
        """Give the outcome to the session; the first one counts. A stuck job is still running."""
        if outcome.ending.kind != "stuck":
            self.state = "ended"

        def deliver() -> None:
            if not self.outcome.done():
                self.outcome.set_result(outcome)

        self._loop.call_soon_threadsafe(deliver)


async def run_job(main: MainThread, live: LiveTurn, job: Job, waits: Callable[[], None]) -> Outcome:
    """Put a job where the main thread finds it, and wait for its outcome; cancelled, it ends the job.

    A cell that waits for the turn takes it at once; else it waits until the kernel is idle.

    Args:
        main: the kernel's main thread.
        live: the turn.
        job: not begun yet.
        waits: called once when the kernel is busy.
    """
    live.give_job(job.serve)
    if main.has_loop:
        main.submit(job)
    try:
        done, _ = await asyncio.wait([job.outcome], timeout=PATIENCE)
        if not done and job.state == "waiting":
            job.waited = True
            waits()
        return await asyncio.shield(job.outcome)
    except asyncio.CancelledError:
        job.stop()
        raise


@contextmanager
def output_to(shell: Any, parent: Any) -> Iterator[None]:
    """Bind output of the calling thread to the request ``parent``, and to the one before again afterwards."""
    if parent is None:
        yield
        return
    before = shell.get_parent()
    shell.set_parent(parent)
    try:
        yield
    finally:
        shell.set_parent(before)


DRAWING = frozenset({execution.shown_error.__code__})
BODY = execution.BODY | {
    Job._snapshot.__code__,
    Job._prepare.__code__,
    call_foreign.__code__,
}
HELD = (
    execution.HELD
    | recorder.HELD
    | {each.__code__ for each in (Job.serve, Job._serve, Job._go_on, Job._serve_idle, Job._body)}
)
