"""A text without a terminal's escape sequences, and the way back: secrets are found in the one and hidden in the other."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator

#: What stands in the place of a secret.
HIDDEN = "[hidden]"

#: From where to where in a text.
Span = tuple[int, int]

#: What a terminal obeys and does not show.
_ESCAPES = re.compile(
    r"\x1b\[[0-?]{0,60}[ -/]{0,10}[@-~]|\x1b\][^\x07\x1b]{0,2000}+(?:\x07|\x1b\\)|\x1b[ -/]{0,4}[0-Z\\-~]|\x9b[0-?]{0,60}[ -/]{0,10}[@-~]"
)
_OPEN_ESCAPE = re.compile(
    r"(?:\x1b(?:\[[0-?]{0,60}[ -/]{0,10}|\][^\x07\x1b]{0,2000}\x1b?|[ -/]{0,4})?|\x9b[0-?]{0,60}[ -/]{0,10})\Z"
)


def merged(spans: Iterable[Span]) -> Iterator[Span]:
    """Spans in order; those that overlap are one."""
    start = end = 0
    for a, b in sorted(spans):
        if a >= end:
            if end > start:
                yield start, end
            start, end = a, b
        else:
            end = max(end, b)
    if end > start:
        yield start, end


def open_escape(text: str) -> int:
    """Where an escape sequence begins that has not ended yet; the length when none has."""
    for mark in ("\x1b]", "\x1b", "\x9b"):
        at = text.rfind(mark)
        if at >= 0 and _OPEN_ESCAPE.match(text, at):
            return at
    return len(text)


class Offsets:
    """Where the characters of a text without some of its parts are in the text."""

    def __init__(self, text: str, without: re.Pattern[str]) -> None:
        self._short: list[int] = [0]
        self._long: list[int] = [0]
        gone = 0
        for match in without.finditer(text):
            gone += match.end() - match.start()
            self._short.append(match.end() - gone)
            self._long.append(match.end())

    def of(self, at: int) -> int:
        """Where the character is that has this place in the shorter text."""
        step = bisect_right(self._short, at) - 1
        return self._long[step] + at - self._short[step]


class Plain:
    """A text without a terminal's escape sequences, and the way back.

    Attributes:
        source: the text as it came.
        text: without the sequences.
    """

    __slots__ = ("_offsets", "source", "text")

    def __init__(self, source: str) -> None:
        self.source = self.text = source
        self._offsets: Offsets | None = None
        if "\x1b" in source or "\x9b" in source:
            self.text = _ESCAPES.sub("", source)
            if len(self.text) != len(source):
                self._offsets = Offsets(source, _ESCAPES)

    def raw(self, at: int) -> int:
        """Where a character of ``text`` is in ``source``."""
        return at if self._offsets is None else self._offsets.of(at)

    def without(self, spans: list[Span], stop: int) -> str:
        """``source`` up to ``stop`` with each span (of ``text``) hidden; escape sequences stay."""
        parts: list[str] = []
        at = 0
        for a, b in merged(spans):
            first, last = self.raw(a), self.raw(b - 1) + 1
            parts += (self.source[at:first], HIDDEN)
            if self._offsets is not None:
                parts += _ESCAPES.findall(self.source, first, last)
            at = last
        parts.append(self.source[at:stop])
        return "".join(parts)

    def clean_escapes(self, hides: Callable[[str], bool]) -> str:
        """``source``; a sequence that carries text (a link, a title) with a secret in it goes."""
        if "\x1b]" not in self.source:
            return self.source
        return _ESCAPES.sub(
            lambda match: "" if "]" in match[0][:2] and hides(match[0][2:]) else match[0],
            self.source,
        )
