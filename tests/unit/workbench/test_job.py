"""A job's states: who takes it, who stops it, how it ended; each race in both orders. No runtime, no kernel."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from codex_jupyter.core.runs import Changes
from codex_jupyter.core.turn import Turn
from codex_jupyter.notebook.workbench.job import Job, Origin, Outcome, run_job
from codex_jupyter.notebook.workbench.record import Record
from codex_jupyter.notebook.workbench.shell_state import ShellState
from codex_jupyter.notebook.workbench.work import CallWork, CodeWork, Work
from codex_jupyter.session.engine import Engine
from codex_jupyter.session.live import LiveTurn
from codex_jupyter.settings import Settings
from tests.waiting import GENEROUS


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """Gives turns their loop; no runtime is started."""
    engine = Engine("jobs")
    yield engine
    engine.thread.stop()


class Scripted:
    """Work whose every step is a function of the test's."""

    def __init__(
        self, *, prepare: Callable[[], None] = lambda: None, run: Any = lambda: None
    ) -> None:
        self.record, self.awaits, self.error, self.exited = Record(), False, "", False
        self._prepare, self._run, self.ran = prepare, run, 0

    def prepare(self) -> None:
        self._prepare()

    async def run(self) -> None:
        self.ran += 1
        self._run()


class Jobs:
    """Makes jobs of one turn, and waits for their outcomes."""

    def __init__(self, state: ShellState, engine: Engine) -> None:
        self.state, self.engine = state, engine
        self.live = LiveTurn(engine.thread, "go", Settings(), Turn())

    def job(self, work: Work, limit: float = 60) -> Job:
        async def made() -> Job:
            return Job(self.state.shell, self.live, Origin(self.state.shell), work, limit)

        return self.engine.thread.submit(made()).result(GENEROUS)

    def outcome(self, job: Job) -> Outcome:
        async def outcome() -> Outcome:
            return await job.outcome

        return self.engine.thread.submit(outcome()).result(GENEROUS)

    def ran(self, work: Work) -> Outcome:
        job = self.job(work)
        job.serve()
        return self.outcome(job)

    def code(self, code: str) -> Outcome:
        return self.ran(CodeWork(self.state.shell, self.state.recorder, code))


@pytest.fixture
def jobs(state: ShellState, engine: Engine) -> Jobs:
    return Jobs(state, engine)


def test_a_job_waits_runs_and_ends(jobs: Jobs) -> None:
    seen: list[str] = []
    work = Scripted(prepare=lambda: seen.append(job.state), run=lambda: seen.append(job.state))
    job = jobs.job(work)
    assert job.state == "waiting"
    job.serve()
    assert (seen, job.state) == (["running", "running"], "ended")
    assert jobs.outcome(job).ending.kind == "ok"


def test_a_job_is_taken_once(jobs: Jobs) -> None:
    work = Scripted()
    job = jobs.job(work)
    job.serve()
    job.serve()
    assert job.serve_idle() is None
    assert work.ran == 1


def test_only_the_main_thread_takes_a_job(jobs: Jobs) -> None:
    work = Scripted()
    job = jobs.job(work)
    other = threading.Thread(target=job.serve)
    other.start()
    other.join(GENEROUS)
    assert (job.state, work.ran) == ("waiting", 0)


def test_a_job_that_is_stopped_first_never_runs(jobs: Jobs) -> None:
    work = Scripted()
    job = jobs.job(work)
    job.stop()
    job.serve()
    assert (job.state, work.ran, jobs.outcome(job).ending.kind) == ("ended", 0, "stopped")


def test_a_job_that_is_stopped_while_it_is_prepared_does_not_run(jobs: Jobs) -> None:
    work = Scripted(prepare=lambda: job.stop())
    job = jobs.job(work)
    job.serve()
    assert (work.ran, jobs.outcome(job).ending.kind) == (0, "stopped")


def test_a_job_that_ended_is_not_stopped_any_more(jobs: Jobs) -> None:
    job = jobs.job(Scripted())
    job.serve()
    job.stop()
    assert jobs.outcome(job).ending.kind == "ok"


@pytest.mark.parametrize(
    ("code", "kind", "error"),
    [
        ("1 + 1", "ok", ""),
        ("1 / 0", "failed", "ZeroDivisionError: division by zero"),
        ("1 +", "failed", "SyntaxError: invalid syntax"),
        ("raise SystemExit", "exited", "SystemExit"),
        ("exit()", "exited", ""),
        ("raise KeyboardInterrupt", "failed", "KeyboardInterrupt"),
        ("class Odd(BaseException): pass\nraise Odd('x')", "failed", "Odd: x"),
        ("raise ValueError('SystemExit')", "failed", "ValueError: SystemExit"),
    ],
)
def test_how_code_ended_is_in_fields(
    jobs: Jobs, code: str, kind: str, error: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell = jobs.state.shell
    monkeypatch.setattr(shell, "ask_exit", lambda: None, raising=False)
    monkeypatch.setitem(shell.user_ns, "exit", lambda: shell.ask_exit())
    ending = jobs.code(code).ending
    assert (ending.kind, ending.error) == (kind, error)
    assert ending.limit == 60
    assert not ending.waited


def test_what_code_changed_is_in_fields(jobs: Jobs) -> None:
    jobs.state.shell.user_ns.update(old=1, kept=[1], gone="x")
    outcome = jobs.code("new = 2\nold = 3\nkept.append(2)\ndel gone\nprint('said')")
    assert outcome.changes == Changes(("new",), ("old", "kept"), ("gone",))
    assert [output.text for output in outcome.record.outputs] == ["said\n"]


def test_a_call_is_work_like_code(jobs: Jobs) -> None:
    shell, recorder = jobs.state.shell, jobs.state.recorder

    def show(value: Any) -> dict[str, Any]:
        return {"text/plain": repr(value)}

    told = jobs.ran(CallWork(shell, recorder, lambda: 6 * 7, silent=True, show=show))
    assert [output.data for output in told.record.outputs] == [{"text/plain": "42"}]

    def leave() -> None:
        raise SystemExit

    left = jobs.ran(CallWork(shell, recorder, leave, silent=True, show=show))
    assert (left.ending.kind, left.ending.error) == ("exited", "SystemExit")


def test_work_that_breaks_where_it_may_not_is_an_outcome_as_well(jobs: Jobs) -> None:
    def fail() -> None:
        raise RuntimeError("no")

    early, late = jobs.ran(Scripted(prepare=fail)), jobs.ran(Scripted(run=fail))
    assert (early.ending.kind, early.ending.error) == ("failed", "RuntimeError before it began")
    assert (late.ending.kind, late.ending.error) == ("failed", "RuntimeError")


def test_a_turn_that_ends_stops_its_job(jobs: Jobs) -> None:
    work = Scripted()
    job = jobs.job(work)

    async def given_up() -> None:
        task = asyncio.ensure_future(run_job(jobs.state.main, jobs.live, job, lambda: None))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])

    jobs.engine.thread.submit(given_up()).result(GENEROUS)
    jobs.live.main_thread_jobs.get(timeout=GENEROUS)  # type: ignore[misc]
    job.serve()
    assert (work.ran, jobs.outcome(job).ending.kind) == (0, "stopped")


def test_a_person_hears_that_the_kernel_is_busy_and_the_outcome_says_so(jobs: Jobs) -> None:
    told = threading.Event()
    job = jobs.job(Scripted())
    run = jobs.engine.thread.submit(run_job(jobs.state.main, jobs.live, job, told.set))
    assert told.wait(GENEROUS)
    job.serve()
    assert run.result(GENEROUS).ending.waited
