"""A session that is closed in the middle of anything: what ran or waited ends and says so, nothing begins afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from codex_jupyter import offline
from codex_jupyter.errors import RuntimeFailedError, TurnFailedError
from codex_jupyter.offline import Rule, Script, say, wait
from codex_jupyter.session.session import Session
from tests.contract.runtime.driver import runs, wrapper
from tests.contract.session.holding import loop_held
from tests.waiting import GENEROUS, until


@pytest.fixture
def model(scratch: Path) -> Iterator[offline.Offline]:
    slow = Rule("slow", [[wait("never ends")]], when={"contains": "slowly"})
    script = Script.of(slow, Rule("any", [[say("Done.", phase="final_answer")]]))
    with offline.start(script, codex_home=scratch / "codex") as started:
        yield started


@pytest.fixture
def session(model: offline.Offline) -> Iterator[Session]:
    session = Session("closing")
    session.go_offline(model)
    yield session
    session.close()


def test_turns_that_wait_to_begin_end_with_the_session(
    session: Session, model: offline.Offline, scratch: Path
) -> None:
    first = session.start("Go slowly.", cwd=scratch)
    model.server.wait_until_held("never ends")
    runtime = session.engine.runtime
    behind = session.start("Then this.", cwd=scratch)
    with loop_held(session):
        beginning = session.start("And this.", cwd=scratch, thread="another")
        closed = session.engine.thread.submit(session.engine.close())
    closed.result(GENEROUS)
    for turn in (first, behind, beginning):
        with pytest.raises(TurnFailedError, match="session was closed"):
            turn.result(GENEROUS)
        assert turn.turn.ended
    assert not session.engine.running()
    assert session.engine.runtime is None
    assert runtime is not None and not runs(runtime.pid)
    assert len(model.server.requests) == 1
    assert str(session.run("Go.", cwd=scratch)) == "Done.", "it can be used again"


def test_a_runtime_that_starts_while_the_session_closes_ends(
    session: Session, scratch: Path
) -> None:
    pids, go = scratch / "pids", scratch / "go"
    binary = wrapper(
        scratch,
        f'case "$*" in *app-server*) echo $$ > {pids}; while [ ! -e {go} ]; do sleep 0.02; done;; esac',
    )
    launch = session.engine.supplier.launch
    assert launch is not None
    session.engine.supplier.launch = replace(launch, codex_bin=binary)
    with ThreadPoolExecutor(1) as other:
        asked = other.submit(session.models)
        pid = int(until(lambda: pids.exists() and pids.read_text().strip(), "the process"))
        session.engine.call(session.engine.close(), GENEROUS)
        go.touch()
        with pytest.raises(RuntimeFailedError, match="session was closed"):
            asked.result(GENEROUS)
    assert session.engine.runtime is None
    assert not runs(pid)


def test_a_runtime_that_does_not_end_in_time_keeps_nothing_else_open(
    session: Session, model: offline.Offline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("codex_jupyter.session.session.CLOSED_IN", 0.1)
    with loop_held(session), pytest.raises(TimeoutError):
        session.close()
    assert session._offline is None
