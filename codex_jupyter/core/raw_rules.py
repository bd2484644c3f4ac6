"""What raw tool calls do to a turn: they wait until their output comes, and are shown only if they were refused.

Part of ``reduce.py``, which owns the rule. A call whose item appeared is nothing here; the item says it all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from codex_jupyter.core import events as ev
from codex_jupyter.core.items import Command, FileChange, RefusedCall
from codex_jupyter.core.refusals import Call, cell_of, refused, waits_for, watched
from codex_jupyter.core.timeline import put
from codex_jupyter.core.titles import unwrap
from codex_jupyter.core.turn import Turn


def _raw_call_seen(turn: Turn, event: ev.RawCallSeen) -> Turn:
    call_id = event.call_id
    if turn.ended or not call_id or not watched(event.tool):
        return turn
    if turn.find(call_id) is not None or _waiting_call(turn, call_id) is not None:
        return turn
    seen = (*turn.nested_before, (call_id, len(_nested(turn))))
    turn = replace(turn, nested_before=seen[-_MOST_HIDDEN:])
    return _remember(turn, (call_id, event.tool, event.arguments, ""))


def _raw_output_seen(turn: Turn, event: ev.RawOutputSeen) -> Turn:
    call = _waiting_call(turn, event.call_id)
    if turn.ended or call is None or call[3] or not event.output:
        return turn
    return _with_verdict(turn, (*call[:3], event.output))


def _with_verdict(turn: Turn, hidden: Call) -> Turn:
    """As soon as a call's output says that it was refused, say so; calls that need no entry are forgotten.

    A script that runs on (``Script running with cell ID 3``) is kept: what becomes of it is told to a later ``wait``.
    """
    call_id, tool, arguments, output = hidden
    shown_as = call_id
    cell = waits_for(tool, arguments)
    if cell:
        script = next((c for c in turn.hidden_calls if cell_of(c[3]) == cell), None)
        turn = _forget(turn, call_id)
        if script is None or cell_of(output):
            return turn
        call_id, tool, arguments, _ = script
    elif cell_of(output):
        return _remember(turn, hidden)
    items = _nested(turn)[dict(turn.nested_before).get(call_id, 0) :]
    turn = _forget(turn, call_id)
    if not refused(tool, arguments, output, len(items)):
        return turn
    ran = tuple(unwrap(item.command) for item in items if isinstance(item, Command))
    call = RefusedCall(shown_as, "declined", tool=tool, arguments=arguments, output=output, ran=ran)
    return put(turn, call)


def refused_calls(turn: Turn) -> Turn:
    """The turn with every hidden call judged, for its end."""
    for call in turn.hidden_calls:
        if call[3] and not cell_of(call[3]):
            turn = _with_verdict(turn, call)
    return replace(turn, hidden_calls=(), nested_before=()) if turn.hidden_calls else turn


def _waiting_call(turn: Turn, call_id: str) -> Call | None:
    return next((c for c in turn.hidden_calls if c[0] == call_id), None)


def _remember(turn: Turn, call: Call) -> Turn:
    if call in turn.hidden_calls:
        return turn
    others = tuple(c for c in turn.hidden_calls if c[0] != call[0])
    return replace(turn, hidden_calls=(*others, call)[-_MOST_HIDDEN:])


#: Most calls that are remembered at once; the oldest go first.
_MOST_HIDDEN = 200


def _forget(turn: Turn, call_id: str) -> Turn:
    calls = tuple(c for c in turn.hidden_calls if c[0] != call_id)
    seen = tuple(s for s in turn.nested_before if s[0] != call_id)
    if len(calls) == len(turn.hidden_calls) and len(seen) == len(turn.nested_before):
        return turn
    return replace(turn, hidden_calls=calls, nested_before=seen)


def _nested(turn: Turn) -> list[Command | FileChange]:
    """The commands and patches of scripts that have an item so far."""
    return [
        entry
        for entry in turn.entries
        if isinstance(entry, (Command, FileChange)) and entry.id.startswith("exec-")
    ]


#: Event -> rule.
RULES: dict[type, Callable[..., Turn]] = {
    ev.RawCallSeen: _raw_call_seen,
    ev.RawOutputSeen: _raw_output_seen,
}
