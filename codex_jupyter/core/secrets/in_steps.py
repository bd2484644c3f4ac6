"""A long text, or a value with long texts in it, cleaned in steps, so that whoever cleans on a loop lets others in between.

What comes out is what cleaning at once gives; the steps are those of a text that grows (``cleaner.Growing``).
"""

from __future__ import annotations

from collections.abc import Generator
from itertools import islice
from typing import TypeVar, cast

from codex_jupyter.core.secrets.cleaner import CUTS, MOST_CUTS, Cleaner, Growing
from codex_jupyter.core.secrets.fields import cleaned

T = TypeVar("T")

#: Characters of one step: some ten milliseconds.
STEP = 64 * 1024
#: Characters around a place where somebody left something out that are looked at for what is left of a value.
_AROUND = 4_000


def text_in_steps(text: str, cleaner: Cleaner, *, acts: bool = False) -> Generator[None, None, str]:
    """``cleaner.text(text, acts=acts)``; yields after each step.

    Example:
        >>> steps = text_in_steps("a " * STEP + "password=hunter2", Cleaner())
        >>> try:
        ...     while True: next(steps)
        ... except StopIteration as end: end.value[-17:]
        'password=[hidden]'
    """
    if (
        len(text) <= STEP or "\x1b]" in text
    ):  # in what a terminal's titles carry, texts are looked for one by one
        return cleaner.text(text, acts=acts)
    growing = Growing(acts=acts)
    parts: list[str] = []
    for at in range(0, len(text), STEP):
        parts.append(growing.add(text[at : at + STEP], cleaner))
        yield
    parts.append(growing.end(cleaner))
    shown = "".join(parts)
    del parts
    shown = yield from _around_cuts(shown, cleaner, acts)
    return text if shown == text else shown


def _around_cuts(shown: str, cleaner: Cleaner, acts: bool) -> Generator[None, None, str]:
    """Where somebody left something out of the middle of a value, its ends are no secrets by themselves."""
    if "…" not in shown and "..." not in shown:
        return shown
    made: list[str] = []
    at = 0
    for cut in islice(CUTS.finditer(shown), MOST_CUTS):
        if cut.end() <= at:
            continue
        start, end = max(at, cut.start() - _AROUND), min(len(shown), cut.end() + _AROUND)
        made += (shown[at:start], cleaner.text(shown[start:end], acts=acts))
        at = end
        yield
    return "".join((*made, shown[at:])) if made else shown


def cleaned_in_steps(value: T, cleaner: Cleaner) -> Generator[None, None, T]:
    """``cleaned(value, cleaner)``; yields after each step of each long text in it."""
    looked = _Looked()
    cleaned(value, cast("Cleaner", looked))
    if not looked.long:
        return cleaned(value, cleaner)
    known: dict[tuple[str, bool], str] = {}
    for text, acts in looked.long:
        known[text, acts] = yield from text_in_steps(text, cleaner, acts=acts)
    return cleaned(value, cast("Cleaner", _Prepared(cleaner, known)))


class _Looked:
    """Stands for a cleaner and notes which long texts it is asked for."""

    def __init__(self) -> None:
        self.long: dict[tuple[str, bool], None] = {}

    def text(self, text: str, *, acts: bool = False) -> str:
        if len(text) > STEP:
            self.long[text, acts] = None
        return text

    def known(self, text: str) -> str:
        return text


class _Prepared:
    """A cleaner that has cleaned the long texts already."""

    def __init__(self, cleaner: Cleaner, known: dict[tuple[str, bool], str]) -> None:
        self._cleaner, self._known = cleaner, known
        self.known = cleaner.known

    def text(self, text: str, *, acts: bool = False) -> str:
        if len(text) > STEP and (shown := self._known.get((text, acts))) is not None:
            return shown
        return self._cleaner.text(text, acts=acts)
