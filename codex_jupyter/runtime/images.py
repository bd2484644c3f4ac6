"""Which pictures can go along with a prompt: looked at before anything is sent.

The runtime puts a note in the place of a picture that it cannot read, which the model sees and the user does not.
"""

from __future__ import annotations

import re
from pathlib import Path

from codex_jupyter.errors import OptionError

#: How the files begin that models take.
_BEGINS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a")
_DATA_URL = re.compile(r"data:image/(?:png|jpe?g|gif|webp)[;,]", re.I)
#: What others are called that people attach.
_OTHERS = (
    (b"<svg", "SVG"), (b"<?xml", "SVG or another XML"), (b"%PDF", "PDF"), (b"BM", "BMP"), (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"), (b"\0\0\1\0", "an icon"),
)  # fmt: skip
WORKS = "PNG, JPEG, GIF and WebP work. A figure can be attached as it is: --with fig."


def image_part(name: str) -> dict[str, str]:
    """The part of a prompt that a picture is.

    Args:
        name: a path, or a ``data:`` or ``https:`` URL.

    Raises:
        OptionError: it is not there, cannot be read, or is of a kind that no model takes. Nothing was sent.

    Example:
        >>> image_part("https://example.org/a.png")
        {'type': 'image', 'url': 'https://example.org/a.png'}
    """
    if name.startswith(("https://", "http://")):
        return {"type": "image", "url": name}
    if name.startswith("data:"):
        if not _DATA_URL.match(name):
            raise _refused(f"{name[:30]}... is no picture that models take.")
        return {"type": "image", "url": name}
    path = Path(name).expanduser().absolute()
    try:
        if not path.is_file():
            raise _refused(f"There is no picture at {path}.", "Check the path.")
        with path.open("rb") as file:
            begins = file.read(512)
    except OSError as error:
        raise _refused(f"{path} cannot be read: {error.strerror}.", "Check the file.") from None
    if not begins.startswith(_BEGINS) and not (begins[:4] == b"RIFF" and begins[8:12] == b"WEBP"):
        raise _refused(f"{path.name} is no picture that models take{_called(begins)}.")
    return {"type": "localImage", "path": str(path)}


def _called(begins: bytes) -> str:
    if not begins:
        return ": it is empty"
    start = begins.lstrip(b"\xef\xbb\xbf \t\r\n")
    found = next((kind for sign, kind in _OTHERS if start.startswith(sign)), "")
    if begins[4:8] == b"ftyp":
        found = "HEIC or AVIF"
    return f": it is {found}" if found else ""


def _refused(message: str, hint: str = WORKS) -> OptionError:
    return OptionError(f"{message} Nothing was sent.", hint)
