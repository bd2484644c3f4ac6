"""Which ``data:`` URLs are pictures that may stand in a page: small enough raster images whose bytes say what they are."""

from __future__ import annotations

import base64
import binascii
import re

#: Characters of a ``data:`` URL that may be saved in a notebook.
LIMIT = 8 * 1024 * 1024

_URL = re.compile(r"data:image/(png|jpe?g|gif|webp);base64,([A-Za-z0-9+/\s]+={0,2})\s*")
_SIGNATURES = {
    "png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "jpeg": re.compile(rb"\xff\xd8\xff"),
    "gif": re.compile(rb"GIF8[79]a"),
    "webp": re.compile(rb"RIFF....WEBP", re.DOTALL),
}


def admitted(url: str) -> str:
    """The URL to put into ``src``, its type as its bytes have it; ``""`` when it is not a picture or too large.

    Example:
        >>> admitted("data:image/svg+xml;base64,PHN2Zz4=")
        ''
    """
    if len(url) > LIMIT:
        return ""
    match = _URL.fullmatch(url)
    if match is None:
        return ""
    data = "".join(match[2].split())
    if len(data) % 4:
        return ""
    try:
        start = base64.b64decode(data[:64], validate=True)
    except binascii.Error:
        return ""
    kind = next((name for name, sign in _SIGNATURES.items() if sign.match(start)), "")
    return f"data:image/{kind};base64,{data}" if kind else ""
