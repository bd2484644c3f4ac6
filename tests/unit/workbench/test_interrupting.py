"""An interrupt at every line of ours that a run goes through: it is never lost, and nothing of the run stays behind."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future
from types import FrameType
from typing import Any

import pytest

from codex_jupyter.core.turn import Turn
from codex_jupyter.notebook import wrapped_method
from codex_jupyter.notebook.workbench import (
    execution,
    inline_figures,
    interrupting,
    job,
    recorder,
    traceback_view,
    work,
)
from codex_jupyter.notebook.workbench.shell_state import ShellState
from codex_jupyter.objects import changes
from codex_jupyter.session.engine import Engine
from codex_jupyter.session.live import LiveTurn, Wake
from codex_jupyter.settings import Settings
from tests.waiting import GENEROUS

OURS = {
    module.__file__
    for module in (
        changes, execution, inline_figures, interrupting, recorder, job, work, wrapped_method
    )
}  # fmt: skip


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """Gives turns their loop; no runtime is started."""
    engine = Engine("interrupts")
    yield engine
    engine.thread.stop()


class Run:
    """One job on its way to the main thread, as a cell that waits for its turn is given it."""

    def __init__(self, state: ShellState, engine: Engine, code: str, limit: Any = 60) -> None:
        live = LiveTurn(engine.thread, "go", Settings(), Turn())
        origin = job.Origin(state.shell)
        todo = work.CodeWork(state.shell, state.recorder, code)

        async def made() -> job.Job:
            return job.Job(state.shell, live, origin, todo, limit)

        self.job = engine.thread.submit(made()).result(GENEROUS)
        run = job.run_job(state.main, live, self.job, lambda: None)
        self.outcome: Future[job.Outcome] = engine.thread.submit(run)
        task = live.main_thread_jobs.get(timeout=GENEROUS)
        assert not isinstance(task, Wake)
        self.serve: Callable[[], None] = task
        self.guard: interrupting.Guard = self.job._guard


class AtEvent:
    """Does something in this thread at the ``at``-th step (a line begins, a function returns) in our modules."""

    def __init__(
        self,
        at: int,
        act: Callable[[], None] = lambda: signal.raise_signal(signal.SIGINT),
        *,
        within: str = "",
    ) -> None:
        self.at, self.act, self.within = at, act, within
        self.seen, self.place = 0, ""

    def __call__(self, frame: FrameType, event: str, _: Any) -> Any:
        if frame.f_code.co_filename not in OURS:
            return None
        name = frame.f_code.co_qualname
        if (
            name == "drive"
        ):  # CPython forgets to leave an except clause whose first step a tracer breaks
            return None
        if event in ("line", "return") and name.startswith(self.within):
            self.seen += 1
            if self.seen == self.at:
                self.place = f"{name}, line {frame.f_lineno}"
                sys.settrace(None)
                self.act()
        return self


def left_behind(state: ShellState, write: Callable[[str], int]) -> list[str]:
    """What of a run is still in place."""
    shell = state.shell
    found = {
        "the run's record": recorder.RUN.get() is not None,
        "a signal handler": signal.getsignal(signal.SIGINT) is not signal.default_int_handler,
        "a wrapped stream": sys.stdout.write != write or bool(state.recorder._streams),
        "muting": bool(state.recorder._muted),
        "the builtin trap": bool(shell.builtin_trap._nested_level),
        "the display trap": shell.display_trap.is_active,
        "a refused exit": "ask_exit" in vars(shell) and shell.ask_exit is not leave,
        "the last exception": hasattr(sys, "last_value"),
    }
    return [what for what, there in found.items() if there]


def leave() -> None:
    """What ``exit()`` calls."""


def test_an_interrupt_at_any_line_is_noticed_and_leaves_nothing_behind(
    state: ShellState, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state.shell, "ask_exit", leave, raising=False)
    # Its tracebacks are drawn hundreds of times.
    monkeypatch.setattr(state.shell.InteractiveTB, "mode", "Minimal")
    monkeypatch.setattr(traceback_view, "bundle", lambda text: {"text/plain": text})
    at, wrong, write = 0, [], sys.stdout.write
    while True:
        at += 1
        run = Run(state, engine, "1 + 1")
        step, interrupted, before = AtEvent(at), False, sys.gettrace()
        sys.settrace(step)
        try:
            run.serve()
        except KeyboardInterrupt:
            interrupted = True
        finally:
            sys.settrace(before)
        if not run.outcome.done() and interrupted:
            run.outcome.cancel()  # as the turn does, which the interrupt stops
        try:
            run.outcome.result(GENEROUS)
        except CancelledError:
            assert interrupted
        if not step.place:
            break
        if left := [
            *left_behind(state, write),
            *([] if interrupted else ["an interrupt that was lost"]),
        ]:
            wrong.append((step.place, left))
        run.guard.__exit__(None, None, None)  # of a run that was taken and could not begin
    assert at > 100
    assert wrong == []


def test_a_stop_is_not_lost_while_the_main_thread_takes_the_run(
    state: ShellState, engine: Engine
) -> None:
    ran: list[int] = []
    state.shell.user_ns["ran"] = ran
    at = 0
    while True:
        at += 1
        run = Run(state, engine, "ran.append(1)")
        step = AtEvent(at, run.job.stop, within="Job._begin")
        before = sys.gettrace()
        sys.settrace(step)
        try:
            run.serve()
        finally:
            sys.settrace(before)
        ended = run.outcome.result(GENEROUS).ending.kind
        if not step.place:
            break
        assert ended == "stopped", step.place
    assert at > 3
    assert ran == [1]  # the last round's, which nobody stopped
