"""The base of all events, and of those by which a single item grows. Each kind of item defines its own deltas beside it
(``items/``); those that several kinds take are here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class TurnEvent:
    """Something that happened to a turn; ``turn_id`` may be ``""`` for events of the thread."""

    thread_id: str
    turn_id: str


@dataclass(frozen=True, slots=True)
class Delta(TurnEvent):
    """One item became more than it was."""

    item_id: str = ""


class Appends:
    """Of a delta whose ``text`` is put to the end of what is there: many in a row may be merged to one.

    ``section_fields`` name the fields that tell apart the texts of one item, where it has several.
    """

    __slots__ = ()
    section_fields: ClassVar[tuple[str, ...]] = ()
    text: str


class Replaces:
    """Of an event that brings a whole value: of several that follow each other directly, the last says it all."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class OutputAppended(Delta, Appends):
    """A command (or a patch) printed something. May come after the turn's end.

    ``size`` is how many bytes the runtime sent for it, before anything was hidden or held back.
    """

    text: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True)
class ImageLoaded(Delta):
    """A picture file of an item was read: a ``data:`` URL (PNG, JPEG, GIF or WebP only).

    ``path`` tells the parts of a user's message apart; an item of one picture needs none.
    """

    data: str = ""
    path: str = ""
