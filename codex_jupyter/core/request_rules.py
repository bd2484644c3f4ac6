"""What events about requests do to a turn. Part of ``reduce.py``, which owns the rule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from codex_jupyter.core import events as ev
from codex_jupyter.core.requests import Request, ToolCall
from codex_jupyter.core.titles import asked
from codex_jupyter.core.turn import Turn, Withdrawn


def _request_opened(turn: Turn, event: ev.RequestOpened) -> Turn:
    request = event.request
    if isinstance(request, ToolCall) or _known_request(turn, request.id):
        return turn
    after = turn.entries[-1].id if turn.entries else ""
    turn = replace(
        turn, requests=(*turn.requests, request), opened=(*turn.opened, (request.id, after))
    )
    return withdraw(turn, request, "the turn had ended") if turn.ended else turn


def _request_answered(turn: Turn, event: ev.RequestAnswered) -> Turn:
    decision = event.decision
    waiting = any(r.id == decision.request_id for r in turn.requests)
    if not waiting and _known_request(turn, decision.request_id):
        return turn
    after = decision.after or _opened_after(turn, decision.request_id)
    return replace(
        turn,
        requests=tuple(r for r in turn.requests if r.id != decision.request_id),
        decisions=(*turn.decisions, replace(decision, after=after)),
    )


def _request_withdrawn(turn: Turn, event: ev.RequestWithdrawn) -> Turn:
    request = next((r for r in turn.requests if r.id == event.request_id), None)
    return turn if request is None else withdraw(turn, request, event.reason)


def withdraw(turn: Turn, request: Request, reason: str) -> Turn:
    """The turn in which nobody waits for this request any more."""
    line = asked(request, turn.settings.cwd, turn.settings.home)
    after, where = _opened_after(turn, request.id), getattr(request, "cwd", "")
    gone = Withdrawn(request.id, line, reason, request.item_id, after, where, request.reason)
    return replace(
        turn,
        requests=tuple(r for r in turn.requests if r.id != request.id),
        withdrawn=(*turn.withdrawn, gone),
    )


def _known_request(turn: Turn, request_id: str) -> bool:
    return (
        any(r.id == request_id for r in turn.requests)
        or any(d.request_id == request_id for d in turn.decisions)
        or any(w.request_id == request_id for w in turn.withdrawn)
    )


def _opened_after(turn: Turn, request_id: str) -> str:
    known = next((after for opened, after in turn.opened if opened == request_id), None)
    return known if known is not None else (turn.entries[-1].id if turn.entries else "")


#: Event -> rule.
RULES: dict[type, Callable[..., Turn]] = {
    ev.RequestOpened: _request_opened,
    ev.RequestAnswered: _request_answered,
    ev.RequestWithdrawn: _request_withdrawn,
}
