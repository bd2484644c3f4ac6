"""Text within a bound: one line cut at its end, or many with their middle left out."""

from __future__ import annotations


def cut(text: str, room: int) -> str:
    """The text in one line, with an ellipsis where it is too long."""
    if "\n" in text or "\r" in text:
        text = " ".join(text.split())
    return text if len(text) <= room else text[: max(1, room - 1)] + "…"


def bounded(text: str, room: int) -> str:
    """The text, with its middle left out where it is too long.

    Example:
        >>> bounded("abcdefghij" * 10, 40)
        'abcdefghijabcdefghij… 60 left out …abcdefghijabcdefghij'
    """
    if len(text) <= room:
        return text
    head, tail = text[: (room + 1) // 2], text[len(text) - room // 2 :]
    return f"{head}… {len(text) - room:,} left out …{tail}"
