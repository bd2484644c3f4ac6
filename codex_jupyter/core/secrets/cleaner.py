"""``Cleaner``: takes secrets out of text, whole or growing. The one place where it is done.

What is hidden: values that are known (of environment variables, keys one signed in with), wherever they stand; what has the
shape of a key (``shapes.py``); what stands behind a telling name (``assigned.py``) or in a telling place (``places.py``). Escape sequences of a terminal and line
ends inside a known value do not help it; nor does JSON's way of writing it. A text that grows is held back from where a
secret may have begun, until it is known whether it has; in the end the pieces together say what the whole text cleaned says.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from itertools import islice

from codex_jupyter.core.secrets import assigned, places, shapes
from codex_jupyter.core.secrets.plain import HIDDEN, Offsets, Plain, Span, open_escape

#: Shorter values occur by chance everywhere: they are hidden as whole words, or not at all.
SHORTEST = 8
SHORTEST_WORD = 4
#: Shorter values are not looked for across a line's end.
_FOLDED = 12
#: Characters of a value that were cut off by somebody else and are hidden as the value is; half of it do, too.
_TELLING_PART = 12
#: So many of them are hidden where a text broke off while it was held back.
_SHORTEST_PART = 4
#: The characters that keys consist of, and what a growing text holds back of them at most.
_KEY_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.~+/=%:@#-"
_MOST_HELD = 1_200
_MOST_HELD_OPEN = 24_000
#: What is kept of the text before a held one: names and line starts are recognised by what is before them.
_BEFORE = places.KEPT

#: A line's end with the indentation of the next line.
_FOLDS = re.compile(r"\r{0,2}\n[ \t]{0,40}+|\r")
#: Where somebody else left something out.
CUTS = re.compile(
    r"(?:\n?\.\.\. ?[\d,]+ (?:bytes|characters|chars|tokens|lines) (?:omitted|truncated) ?\.\.\.\n?|…[\d,]+ \w{1,12} truncated…|…)"
)

#: So many of them are looked at in one text.
MOST_CUTS = 200


class Cleaner:
    """What is known to be secret, and what looks like it.

    Args:
        values: secrets that are known. Short ones are hidden as whole words, shorter ones not at all.

    Example:
        >>> Cleaner(["correct-horse-1"]).text("it is correct-horse-1, password=hunter2")
        'it is [hidden], password=[hidden]'
    """

    def __init__(self, values: Iterable[str] = ()) -> None:
        self._values: tuple[str, ...] = ()
        self._folded: tuple[str, ...] = ()
        self._short: re.Pattern[str] | None = None
        self._longest = 0
        forms = {form for value in values for form in _forms(value)}
        wanted = forms | {Plain(form).text for form in forms}
        long = sorted((v for v in wanted if len(v) >= SHORTEST), key=lambda v: (-len(v), v))
        short = sorted((v for v in wanted if SHORTEST_WORD <= len(v) < SHORTEST), key=len)
        self._values = tuple(long)
        self._folded = tuple(v for v in long if len(v) >= _FOLDED)
        #: Those of which a beginning is more than the last word of a text.
        self._odd = tuple(v for v in long if v.strip(_KEY_CHARACTERS) or len(v) > _MOST_HELD)
        self._longest = max(map(len, long), default=0)
        if short:
            words = "|".join(re.escape(v) for v in reversed(short))
            self._short = re.compile(rf"(?<![A-Za-z0-9])(?:{words})(?![A-Za-z0-9])")

    def __repr__(self) -> str:  # its values are secrets
        return f"<Cleaner of {len(self._values)} values>"

    def text(self, text: str, *, acts: bool = False) -> str:
        """The text without secrets; itself when there are none.

        Args:
            text: any text, whole.
            acts: it is a command or code that somebody may be asked to allow: nothing that would run is hidden.
        """
        if len(text) < SHORTEST_WORD:
            return text
        plain = Plain(text)
        spans = self._spans(plain.text, 0, acts)
        spans += self._parts(plain.text)
        return plain.without(spans, len(text)) if spans else plain.clean_escapes(self.hides)

    def known(self, text: str) -> str:
        """The text without known values; shapes and names are not looked for."""
        for value in self._values:
            if value in text:
                text = text.replace(value, HIDDEN)
        return text

    def hides(self, text: str) -> bool:
        """Whether anything of the text would be hidden."""
        return self.text(text) is not text

    def secrets_in(self, text: str) -> tuple[str, ...]:
        """What would be hidden of a text."""
        return tuple(text[a:b] for a, b in self._spans(text, 0, False))

    # Finding -----------------------------------------------------------------------------------------------------------

    def _spans(
        self, text: str, start: int, acts: bool, wholes: list[Span] | None = None
    ) -> list[Span]:
        """Where secrets are; ``wholes`` gets where they are with what they are recognised by."""
        spans: list[Span] = []
        for found in (
            shapes.spans(text, start),
            assigned.spans(text, start, acts=acts),
            places.spans(text, start, acts=acts),
        ):
            for mark, at, end in found:
                spans.append((at, end))
                if wholes is not None:
                    wholes.append((mark, end))
        for value in self._values:
            at = text.find(value)
            while at >= 0:
                spans.append((at, at + len(value)))
                at = text.find(value, at + len(value))
        if self._short is not None:
            spans += (match.span() for match in self._short.finditer(text, start))
        if self._folded and ("\n" in text or "\r" in text):
            spans += self._folded_spans(text)
        return spans

    def _folded_spans(self, text: str) -> Iterator[Span]:
        folded = _FOLDS.sub("", text)
        if len(folded) == len(text):
            return
        where: Offsets | None = None
        for value in self._folded:
            at = folded.find(value)
            while at >= 0:
                where = where or Offsets(text, _FOLDS)
                yield where.of(at), where.of(at + len(value) - 1) + 1
                at = folded.find(value, at + len(value))

    def _parts(self, text: str) -> list[Span]:
        """Beginnings and ends of known values that somebody else's cut left."""
        spans: list[Span] = []
        if not self._values:
            return spans
        edges = [len(text)]
        if "…" in text or "..." in text:
            for match in islice(CUTS.finditer(text), MOST_CUTS):
                edges.append(match.start())
                spans += self._end_of_value(text, match.end())
        for edge in edges:
            spans += self._beginning_of_value(text, edge, _TELLING_PART)
        return spans

    def _beginning_of_value(self, text: str, edge: int, least: int) -> list[Span]:
        for value in self._values:
            enough = min(least, (len(value) + 1) // 2)
            window = text[max(0, edge - len(value) + 1) : edge]
            at = window.find(value[:enough])
            while at >= 0:
                if value.startswith(window[at:]):
                    return [(edge - len(window) + at, edge)]
                at = window.find(value[:enough], at + 1)
        return []

    def _end_of_value(self, text: str, edge: int) -> list[Span]:
        for value in self._values:
            enough = min(_TELLING_PART, (len(value) + 1) // 2)
            window = text[edge : edge + len(value) - 1]
            at = window.find(value[-enough:])
            if at >= 0 and value.endswith(window[: at + enough]):
                return [(edge, edge + at + enough)]
        return []

    # Growing -------------------------------------------------------------------------------------------------------------

    def _held_from(self, text: str, start: int, wholes: list[Span], acts: bool) -> int:
        """From where on a growing text may still turn out to hold a secret; its length: nowhere. ``wholes`` stay whole."""
        end = len(text)
        floor = max(start, end - _MOST_HELD)
        tail = text[floor:]
        held = floor + len(tail.rstrip(_KEY_CHARACTERS))
        if "://" in tail:  # a password may have any characters but blanks
            blank = max(map(tail.rfind, " \n\t\r")) + 1
            if "://" in tail[blank:]:
                held = min(held, floor + blank)
        held = min(held, shapes.open_from(text, start), assigned.open_from(text, start, acts=acts))
        held = min(held, places.open_from(text, start))
        held = min(held, self._partial(text, start))
        while crossing := [a for a, b in wholes if a < held < b]:
            held = min(crossing)
        return max(held, start)

    def _partial(self, text: str, start: int) -> int:
        """Where a known value may have begun that goes on with the text; across line ends, too."""
        end = len(text)
        if not self._values:
            return end
        tail = text[max(start, end - 2 * self._longest) :]
        folds = "\n" in tail or "\r" in tail
        folded = _FOLDS.sub("", tail) if folds else tail
        least = end
        for value in self._values if folds else self._odd:
            for one, offset in ((tail, False), (folded, True)) if folds else ((tail, False),):
                at = _open_at(one, value)
                if at >= 0:
                    place = Offsets(tail, _FOLDS).of(at) if offset else at
                    least = min(least, end - len(tail) + place)
        return least


class Growing:
    """One text that grows, cleaned: each piece is given out as soon as nothing of it can be part of a secret.

    Example:
        >>> growing = Growing()
        >>> cleaner = Cleaner(["abcdefgh"])
        >>> growing.add("key: abcd", cleaner), growing.add("efgh!", cleaner), growing.end(cleaner)
        ('key: ', '[hidden]!', '')
    """

    __slots__ = ("_acts", "_before", "_checked", "_held", "_swallows")

    def __init__(self, *, acts: bool = False) -> None:
        self._held = ""
        self._before = ""  # what was given out last, as it came
        self._checked = 0  # characters held when they were looked at last
        self._swallows = False  # in the middle of a secret that is too long to be held
        self._acts = acts

    def __bool__(self) -> bool:
        return bool(self._held)

    def add(self, more: str, cleaner: Cleaner) -> str:
        """What can be shown now that the text has grown by ``more``."""
        if self._swallows:
            more = more.lstrip(_KEY_CHARACTERS)
            self._swallows = not more
        held = self._held = self._held + more if self._held else more
        # What is long and still open is not looked at anew for each character.
        if not held or len(held) - self._checked < self._checked // 8 - 32:
            return ""
        ended = open_escape(held)
        plain = Plain(held[:ended])
        known = len(self._before)
        text = self._before + plain.text
        wholes: list[Span] = []
        spans = cleaner._spans(text, known, self._acts, wholes)
        cut = cleaner._held_from(text, known, spans + wholes, self._acts)
        if len(text) - cut > _MOST_HELD_OPEN:
            self._swallows = any(b == len(text) for _, b in spans)
            cut = len(text) if self._swallows else len(text) - _MOST_HELD
        shown = self._give(plain, text, spans, cut)
        self._held += held[ended:]
        return shown

    def end(self, cleaner: Cleaner, *, broken: bool = False) -> str:
        """The rest. With ``broken`` it ends before its end: what may be the beginning of a known value is hidden."""
        plain = Plain(self._held)
        text = self._before + plain.text
        spans = cleaner._spans(text, len(self._before), self._acts)
        least = _SHORTEST_PART if broken else _TELLING_PART
        spans += cleaner._beginning_of_value(text, len(text), least)
        self._swallows = False
        return self._give(plain, text, spans, len(text))

    def _give(self, plain: Plain, text: str, spans: list[Span], cut: int) -> str:
        """Hand out the text up to ``cut``, and keep the rest."""
        known = len(self._before)
        inside = [
            (max(a, known) - known, min(b, cut) - known) for a, b in spans if b > known and a < cut
        ]
        raw = len(plain.source) if cut == len(text) else plain.raw(cut - known)
        shown = plain.without(inside, raw) if inside else plain.source[:raw]
        self._before = text[max(0, cut - _BEFORE) : cut]
        self._held = plain.source[raw:]
        self._checked = len(self._held)
        return shown


def _open_at(text: str, value: str) -> int:
    """The first place from which on the text is the beginning of the value, and not all of it; -1: none."""
    begin = max(0, len(text) - len(value) + 1)
    at = text.find(value[0], begin)
    while at >= 0:
        if value.startswith(text[at:]):
            return at
        at = text.find(value[0], at + 1)
    return -1


def _forms(value: str) -> Iterator[str]:
    """A secret as it is written in plain text, in JSON, in JSON in JSON, in an address; and its long lines."""
    value = value.strip("\r\n")
    if not value:
        return
    yield value
    for ascii_only in (False, True):
        once = json.dumps(value, ensure_ascii=ascii_only)[1:-1]
        yield once
        for around in (False, True):  # who writes the outer JSON is somebody else
            yield json.dumps(once, ensure_ascii=around)[1:-1]
    yield "".join(
        c
        if (c.isalnum() and c.isascii()) or c in "-_.~"
        else "".join(f"%{b:02X}" for b in c.encode("utf-8", "replace"))
        for c in value
    )
    lines = value.splitlines()
    if len(lines) > 1:
        yield "".join(line.strip() for line in lines)
        yield from (
            line.strip()
            for line in lines
            if len(line.strip()) >= _FOLDED and not line.startswith("-----")
        )
