"""The entries of a turn in their order: put one, cut what the model was writing, find a free id.

What the rules of ``reduce.py`` share. Every function is total and returns the very same turn when nothing changed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from codex_jupyter.core.item import Item
from codex_jupyter.core.item_updates import aborted
from codex_jupyter.core.items import Notice
from codex_jupyter.core.kinds import kind_of
from codex_jupyter.core.turn import Turn

#: The newest entries are kept whole; of an older one its kind may keep less (``Growth.aged``).
KEPT_WHOLE = 100


def changed(turn: Turn, **values: object) -> Turn:
    """``turn`` with these fields, or ``turn`` itself when they are what they were."""
    if all(getattr(turn, name) == value for name, value in values.items()):
        return turn
    return replace(turn, **values)  # type: ignore[arg-type]


def put(turn: Turn, item: Item) -> Turn:
    """The entry with this id is now ``item``; a new one goes to the end and shows that a retry succeeded."""
    at = index_of(turn, item.id)
    if at is None:
        if kind_of(item).by_model and not turn.ended:
            turn = after_retry(turn)
            if turn.abandoned:
                gone = set(turn.abandoned)
                kept = tuple(e for e in turn.entries if e.id not in gone)
                turn = replace(turn, entries=kept, abandoned=())
        hidden = tuple(c for c in turn.hidden_calls if c[0] != item.id)
        if len(hidden) != len(turn.hidden_calls):
            turn = replace(turn, hidden_calls=hidden)
        return append(turn, item)
    if turn.entries[at] is item:
        return turn
    return replace(turn, entries=(*turn.entries[:at], item, *turn.entries[at + 1 :]))


def append(turn: Turn, item: Item) -> Turn:
    """The turn with a new entry at its end; an old one gets shorter instead, once it is closed."""
    entries = (*turn.entries, item)
    old = len(entries) - KEPT_WHOLE - 1
    if old >= 0:
        entry = entries[old]
        aged = kind_of(entry).growth.aged
        shorter = entry if aged is None or entry.is_open else aged(entry)
        if shorter is not entry:
            entries = (*entries[:old], shorter, *entries[old + 1 :])
    state = "running" if turn.state == "starting" else turn.state
    return replace(turn, entries=entries, state=state)


def index_of(turn: Turn, item_id: str) -> int | None:
    """Where the entry with this id stands, or None."""
    entries = turn.entries
    for at in range(len(entries) - 1, -1, -1):
        if entries[at].id == item_id:
            return at
    return None


def with_entries(turn: Turn, change: Callable[[Item], Item]) -> Turn:
    """The turn with every entry changed by ``change``."""
    entries = tuple(change(entry) for entry in turn.entries)
    if all(a is b for a, b in zip(entries, turn.entries, strict=True)):
        return turn
    return replace(turn, entries=entries)


def stream_cut(turn: Turn, *, abandon: bool) -> Turn:
    """The model's stream was cut: what it was writing will not be completed. A patch that waits for an answer is not
    being written any more. With ``abandon``, a retry says the same again, so its first word takes the place of these."""
    if turn.ended:
        return turn
    waiting = {request.item_id for request in turn.requests}
    cut = [
        e.id
        for e in turn.entries
        if kind_of(e).growth.streamed and e.is_open and e.id not in waiting
    ]
    if not cut:
        return turn
    ids = set(cut)
    turn = with_entries(turn, lambda entry: aborted(entry) if entry.id in ids else entry)
    return replace(turn, abandoned=(*turn.abandoned, *cut)) if abandon else turn


def after_retry(turn: Turn) -> Turn:
    """The retry is over: its notice becomes plain information, which folds with the other work."""
    notice = turn.find(turn.retrying) if turn.retrying else None
    turn = changed(turn, retrying="", unreachable=False, finding=("", ""))
    if not isinstance(notice, Notice):
        return turn
    return put(turn, replace(notice, level="info", status="completed", hint=""))


def unused_id(turn: Turn, kind: str) -> str:
    """An id that no entry has."""
    number = 1
    taken = {entry.id for entry in turn.entries}
    while f"our-{kind}-{number}" in taken:
        number += 1
    return f"our-{kind}-{number}"
