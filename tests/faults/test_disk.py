"""What is gone from the disk, or cannot be read there: said in words with a way on, and the notebook goes on."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from codex_jupyter import offline
from codex_jupyter.core.blocks import document
from codex_jupyter.errors import ConversationLostError, FolderGoneError
from codex_jupyter.offline import Rule, Script, say
from codex_jupyter.render import text
from codex_jupyter.session.session import Session
from tests.faults.conftest import DONE, Clock
from tests.faults.rows import fault
from tests.waiting import until

ASK = "Of what did we speak?"


def shown(session: Session) -> str:
    assert session.last is not None
    return text.document(document(session.last.turn))


def rollout_of(model: offline.Offline) -> Path:
    (file,) = model.codex_home.glob("sessions/**/*.jsonl")
    return file


def end_runtime(session: Session) -> None:
    """So that the next cell has to resume the conversation."""
    assert session.engine.runtime is not None
    os.kill(session.engine.runtime.pid, signal.SIGKILL)


def truncate(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:100])


SPOILS: list[tuple[str, Callable[[Path], object], str]] = [
    ("deleted", lambda file: file.unlink(), "no longer has this conversation: its record is gone"),
    ("truncated", truncate, "cannot read its record of this conversation, "),
    ("empty", lambda file: file.write_bytes(b""), "cannot read its record of this conversation, "),
    ("garbage", lambda file: file.write_bytes(b"\0\xff no json\n" * 9), "cannot read its record of this conversation, "),
]  # fmt: skip


@pytest.mark.parametrize(
    ("spoil", "seen"),
    [
        pytest.param(
            spoil, seen, id=name,
            marks=fault(
                "disk", f"the record of the conversation {name}, and a runtime that has to read it", "that Codex lost it, and the choice",
                kept="the prompts and answers that the kernel holds", goes_on="the next cell, in a new conversation that is told them",
                everywhere=name == "deleted",
            ),
        )
        for name, spoil, seen in SPOILS
    ],
)  # fmt: skip
def test_a_conversation_that_is_lost_is_begun_anew_with_what_is_held(
    model: offline.Offline,
    session: Session,
    clock: Clock,
    spoil: Callable[[Path], object],
    seen: str,
) -> None:
    model.server.script = Script.of(
        Rule("whales", [[say("Whales sing.", phase="final_answer")]], when={"contains": "whales"}),
        Rule("any", DONE),
    )
    session.run("Tell me about whales.", timeout=60)
    lost = session.thread().id
    end_runtime(session)
    spoil(rollout_of(model))
    sent = len(model.server.requests)
    with clock, pytest.raises(ConversationLostError, match=seen):
        session.run(ASK, timeout=60)
    assert len(model.server.requests) == sent
    said = shown(session)
    assert said.count(seen) == 1 and "--new" in said and "thread-store" not in said

    assert str(session.run(ASK, timeout=60)) in ("Done.", "Whales sing.")
    assert session.thread().id not in ("", lost)
    assert "This is a new conversation, which was told" in shown(session)
    told = model.server.requests[-1].text
    assert "Tell me about whales." in told and "Whales sing." in told
    session.run("hello", timeout=60)
    assert "new conversation" not in shown(session)


@fault(
    "disk", "the record of the conversation deleted, and --new", "nothing of it", kept="nothing: a person chose that",
    goes_on="the next cell, in a conversation of its own",
)  # fmt: skip
def test_with_new_it_is_not_told(model: offline.Offline, session: Session, clock: Clock) -> None:
    session.run("Tell me about whales.", timeout=60)
    end_runtime(session)
    rollout_of(model).unlink()
    with clock, pytest.raises(ConversationLostError):
        session.run(ASK, timeout=60)
    session.run(ASK, timeout=60, new=True)
    assert "whales" not in model.server.requests[-1].text
    assert "new conversation" not in shown(session)


@fault(
    "disk", "the kernel's folder deleted before a turn", "that it is gone; %cd and -C as next steps",
    goes_on="the next cell, in a folder that is there", everywhere=True,
)  # fmt: skip
def test_a_folder_that_is_gone_is_named(
    session: Session, clock: Clock, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = scratch / "gone"
    folder.mkdir()
    before = Path.cwd()
    try:
        os.chdir(folder)
        session.run("hello", timeout=60)
        shutil.rmtree(folder)
        with clock, pytest.raises(FolderGoneError, match="deleted or moved"):
            session.run("hello", timeout=60)
        assert "%cd" in shown(session) and "Errno" not in shown(session)
        assert str(session.run("hello", timeout=60, cwd=scratch)) == "Done."
    finally:
        os.chdir(before)
    assert str(session.run("hello", timeout=60)) == "Done."


@fault(
    "disk", "CODEX_HOME deleted between two cells", "the answer", kept="the conversation, in the runtime's memory", goes_on="this cell",
)  # fmt: skip
def test_a_home_that_is_deleted_meanwhile_is_made_again(
    model: offline.Offline, session: Session, clock: Clock
) -> None:
    session.run("hello", timeout=60)
    thread = session.thread().id
    shutil.rmtree(model.codex_home)
    with clock:
        assert str(session.run("hello", timeout=60)) == "Done."
    assert session.thread().id == thread


@fault(
    "disk", "Codex's databases overwritten with garbage, and a runtime that has to read them",
    "that Codex lost the conversation, and the choice; then that the databases were rebuilt, and where the old ones lie",
    kept="the prompts and answers that the kernel holds", goes_on="the next cell, in a new conversation that is told them",
)  # fmt: skip
def test_databases_that_are_garbage_are_rebuilt(
    model: offline.Offline, session: Session, clock: Clock
) -> None:
    session.run("hello", timeout=60)
    end_runtime(session)
    for file in model.codex_home.glob("*.sqlite*"):
        file.write_bytes(b"not a database" * 100)
    with clock, pytest.raises(ConversationLostError):
        session.run("hello", timeout=60)
    assert str(session.run("hello", timeout=60)) == "Done."
    assert "rebuilt" in shown(session) and "Backup folder" in shown(session)


@contextlib.contextmanager
def another_program_holds(home: Path) -> Iterator[None]:
    """Every database of Codex is locked by a process of its own."""
    hold = (
        "import sqlite3, sys\n"
        "held = [sqlite3.connect(path, isolation_level=None, timeout=30) for path in sys.argv[1:]]\n"
        "for each in held: each.execute('BEGIN EXCLUSIVE')\n"
        "print('held', flush=True); sys.stdin.read()\n"
    )
    found = [str(path) for path in sorted(home.glob("*.sqlite"))]
    process = subprocess.Popen(
        [sys.executable, "-c", hold, *found],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin and process.stdout
    try:
        assert process.stdout.readline() == "held\n"
        yield
    finally:
        process.stdin.close()
        process.wait(30)
        process.stdout.close()


@fault(
    "disk", "Codex's databases locked by another program in the middle of a conversation",
    "that the turn waits for them, with the name of one", goes_on="this cell, once they are free", within=30,
)  # fmt: skip
def test_databases_that_are_held_are_named(
    model: offline.Offline, session: Session, clock: Clock
) -> None:
    session.run("hello", timeout=60)
    with another_program_holds(model.codex_home):
        with clock:
            live = session.start("hello again")
            until(
                lambda: "which another program holds" in text.document(document(live.turn)),
                "the word",
            )
        assert ".sqlite" in text.document(document(live.turn))
    assert str(live.result(120)) == "Done."
    assert "another program" not in shown(session)


@fault(
    "disk", "Codex's databases locked by another program, and a runtime that has to read them",
    "that the cell waits for them, with the name of one",
    goes_on="this cell, in the same conversation, once they are free", within=30,
)  # fmt: skip
def test_a_conversation_is_not_lost_while_databases_are_held(
    model: offline.Offline, session: Session, clock: Clock
) -> None:
    session.run("hello", timeout=60)
    thread = session.thread().id
    end_runtime(session)
    with another_program_holds(model.codex_home), clock:
        live = session.start("hello again")
        until(lambda: "another program holds" in text.document(document(live.turn)), "the word")
    assert str(live.result(120)) == "Done."
    assert session.thread().id == thread
