"""What the system refuses, in words: the cause and the next step, by the error's number. Pure."""

from __future__ import annotations

import errno
import re

_LIMIT = "Close what is not needed (other notebooks and conversations of this kernel), or raise the limit: ulimit -n."
#: As many files as a runtime needs to have open for a few conversations; with fewer it fails, and names other causes.
FILES_NEEDED = 128
_NUMBER = re.compile(r"\(os error (\d{1,4})\)")
#: What there is too little of.
SCARCE: dict[int, tuple[str, str]] = {
    errno.EMFILE: ("this kernel has as many files open as one process may", _LIMIT),
    errno.ENFILE: ("this machine has as many files open as it may", _LIMIT),
    errno.ENOSPC: ("the disk is full", "Make room, then run this cell again."),
    errno.ENOMEM: ("there is not enough memory", "Close what is not needed, then run this cell again."),
    errno.EAGAIN: ("there are as many processes and threads as this user may have", "Close what is not needed, or raise the limit: ulimit -u."),
}  # fmt: skip
_OTHERS: dict[int, tuple[str, str]] = {
    errno.EACCES: ("permission denied", "See that the program may be executed and its folder entered."),
    errno.ENOENT: ("the program, or the folder it is to start in, is gone", "Name a folder that is there with -C or %cd."),
    errno.ENOEXEC: ("the program is not one for this machine", "Install it again: pip install --force-reinstall openai-codex."),
}  # fmt: skip


def scarce(error: OSError) -> bool:
    """Whether the system had too little of something, whatever was asked of it.

    Example:
        >>> scarce(OSError(errno.EMFILE, "Too many open files"))
        True
    """
    return error.errno in SCARCE


def told_in(said: str) -> tuple[str, str] | None:
    """What there is too little of, by a sentence of the runtime, as ``words``; None where it says nothing of that.

    Example:
        >>> told_in("failed to open a lock: No file descriptors available (os error 24)")[0]
        'this kernel has as many files open as one process may'
    """
    found = _NUMBER.search(said)
    return SCARCE.get(int(found[1])) if found else None


def few_files(limit: int) -> tuple[str, str] | None:
    """What is wrong where a runtime may have only so many files open, as ``words``; None where they are enough.

    Args:
        limit: files; 0 where there is no limit or it is not known.

    Example:
        >>> few_files(40)[0]
        'it may have only 40 files open at a time here, and needs 128'
        >>> few_files(1024) is few_files(0) is None
        True
    """
    if not 0 < limit < FILES_NEEDED:
        return None
    few = f"it may have only {limit} files open at a time here, and needs {FILES_NEEDED}"
    return few, "Raise the limit where Jupyter is started (ulimit -n), and start the kernel again."


def words(error: OSError) -> tuple[str, str]:
    """The cause as the end of a sentence without its full stop, and the next step.

    Example:
        >>> words(OSError(errno.ENOSPC, "No space left on device"))
        ('the disk is full', 'Make room, then run this cell again.')
        >>> words(OSError(errno.EIO, "Input/output error"))[0]
        'Input/output error'
    """
    known = {**SCARCE, **_OTHERS}.get(error.errno or 0)
    return known or (
        error.strerror or str(error),
        "Run this cell again; %codex /doctor looks for the cause.",
    )
