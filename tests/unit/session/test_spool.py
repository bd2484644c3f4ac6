"""Long outputs as files: private, whole, bounded, and gone with their session."""

from __future__ import annotations

import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from codex_jupyter import places
from codex_jupyter.places import where
from codex_jupyter.session.spool import Spool
from tests.own_files import kept_here


@pytest.fixture(autouse=True)
def state(scratch: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of ours of this test."""
    monkeypatch.setenv("XDG_STATE_HOME", str(scratch))
    monkeypatch.setattr(where, "_writable", set())
    return scratch


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
    open_spool: type[Spool],
) -> None:
    spool = open_spool()
    spool.add("a", "text")
    assert spool.path("a") is not None
    spool.close()
    assert kept_here() == []
    assert spool.path("a") is None
    spool.add("b", "again")
    assert content(spool, "b") == "again"


def test_once_a_turn_may_write_there_new_files_go_elsewhere(
    open_spool: type[Spool], state: Path
) -> None:
    spool = open_spool()
    spool.add("a", "before")
    first = spool.path("a")
    assert first is not None and first.is_relative_to(state)
    places.keep_out_of(state)
    spool.add("b", "after")
    second = spool.path("b")
    assert second is not None and not second.is_relative_to(state)
    assert (content(spool, "a"), content(spool, "b")) == ("before", "after")
    spool.close()
    assert not first.exists() and not second.exists()


def test_a_link_in_place_of_the_folder_or_a_file_is_not_followed(
    open_spool: type[Spool], scratch: Path
) -> None:
    spool, target = open_spool(), scratch / "target"
    target.write_text("the user's")
    spool.add("a", "text")
    path = spool.path("a")
    assert path is not None
    path.unlink()
    path.symlink_to(target)
    spool.add("a", "more")
    assert spool.path("a") is not None
    with pytest.raises(OSError):
        spool.open("a")
    assert target.read_text() == "the user's" and spool.lost("a") == len("more") and spool.fault


def test_without_a_place_it_is_said_and_nobody_is_stopped(open_spool: type[Spool]) -> None:
    places.keep_out_of("/")
    spool = open_spool()
    spool.add("a", "text")
    assert spool.path("a") is None
    assert spool.lost("a") == 4 and "XDG_STATE_HOME" in spool.fault
