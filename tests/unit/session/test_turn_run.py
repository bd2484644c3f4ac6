"""A turn ends once: each transition of its table, and each race in both orders, over a scripted runtime."""

from __future__ import annotations

import asyncio
import functools
import itertools
from collections.abc import Awaitable, Callable
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codex_jupyter.core.answerers import person
from codex_jupyter.core.events import ErrorReported
from codex_jupyter.core.requests import Answer, CommandRequest
from codex_jupyter.errors import (
    NotSignedInError,
    RuntimeFailedError,
    TurnFailedError,
    TurnInterruptedError,
)
from codex_jupyter.session import ending
from codex_jupyter.session.phases import AT_WORK, TRANSITIONS, Phase, Step
from codex_jupyter.session.work import work_of

from .scripted import REFUSED, Stage, until

PHASES: tuple[Phase, ...] = get_args(Phase)
STEPS: tuple[Step, ...] = get_args(Step)


def on_a_loop(test: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    @functools.wraps(test)
    def run(*args: Any, **kwargs: Any) -> None:
        asyncio.run(asyncio.wait_for(test(*args, **kwargs), 30))  # type: ignore[arg-type]

    return run


async def outcome(stage: Stage) -> Any:
    """What whoever waits gets: a result, or the error."""
    await stage.run.closed()
    return stage.live._done.exception() or stage.live._done.result()


async def in_phase(phase: Phase, **options: Any) -> Stage:
    """A turn that has come so far and no farther."""
    stage = Stage(**options)
    transport = stage.transport
    if phase == "queued":
        await stage.thread.lock.acquire()
        stage.start()
        await asyncio.sleep(0)
    elif phase == "preparing":
        transport.hold.add("thread/start")
        stage.start()
        await until(lambda: "thread/start" in transport.methods)
    elif phase == "sending":
        transport.hold.add("turn/start")
        stage.start()
        await until(lambda: "turn/start" in transport.methods)
    elif phase in ("running", "stopping"):
        stage.start()
        await until(lambda: stage.run.phase == "running")
        stage.begun()
        if phase == "stopping":
            transport.hold.add("turn/interrupt")
            stage.run.stop("you")
    elif phase in ("closing", "done"):
        stage.start()
        await until(lambda: stage.run.phase == "running")
        stage.begun()
        stage.completed()
        if phase == "done":
            await stage.run.closed()
    assert stage.run.phase == phase
    return stage


# --- the table --------------------------------------------------------------------------------------------------------


def test_the_table_is_a_machine_that_ends() -> None:
    assert {phase for phase, _ in TRANSITIONS} == set(PHASES) - {"done"}
    assert {step for _, step in TRANSITIONS} == set(STEPS)
    order = {phase: n for n, phase in enumerate(PHASES)}
    for (before, _), after in TRANSITIONS.items():
        assert order[after] > order[before], "no way leads back"
    for phase in set(PHASES) - {"closing", "done"}:
        assert TRANSITIONS[phase, "fail"] == "closing"
        assert (phase, "stop") in TRANSITIONS or phase == "stopping"
    assert [step for step in STEPS if ("closing", step) in TRANSITIONS] == ["close"]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("phase", PHASES)
@on_a_loop
async def test_a_step_that_comes_too_late_changes_nothing(phase: Phase, step: Step) -> None:
    run = Stage().run
    run.phase = phase
    known = TRANSITIONS.get((phase, step))
    assert run._take(step) is (known is not None)
    assert run.phase == (known or phase)


# --- the ways to the end ----------------------------------------------------------------------------------------------


@on_a_loop
async def test_a_turn_goes_its_way_and_leaves_its_conversation_at_rest() -> None:
    stage = Stage(sandbox="full-access")
    stage.start()
    await until(lambda: stage.run.phase == "running")
    assert stage.thread.lends
    stage.begun()
    await until(lambda: not stage.thread.lends)
    assert stage.live.turn.settings.sandbox == "full-access"
    lent, taken_back = (p for m, p in stage.transport.calls if m == "thread/settings/update")
    assert lent["sandboxPolicy"]["type"] == "dangerFullAccess"
    assert taken_back["sandboxPolicy"]["type"] == "readOnly"
    stage.completed()
    assert str(await outcome(stage)) == ""
    assert stage.run.phase == "done" and not stage.routes.running()


@pytest.mark.parametrize("phase", ["queued", "preparing"])
@on_a_loop
async def test_a_turn_that_is_stopped_before_it_is_sent_was_not_sent(phase: Phase) -> None:
    stage = await in_phase(phase)
    stage.run.stop("you")
    error = await outcome(stage)
    assert isinstance(error, TurnInterruptedError) and "Nothing was sent" in str(error)
    assert stage.live.turn.state == "interrupted"
    assert "turn/start" not in stage.transport.methods


@on_a_loop
async def test_a_turn_that_is_stopped_before_it_is_started_is_not_started() -> None:
    stage = Stage()
    stage.run.stop("you")
    stage.start()
    assert isinstance(await outcome(stage), TurnInterruptedError)
    assert stage.transport.calls == []


@pytest.mark.parametrize("first", ["stop", "begin"])
@on_a_loop
async def test_a_stop_while_it_is_sent_reaches_the_turn_that_began(first: str) -> None:
    stage = await in_phase("sending", sandbox="full-access")
    if first == "stop":
        stage.run.stop("you")
        stage.transport.answer("turn/start")
        await asyncio.sleep(0)
        stage.begun()
    else:
        stage.transport.answer("turn/start")
        await until(lambda: stage.run.phase == "running")
        stage.begun()
        stage.run.stop("you")
    await until(lambda: "turn/interrupt" in stage.transport.methods)
    await until(lambda: not stage.thread.lends)
    stage.completed("interrupted")
    assert isinstance(await outcome(stage), TurnInterruptedError)
    assert stage.transport.methods.count("turn/interrupt") == 1


@pytest.mark.parametrize("phase", ["queued", "preparing", "sending", "running", "stopping"])
@on_a_loop
async def test_a_turn_that_fails_says_why_whatever_it_was_doing(phase: Phase) -> None:
    stage = await in_phase(phase)
    stage.run.fail(RuntimeFailedError("It broke."))
    error = await outcome(stage)
    assert "It broke." in str(error)
    assert stage.live.turn.ended and stage.live.turn.error is not None
    assert error.result.turn is stage.live.turn
    if phase == "queued":
        stage.thread.lock.release()
    async with stage.thread.lock:  # the conversation is free again
        pass


@pytest.mark.parametrize("phase", AT_WORK)
@on_a_loop
async def test_a_turn_whose_runtime_is_gone_ends_with_what_it_has(phase: Phase) -> None:
    stage = await in_phase(phase)
    stage.transport.alive = False
    stage.run.lose("Killed.")
    error = await outcome(stage)
    assert isinstance(error, TurnFailedError) and "Killed." in str(error)
    assert stage.live.turn.state == "failed"


@pytest.mark.parametrize(
    "order", list(itertools.permutations(["complete", "lose", "stop", "fail"]))
)
@on_a_loop
async def test_whatever_comes_first_decides_and_the_rest_changes_nothing(
    order: tuple[str, ...],
) -> None:
    stage = await in_phase("running")
    stage.transport.hold.add("turn/interrupt")
    acts = {
        "complete": stage.completed,
        "lose": lambda: stage.run.lose("Killed."),
        "stop": lambda: stage.run.stop("you"),
        "fail": lambda: stage.run.fail(RuntimeFailedError("It broke.")),
    }
    for act in order:
        acts[act]()
    await stage.run.closed()
    decided = next(act for act in order if act != "stop")
    state = stage.live.turn.state
    assert state == {"complete": "completed", "lose": "failed", "fail": "failed"}[decided]
    assert stage.live.turn.stopped_by == ("you" if order[0] == "stop" else "")
    ended = stage.live.turn
    for act in order:
        acts[act]()
    assert stage.live.turn is ended and stage.run.phase == "done"


@on_a_loop
async def test_a_runtime_that_does_not_stop_is_not_left_running() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ending, "STOP_STEP", 0.001)
        stage = await in_phase("running")
        stage.transport.fails["turn/interrupt"] = REFUSED
        stage.run.stop("you")
        error = await outcome(stage)
    assert "did not stop in time" in str(error)
    assert stage.ended_runtimes == 1
    assert stage.transport.methods.count("turn/interrupt") == ending.STOP_STEPS


