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
is ``entries.py``; which raw calls count as refused is ``refusals.py``; merging bursts beforehand is ``coalesce.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from codex_jupyter.core import entries as grow
from codex_jupyter.core import events as ev
from codex_jupyter.core.coalesce import coalesce
from codex_jupyter.core.hints import hint
from codex_jupyter.core.items import (
    Agent,
    AgentMessage,
    Command,
    FileChange,
    HookRun,
    ImageGeneration,
    ImageView,
    Item,
    McpToolCall,
    Notice,
    Plan,
    Reasoning,
    RefusedCall,
    Review,
    UserMessage,
)
from codex_jupyter.core.refusals import NO_ITEM, refusal
from codex_jupyter.core.requests import Request, ToolCall
from codex_jupyter.core.titles import asked
from codex_jupyter.core.turn import Turn, TurnError, Withdrawn

__all__ = ["KEPT_WHOLE", "OLD_OUTPUT_EDGE", "coalesce", "reduce"]

#: The newest entries keep their output as ``Output`` does; older ones keep only this many characters at each edge.
KEPT_WHOLE, OLD_OUTPUT_EDGE = 100, 8 * 1024

#: Entries that are not made by the model or its tools: they do not show that a retry succeeded.
_OURS = (UserMessage, Notice, HookRun, Review, RefusedCall)


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
    apply = _RULES.get(type(event))
    return apply(turn, event) if apply is not None else turn


# --- the turn itself --------------------------------------------------------------------------------------------------


def _turn_started(turn: Turn, event: ev.TurnStarted) -> Turn:
    if turn.ended:
        return turn
    return _changed(
        turn,
        thread_id=turn.thread_id or event.thread_id,
        turn_id=turn.turn_id or event.turn_id,
        state="running" if turn.state == "starting" else turn.state,
        started_ms=turn.started_ms if turn.started_ms is not None else event.at_ms,
    )


def _turn_completed(turn: Turn, event: ev.TurnCompleted) -> Turn:
    if turn.ended:
        return turn
    turn = replace(turn, turn_id=turn.turn_id or event.turn_id)
    if event.status == "completed":
        return _end(_error_as_notice(turn), "completed", event)
    if event.status == "interrupted":
        return _end(replace(turn, error=None), "interrupted", event)
    known = turn.error or TurnError("")
    error = TurnError(
        event.message or known.message or "The turn failed.",
        event.detail or known.detail,
        event.code or known.code,
    )
    told = f"{error.message}\n{error.detail}"
    step = event.hint or hint(error.code, told, turn.limits, event.at_ms or turn.started_ms)
    return _end(replace(turn, error=replace(error, hint=step)), "failed", event)


def _runtime_lost(turn: Turn, event: ev.RuntimeLost) -> Turn:
    if turn.ended:
        return _with_entries(turn, lambda entry: grow.aborted(entry))
    message = event.message or "The Codex runtime ended in the middle of the turn."
    error = TurnError(message, code="runtimeLost", hint=hint("runtimeLost"))
    return _end(replace(turn, error=error), "failed", None)


def _error_as_notice(turn: Turn) -> Turn:
    """An error that did not end the turn is still worth saying."""
    error = turn.error
    if error is None:
        return turn
    notice = Notice(
        _fresh(turn, "error"),
        "completed",
        level="error",
        message=error.message,
        detail=error.detail,
        hint=error.hint,
        code=error.code,
    )
    return _append(replace(turn, error=None), notice)


def _end(turn: Turn, state: str, event: ev.TurnCompleted | None) -> Turn:
    """Close everything that is open: nothing may look as if it still went on."""
    at = event.at_ms if event else None
    duration = event.duration_ms if event else None
    if duration is None and at is not None and turn.started_ms is not None:
        duration = max(at - turn.started_ms, 0)
    turn = _recovered(_refused_calls(turn))
    turn = _with_entries(turn, lambda entry: grow.aborted(entry, at))
    for request in turn.requests:
        turn = _withdraw(turn, request, "the turn ended")
    return _changed(
        turn, state=state, ended_ms=at, duration_ms=duration, abandoned=(), hidden_calls=()
    )


def _stop_requested(turn: Turn, event: ev.StopRequested) -> Turn:
    if turn.ended:
        return turn
    return _changed(turn, state="stopping", stopped_by=turn.stopped_by or event.by or "you")


def _leftovers_ended(turn: Turn, event: ev.LeftoversEnded) -> Turn:
    if event.running == 0 and turn.ended:
        turn = _with_entries(turn, lambda entry: grow.aborted(entry))
    return _changed(
        turn,
        leftovers=True,
        ended_commands=turn.ended_commands + max(event.ended, 0),
        running_commands=max(event.running, 0),
    )


