"""Code of the agent on its way to the main thread and back: queued, claimed by whoever is there first, run, reported.

A cell that waits for the turn serves it at once; else it waits until the kernel is idle. On the session's loop, except
what says otherwise.
"""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import itertools
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from codex_jupyter.core.runs import Changes
from codex_jupyter.notebook.frontend import kind_of
from codex_jupyter.notebook.workbench import execution, recorder
from codex_jupyter.notebook.workbench.idle import MainThread
from codex_jupyter.notebook.workbench.interrupting import FILE, Guard
from codex_jupyter.notebook.workbench.recorder import RUN, Record, Recorder
from codex_jupyter.objects.changes import Snapshot

if TYPE_CHECKING:
    from codex_jupyter.session.live import LiveTurn

State = Literal["ok", "failed", "time limit", "stop", "interrupt", "stuck", "unavailable"]
#: Seconds after which a person is told that code waits for the kernel.
PATIENCE = 0.5

_numbers = itertools.count(1)


class Origin:
    """Where a turn was started: the cell that its output belongs to. Made in the thread that starts it."""

    def __init__(self, shell: Any) -> None:
        self.context = contextvars.copy_context()
        self.kind = kind_of(shell)
        self.parent = shell.get_parent() if hasattr(shell, "get_parent") else None


@dataclass
class Outcome:
    """How a run ended. ``seconds`` it took; ``waited``: the kernel was busy first."""

    state: State
    record: Record
    error: str = ""
    changes: Changes = field(default_factory=Changes)
    seconds: float = 0.0
    waited: bool = False
    exiting: bool = False


#: Made on the main thread: something to run there under a guard, and its record. See ``code_work``, ``call_work``.
Work = Callable[[], tuple[Callable[[], Awaitable[str]], bool, Record]]


class Runner:
    """Runs code for turns on the main thread of one shell."""

    def __init__(self, shell: Any, recorder: Recorder, main: MainThread) -> None:
        self.shell, self.recorder, self.main = shell, recorder, main

    async def run(
        self, live: LiveTurn, origin: Origin, work: Work, *, limit: float, waits: Callable[[], None]
    ) -> Outcome:
        """Run something for a turn; cancelled, it ends what runs.

        Args:
            live: the turn.
            origin: the cell that output belongs to when no cell waits.
            work: what to run.
            limit: seconds that it may take once it runs.
            waits: called once when the kernel is busy.
        """
        pending = Pending(self, live, origin, work, limit)
        live.main_thread_jobs.put(pending.serve)
        if self.main.has_loop:
            self.main.submit(pending.serve_idle, now=lambda: bool(getattr(live, "waiters", 0)))
        try:
            done, _ = await asyncio.wait([pending.outcome], timeout=PATIENCE)
            if not done and not pending.begun:
                pending.waited = True
                waits()
            return await asyncio.shield(pending.outcome)
        except asyncio.CancelledError:
            pending.cancel()
            raise