@on_a_loop
async def test_a_time_limit_stops_as_a_person_would_and_says_so() -> None:
    stage = await in_phase("running", timeout=0.001)
    await until(lambda: stage.run.phase == "stopping", steps=10**6)
    stage.completed("interrupted")
    assert "--timeout" in str(await outcome(stage))


@on_a_loop
async def test_an_account_that_is_missing_is_said_as_such() -> None:
    stage = Stage()

    async def missing() -> None:
        raise NotSignedInError("Not signed in. Nothing was sent.")

    stage.preparing = missing
    stage.start()
    assert isinstance(await outcome(stage), NotSignedInError)
    assert stage.transport.calls == []


@on_a_loop
async def test_a_fault_of_ours_leaves_nobody_waiting() -> None:
    stage = Stage()

    async def broken() -> None:
        raise KeyError("ours")

    stage.preparing = broken
    stage.start()
    assert "Unexpected: KeyError" in str(await outcome(stage))


@on_a_loop
async def test_a_runtime_that_says_something_else_than_it_was_told_is_sent_nothing() -> None:
    stage = Stage(sandbox="full-access")
    stage.transport.echoes = False
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("codex_jupyter.session.thread.CONFIRMED_IN", 0.001)
        stage.start()
        error = await outcome(stage)
    assert "does not keep to what this turn may do" in str(error)
    assert "sandbox read-only, not full-access" in str(error)
    assert "turn/start" not in stage.transport.methods


