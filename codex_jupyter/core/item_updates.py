"""What a start, a delta, a completion and an end make of one item. What is particular to a kind, its ``Growth`` says.

Items alone: nothing here sees the turn. Every function is total and returns the very same object when nothing changed,
so that ``is`` tells a reader what to draw again.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TypeVar

from codex_jupyter.core.item import Item
from codex_jupyter.core.kinds import kind_of
from codex_jupyter.core.text import Output, Text

T = TypeVar("T", bound=Item)


def is_another(old: Item, new: Item) -> bool:
    """Whether ``new`` tells of another piece of work than ``old``, though it has its id.

    A process has a number of its own; else what is over and then begins at another time is not the same. What is only
    told twice begins at the same time.
    """
    if type(old) is not type(new):
        return False
    ours, theirs = getattr(old, "process_id", ""), getattr(new, "process_id", "")
    if ours and theirs:
        return ours != theirs
    over = not old.is_open and old.status != "aborted"
    known = old.started_ms is not None and new.started_ms is not None
    return over and new.is_open and known and old.started_ms != new.started_ms


def on_started(old: Item | None, new: Item) -> Item:
    """What a start makes of an item: a late or repeated one only adds what was missing."""
    if old is None or type(old) is not type(new):
        return new
    if old.status == "aborted":
        return new if new.is_open else _same(old, _filled(new, old))
    if not old.is_open:
        return _same(old, _filled(old, new))
    return _same(old, _longest(_filled(new, old), old))


def on_completed(old: Item | None, new: Item) -> Item:
    """What a completion makes of an item. It wins over what the deltas said, except where it is cut or says nothing."""
    if new.is_open:
        new = replace(new, status="completed")
    if old is None or type(old) is not type(new):
        return new
    growth = kind_of(new).growth
    merged = _filled(new, old)
    if growth.longest_stays:
        merged = _longest(merged, old)
    if growth.completed is not None:
        merged = growth.completed(old, merged)
    return _same(old, merged)


def aborted(item: T, at_ms: int | None = None) -> T:
    """The item, never to be completed; ``at_ms`` is when, in milliseconds since the epoch."""
    if not item.is_open:
        return item
    closed = replace(item, status="aborted", ended_ms=item.ended_ms or at_ms)
    also = kind_of(item).growth.aborted
    return closed if also is None else also(closed)


def _empty(value: object) -> bool:
    return value is None or (isinstance(value, (str, tuple, Text, Output)) and not value)


def _filled(first: T, second: T) -> T:
    """``first``, with what it leaves empty taken from ``second`` (of the same type)."""
    missing: dict[str, object] = {}
    for field in fields(first):
        mine, theirs = getattr(first, field.name), getattr(second, field.name)
        if mine is theirs:
            continue
        if (_empty(mine) and not _empty(theirs)) or (isinstance(mine, Text) and mine == theirs):
            missing[field.name] = theirs
    return replace(first, **missing) if missing else first  # type: ignore[arg-type]


def _longest(first: T, second: T) -> T:
    """``first`` with the longer of the two wherever text grows: output, text, sections."""
    longer: dict[str, object] = {}
    for field in fields(first):
        mine, theirs = getattr(first, field.name), getattr(second, field.name)
        if theirs is not mine and _length(theirs) > _length(mine):
            longer[field.name] = theirs
    return replace(first, **longer) if longer else first  # type: ignore[arg-type]


def _length(value: object) -> int:
    """Of what grows: a text, an output, or sections of text; 0 for anything else."""
    if isinstance(value, (Text, Output)):
        return len(value)
    if isinstance(value, tuple):
        return sum(len(section) for section in value if isinstance(section, Text))
    return 0


def _same(old: Item, new: Item) -> Item:
    """``old`` itself when the two say the same."""
    return old if old == new else new
