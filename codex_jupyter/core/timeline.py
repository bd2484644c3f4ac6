"""The entries of a turn in their order: put one, cut what the model was writing, find a free id.

What the rules of ``reduce.py`` share. Every function is total and returns the very same turn when nothing changed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from codex_jupyter.core import entries as grow
from codex_jupyter.core.items import (
    Command,
    HookRun,
    Item,
    Notice,
    RefusedCall,
    Review,
    UserMessage,
)
from codex_jupyter.core.turn import Turn

#: The newest entries keep their output as ``Output`` does; older ones keep only this many characters at each edge.
KEPT_WHOLE, OLD_OUTPUT_EDGE = 100, 8 * 1024

#: Entries that are not made by the model or its tools: they do not show that a retry succeeded.
_OURS = (UserMessage, Notice, HookRun, Review, RefusedCall)


def changed(turn: Turn, **values: object) -> Turn:
    """``turn`` with these fields, or ``turn`` itself when they are what they were."""
    if all(getattr(turn, name) == value for name, value in values.items()):
        return turn
    return replace(turn, **values)  # type: ignore[arg-type]


def put(turn: Turn, item: Item) -> Turn:
    """The entry with this id is now ``item``; a new one goes to the end and shows that a retry succeeded."""
    at = place(turn, item.id)
    if at is None:
        if not isinstance(item, _OURS) and not turn.ended:
            turn = recovered(turn)
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
    """The turn with a new entry at its end; an old command's output gets shorter instead."""
    entries = (*turn.entries, item)
    old = len(entries) - KEPT_WHOLE - 1
    if old >= 0:
        entry = entries[old]
        if isinstance(entry, Command) and not grow.is_open(entry):
            shorter = entry.output.trimmed(OLD_OUTPUT_EDGE)
            if shorter is not entry.output:
                entry = replace(entry, output=shorter)
                entries = (*entries[:old], entry, *entries[old + 1 :])
    state = "running" if turn.state == "starting" else turn.state
    return replace(turn, entries=entries, state=state)


def place(turn: Turn, item_id: str) -> int | None:
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


def cut(turn: Turn, *, abandon: bool) -> Turn:
    """The model's stream was cut: what it was writing will not be completed. A patch that waits for an answer is not
    being written any more. With ``abandon``, a retry says the same again, so its first word takes the place of these."""
    if turn.ended:
        return turn
    waiting = {request.item_id for request in turn.requests}
    cut = [
        e.id
        for e in turn.entries
        if isinstance(e, grow.STREAMED) and grow.is_open(e) and e.id not in waiting
    ]
    if not cut:
        return turn
    ids = set(cut)
    turn = with_entries(turn, lambda entry: grow.aborted(entry) if entry.id in ids else entry)
    return replace(turn, abandoned=(*turn.abandoned, *cut)) if abandon else turn


def recovered(turn: Turn) -> Turn:
    """The retry is over: its notice becomes plain information, which folds with the other work."""
    notice = turn.find(turn.retrying) if turn.retrying else None
    turn = changed(turn, retrying="")
    if not isinstance(notice, Notice):
        return turn
    return put(turn, replace(notice, level="info", status="completed", hint=""))


def fresh(turn: Turn, kind: str) -> str:
    """An id that no entry has."""
    number = 1
    taken = {entry.id for entry in turn.entries}
    while f"our-{kind}-{number}" in taken:
        number += 1
    return f"our-{kind}-{number}"
