"""Which folder our files lie in: never one that a command may write to."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from codex_jupyter.places import NoPlaceError, base, exposed, keep_out_of, where


@pytest.fixture(autouse=True)
def home(scratch: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home without any folder of ours, outside the temporary folders; what turns may write is forgotten afterwards."""
    for name in ("XDG_STATE_HOME", "XDG_RUNTIME_DIR", "TMPDIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(scratch))
    monkeypatch.setattr(where, "_writable", set())
    last = where.NAME + "-of-this-test"
    monkeypatch.setattr(where, "NAME", last)
    yield scratch
    spare = Path("/var/tmp") / f"{last}-{os.geteuid()}"
    if spare.is_dir() and not spare.is_symlink():
        spare.rmdir()


def test_it_is_the_state_folder_and_this_users_alone(home: Path) -> None:
    place = base()
    assert place == home / ".local" / "state" / where.NAME
    assert place.stat().st_mode & 0o777 == 0o700


def test_xdg_state_home_counts_where_it_is_absolute(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(home / "elsewhere"))
    assert base() == home / "elsewhere" / where.NAME
    monkeypatch.setenv("XDG_STATE_HOME", "relative")
    assert base() == home / ".local" / "state" / where.NAME


@pytest.mark.parametrize(
    "root", ["", ".local", ".local/state", ".local/state/NAME", ".local/state/NAME/outputs", ".."]
)
def test_where_a_turn_may_write_above_in_or_below_it_another_is_taken(
    home: Path, root: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = base()
    run = home.parent / "run-of-this-test" if root != ".." else Path("/var/tmp")
    keep_out_of(home / root.replace("NAME", where.NAME))
    assert exposed(first) and exposed(first / "outputs")
    second = base()
    assert second == Path("/var/tmp") / f"{where.NAME}-{os.geteuid()}"
    assert not exposed(second) and run != second


def test_a_link_to_the_folder_counts_as_the_folder(home: Path) -> None:
    (home / "link").symlink_to(home / ".local")
    keep_out_of(home / "link")
    assert base() != home / ".local" / "state" / where.NAME


def test_a_state_folder_that_is_a_link_into_what_may_be_written_is_not_taken(home: Path) -> None:
    (home / "project").mkdir()
    (home / ".local").symlink_to(home / "project")
    keep_out_of(home / "project")
    assert not base().is_relative_to(home)


@pytest.mark.parametrize("name", ["TMPDIR", "TEMP", "TMP"])
def test_no_temporary_folder_is_taken(
    home: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, str(home))
    assert not base().is_relative_to(home)
    monkeypatch.setenv("XDG_STATE_HOME", "/tmp/state")
    assert not base().is_relative_to("/tmp")


def test_a_link_in_its_place_is_not_taken(home: Path) -> None:
    elsewhere = home / "elsewhere"
    (home / ".local" / "state").mkdir(parents=True)
    elsewhere.mkdir(mode=0o755)
    place = home / ".local" / "state" / where.NAME
    place.symlink_to(elsewhere)
    # a link of the user's own leads to where they want it
    assert base() == elsewhere and elsewhere.stat().st_mode & 0o777 == 0o700
    place.unlink()
    place.symlink_to(home / "nowhere" / "deep")
    assert base() == home / "nowhere" / "deep"


def test_another_users_folder_is_not_taken(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base()
    monkeypatch.setattr(where.os, "geteuid", lambda: 4242)
    with pytest.raises(NoPlaceError, match="belongs to another user"):
        base()


def test_a_folder_that_others_could_enter_is_closed_to_them(home: Path) -> None:
    base().chmod(0o777)
    assert base().stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("mask", [0o777, 0o077, 0])
def test_an_odd_umask_changes_nothing(home: Path, mask: int) -> None:
    (home / ".local" / "state").mkdir(parents=True)
    before = os.umask(mask)
    try:
        place = base()
    finally:
        os.umask(before)
    assert place.stat().st_mode & 0o777 == 0o700


def test_a_file_in_its_place_is_no_place(home: Path) -> None:
    (home / ".local").write_text("")
    assert not base().is_relative_to(home)


def test_without_any_place_a_sentence_says_what_to_do(home: Path) -> None:
    keep_out_of("/")
    with pytest.raises(NoPlaceError) as told:
        base()
    assert "commands may write to" in str(told.value) and "XDG_STATE_HOME" in str(told.value)


def test_without_a_home_there_is_another(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOME")
    monkeypatch.setattr(where.Path, "home", _no_home)
    assert base() == Path("/var/tmp") / f"{where.NAME}-{os.geteuid()}"


def _no_home() -> Path:
    raise RuntimeError("no home folder")
