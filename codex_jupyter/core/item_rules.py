"""What events about items do to a turn. Part of ``reduce.py``, which owns the rule; nobody else calls these."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from codex_jupyter.core import events as ev
from codex_jupyter.core.agents import Agent
from codex_jupyter.core.deltas import Delta
from codex_jupyter.core.item import Item
from codex_jupyter.core.item_updates import aborted, is_another, on_completed, on_started
from codex_jupyter.core.items import Notice, UserMessage
from codex_jupyter.core.kinds import DELTAS, begun_by, kind_of, rule_for
from codex_jupyter.core.timeline import changed, put, stream_cut, unused_id, with_entries
from codex_jupyter.core.turn import Turn

Told = TypeVar("Told", ev.ItemStarted, ev.ItemCompleted)
#: Between an id and the number of an older piece of work that had it.
APART = "#"


def _item_started(turn: Turn, event: ev.ItemStarted) -> Turn:
    turn, event = _told_apart(turn, event)
    old = turn.find(event.item.id)
    if old is None and isinstance(event.item, UserMessage):
        turn = stream_cut(turn, abandon=False)
    if old is not None and old.id in turn.abandoned:
        turn = replace(turn, abandoned=tuple(i for i in turn.abandoned if i != old.id))
    if turn.ended and old is not None and old.status == "aborted":
        return turn
    return put(turn, _if_late(turn, on_started(old, event.item)))


def _item_completed(turn: Turn, event: ev.ItemCompleted) -> Turn:
    turn, event = _told_apart(turn, event)
    old = turn.find(event.item.id)
    if old is None and isinstance(event.item, UserMessage):
        turn = stream_cut(turn, abandon=False)
    return put(turn, _if_late(turn, on_completed(old, event.item)))


def _told_apart(turn: Turn, event: Told) -> tuple[Turn, Told]:
    """Two pieces of work under one id are two entries: a model may name its calls ``call_0`` each time.

    The newest has the id, because what follows (output, a request) is about that; an older one is named after it.
    """
    item = event.item
    newest = turn.find(item.id)
    if newest is None or not is_another(newest, item):
        return turn, event
    older = [e for e in turn.entries if e.id.startswith(f"{item.id}{APART}")]
    for each in reversed(older):
        if not is_another(each, item):
            return turn, replace(event, item=replace(item, id=each.id))
    aside = f"{item.id}{APART}{len(older) + 1}"
    turn = with_entries(turn, lambda e: replace(e, id=aside) if e is newest else e)
    return turn, event


def _if_late(turn: Turn, item: Item) -> Item:
    """After the end only what can be late is open, and it says so."""
    if not turn.ended:
        return item
    late = kind_of(item).growth.late
    return aborted(item) if late is None else late(item)


def _grown(turn: Turn, event: Delta) -> Turn:
    """One item more than it was, by the rule of its kind; without an item of that id, the kind that such a delta begins.

    A completed item does not grow any more: its completion is the last word. An aborted one may. After the turn's end
    only what can be late grows, and it is open again until it is known to be gone.
    """
    old = turn.find(event.item_id)
    kind = kind_of(old) if old is not None else begun_by(event)
    rule = rule_for(kind, event) if kind is not None else None
    if kind is None or rule is None:
        return turn
    late = kind.growth.late
    if rule.whenever:
        if turn.ended and old is None:
            return turn
    elif (old is not None and old.status not in ("in_progress", "aborted")) or (
        turn.ended and late is None
    ):
        return turn
    item = rule.grown(old if old is not None else kind.item(event.item_id), event)
    if turn.ended and not rule.whenever and late is not None:
        if item is old:
            return turn
        gone = turn.leftovers and turn.running_commands == 0
        item = replace(late(item), status="aborted" if gone else "in_progress")
    return put(turn, item)


def _plan_updated(turn: Turn, event: ev.PlanUpdated) -> Turn:
    return turn if turn.ended else changed(turn, explanation=event.explanation, steps=event.steps)


def _diff_updated(turn: Turn, event: ev.DiffUpdated) -> Turn:
    return turn if turn.ended else changed(turn, diff=event.diff)


def _notice_raised(turn: Turn, event: ev.NoticeRaised) -> Turn:
    notice = event.notice
    if any(
        isinstance(e, Notice)
        and (e.level, e.code, e.message) == (notice.level, notice.code, notice.message)
        for e in turn.entries
    ):
        return turn
    if not notice.id or turn.find(notice.id) is not None:
        notice = replace(notice, id=unused_id(turn, "notice"))
    if notice.level == "retry" and not turn.ended:
        turn = replace(turn, retrying=notice.id)
        return put(turn, replace(notice, status="in_progress"))
    return put(
        turn, notice if notice.status != "in_progress" else replace(notice, status="completed")
    )


def _hook_reported(turn: Turn, event: ev.HookReported) -> Turn:
    old = turn.find(event.run.id)
    make = on_started if event.run.is_open else on_completed
    return put(turn, _if_late(turn, make(old, event.run)))


def _review_reported(turn: Turn, event: ev.ReviewReported) -> Turn:
    review = event.review
    old = turn.find(review.id)
    if review.verdict == "in_progress":
        return put(turn, _if_late(turn, on_started(old, review)))
    return put(turn, on_completed(old, review))


def _agent_progressed(turn: Turn, event: ev.AgentProgressed) -> Turn:
    known = next((a for a in turn.agents if a.thread_id == event.agent_thread_id), None)
    agent = Agent(
        event.agent_thread_id,
        event.status or (known.status if known else ""),
        event.message or (known.message if known else ""),
    )
    if known is None:
        return replace(turn, agents=(*turn.agents, agent))
    if known == agent:
        return turn
    return replace(turn, agents=tuple(agent if a is known else a for a in turn.agents))


#: Event -> rule.
RULES: dict[type, Callable[..., Turn]] = {
    ev.ItemStarted: _item_started,
    ev.ItemCompleted: _item_completed,
    **dict.fromkeys(DELTAS, _grown),
    ev.PlanUpdated: _plan_updated,
    ev.DiffUpdated: _diff_updated,
    ev.NoticeRaised: _notice_raised,
    ev.HookReported: _hook_reported,
    ev.ReviewReported: _review_reported,
    ev.AgentProgressed: _agent_progressed,
}
