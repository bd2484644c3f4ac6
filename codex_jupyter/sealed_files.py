"""An environment that lies in the folder of a turn (``.venv``): nothing of it is loaded that changed since this kernel began.

A sandboxed command may write in the folder, so also into the packages of an environment there, and what our code imports
late would run what it wrote. An environment cannot be left out as the rest of the folder is, since everything comes from
it. So its files are taken as they were:

- a file is loaded when it was last changed before this package was imported. What decides is the time of the last change
  of its inode (``st_ctime``), which no program can set; it is asked of the very file that was read, source and compiled.
- a folder of modules is the one that it was before the first turn, by its number on the disk: a package that was written
  before cannot be moved into the place of another.

What a person installed meanwhile is refused as well: the kernel has to be restarted for it, as after any update of what
is loaded. Not promised: what was written before the kernel began; packages that the user's own code imports.
"""

import os
from importlib.machinery import ExtensionFileLoader, ModuleSpec, SourceFileLoader

from codex_jupyter.errors import UserError

#: Folders of modules by path, as they were before the first turn: device and inode. Empty until then.
_as_they_were: dict[str, tuple[int, int]] = {}


class ChangedFileError(UserError, ImportError):
    """A module of ours changed after the kernel began, where commands may write."""

    def __init__(self, module: str, path: str) -> None:
        super().__init__(
            f"{path} changed after this kernel began, in a folder where commands may write: {module} is not loaded from it.",
            "Restart the kernel if you installed it yourself; if not, look at the file first.",
        )
        self.name = module
        self.path = path


def remember(packages: list[str], above: set[str]) -> None:
    """Take the folders of packages, and all below them, as they are now. What was remembered before stays.

    Args:
        packages: those in use; links are not followed below them.
        above: the folders that they lie in; these are taken alone.
    """
    waiting = list(packages)
    _as_they_were.update({f: n for f in above if f not in _as_they_were and (n := _number(f))})
    while waiting:
        folder = waiting.pop()
        number = _number(folder)
        if number is None or folder in _as_they_were:
            continue
        _as_they_were[folder] = number
        try:
            with os.scandir(folder) as entries:
                waiting += [e.path for e in entries if e.is_dir(follow_symlinks=False)]
        except OSError:
            continue  # not ours to read: then nothing is loaded from it either


def seal(spec: ModuleSpec, began: int) -> ModuleSpec:
    """The spec of a module with a file, so that loading it reads nothing that changed.

    Args:
        spec: as a finder of paths made it.
        began: when the kernel began, in nanoseconds since the epoch.

    Raises:
        ChangedFileError: its folder is another one than before the first turn, or the file changed.
    """
    origin = str(spec.origin)
    folder = os.path.dirname(origin)
    if _as_they_were and _number(folder) != _as_they_were.get(folder):
        raise ChangedFileError(spec.name, folder)
    if type(spec.loader) is SourceFileLoader:
        spec.loader = _SealedSource(spec.name, origin)
        spec.loader.began = began
    elif type(spec.loader) is not ExtensionFileLoader or is_late(origin, began):
        raise ChangedFileError(spec.name, origin)
    return spec


def is_late(path: str | os.PathLike[str], began: int) -> bool:
    """Whether a file, or the link that leads to it, changed after that time, in nanoseconds since the epoch.

    Raises:
        OSError: it cannot be asked.
    """
    return _late(os.stat(path), path, began)


def _number(folder: str) -> tuple[int, int] | None:
    try:
        status = os.stat(folder)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _late(status: os.stat_result, path: str | os.PathLike[str], began: int) -> bool:
    return max(status.st_ctime_ns, os.lstat(path).st_ctime_ns) > began


class _SealedSource(SourceFileLoader):
    """Reads source and compiled code as they were; compiled code that changed is as good as none."""

    began = 0

    def get_data(self, path: str) -> bytes:
        """The bytes of a file that did not change, asked of the descriptor that they are read from."""
        with open(path, "rb") as file:
            data = file.read()
            late = _late(os.fstat(file.fileno()), path, self.began)
        if late and path == self.path:
            raise ChangedFileError(self.name, path)
        if late:
            raise FileNotFoundError(path)  # the source is compiled instead
        return data
