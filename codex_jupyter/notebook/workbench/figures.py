"""The images that the model opens with ``view_image``, as private files (``places``): bounded, gone with their session.

Images go by file and not as base64 text, which floods the context of code-mode models (measured with runtime 0.163).
"""

from __future__ import annotations

import binascii
import itertools
import os
from base64 import b64decode
from pathlib import Path
from typing import Any

from codex_jupyter import journal, places
from codex_jupyter.core.items.user_message import FIGURES as KIND
from codex_jupyter.notebook.workbench.drawing import smaller
from codex_jupyter.places import PrivateFolder

log = journal.logger("notebook")

#: Images kept at a time, and bytes of one image.
KEPT, BYTES = 40, 4_000_000


class Figures:
    """The images of one session. Oldest ones go when there are too many.

    Attributes:
        fault: why the last image could not be written, or ``""``.

    Example:
        >>> figures = Figures()
        >>> figures.add(b"not an image") is None
        True
    """

    def __init__(self) -> None:
        self.fault = ""
        self._folder: PrivateFolder | None = None
        self._owner = os.getpid()
        self._numbers = itertools.count(1)
        self._kept: list[tuple[PrivateFolder, str]] = []
        self._known: dict[int, tuple[PrivateFolder, str]] = {}

    def add(self, data: bytes, stem: str = "figure") -> Path | None:
        """Write an image and return its path; None for what is no PNG or JPEG, too big to be made smaller, or cannot be written.

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
        self.fault = ""
        try:
            return self._write(data, stem, suffix)
        except OSError as error:
            log.warning("an image could not be written", exc_info=error)
            self.fault = error.strerror or str(error)
            return None

    def _write(self, data: bytes, stem: str, suffix: str) -> Path:
        same = self._known.get(hash(data))
        if same is not None and same[0].usable and _is_there(*same):
            return same[0].path / same[1]
        clean = "".join(c if c.isalnum() or c in "-_" else "-" for c in stem)[:40] or "figure"
        name = f"{clean}-{next(self._numbers)}{suffix}"
        folder = self.folder
        with folder.create(name) as file:
            file.write(data)
        self._kept.append((folder, name))
        self._known[hash(data)] = (folder, name)
        for old, called in self._kept[:-KEPT]:
            old.remove(called)
        del self._kept[:-KEPT]
        return folder.path / name

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
    def folder(self) -> PrivateFolder:
        """Where new images go, made when first needed; another one once a turn may write to it."""
        if self._folder is None or not self._folder.usable:
            self._folder = places.fresh(KIND)
        return self._folder

    def remove(self) -> None:
        """Remove everything; a forked child leaves its parent's images alone."""
        if os.getpid() == self._owner:
            for folder in {self._folder, *(folder for folder, _ in self._kept)} - {None}:
                folder.close()
            self._folder = None
            self._kept.clear()
            self._known.clear()


def _is_there(folder: PrivateFolder, name: str) -> bool:
    try:
        folder.open(name).close()
    except OSError:
        return False
    return True
