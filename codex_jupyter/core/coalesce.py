"""Bursts made short: many small appends become few, before they reach the reducer.

Reducing the coalesced events gives the turn that the single ones give; that is all this module promises.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from codex_jupyter.core.events import (
    DiffUpdated,
    Event,
    MessageAppended,
    OutputAppended,
    PatchUpdated,
    PlanAppended,
    ReasoningAppended,
)

_Append = MessageAppended | PlanAppended | ReasoningAppended | OutputAppended


def coalesce(events: Iterable[Event]) -> list[Event]:
    """Merge the appends of each run to one per item (and section), in the order in which the items first appear.

    Appends to different items commute, so two commands that print in turns are merged too. Of whole values that
    follow each other directly (a patch, the turn's diff), the last remains. Nothing is merged across any other event.

    Example:
        >>> coalesce([MessageAppended("t", "u", "m", "Hel"), MessageAppended("t", "u", "m", "lo")])
        [MessageAppended(thread_id='t', turn_id='u', item_id='m', text='Hello')]
    """
    result: list[Event] = []
    run: dict[tuple[object, ...], list[_Append]] = {}
    for event in events:
        if isinstance(event, _Append):
            index = (event.index, event.raw) if isinstance(event, ReasoningAppended) else None
            key = (type(event), event.thread_id, event.turn_id, event.item_id, index)
            run.setdefault(key, []).append(event)
            continue
        _close(run, result)
        if result and _supersedes(event, result[-1]):
            result.pop()
        result.append(event)
    _close(run, result)
    return result


def _close(run: dict[tuple[object, ...], list[_Append]], result: list[Event]) -> None:
    for appends in run.values():
        first = appends[0]
        text = "".join(a.text for a in appends) if len(appends) > 1 else first.text
        result.append(first if len(appends) == 1 else replace(first, text=text))
    run.clear()


def _supersedes(event: Event, earlier: Event) -> bool:
    if type(event) is not type(earlier):
        return False
    if isinstance(event, DiffUpdated):
        return replace(event, diff="") == replace(earlier, diff="")  # type: ignore[call-arg]
    if isinstance(event, PatchUpdated):
        return replace(event, changes=()) == replace(earlier, changes=())  # type: ignore[call-arg]
    return False
