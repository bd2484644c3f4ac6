"""The kinds of items, looked up: which kind an item is of, which reads a type of the wire, which takes a delta."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from codex_jupyter.core.deltas import Delta
from codex_jupyter.core.document import Block
from codex_jupyter.core.item import Common, Context, DeltaRule, Item, Kind, ReadNotification, Status
from codex_jupyter.core.items import KINDS
from codex_jupyter.core.items.unknown_item import read_anything
from codex_jupyter.core.json_fields import Json, snake, table, text
from codex_jupyter.core.titles import flat


def once(pairs: Iterable[tuple[Any, Any]]) -> dict[Any, Any]:
    """The pairs as a dict; two kinds that claim the same are an error of the one who added the second."""
    found: dict[Any, Any] = {}
    for name, value in pairs:
        if name in found:
            raise TypeError(f"two kinds of items claim {name!r}")
        found[name] = value
    return found


_BY_CLASS: dict[type[Item], Kind[Any]] = once((kind.item, kind) for kind in KINDS)
_BY_TYPE: dict[str, Kind[Any]] = once((kind.wire.type, kind) for kind in KINDS if kind.wire.type)
_RULES: dict[tuple[type[Item], type[Delta]], DeltaRule[Any]] = once(
    ((kind.item, rule.delta), rule) for kind in KINDS for rule in kind.growth.deltas
)
_BEGUN_BY: dict[type[Delta], Kind[Any]] = once(
    (rule.delta, kind) for kind in KINDS for rule in kind.growth.deltas if rule.begins
)

#: The ``type`` of every ``ThreadItem`` that is known.
WIRE_TYPES: tuple[str, ...] = tuple(_BY_TYPE)
#: Every class of event by which an item grows.
DELTAS: tuple[type[Delta], ...] = tuple(dict.fromkeys(delta for _, delta in _RULES))
#: Method -> reader, of the notifications that are about one kind of item.
NOTIFICATIONS: dict[str, ReadNotification] = once(
    pair for kind in KINDS for pair in kind.wire.notifications.items()
)


def kind_of(item: Item) -> Kind[Any]:
    """The kind of an item."""
    return _BY_CLASS[type(item)]


def begun_by(delta: Delta) -> Kind[Any] | None:
    """The kind of the item that a delta makes when none has its id yet, or None."""
    return _BEGUN_BY.get(type(delta))


def rule_for(kind: Kind[Any], delta: Delta) -> DeltaRule[Any] | None:
    """What a delta makes of items of this kind, or None where they take no such delta."""
    return _RULES.get((kind.item, type(delta)))


_STATUSES: dict[str, Status] = {
    "in_progress": "in_progress",
    "completed": "completed",
    "failed": "failed",
    "declined": "declined",
    "aborted": "aborted",
    # Spellings that mean one of these.
    "interrupted": "aborted",
    "cancelled": "aborted",
    "canceled": "aborted",
    "running": "in_progress",
}


def read_item(
    wire: object,
    *,
    completed: bool = True,
    started_ms: int | None = None,
    ended_ms: int | None = None,
) -> Item:
    """The item that ``wire`` describes. Total: whatever a field holds, an item comes out.

    Args:
        wire: a decoded ``ThreadItem``; anything else becomes an ``UnknownItem``.
        completed: what the item's state is when it names none itself: True for ``item/completed`` and for history.
        started_ms, ended_ms: milliseconds since the epoch, from the notification around it.

    Example:
        >>> read_item({"type": "sleep", "id": "s", "durationMs": 700}).duration_ms
        700
    """
    source = table(wire)
    common: Common = {
        "id": text(source, "id"),
        "status": _status(source, completed),
        "started_ms": started_ms,
        "ended_ms": ended_ms,
    }
    kind = _BY_TYPE.get(text(source, "type"))
    if kind is None or kind.wire.read is None:
        return read_anything(wire, common)
    return kind.wire.read(source, common)


def _status(source: Json, completed: bool) -> Status:
    named = _STATUSES.get(snake(text(source, "status")))
    return named or ("completed" if completed else "in_progress")


def block(item: Item, context: Context, role: str = "") -> Block | None:
    """The block of an item, or None when there is nothing to show. Everything that came from outside stays text.

    Args:
        item: the entry.
        context: what surrounds it.
        role: for messages: ``answer``, ``commentary``, or ``unanswered`` for the last words of a turn without answer;
            for user messages ``prompt`` (the cell's own) or ``steer``; for reviews ``shown`` when a message says the
            same; for commands ``refused`` when no decision tells of it.
    """
    made = kind_of(item).block(item, context, role)
    if made is None:
        return None
    title, meta = flat(made.title), flat(made.meta)
    if (title, meta) == (made.title, made.meta):
        return made
    return replace(made, title=title, meta=meta)
