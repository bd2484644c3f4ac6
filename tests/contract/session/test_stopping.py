"""Turns that are stopped before they began: each ends, says so, and was never sent."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from codex_jupyter import offline
from codex_jupyter.errors import TurnFailedError, TurnInterruptedError
from codex_jupyter.offline import Rule, Script, say, wait
from codex_jupyter.runtime.api import Api
from codex_jupyter.session import ending
from codex_jupyter.session.live import LiveTurn
from codex_jupyter.session.ports import KernelTools
from codex_jupyter.session.session import Session
from codex_jupyter.session.thread import Thread
from codex_jupyter.session.turn_run import TurnRun
from tests.contract.approvals.asked import Person
from tests.contract.session.holding import loop_held
from tests.waiting import GENEROUS, until


@pytest.fixture
def model(scratch: Path) -> Iterator[offline.Offline]:
    slow = Rule(
        "slow",
        [[say("I begin.", phase="commentary"), wait("never ends")]],
        when={"contains": "slowly"},
    )
    with offline.start(Script.of(slow), codex_home=scratch / "codex") as started:
        yield started


@pytest.fixture
def session(model: offline.Offline) -> Iterator[Session]:
    session = Session("stopping")
    session.go_offline(model)
    yield session
    session.close()


def test_a_turn_stopped_before_the_loop_takes_it_up_ends(
    session: Session, model: offline.Offline, scratch: Path
) -> None:
    with loop_held(session):
        turn = session.start("Go slowly.", cwd=scratch, sandbox="read-only")
        assert turn in session.engine.running(), "who stops every turn stops this one, too"
        turn.interrupt()
    with pytest.raises(TurnInterruptedError, match="Nothing was sent"):
        turn.result(GENEROUS)
    assert turn.turn.state == "interrupted"
    assert not session.engine.running()
    assert not model.server.requests


def test_every_turn_is_stopped_those_that_wait_included(
    session: Session, model: offline.Offline, scratch: Path
) -> None:
    first = session.start("Go slowly.", cwd=scratch, sandbox="read-only")
    model.server.wait_until_held("never ends")
    second = session.start("Then this, slowly.", cwd=scratch, sandbox="read-only")
    assert session.stop_all() == (first, second)
    assert first.done and second.done
    assert first.turn.state == "interrupted"
    with pytest.raises(TurnInterruptedError, match="Nothing was sent"):
        second.result()
    assert session.stop_all() == ()


def test_a_turn_stopped_while_it_is_being_shown_is_not_sent(
    session: Session, model: offline.Offline, scratch: Path
) -> None:
    class Stopping(Person):
        def present(self, live: LiveTurn, *, waiting: bool) -> None:
            live.interrupt()
            until(lambda: live.turn.ended, "the stop")

    session.presenter = Stopping()
    turn = session.start("Go slowly.", cwd=scratch)
    with pytest.raises(TurnInterruptedError, match="Nothing was sent"):
        turn.result(GENEROUS)
    assert not model.server.requests


def test_a_turn_whose_cell_is_interrupted_before_it_is_handed_over_ends(
    session: Session, scratch: Path
) -> None:
    class Interrupted:
        def begin(self, live: LiveTurn, thread: Thread) -> dict[str, Any]:
            raise KeyboardInterrupt

    session.workbench = cast(KernelTools, Interrupted())
    with pytest.raises(KeyboardInterrupt):
        session.start("Go slowly.", cwd=scratch)
    turn = session.last
    assert turn is not None
    with pytest.raises(TurnInterruptedError, match="Nothing was sent"):
        turn.result(GENEROUS)
    assert turn.turn.state == "interrupted"


def test_a_turn_is_stopped_that_the_runtime_never_says_it_began(
    session: Session, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ending, "NAMED_IN", 0.5)

    begin = Api.start_turn

    async def freeze(self: Api, *args: Any) -> str:
        """Just before the runtime is asked for the turn."""
        runtime = session.engine.runtime
        assert runtime is not None
        os.kill(runtime.pid, signal.SIGSTOP)
        live.interrupt()
        return await begin(self, *args)

    monkeypatch.setattr(Api, "start_turn", freeze)
    with loop_held(session):
        live = session.start("Go slowly.", cwd=scratch)
    with pytest.raises(TurnFailedError, match="did not stop in time"):
        live.result(GENEROUS)


def test_a_summary_that_is_stopped_before_its_first_event_is_stopped(
    session: Session, model: offline.Offline, scratch: Path
) -> None:
    model.server.script = Script.of(
        Rule("any", [[say("Done.", phase="final_answer")]]),
        Rule("summary", [[wait("never ends")]], when={"kind": "compaction"}),
    )
    session.run("Go.", cwd=scratch)
    runtime = session.engine.runtime
    engine = session.engine

    def stop() -> None:
        """Once the runtime was asked; which turn it is, its first event tells."""
        run = cast(TurnRun, live.control)
        if run.phase == "sending":
            run.stop("you")
        elif not live.done:
            engine.thread.post(stop)

    with loop_held(session):
        live = session.start("/compact", cwd=scratch, work={"compact": True})
        engine.thread.post(stop)
    with pytest.raises(TurnInterruptedError):
        live.result(GENEROUS)
    assert live.turn.state == "interrupted"
    assert session.engine.runtime is runtime and runtime is not None and runtime.alive
