"""Taking back what patches did to files: planned as a whole, checked by hash, and written where the files really lie.

What was written by a patch is taken back by a program of the person's own, outside any sandbox; so no link that came since
is followed: each folder on the way is opened as what it is.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from codex_jupyter.core.reverse import NotReversible, before
from codex_jupyter.errors import UserError
from codex_jupyter.session.edits import FileEdit, hash_of, text_of

_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
#: Whether a folder can be held by its descriptor.
BY_DESCRIPTOR = os.open in os.supports_dir_fd and os.unlink in os.supports_dir_fd


@dataclass(frozen=True, slots=True)
class Step:
    """A file as it has to be, and is to be: None means no file."""

    path: str
    now: str | None
    then: str | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be done, and why it cannot be: one line a file."""

    steps: tuple[Step, ...]
    conflicts: tuple[str, ...]


def plan(edits: Sequence[FileEdit]) -> Plan:
    """What takes these edits back, the newest first. Looks at the files, writes nothing.

    Args:
        edits: oldest first.
    """
    conflicts: dict[str, str] = {}
    is_now: dict[str, str | None] = {}
    then: dict[str, str | None] = {}

    def look(path: str) -> str | None:
        if path not in is_now:
            if os.path.realpath(path) != path:
                raise NotReversible("a link leads elsewhere by now")
            is_now[path] = then[path] = text_of(path)
            if is_now[path] is not None and os.lstat(path).st_nlink > 1:
                raise NotReversible("it has a second name elsewhere (a hard link)")
        return then[path]

    for edit in reversed(edits):
        if edit.path in conflicts or edit.was in conflicts:
            continue
        if edit.why_not:
            conflicts[edit.path] = edit.why_not
            continue
        try:
            text = look(edit.path)
            if hash_of(text) != edit.left:
                raise NotReversible("it was changed since")
            old = before(edit.change, text)
            if edit.was != edit.path:
                if look(edit.was) is not None:
                    raise NotReversible("another file has its old name by now")
                then[edit.path] = None
            then[edit.was] = old
        except (NotReversible, OSError, UnicodeError) as error:
            conflicts[edit.path] = (
                "it is no text"
                if isinstance(error, UnicodeError)
                else getattr(error, "strerror", "") or str(error)
            )
    steps = tuple(Step(path, now, then[path]) for path, now in is_now.items() if then[path] != now)
    return Plan(steps, tuple(f"{path}: {why}" for path, why in conflicts.items()))


def carry_out(steps: Sequence[Step]) -> None:
    """Write the files.

    Raises:
        UserError: one could not be written, or was changed at this moment; the text says which were.
    """
    done: list[str] = []
    for step in steps:
        try:
            _write(step)
        except (OSError, NotReversible) as error:
            why = getattr(error, "strerror", "") or str(error)
            so_far = f" Taken back before it: {', '.join(done)}." if done else ""
            raise UserError(f"{step.path} was not taken back: {why}.{so_far}") from None
        done.append(step.path)


def _write(step: Step) -> None:
    folder, name = os.path.split(step.path)
    with _held(folder) as (place, below):
        target = os.path.join(place, name) if below is None else name
        try:
            found = os.stat(target, dir_fd=below, follow_symlinks=False)
        except FileNotFoundError:
            found = None
        if found is not None and (not stat.S_ISREG(found.st_mode) or found.st_nlink > 1):
            raise NotReversible("it is no plain file of one name")
        if hash_of(text_of(target, below)) != hash_of(step.now):
            raise NotReversible("it was changed at this moment")
        if step.then is None:
            os.unlink(target, dir_fd=below)
            return
        beside = os.path.join(place, _fresh(name)) if below is None else _fresh(name)
        handle = os.open(
            beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_LINK, 0o666, dir_fd=below
        )
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(step.then.encode())
            if found is not None:
                os.chmod(beside, stat.S_IMODE(found.st_mode), dir_fd=below)
            os.replace(beside, target, src_dir_fd=below, dst_dir_fd=below)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(beside, dir_fd=below)
            raise


@contextmanager
def _held(folder: str) -> Iterator[tuple[str, int | None]]:
    """The folder, opened without following a link on the way; made again where a patch took it away with its last file.

    Gives its path and, where the system has such, its descriptor.
    """
    if not BY_DESCRIPTOR:
        if os.path.realpath(folder) != folder:
            raise NotReversible("a link leads elsewhere by now")
        os.makedirs(folder, exist_ok=True)
        yield folder, None
        return
    handle = os.open("/", os.O_RDONLY | os.O_DIRECTORY)
    try:
        for part in filter(None, folder.split("/")):
            with contextlib.suppress(FileExistsError):
                if not _is_there(part, handle):
                    os.mkdir(part, dir_fd=handle)
            deeper = os.open(part, os.O_RDONLY | os.O_DIRECTORY | _NO_LINK, dir_fd=handle)
            os.close(handle)
            handle = deeper
        yield folder, handle
    finally:
        os.close(handle)


def _is_there(name: str, folder: int) -> bool:
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def _fresh(name: str) -> str:
    return f".{name[:100]}.{secrets.token_hex(4)}"