def _error_reported(turn: Turn, event: ev.ErrorReported) -> Turn:
    if turn.ended:
        return turn
    if not event.will_retry:
        step = hint(event.code, f"{event.message}\n{event.detail}", turn.limits, turn.started_ms)
        error = TurnError(event.message or "The turn failed.", event.detail, event.code, step)
        return _changed(turn, error=error)
    step = hint(event.code, f"{event.message}\n{event.detail}") if event.detail else ""
    turn = _cut(turn, abandon=True)
    notice = Notice(
        turn.retrying or _fresh(turn, "retry"),
        level="retry",
        message=event.message or "Reconnecting",
        detail=event.detail,
        hint=step if "%codex login" in step or "network" in step else "",
        code=event.code,
    )
    return replace(_put(turn, notice), retrying=notice.id)


def _usage_updated(turn: Turn, event: ev.UsageUpdated) -> Turn:
    before = turn.tokens_before
    if before is None:
        before = max(event.usage.thread_total - event.usage.total, 0)
    return _changed(turn, usage=event.usage, tokens_before=before)


def _limits_updated(turn: Turn, event: ev.LimitsUpdated) -> Turn:
    known, new = turn.limits or ev.Limits(), event.limits
    merged = ev.Limits(
        new.primary or known.primary,
        new.secondary or known.secondary,
        new.plan or known.plan,
        new.credits or known.credits,
        new.reached or known.reached,
    )
    return _changed(turn, limits=None if merged == ev.Limits() else merged)


def _data_sent(turn: Turn, event: ev.DataSent) -> Turn:
    if not event.what or event.what in turn.sent:
        return turn
    return replace(turn, sent=(*turn.sent, event.what))


# --- items ------------------------------------------------------------------------------------------------------------


def _item_started(turn: Turn, event: ev.ItemStarted) -> Turn:
    old = turn.find(event.item.id)
    if old is None and isinstance(event.item, UserMessage):
        turn = _cut(turn, abandon=False)
    if old is not None and old.id in turn.abandoned:
        turn = replace(turn, abandoned=tuple(i for i in turn.abandoned if i != old.id))
    if turn.ended and old is not None and old.status == "aborted":
        return turn
    return _put(turn, _if_late(turn, grow.begun(old, event.item)))


def _item_completed(turn: Turn, event: ev.ItemCompleted) -> Turn:
    old = turn.find(event.item.id)
    if old is None and isinstance(event.item, UserMessage):
        turn = _cut(turn, abandon=False)
    return _put(turn, _if_late(turn, grow.finished(old, event.item)))


def _if_late(turn: Turn, item: Item) -> Item:
    """After the end only a command can be open, and it says so."""
    if not turn.ended:
        return item
    if isinstance(item, Command):
        return item if item.late else replace(item, late=True)
    return grow.aborted(item)


def _message_appended(turn: Turn, event: ev.MessageAppended | ev.PlanAppended) -> Turn:
    make = AgentMessage if isinstance(event, ev.MessageAppended) else Plan
    old = turn.find(event.item_id)
    if turn.ended or (old is not None and not _grows(old, make)):
        return turn
    item = old if isinstance(old, (AgentMessage, Plan)) else make(event.item_id)
    return _put(turn, grow.with_text(item, event.text))


def _reasoning_appended(turn: Turn, event: ev.ReasoningAppended) -> Turn:
    old = turn.find(event.item_id)
    if turn.ended or (old is not None and not _grows(old, Reasoning)):
        return turn
    item = old if isinstance(old, Reasoning) else Reasoning(event.item_id)
    return _put(turn, grow.with_thought(item, event.index, event.text, event.raw))


def _output_appended(turn: Turn, event: ev.OutputAppended) -> Turn:
    old = turn.find(event.item_id)
    if old is not None and not _grows(old, (Command, FileChange)):
        return turn
    item = old if isinstance(old, (Command, FileChange)) else Command(event.item_id)
    item = grow.with_output(item, event.text)
    if turn.ended:
        if not isinstance(item, Command) or item is old:
            return turn
        gone = turn.leftovers and turn.running_commands == 0
        item = replace(item, late=True, status="aborted" if gone else "in_progress")
    return _put(turn, item)


def _input_typed(turn: Turn, event: ev.InputTyped) -> Turn:
    old = turn.find(event.item_id)
    if turn.ended and old is None:
        return turn
    if old is not None and not isinstance(old, Command):
        return turn
    return _put(turn, grow.with_input(old or Command(event.item_id), event.text))


def _patch_updated(turn: Turn, event: ev.PatchUpdated) -> Turn:
    old = turn.find(event.item_id)
    if turn.ended or (old is not None and not _grows(old, FileChange)):
        return turn
    item = old if isinstance(old, FileChange) else FileChange(event.item_id)
    return _put(
        turn, item if item.changes == event.changes else replace(item, changes=event.changes)
    )


