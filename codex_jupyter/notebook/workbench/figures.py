"""A private folder for the images that the model opens with ``view_image``: written there, bounded, gone at exit.

Images go by file and not as base64 text, which floods the context of code-mode models (measured with runtime 0.163).
"""

from __future__ import annotations

import atexit
import binascii
import itertools
import os
import shutil
import tempfile
from base64 import b64decode
from pathlib import Path
from typing import Any

from codex_jupyter.core.items.user_message import FIGURES as PREFIX
from codex_jupyter.notebook.workbench.drawing import smaller

#: Images kept at a time, and bytes of one image.
KEPT, BYTES = 40, 4_000_000


class Figures:
    """The images of one session. Oldest ones go when there are too many.

    Example:
        >>> figures = Figures()
        >>> figures.add(b"not an image") is None
        True
    """

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._owner = os.getpid()
        self._numbers = itertools.count(1)
        self._paths: list[Path] = []
        self._known: dict[int, Path] = {}

    def add(self, data: bytes, stem: str = "figure") -> Path | None:
        """Write an image and return its path; None for what is no PNG or JPEG, or too big to be made smaller.

        Args:
            data: the file's bytes.
            stem: the beginning of the file's name.
        """
        suffix = (
            ".png"
            if data.startswith(b"\x89PNG\r\n")
            else ".jpg"
            if data.startswith(b"\xff\xd8\xff")
            else ""
        )
        if not suffix:
            return None
        if len(data) > BYTES:
            data, suffix = smaller(data), ".png"
            if not data or len(data) > BYTES:
                return None
        same = self._known.get(hash(data))
        if same is not None and same.exists():
            return same
        clean = "".join(c if c.isalnum() or c in "-_" else "-" for c in stem)[:40] or "figure"
        path = self.folder / f"{clean}-{next(self._numbers)}{suffix}"
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        self._paths.append(path)
        self._known[hash(data)] = path
        for old in self._paths[:-KEPT]:
            old.unlink(missing_ok=True)
        del self._paths[:-KEPT]
        return path

    def add_bundle(self, data: dict[str, Any], stem: str = "figure") -> Path | None:
        """The image in a mime bundle, written; None when it holds none."""
        for mime in ("image/png", "image/jpeg"):
            image = data.get(mime)
            if type(image) is bytes:
                return self.add(image, stem)
            if type(image) is str:
                try:
                    return self.add(b64decode(image), stem)
                except (binascii.Error, ValueError):
                    return None
        return None

    @property
    def folder(self) -> Path:
        """The folder, made when first needed: readable by its owner only."""
        if self._folder is None or not self._folder.exists():
            remove_stale()
            self._folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))  # mode 0700
            atexit.register(self.remove)
        return self._folder

    def remove(self) -> None:
        """Remove everything; a forked child leaves its parent's images alone."""
        if self._folder is not None and os.getpid() == self._owner:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None
            self._paths.clear()
            self._known.clear()


def remove_stale() -> None:
    """Remove what killed kernels of this user could not remove themselves."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*-*"):
        pid = folder.name.removeprefix(PREFIX).partition("-")[0]
        try:
            if pid.isdigit() and folder.stat().st_uid == os.getuid() and not _alive(int(pid)):
                shutil.rmtree(folder, ignore_errors=True)
        except (
            OSError,
            AttributeError,
        ):  # gone meanwhile, or Windows, which has no users by number
            continue


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
