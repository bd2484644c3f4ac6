"""The one place where a turn changes: ``reduce(turn, event) -> turn``.

The rule that owns the state:

    A turn begins ``starting``, is ``running`` (or ``stopping``) while the runtime works, and ends once: ``completed``,
    ``failed`` or ``interrupted``. Entries keep the order in which they first appeared, each id once. An entry is open
    (``in_progress``) until its completion; when the model's stream is cut (a retry, a steer) what it was writing is
    aborted, and when the turn ends everything still open is. After the end only commands that were left running change,
    and completions that come late; nothing else does. A request is open until it is answered, withdrawn, or the turn
    ends; the first of these is final. A raw call that no item ever belongs to becomes a ``RefusedCall`` when what the
    model was told says so.

``reduce`` is total: any event, in any order, twice or not at all, gives a turn and never raises. It returns the very
same turn when nothing changed. Events that name another thread or another turn change nothing. How a single item grows
is ``item_updates.py``; which raw calls count as refused is ``refusals.py``; merging bursts beforehand is ``coalesce.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from codex_jupyter.core import events as ev
from codex_jupyter.core import failure_rules, item_rules, raw_rules, request_rules
from codex_jupyter.core.coalesce import coalesce
from codex_jupyter.core.failure_rules import error_of
from codex_jupyter.core.item_updates import aborted
from codex_jupyter.core.items import Notice
from codex_jupyter.core.raw_rules import refused_calls
from codex_jupyter.core.request_rules import withdraw
from codex_jupyter.core.timeline import (
    after_retry,
    append,
    changed,
    unused_id,
    with_entries,
)
from codex_jupyter.core.titles import one_line
from codex_jupyter.core.turn import Turn, TurnError

__all__ = ["coalesce", "reduce"]

#: Characters by which a turn is named that another one waits for.
LONGEST_PROMPT = 60


def reduce(turn: Turn, event: ev.Event) -> Turn:
    """The turn after ``event``; ``turn`` itself when nothing changed.

    Example:
        >>> reduce(Turn(), ev.MessageAppended("t", "u", "m", "Hello")).find("m").status
        'in_progress'
    """
    if (event.turn_id and turn.turn_id and event.turn_id != turn.turn_id) or (
        event.thread_id and turn.thread_id and event.thread_id != turn.thread_id
    ):
        return turn
    if not turn.turn_id and event.turn_id and isinstance(event, _NAMING):
        turn = replace(turn, turn_id=event.turn_id, thread_id=turn.thread_id or event.thread_id)
    if turn.waits_for and not isinstance(event, ev.WaitedFor):
        turn = replace(turn, waits_for="")
    apply = _RULES.get(type(event))
    return apply(turn, event) if apply is not None else turn


#: Events that say which turn this is, when nobody has yet. A review announces a turn of its own, but only after its
#: first item, which names the right one (measured); so the first to speak is believed.
_NAMING = (ev.TurnStarted, ev.ItemStarted, ev.ItemCompleted, ev.TurnCompleted)


def _turn_started(turn: Turn, event: ev.TurnStarted) -> Turn:
    if turn.ended:
        return turn
    return changed(
        turn,
        state="running" if turn.state == "starting" else turn.state,
        started_ms=turn.started_ms if turn.started_ms is not None else event.at_ms,
    )


def _turn_completed(turn: Turn, event: ev.TurnCompleted) -> Turn:
    if turn.ended:
        return turn
    if event.status == "completed":
        return _end(_error_as_notice(turn), "completed", event)
    if event.status == "interrupted":
        if turn.hopeless and not turn.stopped_by:  # it was ended because no retry helps
            return _end(turn, "failed", event)
        return _end(replace(turn, error=None), "interrupted", event)
    if (
        not turn.turn_id and not event.turn_id
    ):  # it never began, so nothing that was meant to go along was sent
        turn = replace(turn, sent=())
    known = turn.error or TurnError("")
    if not event.message and known.message:
        return _end(
            replace(turn, error=replace(known, hint=event.hint or known.hint)), "failed", event
        )
    at = event.at_ms or turn.started_ms
    error = error_of(turn, event.message, event.detail, event.code or known.code, at, event.hint)
    if error.message == known.message:  # said twice, the first time with more
        error = replace(error, detail=error.detail if event.detail else known.detail)
    return _end(replace(turn, error=error), "failed", event)


def _runtime_lost(turn: Turn, event: ev.RuntimeLost) -> Turn:
    if turn.ended:
        return with_entries(turn, lambda entry: aborted(entry))
    message = event.message or "The Codex runtime ended in the middle of the turn."
    error = error_of(turn, message, "", "runtimeLost", None)
    return _end(replace(turn, error=error), "failed", None)


def _error_as_notice(turn: Turn) -> Turn:
    """An error that did not end the turn is still worth saying."""
    error = turn.error
    if error is None:
        return turn
    notice = Notice(
        unused_id(turn, "error"),
        "completed",
        level="error",
        message=error.message,
        detail=error.detail,
        hint=error.hint,
        code=error.code,
    )
    return append(replace(turn, error=None), notice)


def _end(turn: Turn, state: str, event: ev.TurnCompleted | None) -> Turn:
    """Close everything that is open: nothing may look as if it still went on."""
    at = event.at_ms if event else None
    duration = event.duration_ms if event else None
    if duration is None and at is not None and turn.started_ms is not None:
        duration = max(at - turn.started_ms, 0)
    turn = after_retry(refused_calls(turn))
    turn = with_entries(turn, lambda entry: aborted(entry, at))
    for request in turn.requests:
        turn = withdraw(turn, request, "the turn ended")
    return changed(
        turn, state=state, ended_ms=at, duration_ms=duration, abandoned=(), hidden_calls=()
    )


def _stop_requested(turn: Turn, event: ev.StopRequested) -> Turn:
    if turn.ended:
        return turn
    return changed(turn, state="stopping", stopped_by=turn.stopped_by or event.by or "you")


def _waited_for(turn: Turn, event: ev.WaitedFor) -> Turn:
    if turn.ended:
        return turn
    named = f" (“{one_line(event.prompt, LONGEST_PROMPT)}”)" if event.prompt else ""
    return changed(turn, waits_for=f"{event.what}{named}{event.then}")


def _leftovers_ended(turn: Turn, event: ev.LeftoversEnded) -> Turn:
    if event.running == 0 and turn.ended:
        turn = with_entries(turn, lambda entry: aborted(entry))
    return changed(
        turn,
        leftovers=True,
        nothing_else_left=event.sure,
        ended_commands=turn.ended_commands + max(event.ended, 0),
        running_commands=max(event.running, 0),
    )


def _usage_updated(turn: Turn, event: ev.UsageUpdated) -> Turn:
    before = turn.tokens_before
    if before is None:
        before = max(event.usage.thread_total - event.usage.total, 0)
    return changed(turn, usage=event.usage, tokens_before=before)


def _limits_updated(turn: Turn, event: ev.LimitsUpdated) -> Turn:
    known, new = turn.limits or ev.Limits(), event.limits
    merged = ev.Limits(
        new.primary or known.primary,
        new.secondary or known.secondary,
        new.plan or known.plan,
        new.credits or known.credits,
        new.reached or known.reached,
    )
    return changed(turn, limits=None if merged == ev.Limits() else merged)


def _data_sent(turn: Turn, event: ev.DataSent) -> Turn:
    if not event.what or event.what in turn.sent:
        return turn
    return replace(turn, sent=(*turn.sent, event.what))


_RULES: dict[type, Callable[..., Turn]] = {
    ev.TurnStarted: _turn_started,
    ev.TurnCompleted: _turn_completed,
    ev.RuntimeLost: _runtime_lost,
    ev.StopRequested: _stop_requested,
    ev.LeftoversEnded: _leftovers_ended,
    ev.WaitedFor: _waited_for,
    ev.UsageUpdated: _usage_updated,
    ev.LimitsUpdated: _limits_updated,
    ev.DataSent: _data_sent,
    **failure_rules.RULES,
    **item_rules.RULES,
    **raw_rules.RULES,
    **request_rules.RULES,
}
