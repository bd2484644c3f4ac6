"""The picture that the offline model draws: a band of colours, as a PNG file."""

from __future__ import annotations

import struct
import zlib


def band(width: int = 240, height: int = 80) -> bytes:
    """A PNG of this size, in pixels.

    Example:
        >>> band()[1:4]
        b'PNG'
    """
    row = b"\0" + b"".join(
        bytes((40 + 200 * x // width, 110, 210 - 160 * x // width)) for x in range(width)
    )
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = (b"IHDR", head), (b"IDAT", zlib.compress(row * height, 9)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))