def _tool_progressed(turn: Turn, event: ev.ToolProgressed) -> Turn:
    old = turn.find(event.item_id)
    if turn.ended or (old is not None and not _grows(old, McpToolCall)):
        return turn
    item = old if isinstance(old, McpToolCall) else McpToolCall(event.item_id)
    return _put(turn, grow.with_progress(item, event.message))


def _grows(item: Item, kinds: type | tuple[type, ...]) -> bool:
    """A completed item does not grow any more: its completion is the last word. An aborted one may."""
    return isinstance(item, kinds) and item.status in ("in_progress", "aborted")


def _image_loaded(turn: Turn, event: ev.ImageLoaded) -> Turn:
    old = turn.find(event.item_id)
    if not isinstance(old, (ImageView, ImageGeneration)) or old.data == event.data:
        return turn
    return _put(turn, replace(old, data=event.data))


def _plan_updated(turn: Turn, event: ev.PlanUpdated) -> Turn:
    return turn if turn.ended else _changed(turn, explanation=event.explanation, steps=event.steps)


def _diff_updated(turn: Turn, event: ev.DiffUpdated) -> Turn:
    return turn if turn.ended else _changed(turn, diff=event.diff)


def _notice_raised(turn: Turn, event: ev.NoticeRaised) -> Turn:
    notice = event.notice
    if any(
        isinstance(e, Notice)
        and (e.level, e.code, e.message) == (notice.level, notice.code, notice.message)
        for e in turn.entries
    ):
        return turn
    if not notice.id or turn.find(notice.id) is not None:
        notice = replace(notice, id=_fresh(turn, "notice"))
    if notice.level == "retry" and not turn.ended:
        turn = replace(turn, retrying=notice.id)
        return _put(turn, replace(notice, status="in_progress"))
    return _put(
        turn, notice if notice.status != "in_progress" else replace(notice, status="completed")
    )


def _hook_reported(turn: Turn, event: ev.HookReported) -> Turn:
    old = turn.find(event.run.id)
    make = grow.begun if grow.is_open(event.run) else grow.finished
    return _put(turn, _if_late(turn, make(old, event.run)))


def _review_reported(turn: Turn, event: ev.ReviewReported) -> Turn:
    review = event.review
    old = turn.find(review.id)
    if review.verdict == "in_progress":
        return _put(turn, _if_late(turn, grow.begun(old, review)))
    return _put(turn, grow.finished(old, review))


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


# --- raw calls --------------------------------------------------------------------------------------------------------


def _raw_call_seen(turn: Turn, event: ev.RawCallSeen) -> Turn:
    if turn.ended or turn.find(event.call_id) is not None or event.tool in NO_ITEM:
        return turn
    output = ""
    for call_id, tool, _, told in turn.hidden_calls:
        if call_id == event.call_id:
            if tool:
                return turn
            output = told
    others = tuple(c for c in turn.hidden_calls if c[0] != event.call_id)
    call = (event.call_id, event.tool, event.arguments, output)
    return _judged(replace(turn, hidden_calls=(*others, call)), call)


def _raw_output_seen(turn: Turn, event: ev.RawOutputSeen) -> Turn:
    if turn.ended or turn.find(event.call_id) is not None:
        return turn
    tool = arguments = ""
    for call_id, known_tool, known_arguments, told in turn.hidden_calls:
        if call_id == event.call_id:
            if told:
                return turn
            tool, arguments = known_tool, known_arguments
    call = (event.call_id, tool, arguments, event.output)
    others = tuple(c for c in turn.hidden_calls if c[0] != event.call_id)
    return _judged(replace(turn, hidden_calls=(*others, call)), call)


def _judged(turn: Turn, call: tuple[str, str, str, str]) -> Turn:
    """As soon as a call's output says that it was refused, say so; calls that need no entry are forgotten."""
    call_id, tool, arguments, output = call
    if not tool or not output:
        return turn
    found = refusal(tool, arguments, output)
    turn = replace(turn, hidden_calls=tuple(c for c in turn.hidden_calls if c[0] != call_id))
    if found is None:
        return turn
    return _put(
        turn, RefusedCall(call_id, "declined", tool=tool, arguments=found[0], output=found[1])
    )


def _refused_calls(turn: Turn) -> Turn:
    for call in turn.hidden_calls:
        turn = _judged(turn, call)
    return turn


# --- requests ---------------------------------------------------------------------------------------------------------


