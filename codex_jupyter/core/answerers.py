"""Who answered a request: a person and where, a program, a rule of the session, the policy, or the automatic reviewer.

A value, so that nothing has to be read back out of words; the words are made here, last.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

#: Where a person answered: in the panel of the page that showed it first, in another view of it, in a prompt of the cell,
#: in a terminal, with ``/pending``, or by interrupting the kernel while it was asked.
Place = Literal["", "panel", "another tab", "prompt", "terminal", "/pending", "interrupt"]

#: ``person``: by hand. ``program``: code, such as ``turn.answer(...)``. ``rule``: what a person allowed for the session
#: before. ``policy``: what the turn's options say, or that nobody is there. ``reviewer``: the automatic one.
AnswererKind = Literal["person", "program", "rule", "policy", "reviewer"]


@dataclass(frozen=True, slots=True)
class Answerer:
    """Who answered.

    Args:
        kind: see ``AnswererKind``.
        place: of a person, where.
        words: of a rule, what it covers; of a policy, what it says.
        option: of a policy, the option that says so (``-a never``), or ``""``.

    Example:
        >>> str(Answerer("person", place="another tab")), str(Answerer("program"))
        ('you, in another tab', 'a program')
    """

    kind: AnswererKind
    place: Place = ""
    words: str = ""
    option: str = ""

    def __str__(self) -> str:
        if self.kind == "person":
            where = _PLACES[self.place]
            return f"you, {where}" if where else "you"
        said = ", ".join(part for part in (self.words, self.option) if part)
        return f"{_KINDS[self.kind]} ({said})" if said else _KINDS[self.kind]

    @property
    def stopper(self) -> str:
        """Who stopped the turn, where the answer was to stop."""
        return "you" if self.kind == "person" else str(self)

    @property
    def apart(self) -> str:
        """The place of a person where the reader would not expect it, as a phrase; else ``""``."""
        expected = ("", "panel", "prompt", "terminal")
        return "" if self.kind != "person" or self.place in expected else _PLACES[self.place]


PROGRAM = Answerer("program")


def person(place: Place = "") -> Answerer:
    """A person, by hand."""
    return Answerer("person", place=place)


def policy(words: str, option: str = "") -> Answerer:
    """What the turn's options say, or that nobody is there."""
    return Answerer("policy", words=words, option=option)


def rule(words: str) -> Answerer:
    """What a person allowed for the session before."""
    return Answerer("rule", words=words)


_PLACES: dict[Place, str] = {
    "": "",
    "panel": "in this tab",
    "another tab": "in another tab",
    "prompt": "at a prompt of the cell",
    "terminal": "at the terminal",
    "/pending": "with /pending",
    "interrupt": "by an interrupt",
}
_KINDS: dict[AnswererKind, str] = {
    "person": "you",
    "program": "a program",
    "rule": "your rule for this session",
    "policy": "policy",
    "reviewer": "the automatic reviewer",
}
