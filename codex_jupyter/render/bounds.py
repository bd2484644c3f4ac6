"""Cutting what is too long: the start and the end stay, the middle is counted. Nothing here knows a format."""

from __future__ import annotations

from dataclasses import dataclass

#: Html of one body, in characters; what lies between is counted.
BODY_HTML = 256 * 1024
#: Source text that is worth turning into html at all; escaping and markup make it longer.
BODY_TEXT = 128 * 1024
#: Rows of lists and tables of facts.
ROWS = 500
#: Characters of one line of a diff, of one value of a fact.
LINE = 2_000


@dataclass(frozen=True, slots=True)
class Cut:
    """A text in two parts; ``omitted`` characters lie between, 0 when nothing was cut (``tail`` is then empty)."""

    head: str
    omitted: int = 0
    tail: str = ""

    @property
    def said(self) -> str:
        """The line that stands for the middle."""
        return f"… {self.omitted:,} characters omitted …"


def cut(text: str, limit: int) -> Cut:
    """At most ``limit`` characters of ``text``, cut at line ends where they are near.

    Example:
        >>> cut("abcdefgh", 4)
        Cut(head='ab', omitted=4, tail='gh')
    """
    if len(text) <= limit:
        return Cut(text)
    half = limit // 2
    head = text[:half]
    newline = head.rfind("\n", half - half // 4)
    if newline >= 0:
        head = head[: newline + 1]
    tail = text[len(text) - half :]
    newline = tail.find("\n", 0, half // 4)
    if newline >= 0:
        tail = tail[newline + 1 :]
    return Cut(head, len(text) - len(head) - len(tail), tail)


def short_line(line: str) -> str:
    """A line with its middle left out where it is long."""
    parts = cut(line, LINE)
    return f"{parts.head} {parts.said} {parts.tail}" if parts.omitted else line