def _request_opened(turn: Turn, event: ev.RequestOpened) -> Turn:
    request = event.request
    if isinstance(request, ToolCall) or _known_request(turn, request.id):
        return turn
    after = turn.entries[-1].id if turn.entries else ""
    turn = replace(
        turn, requests=(*turn.requests, request), opened=(*turn.opened, (request.id, after))
    )
    return _withdraw(turn, request, "the turn had ended") if turn.ended else turn


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
    return turn if request is None else _withdraw(turn, request, event.reason)


def _withdraw(turn: Turn, request: Request, reason: str) -> Turn:
    line = asked(request, turn.settings.cwd, turn.settings.home)
    gone = Withdrawn(request.id, line, reason, request.item_id, _opened_after(turn, request.id))
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


# --- entries ----------------------------------------------------------------------------------------------------------


def _changed(turn: Turn, **values: object) -> Turn:
    """``turn`` with these fields, or ``turn`` itself when they are what they were."""
    if all(getattr(turn, name) == value for name, value in values.items()):
        return turn
    return replace(turn, **values)  # type: ignore[arg-type]


def _put(turn: Turn, item: Item) -> Turn:
    """The entry with this id is now ``item``; a new one goes to the end and shows that a retry succeeded."""
    at = _place(turn, item.id)
    if at is None:
        if not isinstance(item, _OURS) and not turn.ended:
            turn = _recovered(turn)
            if turn.abandoned:
                gone = set(turn.abandoned)
                kept = tuple(e for e in turn.entries if e.id not in gone)
                turn = replace(turn, entries=kept, abandoned=())
        hidden = tuple(c for c in turn.hidden_calls if c[0] != item.id)
        if len(hidden) != len(turn.hidden_calls):
            turn = replace(turn, hidden_calls=hidden)
        return _append(turn, item)
    if turn.entries[at] is item:
        return turn
    return replace(turn, entries=(*turn.entries[:at], item, *turn.entries[at + 1 :]))


def _append(turn: Turn, item: Item) -> Turn:
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


def _place(turn: Turn, item_id: str) -> int | None:
    entries = turn.entries
    for at in range(len(entries) - 1, -1, -1):
        if entries[at].id == item_id:
            return at
    return None


def _with_entries(turn: Turn, change: Callable[[Item], Item]) -> Turn:
    entries = tuple(change(entry) for entry in turn.entries)
    if all(a is b for a, b in zip(entries, turn.entries, strict=True)):
        return turn
    return replace(turn, entries=entries)


def _cut(turn: Turn, *, abandon: bool) -> Turn:
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
    turn = _with_entries(turn, lambda entry: grow.aborted(entry) if entry.id in ids else entry)
    return replace(turn, abandoned=(*turn.abandoned, *cut)) if abandon else turn


def _recovered(turn: Turn) -> Turn:
    """The retry is over: its notice steps back into the work."""
    notice = turn.find(turn.retrying) if turn.retrying else None
    turn = _changed(turn, retrying="")
    if not isinstance(notice, Notice):
        return turn
    return _put(turn, replace(notice, level="info", status="completed", hint=""))


def _fresh(turn: Turn, kind: str) -> str:
    """An id that no entry has."""
    number = 1
    taken = {entry.id for entry in turn.entries}
    while f"our-{kind}-{number}" in taken:
        number += 1
    return f"our-{kind}-{number}"


_RULES: dict[type, Callable[..., Turn]] = {
    ev.TurnStarted: _turn_started,
    ev.TurnCompleted: _turn_completed,
    ev.RuntimeLost: _runtime_lost,
    ev.StopRequested: _stop_requested,
    ev.LeftoversEnded: _leftovers_ended,
    ev.ErrorReported: _error_reported,
    ev.UsageUpdated: _usage_updated,
    ev.LimitsUpdated: _limits_updated,
    ev.DataSent: _data_sent,
    ev.ItemStarted: _item_started,
    ev.ItemCompleted: _item_completed,
    ev.MessageAppended: _message_appended,
    ev.PlanAppended: _message_appended,
    ev.ReasoningAppended: _reasoning_appended,
    ev.OutputAppended: _output_appended,
    ev.InputTyped: _input_typed,
    ev.PatchUpdated: _patch_updated,
    ev.ToolProgressed: _tool_progressed,
    ev.ImageLoaded: _image_loaded,
    ev.PlanUpdated: _plan_updated,
    ev.DiffUpdated: _diff_updated,
    ev.NoticeRaised: _notice_raised,
    ev.HookReported: _hook_reported,
    ev.ReviewReported: _review_reported,
    ev.AgentProgressed: _agent_progressed,
    ev.RawCallSeen: _raw_call_seen,
    ev.RawOutputSeen: _raw_output_seen,
    ev.RequestOpened: _request_opened,
    ev.RequestAnswered: _request_answered,
    ev.RequestWithdrawn: _request_withdrawn,
}
