"""What only the file system knows of the files that a patch touches: where a link leads, and what makes an edit of one
more than an edit. Looks at names and modes, reads nothing."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterable
from importlib.machinery import PathFinder

from codex_jupyter import journal

log = journal.logger("session")

SHADOWS = "Python would import it in place of an installed module of this name"
LINK = "it is a link, so another file is changed"
SHARED = "it has a second name elsewhere (a hard link)"
PROGRAM = "it is a program"
NO_FILE = "it is no ordinary file"


def as_written_and_resolved(folder: str, names: Iterable[str]) -> tuple[str, ...]:
    """Every file twice where a link is on its way: under the name that it is given, and as what it really is."""
    paths: dict[str, None] = {}
    for name in names:
        written = os.path.join(os.path.realpath(folder), name)
        paths[os.path.normpath(written)] = None
        paths[os.path.realpath(written)] = None
    return tuple(paths)


def led_elsewhere(folder: str, names: Iterable[str]) -> tuple[str, ...]:
    """What is really changed where a link below the folder, or on the way to a file outside it, leads somewhere else."""
    base = os.path.realpath(folder)
    led: dict[str, None] = {}
    for name in names:
        whole = os.path.normpath(os.path.join(folder, name))
        near = os.path.relpath(whole, folder)
        expected = whole if near.startswith("..") else os.path.normpath(os.path.join(base, near))
        real = os.path.realpath(whole)
        if real != expected:
            led[real] = None
    return tuple(led)


def apart(paths: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """The files that no rule may cover for what they are, each with the reason in words."""
    return tuple((path, why) for path in paths if (why := _why(path)))


def _why(path: str) -> str:
    if _installed(_module(path)):
        return SHADOWS
    try:
        found = os.lstat(path)
    except (OSError, ValueError):  # it is made by the patch
        return ""
    if stat.S_ISLNK(found.st_mode):
        return LINK
    if not stat.S_ISREG(found.st_mode):
        return NO_FILE
    if found.st_mode & (stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH):
        return PROGRAM
    return SHARED if found.st_nlink > 1 else ""


def _module(path: str) -> str:
    """The module that Python would import from a file of this path, or ``""``."""
    folder, name = os.path.split(path)
    stem, ending = os.path.splitext(
        os.path.basename(folder) + ".py" if name == "__init__.py" else name
    )
    return stem if ending == ".py" and "." not in stem else ""


def _installed(module: str) -> bool:
    """Whether Python finds a module of this name in its library or among installed packages; nothing is imported."""
    if not module or module in sys.stdlib_module_names:
        return bool(module)
    places = [place for place in sys.path if "-packages" in place]
    try:
        return PathFinder.find_spec(module, places) is not None
    except Exception as error:  # an import hook of somebody's
        log.warning("whether %s is installed could not be seen: %s", module, type(error).__name__)
        return True
