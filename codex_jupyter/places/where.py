"""Which folder our files lie in: the first of a short list that is this user's, and that no sandboxed command may write to.

Measured with runtime 0.163: under workspace-write a command may write to the turn's folder, to ``--add-dir`` and
``writable_roots``, and to ``$TMPDIR`` and ``/tmp`` unless they are excluded; it may read everything. So the temporary
folders never hold anything of ours, and a folder that some turn may write to is left for the next one on the list, as is
one that contains such a folder, or lies where another user could put something in its way.
"""

from __future__ import annotations

import contextlib
import os
import stat
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

NAME = "codex-jupyter"
#: Whether files can be opened below a folder that is held open; not on Windows.
BY_DESCRIPTOR = os.open in os.supports_dir_fd and hasattr(os, "O_NOFOLLOW")
#: How a folder is opened.
FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)

_writable: set[str] = set()
_guard = threading.Lock()


class NoPlaceError(OSError):
    """There is no folder for our files on this machine; ``str`` is a sentence that says why and what to do."""


def keep_out_of(*folders: str | os.PathLike[str]) -> None:
    """Put nothing into these folders from now on, nor into what lies below or above them: commands may write there."""
    with _guard:
        _writable.update(_real(folder) for folder in folders if os.fspath(folder))


def exposed(path: str | os.PathLike[str]) -> bool:
    """Whether a sandboxed command may write to a path, or to what leads to it.

    Example:
        >>> exposed("/tmp/codex"), exposed("/tmp")
        (True, True)
    """
    place = _real(path)
    with _guard:
        roots = {*_writable, *map(_real, _temporary())}
    return any(_inside(place, root) or _inside(root, place) for root in roots)


def base() -> Path:
    """The folder that ours lie in, made if it is not there: 0700 and owned by this user.

    Raises:
        NoPlaceError: there is none.
    """
    faults = []
    for candidate in _candidates():
        place = Path(_real(candidate))
        if exposed(place):
            faults.append(f"commands may write to {candidate}")
            continue
        try:
            _make(place)
            return place
        except OSError as error:
            faults.append(f"{candidate}: {error.strerror or error}")
    why = "; ".join(faults) or "no home folder is known"
    raise NoPlaceError(
        f"There is no folder for files of this extension ({why}). "
        "Set XDG_STATE_HOME to a folder of yours outside the project and the temporary folders, and restart the kernel."
    )


def existing() -> Iterator[Path]:
    """Every folder of the list that is there and this user's, whether it would be used now or not."""
    for candidate in _candidates():
        place = Path(_real(candidate))
        try:
            if BY_DESCRIPTOR:
                os.close(open_private(place))
        except OSError:
            continue
        yield place


def _candidates() -> Iterator[Path]:
    """Where files may lie, the best first."""
    home = _home()
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA", "")
        if os.path.isabs(local):
            yield Path(local) / NAME
        return
    state = os.environ.get("XDG_STATE_HOME", "")
    if os.path.isabs(state):
        yield Path(state) / NAME
    elif home is not None:
        yield home / ".local" / "state" / NAME
    run = os.environ.get("XDG_RUNTIME_DIR", "")
    if os.path.isabs(run):
        yield Path(run) / NAME
    yield Path("/var/tmp") / f"{NAME}-{os.geteuid()}"


def _home() -> Path | None:
    try:
        home = Path.home()
    except RuntimeError:
        return None
    return home if home.is_absolute() else None


def _temporary() -> list[str]:
    named = [os.environ.get(name, "") for name in ("TMPDIR", "TEMP", "TMP")]
    return ["/tmp", *(folder for folder in named if os.path.isabs(folder))]


def _make(place: Path) -> None:
    """Make the folder and those that lead to it; raises OSError also for one that is not this user's alone."""
    os.makedirs(place.parent, mode=0o700, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        os.mkdir(place, 0o700)
    if BY_DESCRIPTOR:
        os.close(open_private(place))


def open_private(place: Path | str, *, below: int | None = None) -> int:
    """Open a folder that must be this user's alone, and no link; the caller closes the descriptor.

    Args:
        place: its path, or its name in the folder ``below``.
        below: the descriptor of the folder that it lies in.

    Raises:
        OSError: it is a link, somebody else's, or cannot be opened.
    """
    descriptor = os.open(place, FOLDER, dir_fd=below)
    try:
        facts = os.fstat(descriptor)
        if facts.st_uid != os.geteuid():
            raise PermissionError(1, "it belongs to another user", str(place))
        if stat.S_IMODE(facts.st_mode) != 0o700:  # an odd umask, or somebody opened it up
            os.fchmod(descriptor, 0o700)
        return descriptor
    except BaseException:
        os.close(descriptor)
        raise


def _real(path: str | os.PathLike[str]) -> str:
    return os.path.normcase(os.path.realpath(path))


def _inside(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)
