"""A text as it is read, and the way back: secrets are found in the one and hidden in the other.

Who reads a text sees neither the escape sequences of a terminal nor characters without a width, and JSON's ``\\u0041`` as
an A.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator

#: What stands in the place of a secret.
HIDDEN = "[hidden]"

#: From where to where in a text.
Span = tuple[int, int]

#: What a terminal obeys and does not show; strings that it keeps to itself.
_SEQUENCE = (
    r"\x1b\[[0-?]{0,60}[ -/]{0,10}[@-~]|\x1b\][^\x07\x1b]{0,2000}+(?:\x07|\x1b\\)"
    r"|\x1b[PX^_][^\x07\x1b]{0,2000}+(?:\x07|\x1b\\)|\x1b[ -/]{0,4}[0-OQ-WYZ\\`-~]"
    r"|\x9b[0-?]{0,60}[ -/]{0,10}[@-~]|[\x90\x98\x9d-\x9f][^\x07\x1b\x90\x98\x9c-\x9f]{0,2000}+(?:\x07|\x1b\\|\x9c)"
)
_ESCAPES = re.compile(_SEQUENCE)
#: Characters that take no place: controls but for line ends, tabs and backspaces, joiners, marks of direction.
_NOTHING = "\x00-\x07\x0e-\x1a\x1c-\x1f\x7f\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
#: What JSON and ``repr`` write for a printable character and for the end of a line, be it in JSON in JSON; quotes and
#: backslashes stay, as they have a meaning there.
_CODE = r"\\{1,4}(?P<code>[nrt]|u00(?:2[1346-9a-fA-F]|3[0-9a-fA-F]|4[0-9a-fA-F]|5[0-9abd-fABD-F]|6[1-9a-fA-F]|7[0-9a-eA-E])|u(?!00)(?![dD][89a-fA-F])[0-9a-fA-F]{4})"
#: The same as ``repr`` and JSON spell them: colours, characters without a width.
_SPELLED = r"\\{1,4}(?:(?:x1b|u001b|033|e)(?:\[[0-?]{0,20}[@-~]|[\]PX^_][^\\\n]{0,200}\\{1,4}(?:x07|u0007|(?:x1b|u001b|033)\\{1,8}))|x0[0-8]|u000[0-8]|xad|u00ad|u200[b-f]|u202[a-e]|u206[0-9]|ufeff)"
_NOT_READ = re.compile(rf"{_SEQUENCE}|[{_NOTHING}]+|{_SPELLED}|{_CODE}")
_MAY_HAVE = re.compile(rf"[\x1b\x90\x98\x9b\x9d-\x9f{_NOTHING}]|\\[nrtux0e]")
_OPEN_ESCAPE = re.compile(
    r"(?:\x1b(?:\[[0-?]{0,60}[ -/]{0,10}|[\]PX^_][^\x07\x1b]{0,2000}\x1b?|[ -/]{0,4})?|\x9b[0-?]{0,60}[ -/]{0,10}"
    r"|[\x90\x98\x9d-\x9f][^\x07\x1b\x90\x98\x9c-\x9f]{0,2000}\x1b?)\Z"
)
_LINE_ENDS = {"n": "\n", "r": "\r", "t": "\t"}
_OPEN_CODE = re.compile(
    r"(?<![\x1b\\])\\{1,4}(?:u[0-9a-fA-F]{0,3}|x[0-9a-f]?|0[0-9]?|(?:x1b|u001b|033|e)(?:\[[0-?]{0,20})?)?\Z"
)
_OPEN_MARKS = (
    "\x1b]",
    "\x1bP",
    "\x1bX",
    "\x1b^",
    "\x1b_",
    "\x1b",
    "\x9b",
    "\x90",
    "\x98",
    "\x9d",
    "\x9e",
    "\x9f",
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
    least = len(text)
    for mark in _OPEN_MARKS:
        at = text.rfind(mark)
        if at >= 0 and _OPEN_ESCAPE.match(text, at):
            least = min(least, at)
    code = _OPEN_CODE.search(text, max(0, len(text) - 40))
    return min(least, code.start()) if code is not None else least


class Offsets:
    """Where the characters of a text in which some parts are left out, or are one character, are in the text."""

    def __init__(self, text: str, without: re.Pattern[str]) -> None:
        self._short: list[int] = [0]
        self._long: list[int] = [0]
        gone = 0
        kept = "code" in without.groupindex
        for match in without.finditer(text):
            length = match.end() - match.start()
            if kept and match["code"] is not None:
                length -= 1
                self._short.append(match.start() - gone)
                self._long.append(match.start())
            gone += length
            self._short.append(match.end() - gone)
            self._long.append(match.end())

    def of(self, at: int) -> int:
        """Where the character is that has this place in the shorter text."""
        step = bisect_right(self._short, at) - 1
        return self._long[step] + at - self._short[step]


class Plain:
    """A text as it is read, and the way back.

    Attributes:
        source: the text as it came.
        text: as it is read.

    Example:
        >>> Plain("to\\x1b[31mken\\u200b \\\\u0041").text
        'token A'
    """

    __slots__ = ("_offsets", "source", "text")

    def __init__(self, source: str) -> None:
        self.source = self.text = source
        self._offsets: Offsets | None = None
        if _MAY_HAVE.search(source):
            self.text = _NOT_READ.sub(_read, source)
            if len(self.text) != len(source):
                self._offsets = Offsets(source, _NOT_READ)

    def raw(self, at: int) -> int:
        """Where a character of ``text`` is in ``source``."""
        return at if self._offsets is None else self._offsets.of(at)

    def _behind(self, at: int) -> int:
        """Where in ``source`` the character before ``at`` ends; what JSON writes for one is several."""
        last = self.raw(at - 1)
        code = _NOT_READ.match(self.source, last) if self._offsets is not None else None
        return code.end() if code is not None and code["code"] else last + 1

    def without(self, spans: list[Span], stop: int) -> str:
        """``source`` up to ``stop`` with each span (of ``text``) hidden; escape sequences stay."""
        parts: list[str] = []
        at = 0
        for a, b in merged(spans):
            first, last = self.raw(a), self._behind(b)
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


def _read(match: re.Match[str]) -> str:
    code = match["code"]
    if not code:
        return ""
    return _LINE_ENDS.get(code) or chr(int(code[1:], 16))
