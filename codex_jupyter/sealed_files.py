"""An environment that lies in the folder of a turn (``.venv``): nothing of it is loaded that changed since this kernel began.

A sandboxed command may write in the folder, so also into the packages of an environment there, and what our code imports
late would run what it wrote. An environment cannot be left out as the rest of the folder is, since everything comes from
it. So its files are taken as they were:

- a file is loaded when it was last changed before this package was imported. What decides is the time of the last change
  of its inode (``st_ctime``), which no program can set; it is asked of the very file that was read, source and compiled.
- that time also changes when an installer gives the file one more name, for another environment. So a file that changed
  is loaded all the same where it is what its distribution was installed with, by the hash in a ``RECORD`` that did not.
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
#: The folders that packages lie in, of environments in a folder of turns.
_environments: set[str] = set()
#: By environment, what its distributions were installed with: path in it, hash as a ``RECORD`` spells it.
_installed: dict[str, dict[str, str]] = {}
#: Names of the modules and packages that are looked after.
_modules: set[str] = set()
#: Files that were seen to be what was installed: device, inode, time of the last change.
_seen: set[tuple[int, int, int]] = set()


class ChangedFileError(UserError, ImportError):
    """A module of ours changed after the kernel began, where commands may write."""

    def __init__(self, module: str, path: str) -> None:
        super().__init__(
            f"{path} changed after this kernel began, in a folder where commands may write: {module} is not loaded from it.",
            "Restart the kernel if you installed it yourself; if not, look at the file first.",
        )
        self.name = module
        self.path = path


def remembers() -> bool:
    """Whether any environment was taken as it is."""
    return bool(_environments)


def remember(environments: list[str], modules: tuple[str, ...]) -> None:
    """Take the packages in these folders as they are now, all that is below them. What was remembered before stays.

    Args:
        environments: folders that packages lie in; folders in them that are none of ``modules`` are not looked into.
        modules: names of the modules and packages that are looked after; links are not followed below them.
    """
    _modules.update(modules)
    waiting = []
    for folder in environments:
        if folder not in _environments:
            _environments.add(folder)
            waiting += [f for f in _below(folder) if os.path.basename(f) in _modules]
    while waiting:
        waiting += _below(waiting.pop())


def _below(folder: str) -> list[str]:
    """Remember a folder and the folders directly in it; returns these."""
    number = _number(folder)
    if number is None:
        return []
    _as_they_were.setdefault(folder, number)
    below = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    _as_they_were.setdefault(entry.path, (number[0], entry.inode()))
                    below.append(entry.path)
    except OSError:
        return []  # not ours to read: then nothing is loaded from it either
    return below


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
    elif type(spec.loader) is not ExtensionFileLoader or is_changed(origin, began):
        raise ChangedFileError(spec.name, origin)
    return spec


def is_changed(path: str | os.PathLike[str], began: int) -> bool:
    """Whether a file, or the link that leads to it, changed after that time and is not what was installed.

    Args:
        path: of the file, absolute.
        began: nanoseconds since the epoch.

    Raises:
        OSError: it cannot be asked.
    """
    path = os.fspath(path)
    status = os.stat(path)
    if not _late(status, path, began):
        return False
    known = (status.st_dev, status.st_ino, status.st_ctime_ns)
    if known not in _seen:
        with open(path, "rb") as file:
            if os.path.islink(path) or not _as_installed(path, file.read(), began):
                return True
        _seen.add(known)
    return False


def _number(folder: str) -> tuple[int, int] | None:
    try:
        status = os.stat(folder)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _late(status: os.stat_result, path: str, began: int) -> bool:
    return max(status.st_ctime_ns, os.lstat(path).st_ctime_ns) > began


def _as_installed(path: str, data: bytes, began: int) -> bool:
    """Whether these are the bytes that the file was installed with, by a ``RECORD`` that did not change."""
    # One may lie in another: a project on the path, and its .venv.
    for environment in _environments:
        if path.startswith(environment + os.sep):
            if environment not in _installed:
                _installed[environment] = _records(environment, began)
            wanted = _installed[environment].get(path[len(environment) + 1 :].replace(os.sep, "/"))
            if wanted is not None:
                return wanted == _hash(data)
    return False


def _records(environment: str, began: int) -> dict[str, str]:
    """What the distributions of an environment were installed with, of the packages in use."""
    hashes: dict[str, str] = {}
    for name in os.listdir(environment):
        folder = os.path.join(environment, name)
        record = os.path.join(folder, "RECORD")
        if not name.endswith(".dist-info") or _number(folder) != _as_they_were.get(folder):
            continue
        try:
            with open(record, encoding="utf-8", errors="replace") as file:
                lines = file.read().splitlines()
                if _late(os.fstat(file.fileno()), record, began):
                    continue
        except OSError:
            continue
        for line in lines:
            path, _, rest = line.partition(",sha256=")
            top = path.partition("/")[0].partition(".")[0]
            if top in _modules:
                hashes[path] = rest.partition(",")[0]
    return hashes


def _hash(data: bytes) -> str:
    """As a ``RECORD`` spells it: base64 for addresses, without the padding."""
    import base64
    import hashlib

    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


class _SealedSource(SourceFileLoader):
    """Reads source and compiled code as they were; compiled code that changed is as good as none."""

    began = 0

    def get_data(self, path: str) -> bytes:
        """The bytes of a file that did not change, asked of the descriptor that they are read from."""
        with open(path, "rb") as file:
            data = file.read()
            late = _late(os.fstat(file.fileno()), path, self.began)
        if not late:
            return data
        if path != self.path:
            raise FileNotFoundError(path)  # the source is compiled instead
        if os.path.islink(path) or not _as_installed(path, data, self.began):
            raise ChangedFileError(self.name, path)
        return data
