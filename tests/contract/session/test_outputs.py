"""Full outputs through the real runtime: byte for byte, counted where the runtime sends less, and gone afterwards."""

from __future__ import annotations

import itertools
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from codex_jupyter import offline, places
from codex_jupyter.core.blocks import document
from codex_jupyter.core.items import Command
from codex_jupyter.core.turn import Turn
from codex_jupyter.offline import Rule, Script, run, say
from codex_jupyter.render import text
from codex_jupyter.session.live import LiveTurn
from codex_jupyter.session.session import Session
from codex_jupyter.session.spool import Spool
from tests.waiting import GENEROUS, until

LINES = 300_000
PART = 5_000
WHOLE = "".join(f"line {n:07} of it\n" for n in range(LINES))
#: Five megabytes, the first part when the runtime has said that the command runs, and each other when the one before has
#: arrived: what a busy runtime cannot send in time, it drops.
STEADY = f"""python3 -c '
with open("go", "rb", 0) as go:
    for part in range(0, {LINES}, {PART}):
        go.read(1)
        print("".join(f"line {{n:07}} of it\\n" for n in range(part, part + {PART})), end="", flush=True)
'"""
#: As much at once: the runtime keeps one MiB of it and counts the rest.
AT_ONCE = "seq 1 800000"
WHOLE_AT_ONCE = "".join(f"{n}\n" for n in range(1, 800_001))


@pytest.fixture
def session(scratch: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    folder = scratch / "tmp"
    folder.mkdir()
    monkeypatch.setenv("XDG_STATE_HOME", str(folder))
    rules = [
        Rule(
            word,
            [[run(command, yield_ms=30_000)], [say("Done.", phase="final_answer")]],
            when={"contains": word},
        )
        for word, command in (("steadily", STEADY), ("at once", AT_ONCE))
    ]
    with offline.start(Script.of(*rules), codex_home=scratch / "codex") as started:
        session = Session("outputs")
        session.go_offline(started)
        yield session
        session.close()


def arrived(turn: LiveTurn) -> int:
    """Characters that the turn's command has printed so far; -1 before it runs."""
    return max((len(entry.output) for entry in commands(turn.turn)), default=-1)


def commands(turn: Turn) -> list[Command]:
    return [entry for entry in turn.entries if isinstance(entry, Command)]


def test_five_megabytes_come_back_byte_for_byte(session: Session, scratch: Path) -> None:
    os.mkfifo(scratch / "go")
    go = os.open(scratch / "go", os.O_RDWR)
    try:
        turn = session.start("Print steadily.", cwd=scratch, sandbox="read-only")
        for part in range(0, LINES, PART):
            due = len(WHOLE) // LINES * part
            until(lambda due=due: arrived(turn) >= due or turn.done, f"{due} bytes", every=0.002)
            os.write(go, b".")
        result = turn.result(GENEROUS)
    finally:
        os.close(go)
    output = turn.output()
    assert len(WHOLE) > 5_000_000
    assert output.path.read_bytes() == WHOLE.encode()
    assert result.output(0).text == output.text == WHOLE
    assert output.missing == output.lost == 0

    (command,) = commands(result.turn)
    assert command.output.omitted > 4_000_000
    shown = text.document(document(result.turn))
    assert f'cj.output("{command.kept}")' in shown
    assert len(shown) < 100_000

    session.close()
    assert [each for each in places.kept() if each.path.is_relative_to(scratch)] == []


def test_what_the_runtime_never_sent_is_counted_to_the_byte(
    session: Session, scratch: Path
) -> None:
    turn = session.start("Print at once.", cwd=scratch, sandbox="read-only")
    turn.result(GENEROUS)
    output = turn.output()
    # How much the runtime sends depends on how busy the machine is; that the count is right does not.
    if output.missing == 0:  # sent while it ran, after all: then it is whole
        assert output.text == WHOLE_AT_ONCE
        return
    assert "never arrived" in text.document(document(turn.turn))
    if left_out := re.search(
        r"\n\.\.\. \d+ bytes omitted \.\.\.\n", output.text
    ):  # the result, cut
        head, tail = output.text[: left_out.start()], output.text[left_out.end() :]
        assert WHOLE_AT_ONCE.startswith(head)
        assert WHOLE_AT_ONCE.endswith(tail)
        assert len(head) + len(tail) + output.missing == len(WHOLE_AT_ONCE)
    else:  # sent with holes: what arrived is in order, and together with the holes it is the whole
        assert len(output.text) + output.missing == len(WHOLE_AT_ONCE)
        numbers = [int(line) for line in output.text.split()]
        broken = sum(b != a + 1 for a, b in itertools.pairwise(numbers))
        # A piece is 8 KiB. The line in which a hole begins or ends belongs to neither side.
        assert broken <= 2 * -(-output.missing // 8192)


KEEPING = """
import os, signal, sys
from codex_jupyter.session.spool import Spool
spool = Spool()
spool.add("a", "text")
print(spool.path("a"), flush=True)
if "fork" in sys.argv and os.fork() == 0:
    sys.exit()  # runs what the parent registered for its own exit
if "wait" in sys.argv:
    signal.pause()
if "fork" in sys.argv:
    os.wait()
    print(spool.path("a").exists(), flush=True)
"""


def begin(folder: Path, *words: str) -> tuple[subprocess.Popen[str], Path]:
    """A process that keeps one output, and the file."""
    process = subprocess.Popen(
        [sys.executable, "-c", KEEPING, *words],
        env={**os.environ, "XDG_STATE_HOME": str(folder)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    return process, Path(process.stdout.readline().strip())


def test_the_files_go_with_the_process(scratch: Path) -> None:
    process, path = begin(scratch, "fork")
    told, _ = process.communicate(timeout=GENEROUS)
    assert process.returncode == 0
    assert told.strip() == "True"  # a child that ended took nothing along
    assert not path.parent.exists()


def test_what_a_killed_process_left_goes_when_the_next_begins(
    scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(scratch))
    living, kept = begin(scratch, "wait")
    killed, left = begin(scratch, "wait")
    try:
        killed.send_signal(signal.SIGKILL)
        killed.communicate(timeout=GENEROUS)
        assert left.exists()
        spool = Spool()
        spool.add("b", "text")
        assert spool.path("b") is not None
        assert not left.parent.exists()
        assert kept.exists()
        spool.close()
    finally:
        living.kill()
        living.communicate(timeout=GENEROUS)
