"""Folders of ours: private, held by descriptor, gone with whoever made them.

A folder ``KIND/NAME`` has a lock ``KIND/NAME.lock`` beside it, which is held for as long as its process lives. The lock is
there before the folder and goes after it, and whoever takes a lock looks whether its file is still the one of that name:
so a sweep between opening and locking removes nothing that somebody uses, and no number of a process is believed.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import secrets
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from codex_jupyter.places.where import BY_DESCRIPTOR, base, existing, exposed, open_private

#: What is kept, by the name of its folder, and what it is.
KINDS = {
    "outputs": "whole outputs of long commands",
    "codex-figures": "figures and pictures that Codex is shown",
    "probe": "the trial of the sandbox",
    "offline": "the offline model's CODEX_HOME",
    "issuer": "the offline sign-in's certificate",
}
#: Names that are tried for a new folder.
TRIES = 20
_LINK = getattr(os, "O_NOFOLLOW", 0)
_BINARY = getattr(os, "O_BINARY", 0)
_open: set[PrivateFolder] = set()


class PrivateFolder:
    """A folder that was made by ``fresh``. Every name is looked up in the folder itself, wherever its path leads by now.

    Attributes:
        path: where it lies.

    Example:
        >>> with fresh("probe") as folder:
        ...     with folder.create("note.txt") as file:
        ...         _ = file.write(b"text")
        ...     folder.size("note.txt")
        4
    """

    def __init__(self, path: Path, kind: int, folder: int, lock: int) -> None:
        self.path = path
        self._kind, self._folder, self._lock = kind, folder, lock
        self._owner = os.getpid()
        self._closed = False
        _open.add(self)

    # --- files --------------------------------------------------------------------------------------------------------

    def create(self, name: str) -> BinaryIO:
        """A new file to write, 0600. Raises ``FileExistsError`` for anything of that name, a link included."""
        return os.fdopen(self._at(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL), "wb")

    def append(self, name: str, data: bytes) -> None:
        """Add to the end of a file, which is made if it is not there."""
        handle = self._at(name, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        with os.fdopen(handle, "ab") as file:
            _plain(handle)
            file.write(data)

    def open(self, name: str) -> BinaryIO:
        """A file to read; raises OSError for what is no plain file, a link included."""
        file = os.fdopen(self._at(name, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb")
        try:
            _plain(file.fileno())
        except BaseException:
            file.close()
            raise
        return file

    def size(self, name: str) -> int:
        """Bytes of a file, of a link itself if it is one."""
        place, below = self._name(name)
        return os.stat(place, dir_fd=below, follow_symlinks=False).st_size

    def remove(self, name: str) -> None:
        """Remove a file; nothing happens when it is gone."""
        place, below = self._name(name)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(place, dir_fd=below)

    def _at(self, name: str, flags: int) -> int:
        place, below = self._name(name)
        return os.open(place, flags | _LINK | _BINARY, 0o600, dir_fd=below)

    def _name(self, name: str) -> tuple[str, int | None]:
        if self._closed:
            raise FileNotFoundError(2, "the folder was removed", str(self.path))
        if not name or name in (".", "..") or "/" in name or os.sep in name:
            raise ValueError(f"{name!r} is no name of a file")
        return (name, self._folder) if BY_DESCRIPTOR else (str(self.path / name), None)

    # --- life ---------------------------------------------------------------------------------------------------------

    @property
    def usable(self) -> bool:
        """Whether new files should go there: it was not removed, and commands may still not write to it."""
        if self._closed or exposed(self.path):
            return False
        try:
            return not BY_DESCRIPTOR or os.fstat(self._folder).st_nlink > 0
        except OSError:
            return False

    def close(self) -> None:
        """Remove the folder with all that is in it; a forked child leaves its parent's alone. Harmless when repeated."""
        _open.discard(self)
        if self._closed or os.getpid() != self._owner:
            return
        self._closed = True
        _remove(self._kind, self.path, self._lock)
        for descriptor in (self._folder, self._kind):
            if descriptor >= 0:
                os.close(descriptor)

    def __enter__(self) -> PrivateFolder:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()


def fresh(kind: str) -> PrivateFolder:
    """A new private folder; those of its kind that killed processes left behind go first.

    Args:
        kind: one of ``KINDS``.

    Raises:
        NoPlaceError: there is no folder for our files.
        OSError: it cannot be made.
    """
    if kind not in KINDS:
        raise ValueError(f"{kind!r} is no kind of folder")
    place = base() / kind
    above = _kind(place)
    try:
        _sweep(place, above)
        for _ in range(TRIES):
            name = secrets.token_hex(8)
            lock = _locked(place, above, f"{name}.lock", new=True)
            if lock >= 0:  # else a sweep was quicker, and takes the file away
                break
        else:
            raise OSError(11, "no lock could be held", str(place))
        try:
            _mkdir(place, above, name)
            folder = open_private(name, below=above) if BY_DESCRIPTOR else -1
        except BaseException:
            _remove(above, place / name, lock)
            raise
        return PrivateFolder(place / name, above, folder, lock)
    except BaseException:
        if above >= 0:
            os.close(above)
        raise


