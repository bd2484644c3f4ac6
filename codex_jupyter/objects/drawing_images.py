"""Whether an image of PIL can be drawn with nobody's code but PIL's: it has its pixels, or gets them from a plain file."""

from __future__ import annotations

import io
import os
import stat
from typing import Any

from codex_jupyter.objects import statics
from codex_jupyter.objects.figures import image_parts

#: Bytes of an image's file, and its pixels.
FILE, PIXELS = 64_000_000, 50_000_000

_VALUES = (type(None), bool, int, float, complex, str, bytes, bytearray)


def image_is_plain(image: Any) -> bool:
    """Whether an image has its pixels, or gets them from a plain file that PIL itself opened."""
    parts = image_parts(image)
    if parts is None or parts.size[0] * parts.size[1] > PIXELS:
        return False
    held = statics.instance_dict(image) or {}
    tiles, file = held.get("tile"), held.get("fp")
    waits = type(tiles) is list and bool(tiles)
    for name, value in held.items():
        if name in ("fp", "_fp"):
            if value is not None and waits and not _plain_file(value):
                return False
        elif not _plain_entry(value, name):
            return False
    return not waits or _plain_file(file)


def _plain_entry(value: Any, name: str, depth: int = 5) -> bool:
    cls = type(value)
    if statics.one_of(cls, *_VALUES) or statics.genuine(cls, "PIL"):
        return not statics.derives(cls, type)
    if depth == 0:
        return False
    if statics.one_of(cls, list, tuple):
        return cls.__len__(value) <= 1_000 and all(
            _plain_entry(v, "", depth - 1) for v in list(cls.__iter__(value))
        )
    if cls is dict:
        return len(value) <= 1_000 and all(
            _plain_entry(k, "", depth - 1) and _plain_entry(v, "", depth - 1)
            for k, v in statics.snapshot(value)
        )
    return statics.is_class(cls, "PIL._imaging", "ImagingCore") or (
        name in ("im", "_im") and statics.class_name(cls) == "ImagingCore" and statics.static(cls)
    )


def _plain_file(file: Any) -> bool:
    """Whether it is a file on disk, opened by Python's own ``open``, and not too large."""
    if type(file) is io.BytesIO:
        return True
    if type(file) is not io.BufferedReader or type(file.raw) is not io.FileIO:
        return False
    try:
        found = os.fstat(file.raw.fileno())
    except (OSError, ValueError):
        return False
    return stat.S_ISREG(found.st_mode) and found.st_size <= FILE
