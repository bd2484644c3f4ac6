"""What changes while a runtime starts: keys, accounts and stops find a runtime that fits, and none is left behind."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from codex_jupyter import offline
from codex_jupyter.core.items import Command
from codex_jupyter.errors import RuntimeFailedError, TurnInterruptedError
from codex_jupyter.offline import Offline, Rule, Script, run, say
from codex_jupyter.runtime.client import Launch
from codex_jupyter.session.credentials import KERNEL_KEYS
from codex_jupyter.session.session import Session
from tests.contract.approvals.asked import DONE, ECHO
from tests.contract.runtime.driver import runs, wrapper
from tests.contract.session.holding import loop_held
from tests.waiting import GENEROUS, until

KEY = "sk-test-0123456789abcdefghij"
MACHINES = "sk-machine-0123456789abcdefgh"


@pytest.fixture
def folder(scratch: Path) -> Path:
    """Where the turns work; the stand-ins for the runtime lie elsewhere, as nothing new of the folder is started."""
    made = scratch / "work"
    made.mkdir()
    return made


@pytest.fixture
def stand_in(scratch: Path) -> Iterator[Offline]:
    script = Script.of(Rule("any", [[say("Done.", phase="final_answer")]]))
    with offline.start(script, codex_home=scratch / "codex", needs_account=True) as started:
        yield started


@pytest.fixture
def open_session(stand_in: Offline, folder: Path) -> Iterator[Callable[..., Session]]:
    """Sessions on the same machine account; ``launch`` changes theirs."""
    with ExitStack() as stack:

        def open_(name: str, **launch: object) -> Session:
            session = Session(name)
            session.engine.supplier.launch = replace(
                Launch(
                    config_overrides=tuple(stand_in.config_overrides),
                    env=dict(stand_in.env),
                    codex_home=str(stand_in.codex_home),
                    cwd=str(folder),
                ),
                **launch,
            )
            stack.callback(session.close)
            return session

        yield open_
        KERNEL_KEYS.drop(str(stand_in.codex_home))


class Held:
    """A runtime whose process has begun, and which becomes the real one when it is let go."""

    def __init__(self, folder: Path) -> None:
        self._pids, self._go = folder / "pids", folder / "go"
        self.binary = wrapper(
            folder, f"echo $$ >> {self._pids}; while [ ! -e {self._go} ]; do sleep 0.02; done"
        )

    def begun(self) -> list[int]:
        """The processes so far, waiting for the first."""
        return until(
            lambda: (
                [int(each) for each in self._pids.read_text().split()]
                if self._pids.exists()
                else []
            ),
            "the process",
        )

    def let_go(self) -> None:
        self._go.touch()


@pytest.fixture
def held(scratch: Path) -> Held:
    return Held(scratch)


def test_a_key_that_is_given_while_a_runtime_starts_is_written_nowhere(
    open_session: Callable[..., Session], stand_in: Offline, held: Held, folder: Path
) -> None:
    session = open_session("main", codex_bin=held.binary)
    turn = session.start("Go.", cwd=folder)
    begun = held.begun()
    KERNEL_KEYS.hold(str(stand_in.codex_home), KEY)  # as any session of this kernel does
    held.let_go()
    assert str(turn.result(GENEROUS)) == "Done."
    assert not (stand_in.codex_home / "auth.json").exists()
    assert stand_in.server.requests[-1].headers["authorization"] == f"Bearer {KEY}"
    assert not [pid for pid in begun if runs(pid)]


def test_a_key_that_is_taken_back_while_a_runtime_starts_is_not_used(
    open_session: Callable[..., Session], stand_in: Offline, held: Held, folder: Path
) -> None:
    (stand_in.codex_home / "auth.json").write_text(json.dumps({"OPENAI_API_KEY": MACHINES}))
    KERNEL_KEYS.hold(str(stand_in.codex_home), KEY)
    session = open_session("main", codex_bin=held.binary)
    turn = session.start("Go.", cwd=folder)
    held.begun()
    KERNEL_KEYS.drop(str(stand_in.codex_home))
    held.let_go()
    assert str(turn.result(GENEROUS)) == "Done."
    assert stand_in.server.requests[-1].headers["authorization"] == f"Bearer {MACHINES}"


def test_a_runtime_that_was_not_started_to_the_end_serves_nobody(
    open_session: Callable[..., Session], stand_in: Offline, scratch: Path, folder: Path
) -> None:
    KERNEL_KEYS.hold(str(stand_in.codex_home), KEY)
    go = scratch / "go"
    slow_probe = wrapper(
        scratch, f'if [ "$1" = sandbox ]; then while [ ! -e {go} ]; do sleep 0.02; done; fi'
    )
    session = open_session("main", codex_bin=slow_probe)
    turn = session.start("Go.", cwd=folder)
    first = until(lambda: session.engine.runtime, "the runtime, whose sandbox is being tried")
    turn.interrupt()
    with pytest.raises(TurnInterruptedError):
        turn.result(GENEROUS)
    go.touch()
    assert str(session.run("Go.", cwd=folder)) == "Done."
    assert stand_in.server.requests[-1].headers["authorization"] == f"Bearer {KEY}"
    assert first is not None and session.engine.runtime is not first and not runs(first.pid)


def test_without_a_temporary_folder_nobody_knows_of_a_sandbox_and_the_runtime_works(
    open_session: Callable[..., Session],
    scratch: Path,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TMPDIR", str(scratch / "missing"))
    session = open_session("main", codex_bin=wrapper(scratch, ""))
    assert session.account().account.needed
    verdict = session.engine.supplier.sandbox
    assert verdict is not None and verdict.state == "unknown" and not verdict.missing
    assert "missing does not exist" in verdict.reason and "Set TMPDIR" in verdict.hint
    (scratch / "missing").mkdir()
    assert session.engine.call(session.engine.supplier.verdict()).works  # asked again


def test_a_turn_sees_the_variables_it_was_allowed_though_another_begins_meanwhile(
    open_session: Callable[..., Session],
    stand_in: Offline,
    scratch: Path,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BUILD_API_KEY", "for the build")
    KERNEL_KEYS.hold(str(stand_in.codex_home), KEY)
    stand_in.server.script = Script.of(
        Rule("see", [[run("printenv BUILD_API_KEY")], ECHO], when={"contains": "Look"}),
        Rule("any", [DONE]),
    )
    session = open_session("main")
    session.account()
    with loop_held(session):  # both begin at once, and the first has the runtime exchanged
        allowed = session.start("Look.", cwd=folder, thread="a", allow_env=("BUILD_API_KEY",))
        session.start("Go.", cwd=folder, thread="b")
    allowed.result(GENEROUS)
    (command,) = (each for each in allowed.turn.entries if isinstance(each, Command))
    assert command.exit_code == 0


async def _sign_in(session: Session, begun: Callable[[], object]) -> None:
    """Begin a sign-in and give it up as soon as ``begun`` has returned."""
    starting = asyncio.ensure_future(session.start_login("device"))
    await asyncio.to_thread(begun)
    starting.cancel()
    await asyncio.wait([starting])


@pytest.mark.parametrize("how", ["fails", "is given up"])
def test_the_kernels_key_holds_again_when_a_sign_in_does_not_begin(
    open_session: Callable[..., Session],
    stand_in: Offline,
    held: Held,
    scratch: Path,
    folder: Path,
    how: str,
) -> None:
    (stand_in.codex_home / "auth.json").write_text(json.dumps({"OPENAI_API_KEY": MACHINES}))
    KERNEL_KEYS.hold(str(stand_in.codex_home), KEY)
    session = open_session("main")
    launch = session.engine.supplier.launch
    assert launch is not None
    if how == "fails":
        session.engine.supplier.launch = replace(launch, codex_bin=str(scratch / "nowhere"))
        with pytest.raises(RuntimeFailedError, match="no Codex runtime at"):
            asyncio.run(session.start_login("device"))
    else:
        session.engine.supplier.launch = replace(launch, codex_bin=held.binary)
        asyncio.run(_sign_in(session, held.begun))
    session.engine.supplier.launch = launch
    assert str(session.run("Go.", cwd=folder)) == "Done."
    assert stand_in.server.requests[-1].headers["authorization"] == f"Bearer {KEY}"