@dataclass(frozen=True, slots=True)
class Kept:
    """What lies on disk of one kind: where, how many files with how many bytes, and whether a living process holds it."""

    kind: str
    path: Path
    files: int
    size: int
    held: bool


def kept() -> list[Kept]:
    """Everything of ours that lies on disk, of every process of this user."""
    found = []
    for root in existing():
        for kind in KINDS:
            for path in sorted((root / kind).glob("*")):
                if path.suffix == ".lock" or path.is_symlink() or not path.is_dir():
                    continue
                sizes = [_size(Path(at) / name) for at, _, names in os.walk(path) for name in names]
                found.append(Kept(kind, path, len(sizes), sum(sizes), _is_held(path)))
    return found


def sweep() -> None:
    """Remove what killed processes left behind, of every kind."""
    for root in existing():
        for kind in KINDS:
            with contextlib.suppress(OSError):
                above = open_private(root / kind) if BY_DESCRIPTOR else -1
                try:
                    _sweep(root / kind, above)
                finally:
                    if above >= 0:
                        os.close(above)


# --- the lock beside a folder -----------------------------------------------------------------------------------------


def _kind(place: Path) -> int:
    """The folder of a kind, made and opened; -1 where folders cannot be held."""
    with contextlib.suppress(FileExistsError):
        os.mkdir(place, 0o700)
    return open_private(place) if BY_DESCRIPTOR else -1


def _mkdir(place: Path, above: int, name: str) -> None:
    if above >= 0:
        os.mkdir(name, 0o700, dir_fd=above)
        os.chmod(name, 0o700, dir_fd=above)  # whatever the umask took away
    else:
        os.mkdir(place / name, 0o700)


def _sweep(place: Path, above: int) -> None:
    """Remove the folders whose lock nobody holds, and those without one: their lock went before a late writer did."""
    for name in {
        entry.removesuffix(".lock") for entry in os.listdir(above if above >= 0 else place)
    }:
        lock = _locked(place, above, f"{name}.lock")
        if lock >= 0:
            _remove(above, place / name, lock)


def _locked(place: Path, above: int, name: str, *, new: bool = False) -> int:
    """Hold the lock file of this name; -1 when somebody else does, or removed it in the meantime.

    Args:
        place, above: the folder that it lies in, and its descriptor or -1.
        name: of the file.
        new: it is ours to make. On a file system without locks (some network homes) it is then taken as held; nobody
            else can hold it either, so what lies there is never swept.

    Raises:
        OSError: a new one cannot be made.
    """
    at, below = (name, above) if above >= 0 else (str(place / name), None)
    flags = os.O_RDWR | os.O_CREAT | _LINK | _BINARY | (os.O_EXCL if new else 0)
    try:
        lock = os.open(at, flags, 0o600, dir_fd=below)
    except OSError:
        if new:
            raise
        return -1
    try:
        _lock(lock)
    except OSError as error:
        if new and not isinstance(error, BlockingIOError):
            return lock
        os.close(lock)
        return -1
    try:
        facts, now = os.fstat(lock), os.stat(at, dir_fd=below, follow_symlinks=False)
        if (facts.st_dev, facts.st_ino) == (now.st_dev, now.st_ino):
            return lock
    except OSError:  # removed between opening and locking
        pass
    os.close(lock)
    return -1


def _lock(descriptor: int) -> None:
    if os.name == "nt":
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _is_held(path: Path) -> bool:
    """Whether a living process holds a folder. Looks only."""
    try:
        lock = os.open(f"{path}.lock", os.O_RDWR | _LINK)
    except OSError:
        return False
    try:
        _lock(lock)
        return False
    except OSError:
        return True
    finally:
        os.close(lock)


def _remove(above: int, path: Path, lock: int) -> None:
    """Remove a folder, then its lock. Where a process still writes into it, the lock file stays, for a later sweep."""
    place, below = (path.name, above) if above >= 0 else (str(path), None)
    try:
        if stat.S_ISDIR(os.stat(place, dir_fd=below, follow_symlinks=False).st_mode):
            shutil.rmtree(place, ignore_errors=True, dir_fd=below)
        else:
            os.unlink(place, dir_fd=below)
    except OSError:  # it was never there
        pass
    if os.name == "nt":
        os.close(lock)
    try:
        os.stat(place, dir_fd=below, follow_symlinks=False)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(f"{place}.lock", dir_fd=below)
    if os.name != "nt":
        os.close(lock)


def _plain(descriptor: int) -> None:
    facts = os.fstat(descriptor)
    if not stat.S_ISREG(facts.st_mode):
        raise PermissionError(1, "it is no plain file")


def _size(path: Path) -> int:
    try:
        return os.lstat(path).st_size
    except OSError:
        return 0


@atexit.register
def _end() -> None:
    for folder in tuple(_open):
        folder.close()
