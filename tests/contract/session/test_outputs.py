"""Full outputs through the real runtime: byte for byte, counted where the runtime sends less, and gone afterwards."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from codex_jupyter import offline
from codex_jupyter.core.blocks import document
from codex_jupyter.core.items import Command
from codex_jupyter.offline import Rule, Script, run, say
from codex_jupyter.render import text
from codex_jupyter.session.session import Session
from codex_jupyter.session.spool import PREFIX, Spool

LINES = 300_000
#: Five megabytes over a second: the runtime sends all of it while the command runs.
STEADY = f"""python3 -c '
import time
for part in range(0, {LINES}, 10000):
    print("".join(f"line {{n:07}} of it\\n" for n in range(part, part + 10000)), end="", flush=True)
    time.sleep(0.03)
'"""
#: As much at once: the runtime keeps one MiB of it and counts the rest.
AT_ONCE = "seq 1 800000"
WHOLE_AT_ONCE = "".join(f"{n}\n" for n in range(1, 800_001))


@pytest.fixture
def session(scratch: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    folder = scratch / "tmp"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
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


def test_five_megabytes_come_back_byte_for_byte(session: Session, scratch: Path) -> None:
    turn = session.start("Print steadily.", cwd=scratch, sandbox="read-only")
    result = turn.result(120)
    output = turn.output()
    whole = "".join(f"line {n:07} of it\n" for n in range(LINES))
    assert len(whole) > 5_000_000
    assert output.path.read_bytes() == whole.encode()
    assert result.output(0).text == output.text == whole
    assert output.missing == output.lost == 0

    (command,) = [entry for entry in result.turn.entries if isinstance(entry, Command)]
    assert command.output.omitted > 4_000_000
    shown = text.document(document(result.turn))
    assert f'cj.output("{command.kept}")' in shown
    assert len(shown) < 100_000

    session.close()
    assert not list(Path(tempfile.gettempdir()).glob(f"{PREFIX}*"))


def test_what_the_runtime_never_sent_is_counted_to_the_byte(
    session: Session, scratch: Path
) -> None:
    turn = session.start("Print at once.", cwd=scratch, sandbox="read-only")
    turn.result(120)
    output = turn.output()
    if output.missing == 0:  # sent while it ran, after all: then it is whole
        assert output.text == WHOLE_AT_ONCE
        return
    head, _, tail = output.text.partition(" bytes omitted ...\n")
    head = head.rpartition("\n... ")[0]
    assert WHOLE_AT_ONCE.startswith(head)
    assert WHOLE_AT_ONCE.endswith(tail)
    assert len(head) + len(tail) + output.missing == len(WHOLE_AT_ONCE)
    assert "never arrived" in text.document(document(turn.turn))


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
        env={**os.environ, "TMPDIR": str(folder)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    return process, Path(process.stdout.readline().strip())


def test_the_files_go_with_the_process(tmp_path: Path) -> None:
    process, path = begin(tmp_path, "fork")
    told, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert told.strip() == "True"  # a child that ended took nothing along
    assert not path.parent.exists()


def test_what_a_killed_process_left_goes_when_the_next_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    living, kept = begin(tmp_path, "wait")
    killed, left = begin(tmp_path, "wait")
    try:
        killed.send_signal(signal.SIGKILL)
        killed.communicate(timeout=60)
        assert left.exists()
        spool = Spool()
        spool.add("b", "text")
        assert spool.path("b") is not None
        assert not left.parent.exists()
        assert kept.exists()
        spool.close()
    finally:
        living.kill()
        living.communicate(timeout=60)