@pytest.mark.parametrize(
    ("parts", "method"),
    [({}, "turn/start"), ({"review": {"type": "x"}}, "review/start"), ({"compact": True}, "thread/compact/start")],
)  # fmt: skip
@on_a_loop
async def test_every_kind_of_work_is_lent_its_rights_first(parts: Any, method: str) -> None:
    stage = Stage(sandbox="workspace-write")
    stage.start(work=work_of("go", parts))
    await until(lambda: method in stage.transport.methods)
    at = stage.transport.methods.index(method)
    before = [p for m, p in stage.transport.calls[:at] if m == "thread/settings/update"]
    assert before and before[-1]["sandboxPolicy"]["type"] == "workspaceWrite"
    stage.begun()
    await until(lambda: not stage.thread.lends)
    stage.completed()
    await stage.run.closed()


@on_a_loop
async def test_what_could_not_be_taken_back_is_taken_back_at_the_end() -> None:
    stage = await in_phase("sending", sandbox="full-access")
    stage.transport.fails["thread/settings/update"] = REFUSED
    stage.transport.answer("turn/start")
    await until(lambda: stage.run.phase == "running")
    stage.begun()
    await until(lambda: stage.transport.methods.count("thread/settings/update") == 2)
    assert stage.thread.lends
    stage.transport.fails.clear()
    stage.completed()
    await stage.run.closed()
    assert not stage.thread.lends


@pytest.mark.parametrize("moment", ["before the answer", "after it"])
@on_a_loop
async def test_an_error_before_a_turn_begins_is_its_end(moment: str) -> None:
    stage = await in_phase("sending")
    failed = ErrorReported("t", "u", "There is no repository.")
    if moment == "before the answer":
        stage.apply(stage.live, [failed])
    else:
        stage.transport.answer("turn/start")
        await until(lambda: stage.run.phase == "running")
        stage.apply(stage.live, [failed])
    error = await outcome(stage)
    assert "There is no repository." in str(error)
    assert not stage.thread.begun, "there is nothing that could be resumed"
    second = stage.another()
    stage.transport.hold.clear()
    stage.thread.unload()
    stage.transport.fails["thread/resume"] = REFUSED
    stage.start(second)
    await until(lambda: second.phase == "running")
    assert stage.transport.methods.count("thread/start") == 2


