"""Files whose place the user chose: new ones that a command writes, and lines taken out of the user's own."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from typing import TextIO

#: Times that a file is read again because somebody added to it meanwhile.
TRIES = 20


def create(
    path: str | os.PathLike[str], *, replace: bool = False, errors: str = "backslashreplace"
) -> TextIO:
    """A new text file (UTF-8) that its owner alone can read.

    Args:
        path: where.
        replace: take away what has that name. Of a link it is the link: what it leads to stays as it is.
        errors: for characters that UTF-8 does not have.

    Raises:
        FileExistsError: there is something of that name, a link included.
        OSError, ValueError: it cannot be made.
    """
    if replace:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
    return os.fdopen(os.open(path, flags, 0o600), "w", encoding="utf-8", errors=errors)


def strike_line(path: str | os.PathLike[str], line: str, note: str) -> bool:
    """Turn every such line of a file of the user's into a comment of the same length. False: there is none.

    The file is changed where it stands, not replaced: a link stays a link, owner and mode stay, every other byte stays, and
    a line that somebody appends meanwhile is not lost, whether they take the lock (as Codex does) or not.

    Args:
        path: the file; links are followed.
        line: the line as it stands there, without its end.
        note: what the comment says, where the line is long enough for it.

    Raises:
        OSError: the file cannot be changed.
        TimeoutError: somebody else holds it, or replaces it again and again.
    """
    wanted = line.encode("utf-8")
    comment = f"# {note}".encode()
    if len(comment) > len(wanted):
        comment = b"#"
    comment = comment.ljust(len(wanted))
    for _ in range(TRIES):
        with open(path, "r+b", buffering=0) as file, _locked(file.fileno()):
            found = False
            at = 0
            for each in file.read().splitlines(keepends=True):
                if each.rstrip(b"\r\n") == wanted and wanted.strip():
                    os.lseek(file.fileno(), at, os.SEEK_SET)
                    os.write(file.fileno(), comment)
                    found = True
                at += len(each)
            os.fsync(file.fileno())
            mine, now = os.fstat(file.fileno()), os.stat(path)
            if (mine.st_dev, mine.st_ino) == (now.st_dev, now.st_ino):
                return found
    raise TimeoutError("somebody else is writing it")


@contextlib.contextmanager
def _locked(descriptor: int) -> Iterator[None]:
    """Hold a file for a moment; where the file system knows no locks, go on without."""
    try:
        import fcntl
    except ImportError:  # not on Windows
        yield
        return
    for tries in range(TRIES, 0, -1):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            if tries == 1:
                raise TimeoutError("another program holds it") from None
            time.sleep(0.05)  # noqa: TID251 - a lock has no other sign, and to wait without a bound would hang the cell
        except OSError:
            break
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_UN)
