"""What fails while a turn starts, runs or ends: the turn says so, nobody waits for ever, and the next turn works."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from codex_jupyter import journal, offline
from codex_jupyter.core.turn import Turn
from codex_jupyter.errors import (
    OptionError,
    RuntimeFailedError,
    TurnFailedError,
    TurnInterruptedError,
    UserError,
)
from codex_jupyter.offline import Rule, Script, say, wait
from codex_jupyter.session.session import Session
from tests.contract.approvals.asked import touching
from tests.contract.session.holding import loop_held
from tests.waiting import GENEROUS, until


@pytest.fixture
def model(scratch: Path) -> Iterator[offline.Offline]:
    slow = Rule(
        "slow",
        [[say("I begin.", phase="commentary"), wait("go"), say("Slow.", phase="final_answer")]],
        when={"contains": "slowly"},
    )
    script = Script.of(slow, Rule("any", [[say("Done.", phase="final_answer")]]))
    with offline.start(script, codex_home=scratch / "codex") as started:
        yield started


@pytest.fixture
def session(model: offline.Offline) -> Iterator[Session]:
    session = Session("failing")
    session.go_offline(model)
    yield session
    session.close()


def test_a_listener_that_fails_stops_nobody(session: Session, scratch: Path) -> None:
    heard: list[Turn] = []

    def fail(turn: Turn) -> None:
        raise ValueError("a listener of the user's")

    with loop_held(session):
        turn = session.start("Go.", cwd=scratch)
        turn.subscribe(fail)
        turn.subscribe(heard.append)
    assert str(turn.result(GENEROUS)) == "Done."
    assert heard[-1] is turn.turn
    said = journal.entries()[-1]
    assert said.serious and "a listener of the user's" in said.trace


def test_a_listener_that_answers_leaves_nobody_with_an_older_turn(
    session: Session, model: offline.Offline, scratch: Path
) -> None:
    model.server.script = Script.of(
        Rule("ask", [[touching(scratch / "asked")], [say("Done.", phase="final_answer")]])
    )
    heard: list[Turn] = []
    answers: list[str] = []

    with loop_held(session):
        turn = session.start("Go.", cwd=scratch, sandbox="read-only", interactive=True)
        turn.subscribe(
            lambda now: answers.extend(turn.answer(each.id, "once") for each in now.requests)
        )
        turn.subscribe(heard.append)
    assert str(turn.result(GENEROUS)) == "Done."
    assert answers == ["accepted"]
    assert not [now for now in heard if now.requests], "it was answered before the second heard"


def test_a_runtime_that_is_being_ended_serves_no_turn(
    session: Session, model: offline.Offline, scratch: Path
) -> None:
    first = session.start("Go slowly.", cwd=scratch)
    model.server.wait_until_held("go")
    runtime = session.engine.runtime
    assert runtime is not None
    os.kill(runtime.pid, signal.SIGSTOP)
    first.interrupt()
    with pytest.raises(TurnFailedError, match="did not stop in time"):
        first.result(GENEROUS)
    assert str(session.run("Go on.", cwd=scratch)) == "Done."
    assert session.engine.runtime is not runtime


def test_a_thread_whose_first_turn_was_refused_begins_in_the_next_runtime(
    session: Session, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(Path.home())
    with pytest.raises(OptionError, match="home folder"):
        session.run("Go.", sandbox="workspace-write")
    runtime = session.engine.runtime
    assert runtime is not None and session.thread().id
    os.kill(runtime.pid, signal.SIGKILL)
    until(lambda: not runtime.alive, "the end of the runtime")
    assert str(session.run("Go.", cwd=scratch)) == "Done."


def test_a_review_without_a_repository_fails_at_once_and_leaves_a_conversation(
    session: Session, model: offline.Offline, scratch: Path
) -> None:
    target = {"review": {"type": "baseBranch", "branch": "main"}}
    turn = session.start("Review.", cwd=scratch, work=target)
    with pytest.raises(TurnFailedError, match="not a git repository"):
        turn.result(GENEROUS)
    runtime = session.engine.runtime
    assert runtime is not None and runtime.alive
    after = session.start("Go slowly.", cwd=scratch)
    model.server.wait_until_held("go")
    model.server.release("go")
    after.result(GENEROUS)
    assert session.engine.runtime is runtime


def test_a_runtime_that_does_not_answer_a_steer_fails_the_steer_and_not_the_turn(
    session: Session, model: offline.Offline, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn = session.start("Go slowly.", cwd=scratch)
    model.server.wait_until_held("go")
    runtime = session.engine.runtime
    assert runtime is not None
    monkeypatch.setattr("codex_jupyter.runtime.api.WORK", 0.3)
    os.kill(runtime.pid, signal.SIGSTOP)
    tasks = Path(f"/proc/{runtime.pid}/task")
    until(
        lambda: all("\nState:\tT" in (each / "status").read_text() for each in tasks.iterdir()),
        "every thread of the runtime to stand",
    )
    try:
        with pytest.raises(UserError, match="did not answer"):
            turn.steer("Faster.")
    finally:
        os.kill(runtime.pid, signal.SIGCONT)
    monkeypatch.undo()
    turn.interrupt()
    with pytest.raises(TurnInterruptedError):
        turn.result(GENEROUS)


def test_what_a_turn_asked_that_broke_cannot_be_allowed_any_more(
    session: Session, model: offline.Offline, scratch: Path
) -> None:
    model.server.script = Script.of(
        Rule("ask", [[touching(scratch / "asked")], [say("Done.", phase="final_answer")]])
    )
    turn = session.start("Go.", cwd=scratch, sandbox="read-only", interactive=True)
    (request,) = until(lambda: turn.pending, "the request")

    async def break_it() -> None:
        raise ValueError("a fault of ours")

    session.engine.thread.post(lambda: turn.control.spawn(break_it()))
    with pytest.raises(RuntimeFailedError, match="a fault of ours"):
        turn.result(GENEROUS)
    assert not session.pending
    assert turn.answer(request.id, "once") == "late"
    model.server.wait_for_request(lambda asked: "rejected" in str(asked.body["input"]))
    assert not (scratch / "asked").exists()
