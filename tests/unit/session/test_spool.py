"""Long outputs as files: private, whole, bounded, and gone with their session."""

from __future__ import annotations

import stat
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from codex_jupyter.session.spool import PREFIX, Spool


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The system's temporary folder of this test."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture
def open_spool() -> Iterator[type[Spool]]:
    made: list[Spool] = []

    class Opened(Spool):
        def __init__(self, limit: int = 1_000_000) -> None:
            super().__init__(limit)
            made.append(self)

    yield Opened
    for spool in made:
        spool.close()


def content(spool: Spool, name: str) -> str:
    path = spool.path(name)
    assert path is not None
    return path.read_bytes().decode("utf-8", "surrogatepass")


def test_a_file_holds_every_byte_and_is_nobody_elses(open_spool: type[Spool]) -> None:
    spool = open_spool()
    pieces = ["one\r\n", "zwei ü\n", "\x1b[31mthree\x1b[0m\n", "half of a pair \ud83d", "\x00"]
    for piece in pieces:
        spool.add("a", piece)
    assert content(spool, "a") == "".join(pieces)
    path = spool.path("a")
    assert path is not None
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_who_adds_does_not_wait_for_the_disk(open_spool: type[Spool]) -> None:
    spool = open_spool()
    gate, waited = threading.Event(), []
    spool._do(lambda: waited.append(gate.wait(60)))
    spool.add("a", "text")
    assert spool._folder is None  # nothing was written by this thread
    gate.set()
    assert content(spool, "a") == "text"


def test_the_oldest_files_make_room(open_spool: type[Spool]) -> None:
    spool = open_spool(limit=100)
    spool.add("a", "a" * 60)
    spool.add("b", "b" * 30)
    spool.add("c", "c" * 50)
    assert spool.path("a") is None
    assert spool.removed("a")
    assert content(spool, "b") == "b" * 30
    assert content(spool, "c") == "c" * 50
    spool.add("a", "more")  # what made room does not come back in part
    assert spool.path("a") is None


def test_one_that_is_too_long_is_cut_at_a_character_and_says_so(open_spool: type[Spool]) -> None:
    spool = open_spool(limit=101)
    spool.add("a", "ü" * 60)
    spool.add("a", "never in the middle")
    assert content(spool, "a") == "ü" * 50
    assert spool.lost("a") == 10 + len("never in the middle")


def test_what_is_put_anew_replaces_what_was_there(open_spool: type[Spool]) -> None:
    spool = open_spool()
    spool.add("a", "with holes")
    spool.anew("a", "whole")
    spool.add("a", " and more")
    assert content(spool, "a") == "whole and more"


def test_closing_leaves_nothing_and_a_new_file_may_follow(
    open_spool: type[Spool], temporary: Path
) -> None:
    spool = open_spool()
    spool.add("a", "text")
    assert spool.path("a") is not None
    spool.close()
    assert not list(temporary.glob(f"{PREFIX}*"))
    assert spool.path("a") is None
    spool.add("b", "again")
    assert content(spool, "b") == "again"