@on_a_loop
async def test_an_error_in_the_middle_of_a_turn_waits_for_its_end() -> None:
    stage = await in_phase("running")
    stage.apply(stage.live, [ErrorReported("t", "u", "It broke.")])
    assert stage.run.phase == "running"
    stage.completed("failed")
    assert "It broke." in str(await outcome(stage))


# --- one after the other ----------------------------------------------------------------------------------------------


@on_a_loop
async def test_turns_of_one_conversation_run_one_after_the_other() -> None:
    stage = await in_phase("running")
    second = stage.another()
    stage.start(second)
    await asyncio.sleep(0)
    assert second.phase == "queued"
    stage.completed()
    await until(lambda: second.phase == "running")
    assert stage.run.phase == "done"


@on_a_loop
async def test_a_turn_that_waits_can_be_stopped_and_the_one_before_goes_on() -> None:
    stage = await in_phase("running")
    second = stage.another()
    stage.start(second)
    await asyncio.sleep(0)
    second.stop("you")
    await second.closed()
    assert stage.run.phase == "running"
    stage.completed()
    await stage.run.closed()
    assert stage.transport.methods.count("turn/start") == 1


# --- what it owns -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by_us", [True, False])
@on_a_loop
async def test_an_open_request_ends_with_its_turn(by_us: bool) -> None:
    stage = await in_phase("running")
    told: list[Answer | None] = []
    stage.live.interactive = True
    request = CommandRequest("r", "t", "u", command="rm x", cwd="/")
    stage.broker.open(stage.live, request, told.append)
    assert stage.live.pending == (request,)
    if by_us:
        stage.run.fail(RuntimeFailedError("It broke."))
    else:
        stage.completed()
    await stage.run.closed()
    assert stage.live.pending == () and stage.broker.open_requests() == ()
    assert told == [Answer("decline") if by_us else None], (
        "the runtime is told where it still waits"
    )
    assert stage.broker.answer("r", Answer("once"), person()).kind == "late"


@on_a_loop
async def test_what_runs_for_a_turn_ends_with_it_and_its_faults_are_the_turns() -> None:
    stage = await in_phase("running")
    ended = asyncio.Event()

    async def for_ever() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    stage.run.spawn(for_ever())
    await asyncio.sleep(0)

    async def broken() -> None:
        raise ValueError("ours")

    stage.run.spawn(broken())
    assert "Unexpected: ValueError" in str(await outcome(stage))
    await asyncio.wait_for(ended.wait(), 5)


# --- any order --------------------------------------------------------------------------------------------------------

ACTS = ("stop", "fail", "lose", "begun", "complete", "interrupted", "answer", "yield")


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(ACTS), max_size=12))
def test_whatever_happens_in_whatever_order_a_turn_ends_once(acts: list[str]) -> None:
    async def play() -> None:
        stage = Stage(sandbox="full-access")
        stage.transport.hold |= {"turn/start", "turn/interrupt"}
        ends: list[Any] = []
        stage.live._done.add_done_callback(ends.append)
        stage.start()
        await until(lambda: "turn/start" in stage.transport.methods or stage.run.phase == "done")
        phases = [stage.run.phase]
        for act in acts:
            if act == "yield":
                for _ in range(5):
                    await asyncio.sleep(0)
            elif act == "answer":
                if "turn/start" in stage.transport._held:
                    stage.transport.answer("turn/start")
            elif act in ("complete", "interrupted"):
                if stage.live.turn.turn_id:
                    stage.completed("completed" if act == "complete" else "interrupted")
            elif act == "begun":
                stage.begun()
            elif act == "lose":
                stage.run.lose("Killed.")
            elif act == "stop":
                stage.run.stop("you")
            else:
                stage.run.fail(RuntimeFailedError("It broke."))
            phases.append(stage.run.phase)
        stage.run.fail(RuntimeFailedError("The test is over."))
        await stage.run.closed()
        order = [PHASES.index(phase) for phase in phases]
        assert order == sorted(order), "no way leads back"
        assert len(ends) == 1 and stage.live.turn.ended and stage.run.phase == "done"
        assert not stage.routes.running() and all(task.done() for task in stage.run._tasks)
        async with stage.thread.lock:
            pass

    asyncio.run(asyncio.wait_for(play(), 30))
