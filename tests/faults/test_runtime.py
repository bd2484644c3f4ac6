"""What happens to the runtime's process: told in a second, the transcript kept, and the next cell goes on by itself."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from codex_jupyter import offline
from codex_jupyter.core.blocks import document
from codex_jupyter.errors import CodexJupyterError, TurnFailedError
from codex_jupyter.offline import Rule, Script, run, say, wait
from codex_jupyter.render import text
from codex_jupyter.session.live import LiveTurn
from codex_jupyter.session.session import Session
from tests.environments import clean_environ
from tests.faults import between
from tests.faults.conftest import DONE, Clock
from tests.faults.rows import fault
from tests.waiting import until

BEGIN = say("I begin.", phase="commentary")
SCRIPT = Script.of(
    Rule("text", [[BEGIN, say("And so on", phase="final_answer"), wait("never")]], when={"contains": "speak"}),
    Rule("command", [[BEGIN, run("echo begun; sleep 100")], *DONE], when={"contains": "sleep"}),
    Rule("ask", [[BEGIN, run("touch made", escalate=True, justification="I want to")], *DONE], when={"contains": "ask"}),
    Rule("any", DONE),
)  # fmt: skip


def shown(live: LiveTurn) -> str:
    return text.document(document(live.turn))


def pid_of(session: Session) -> int:
    assert session.engine.runtime is not None
    return session.engine.runtime.pid


def spoke(live: LiveTurn) -> bool:
    return "I begin." in shown(live)


def goes_on(session: Session, thread: str, *, replaced: bool = True) -> None:
    """The next cell works in the same conversation, and says that the runtime is another one."""
    assert str(session.run("hello", timeout=60)) == "Done."
    assert session.thread().id == thread
    assert session.last is not None
    assert shown(session.last).count("A new one was started") == replaced
    session.run("hello", timeout=60)
    assert "A new one was started" not in shown(session.last)


MOMENTS: list[tuple[str, str, Callable[[LiveTurn], object]]] = [
    ("while text streams", "speak", lambda live: "And so on" in shown(live)),
    ("while a command runs", "sleep", lambda live: "begun" in shown(live)),
    ("while a request waits for a person", "ask", lambda live: live.pending),
]


@pytest.mark.parametrize(
    ("prompt", "there"),
    [
        pytest.param(
            prompt, there, id=when,
            marks=fault(
                "runtime", f"its process killed {when}", "failed: ended by signal 9", kept="the transcript so far",
                goes_on="the next cell: a new runtime, the same conversation, and says so", within=2, everywhere=prompt == "speak",
            ),
        )
        for when, prompt, there in MOMENTS
    ],
)  # fmt: skip
def test_it_is_killed_in_a_turn(
    model: offline.Offline,
    session: Session,
    clock: Clock,
    scratch: Path,
    prompt: str,
    there: Callable[[LiveTurn], object],
) -> None:
    model.server.script = SCRIPT
    live = session.start(prompt, cwd=scratch, sandbox="workspace-write")
    live.interactive = True
    until(lambda: spoke(live) and there(live), "the moment")
    thread = session.thread().id
    with clock, pytest.raises(TurnFailedError, match="was ended by signal 9"):
        os.kill(pid_of(session), signal.SIGKILL)
        live.result(60)
    assert live.turn.state == "failed" and not live.pending
    assert spoke(live) and (prompt == "ask" or there(live))
    goes_on(session, thread)


@fault(
    "runtime",
    "its process killed between two cells",
    "the answer, and that a new runtime was started",
    goes_on="this cell",
)
def test_it_is_killed_between_two_cells(session: Session, clock: Clock) -> None:
    session.run("hello", timeout=60)
    thread = session.thread().id
    os.kill(pid_of(session), signal.SIGKILL)
    with clock:
        goes_on(session, thread)


@fault(
    "runtime", "its process stopped (SIGSTOP) between two cells", "what it waits for, the answer, and that a new runtime was started",
    goes_on="this cell", within=25,
)  # fmt: skip
def test_it_is_stopped_between_two_cells(session: Session, clock: Clock) -> None:
    session.run("hello", timeout=60)
    thread, stopped = session.thread().id, pid_of(session)
    os.kill(stopped, signal.SIGSTOP)
    with clock:
        live = session.start("hello", timeout=60)
        until(lambda: "waiting for the Codex runtime" in shown(live), "what it waits for")
        assert str(live.result(60)) == "Done."
    assert session.thread().id == thread
    assert "did not answer for 8 s. A new one was started." in shown(live)
    assert not Path(f"/proc/{stopped}").exists()


# --- one that does not answer -----------------------------------------------------------------------------------------


@pytest.fixture
def spoiled(model: offline.Offline, scratch: Path) -> Iterator[Callable[[str], Session]]:
    """A session on the real runtime, behind an executable that spoils some of it."""
    made: list[Session] = []

    (scratch / "bin").mkdir()

    def make(spoils: str) -> Session:
        session = Session("spoiled")
        session.go_offline(model)
        session.defaults = (
            ("the test", {"codex_bin": str(between.install(scratch / "bin", spoils))}),
        )
        made.append(session)
        return session

    yield make
    for session in made:
        session.close()


@fault(
    "runtime",
    "one that closes its standard output and ignores SIGTERM",
    "failed: it ended",
    goes_on="the next cell",
    within=15,
)
def test_one_that_closes_its_output_has_ended(
    spoiled: Callable[[str], Session], clock: Clock, scratch: Path
) -> None:
    go = scratch / "go"
    session = spoiled(f"close=turn/start from={go}")
    session.run("hello", timeout=60)
    go.touch()
    with clock, pytest.raises(CodexJupyterError, match="ended"):
        session.run("hello", timeout=60)
    go.unlink()
    assert str(session.run("hello", timeout=60)) == "Done."


@fault(
    "runtime", "a turn that it never confirms to have begun", "what it waits for, and Stop ends it", goes_on="the next cell", within=30,
)  # fmt: skip
def test_a_begin_that_is_never_answered_can_be_stopped(
    spoiled: Callable[[str], Session], clock: Clock, scratch: Path
) -> None:
    go = scratch / "go"
    session = spoiled(f"mute=turn/start from={go}")
    session.run("hello", timeout=60)
    go.touch()
    live = session.start("hello")
    with clock:
        until(lambda: "waiting for the Codex runtime to begin" in shown(live), "what it waits for")
        live.interrupt()
        with pytest.raises(CodexJupyterError):
            live.result(60)
    go.unlink()
    assert str(session.run("hello", timeout=60)) == "Done."


@fault(
    "runtime", "a start that is never answered", "what it waits for; after 60 s that it did not answer; Stop ends it at once",
    goes_on="the next cell", within=20,
)  # fmt: skip
def test_a_start_that_is_never_answered_can_be_stopped(
    spoiled: Callable[[str], Session], clock: Clock, scratch: Path
) -> None:
    go = scratch / "go"
    go.touch()
    session = spoiled(f"mute=initialize from={go}")
    live = session.start("hello")
    with clock:
        until(lambda: "waiting for the Codex runtime" in shown(live), "what it waits for")
        live.interrupt()
        with pytest.raises(CodexJupyterError):
            live.result(60)
    assert "Stopped" in shown(live)
    go.unlink()
    assert str(session.run("hello", timeout=60)) == "Done."


# --- one that says too much ------------------------------------------------------------------------------------------


@fault(
    "runtime",
    "200 MB of standard error without the end of a line",
    "nothing of it",
    goes_on="this cell",
)
def test_a_flood_of_standard_error_is_not_kept(
    spoiled: Callable[[str], Session], clock: Clock
) -> None:
    session = spoiled("flood=200")
    before = psutil.Process().memory_info().rss
    with clock:
        assert str(session.run("hello", timeout=60)) == "Done."
    assert psutil.Process().memory_info().rss - before < 100e6
    assert session.engine.runtime is not None and len(session.engine.runtime.stderr_tail) < 200_000


# --- few files --------------------------------------------------------------------------------------------------------

PROGRAM = """
import resource, sys
import codex_jupyter
session = codex_jupyter.session()
resource.setrlimit(resource.RLIMIT_NOFILE, (int(sys.argv[1]),) * 2)
try:
    print(session.run("hello", timeout=60))
except codex_jupyter.CodexJupyterError as error:
    print(error)
session.close()
"""


@pytest.mark.parametrize(
    "files",
    [
        pytest.param(
            files, id=str(files),
            marks=fault(
                "runtime", f"{files} files may be open at a time", "how few may be open, how many it needs, how to raise the limit",
                goes_on="after the limit is raised, in a new kernel", within=30,
            ),
        )
        for files in (20, 30, 40)
    ],
)  # fmt: skip
def test_few_files_are_the_reason_that_is_told(
    scratch: Path, clock: Clock, files: int, model: offline.Offline
) -> None:
    with clock:
        said = subprocess.run(
            [sys.executable, "-c", PROGRAM, str(files)],
            env=clean_environ(scratch, model.env), cwd=scratch, capture_output=True, text=True, timeout=180,
        )  # fmt: skip
    assert "ulimit -n" in said.stdout, said
    assert "files open" in said.stdout or "open another file" in said.stdout, said
    assert not said.stderr and "backtrace" not in said.stdout
