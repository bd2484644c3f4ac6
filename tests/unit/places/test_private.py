"""Folders of ours: private, held by descriptor, swept only when nobody holds them."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from codex_jupyter import places
from codex_jupyter.places import PrivateFolder, fresh, private, where
from tests.own_files import kept_here


@pytest.fixture(autouse=True)
def state(scratch: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The state folder of this test."""
    monkeypatch.setenv("XDG_STATE_HOME", str(scratch))
    monkeypatch.setattr(where, "_writable", set())
    return scratch


def test_files_and_folders_are_this_users_alone() -> None:
    with fresh("outputs") as folder:
        with folder.create("a") as file:
            file.write(b"x")
        folder.append("b", b"y")
        modes = [p.stat().st_mode & 0o777 for p in (folder.path.parent, folder.path, folder.path / "a", folder.path / "b")]  # fmt: skip
        assert modes == [0o700, 0o700, 0o600, 0o600]
    assert list(folder.path.parent.iterdir()) == []


@pytest.mark.parametrize("act", ["create", "append", "open"])
def test_a_link_that_was_put_in_place_of_a_file_is_never_followed(scratch: Path, act: str) -> None:
    target = scratch / "target"
    target.write_bytes(b"the user's")
    with fresh("outputs") as folder:
        (folder.path / "a").symlink_to(target)
        with pytest.raises(OSError):
            if act == "append":
                folder.append("a", b"ours")
            else:
                getattr(folder, act)("a").close()
        folder.remove("a")
    assert target.read_bytes() == b"the user's"


def test_a_folder_that_was_replaced_by_a_link_is_not_written_through(scratch: Path) -> None:
    outside = scratch / "outside"
    outside.mkdir()
    (outside / "keep").write_text("")
    with fresh("outputs") as folder:
        folder.append("a", b"1")
        folder.path.rename(scratch / "moved")
        folder.path.symlink_to(outside)
        folder.append("a", b"2")
        with folder.open("a") as file:
            assert file.read() == b"12"
    assert [p.name for p in outside.iterdir()] == ["keep"]


def test_a_kind_that_is_a_link_is_refused(scratch: Path) -> None:
    outside = scratch / "outside"
    outside.mkdir()
    (places.base() / "outputs").symlink_to(outside)
    with pytest.raises(OSError):
        fresh("outputs")
    assert list(outside.iterdir()) == []


@pytest.mark.parametrize("name", ["", ".", "..", "../a", "a/b", "/etc/passwd"])
def test_a_name_is_a_name(name: str) -> None:
    with fresh("outputs") as folder, pytest.raises(ValueError):
        folder.create(name)


def test_a_pipe_in_place_of_a_file_hangs_nobody() -> None:
    with fresh("outputs") as folder:
        os.mkfifo(folder.path / "a")
        with pytest.raises(OSError):
            folder.open("a")


def test_it_is_not_usable_once_a_turn_may_write_there_or_it_is_gone() -> None:
    folder = fresh("outputs")
    assert folder.usable
    places.keep_out_of(folder.path.parent.parent.parent)
    assert not folder.usable
    folder.close()
    where._writable.clear()
    gone = fresh("outputs")
    gone.path.rmdir()
    assert not gone.usable
    gone.close()


def test_closing_twice_or_in_a_forked_child_harms_nobody() -> None:
    folder = fresh("outputs")
    child = os.fork()
    if child == 0:
        folder.close()
        os._exit(0)
    os.waitpid(child, 0)
    assert folder.path.is_dir() and folder.usable
    folder.close()
    folder.close()
    with pytest.raises(FileNotFoundError):
        folder.create("a")


LEFT = (
    "import os; from codex_jupyter import places; f = places.fresh('outputs'); f.append('a', b'x');"
    "print(f.path, flush=True); "
)


def test_what_a_killed_process_left_goes_and_what_lives_stays() -> None:
    living = fresh("outputs")
    killed = subprocess.run(
        [sys.executable, "-c", f"{LEFT} os._exit(9)"], capture_output=True, text=True, check=False
    )
    left = Path(killed.stdout.strip())
    assert left.is_dir()
    assert [(k.path, k.files, k.size, k.held) for k in kept_here()] == sorted(
        [(living.path, 0, 0, True), (left, 1, 1, False)]
    )
    places.sweep()
    assert not left.exists() and living.path.is_dir()
    living.close()
    assert kept_here() == []


def test_it_goes_with_its_process() -> None:
    ended = subprocess.run([sys.executable, "-c", LEFT], capture_output=True, text=True, check=True)
    assert not Path(ended.stdout.strip()).exists()


def test_a_sweep_between_opening_and_locking_takes_nothing_from_anybody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Somebody removes the lock file after it was opened and before it is held: it is not taken for held."""
    real = private._lock

    def swept(descriptor: int) -> None:
        monkeypatch.setattr(private, "_lock", real)
        places.sweep()  # another process, in between
        real(descriptor)

    monkeypatch.setattr(private, "_lock", swept)
    with fresh("outputs") as folder:
        places.sweep()
        assert folder.usable and folder.path.is_dir()
        assert [k.held for k in kept_here()] == [True]


def test_many_at_once_get_each_their_own() -> None:
    made: list[PrivateFolder] = []
    threads = [threading.Thread(target=lambda: made.append(fresh("outputs"))) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({folder.path for folder in made if folder.path.is_dir()}) == 20
    for folder in made:
        folder.close()


def test_without_locks_it_works_and_is_swept_by_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    def unsupported(_descriptor: int) -> None:
        raise OSError(95, "no locks here")

    monkeypatch.setattr(private, "_lock", unsupported)
    with fresh("outputs") as folder:
        places.sweep()
        assert folder.usable
        folder.append("a", b"x")


def test_a_full_disk_is_said_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_args: object, **_named: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(private, "_mkdir", full)
    with pytest.raises(OSError, match="No space"):
        fresh("outputs")
    assert kept_here() == []


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="no kind"):
        fresh("anything")