class Pending:
    """One run, until somebody on the main thread claims it."""

    def __init__(
        self, runner: Runner, live: LiveTurn, origin: Origin, work: Work, limit: float
    ) -> None:
        self.outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self.begun = self.waited = False
        self._loop = asyncio.get_running_loop()
        self._runner, self._live, self._origin = runner, live, origin
        self._work = work
        self._claim = threading.Lock()
        # There before anybody can claim the run: from then on `cancel` goes through it.
        self._guard = Guard(
            limit,
            BODY,
            held=HELD,
            inside=lambda: RUN.get() is not None and RUN.get() is self._record,
            cancel=self._cancel_task,
            interrupted=lambda: self._live.interrupt("you"),
            stuck=self._say_stuck,
        )
        self._task: asyncio.Task[None] | None = None
        self._record = Record()
        self._since = 0.0

    def cancel(self) -> None:
        """The turn is over: never begin, or end what runs."""
        if self._claim.acquire(blocking=False):
            self._report(Outcome("stop", self._record))
        else:
            self._guard.stop("stop")

    # --- on the main thread -----------------------------------------------------------------------------------------------

    def serve(self) -> None:
        """Run it here, in the thread of a cell that waits for the turn.

        Raises:
            KeyboardInterrupt: a person interrupted the kernel, so the turn is to end as well.
        """
        if threading.current_thread() is not threading.main_thread() or not self._begin():
            return
        coroutine, awaits = self._body()
        if awaits:
            execution.drive_nested(coroutine, self._started)
        else:
            execution.drive(coroutine)
        if self._guard.cause == "interrupt":
            raise KeyboardInterrupt

    def serve_idle(self) -> Awaitable[None] | None:
        """Run it here, in a callback of the main loop; what awaits is returned. Output goes to the turn's own cell."""
        if not self._begin():
            return None
        context = self._origin.context.copy()
        return context.run(self._serve_idle)

    def _serve_idle(self) -> Awaitable[None] | None:
        with output_to(self._runner.shell, self._origin.parent):
            coroutine, awaits = self._body()
            if not awaits:
                execution.drive(coroutine)
                return None
            task = asyncio.get_running_loop().create_task(coroutine)
        self._started(task)
        return task

    def _started(self, task: asyncio.Task[None]) -> None:
        self._task = task

    def _begin(self) -> bool:
        if not self._claim.acquire(blocking=False):
            return False
        self.begun = True
        self._since = time.monotonic()
        return True

    def _body(self) -> tuple[Any, bool]:
        """The coroutine to drive, and whether it really awaits. Everything of the agent happens inside the guard."""
        error = ""
        run: Callable[[], Awaitable[str]] | None = None
        awaits = False
        guard = self._guard
        before = None
        try:
            guard.__enter__()
            before = self._snapshot()
            run, awaits, self._record = self._prepared()
        except BaseException as problem:
            error = f"{type(problem).__name__} before it began"
            if isinstance(problem, KeyboardInterrupt):
                guard.cause = guard.cause or "interrupt"
        if guard.cause is not None:  # told to end before it began
            run, awaits = None, False

        async def body() -> None:
            told = error
            try:
                if run is not None:
                    told = await run()
            except BaseException as problem:
                told = told or type(problem).__name__
                if isinstance(problem, GeneratorExit):
                    raise
            finally:
                try:
                    self._finish(told, before)
                except BaseException as problem:
                    self._report(
                        Outcome(
                            guard.cause or "failed", self._record, told or type(problem).__name__
                        )
                    )
                finally:
                    guard.__exit__(None, None, None)

        return body(), awaits

    def _finish(self, error: str, before: Snapshot | None) -> None:
        cause = self._guard.cause
        state: State = cause or ("failed" if error else "ok")
        changes = before.until(self._snapshot()) if before is not None else Changes()
        took = time.monotonic() - self._since
        self._report(
            Outcome(state, self._record, error, changes, took, self.waited, error == "SystemExit")
        )

    def _prepared(self) -> tuple[Callable[[], Awaitable[str]], bool, Record]:
        return self._work()

    def _snapshot(self) -> Snapshot:
        shell = self._runner.shell
        return Snapshot(shell.user_ns, getattr(shell, "user_ns_hidden", None))

    def _cancel_task(self) -> None:
        if self._task is not None:
            self._task.get_loop().call_soon_threadsafe(self._task.cancel)

    # --- from any thread --------------------------------------------------------------------------------------------------

    def _say_stuck(self) -> None:
        self._report(
            Outcome(
                "stuck", self._record, seconds=time.monotonic() - self._since, waited=self.waited
            )
        )

    def _report(self, outcome: Outcome) -> None:
        def deliver() -> None:
            if not self.outcome.done():
                self.outcome.set_result(outcome)

        self._loop.call_soon_threadsafe(deliver)


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


def code_work(runner: Runner, code: str) -> Work:
    """Run code in the user's namespace, its output shown as it comes."""

    def work() -> tuple[Callable[[], Awaitable[str]], bool, Record]:
        prepared = execution.prepare(
            runner.shell, runner.recorder, code, f"{FILE}{next(_numbers)}>"
        )

        async def run() -> str:
            if not prepared.error:
                await execution.run(runner.shell, runner.recorder, prepared)
            return prepared.error or ("SystemExit" if prepared.exiting else "")

        return run, prepared.awaits, prepared.record

    return work


def call_work(
    runner: Runner, call: Callable[[], Any], *, silent: bool, show: Callable[[Any], dict[str, Any]]
) -> Work:
    """Call something that runs foreign code; what ``show`` makes of its value is recorded.

    Args:
        runner: whose shell.
        call: gives a value; one made with ``async def`` is awaited. Any other awaitable is a value like all values.
        silent: keep its output from the cell.
        show: a mime bundle of the value; may run foreign code as well.
    """

    def work() -> tuple[Callable[[], Awaitable[str]], bool, Record]:
        record = Record(silent=silent)
        awaits = inspect.iscoroutinefunction(call)

        async def run() -> str:
            with runner.recorder.recording(record):
                try:
                    value = _call(call)
                    if awaits:
                        value = await value
                    record.show(_call(lambda: show(value)), "result")
                except BaseException as error:
                    if isinstance(error, GeneratorExit):
                        raise
                    return execution.shown_error(runner.shell, call.__code__.co_filename)
            return ""

        return run, awaits, record

    return work


def _call(call: Callable[[], Any]) -> Any:
    """A frame for foreign code to be below of."""
    return call()


BODY = execution.BODY | {Pending._snapshot.__code__, Pending._prepared.__code__, _call.__code__}
HELD = (
    execution.HELD
    | recorder.HELD
    | {Pending.serve.__code__, Pending._serve_idle.__code__, Pending._body.__code__}
)
