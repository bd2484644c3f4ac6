"""Bursts made short: many small appends become few, before they reach the reducer.

Reducing the coalesced events gives the turn that the single ones give; that is all this module promises.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache
from operator import attrgetter
from typing import Any

from codex_jupyter.core.deltas import Appends, Replaces
from codex_jupyter.core.events import Event


def coalesce(events: Iterable[Event]) -> list[Event]:
    """Merge the appends of each run to one per item (and section), in the order in which the items first appear.

    Appends to different items commute, so two commands that print in turns are merged too. Of whole values that
    follow each other directly (a patch, the turn's diff), the last remains. Nothing is merged across any other event.

    Example:
        >>> from codex_jupyter.core.events import MessageAppended
        >>> coalesce([MessageAppended("t", "u", "m", "Hel"), MessageAppended("t", "u", "m", "lo")])
        [MessageAppended(thread_id='t', turn_id='u', item_id='m', text='Hello')]
    """
    result: list[Event] = []
    run: dict[tuple[object, ...], list[Any]] = {}
    for event in events:
        if isinstance(event, Appends):
            key = (type(event), _stream(type(event))(event))
            run.setdefault(key, []).append(event)
            continue
        _close(run, result)
        if result and _supersedes(event, result[-1]):
            result.pop()
        result.append(event)
    _close(run, result)
    return result


@cache
def _stream(delta: type[Appends]) -> Callable[[Any], tuple[object, ...]]:
    """What tells one growing text from another."""
    return attrgetter("thread_id", "turn_id", "item_id", *delta.section_fields)


def _close(run: dict[tuple[object, ...], list[Any]], result: list[Event]) -> None:
    for appends in run.values():
        first = appends[0]
        text = "".join(a.text for a in appends) if len(appends) > 1 else first.text
        result.append(first if len(appends) == 1 else replace(first, text=text))
    run.clear()


def _supersedes(event: Event, earlier: Event) -> bool:
    if type(event) is not type(earlier) or not isinstance(event, Replaces):
        return False
    return _place(event) == _place(earlier)


def _place(event: Event) -> tuple[str, str, str]:
    return event.thread_id, event.turn_id, getattr(event, "item_id", "")
