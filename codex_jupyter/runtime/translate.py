"""Notifications of the runtime -> ``core.events``. Total: it never raises, and nothing it does not know is lost silently.

``NOTIFICATIONS`` considers every notification of runtime 0.163 (the 85 of its schema, and the two raw ones that the
schema leaves out). A method that is not in the table becomes a ``NoticeRaised`` when it belongs to a turn, so that a
newer runtime shows as unknown instead of as nothing, and ``Ignored`` otherwise. What concerns a thread or the account
rather than a turn is an arrival of its own: see ``announcements.py``. Notifications about one kind of item alone are read
in the module of that kind (``core/items/``).
"""

from __future__ import annotations

from collections.abc import Callable

from codex_jupyter.core import events as ev
from codex_jupyter.core import kinds
from codex_jupyter.core.checklist import Step
from codex_jupyter.core.json_fields import (
    Json,
    as_json,
    real,
    rows,
    seconds_to_ms,
    snake,
    table,
    text,
    whole,
    yes,
)
from codex_jupyter.core.kinds import read_item
from codex_jupyter.core.text import LONG_OUTPUT
from codex_jupyter.core.tool_calls import result_text
from codex_jupyter.runtime.notices import NOTICES, notice
from codex_jupyter.runtime.wire_requests import translate_request

__all__ = [
    "NOTIFICATIONS",
    "error_code",
    "error_detail",
    "limits",
    "translate",
    "translate_request",
]


def translate(method: str, params: object) -> ev.Event:
    """The event that a notification means.

    Args:
        method: the notification's name.
        params: its decoded parameters, whatever they are.

    Example:
        >>> translate("item/agentMessage/delta", {"threadId": "t", "turnId": "u", "itemId": "m", "delta": "Hi"}).text
        'Hi'
    """
    source = table(params)
    thread_id, turn_id = text(source, "threadId"), text(source, "turnId")
    known = NOTIFICATIONS.get(method, _unknown)
    if known is None:
        return ev.Ignored(thread_id, turn_id, method)
    if known is _unknown:
        return _unknown(thread_id, turn_id, source, method)
    return known(thread_id, turn_id, source)


# --- the turn ---------------------------------------------------------------------------------------------------------


def _turn_started(thread: str, turn: str, p: Json) -> ev.Event:
    wire = table(p.get("turn"))
    return ev.TurnStarted(thread, text(wire, "id") or turn, seconds_to_ms(wire, "startedAt"))


def _turn_completed(thread: str, turn: str, p: Json) -> ev.Event:
    wire = table(p.get("turn"))
    status = text(wire, "status", "failed")
    error = table(wire.get("error"))
    return ev.TurnCompleted(
        thread,
        text(wire, "id") or turn,
        status=status if status in ("completed", "interrupted") else "failed",
        message=text(error, "message"),
        code=error_code(error.get("codexErrorInfo")),
        detail=error_detail(error),
        duration_ms=whole(wire, "durationMs"),
        at_ms=seconds_to_ms(wire, "completedAt"),
    )


def error_code(info: object) -> str:
    """The name of a ``CodexErrorInfo``: a word, or the one key of an object. ``""`` for none.

    Example:
        >>> error_code({"responseStreamDisconnected": {"httpStatusCode": 401}})
        'responseStreamDisconnected'
    """
    if isinstance(info, str):
        return info
    return next((key for key in table(info) if isinstance(key, str)), "")


def error_detail(error: Json) -> str:
    """What a ``TurnError`` says beyond its message, as lines."""
    parts = [text(error, "additionalDetails")]
    parts.append(text(table(error.get("misalignment")), "detailedExplanation"))
    return "\n".join(part for part in parts if part)


def _error(thread: str, turn: str, p: Json) -> ev.Event:
    error = table(p.get("error"))
    return ev.ErrorReported(
        thread,
        turn,
        message=text(error, "message"),
        detail=error_detail(error),
        code=error_code(error.get("codexErrorInfo")),
        will_retry=yes(p, "willRetry"),
    )


def _plan_updated(thread: str, turn: str, p: Json) -> ev.Event:
    steps = tuple(
        Step(text(row, "step"), snake(text(row, "status", "pending")))
        for row in map(table, rows(p.get("plan")))
    )
    return ev.PlanUpdated(thread, turn, explanation=text(p, "explanation"), steps=steps)


def _diff_updated(thread: str, turn: str, p: Json) -> ev.Event:
    return ev.DiffUpdated(thread, turn, text(p, "diff"))


def _usage_updated(thread: str, turn: str, p: Json) -> ev.Event:
    usage = table(p.get("tokenUsage"))
    last, total = table(usage.get("last")), table(usage.get("total"))
    return ev.UsageUpdated(
        thread,
        turn,
        ev.Usage(
            input=whole(last, "inputTokens") or 0,
            cached=whole(last, "cachedInputTokens") or 0,
            output=whole(last, "outputTokens") or 0,
            reasoning=whole(last, "reasoningOutputTokens") or 0,
            total=whole(last, "totalTokens") or 0,
            thread_total=whole(total, "totalTokens") or 0,
            thread_input=whole(total, "inputTokens") or 0,
            thread_cached=whole(total, "cachedInputTokens") or 0,
            thread_output=whole(total, "outputTokens") or 0,
            thread_reasoning=whole(total, "reasoningOutputTokens") or 0,
            window=whole(usage, "modelContextWindow"),
        ),
    )


def _limits_updated(thread: str, turn: str, p: Json) -> ev.Event:
    return ev.LimitsUpdated(thread, turn, limits(p.get("rateLimits")))


def limits(wire: object) -> ev.Limits:
    """The rate limits in a ``RateLimitSnapshot``; what it leaves out stays None or ``""``."""
    source = table(wire)
    credit = table(source.get("credits"))
    credits = "unlimited" if yes(credit, "unlimited") else text(credit, "balance")
    if not credits and credit.get("hasCredits") is False:
        credits = "none"
    reached = text(source, "rateLimitReachedType")
    return ev.Limits(
        primary=_window(source.get("primary")),
        secondary=_window(source.get("secondary")),
        plan=text(source, "planType"),
        credits=credits,
        reached=reached or ("spend_control" if yes(source, "spendControlReached") else ""),
    )


def _window(wire: object) -> ev.Window | None:
    source = table(wire)
    if not source:
        return None
    return ev.Window(
        used_percent=real(source, "usedPercent"),
        minutes=whole(source, "windowDurationMins"),
        resets_at=whole(source, "resetsAt"),
    )


# --- items ------------------------------------------------------------------------------------------------------------


def _item_started(thread: str, turn: str, p: Json) -> ev.Event:
    wire = read_item(p.get("item"), completed=False, started_ms=whole(p, "startedAtMs"))
    return ev.ItemStarted(thread, turn, item=wire)


def _item_completed(thread: str, turn: str, p: Json) -> ev.Event:
    wire = read_item(p.get("item"), completed=True, ended_ms=whole(p, "completedAtMs"))
    printed = text(table(p.get("item")), "aggregatedOutput")
    if len(printed) <= LONG_OUTPUT:
        return ev.ItemCompleted(thread, turn, item=wire)
    size = len(printed) if printed.isascii() else len(printed.encode("utf-8", "surrogatepass"))
    return ev.ItemCompleted(thread, turn, item=wire, printed=printed, size=size)


#: Raw output items that are calls of a tool, with the field that holds the arguments.
_RAW_CALLS = {
    "function_call": "arguments",
    "custom_tool_call": "input",
    "local_shell_call": "action",
}
_RAW_OUTPUTS = ("function_call_output", "custom_tool_call_output")


def _raw_item(thread: str, turn: str, p: Json) -> ev.Event:
    raw = table(p.get("item"))
    kind = text(raw, "type")
    if kind in _RAW_CALLS:
        value = raw.get(_RAW_CALLS[kind])
        name = text(raw, "name") or kind
        space = text(raw, "namespace")
        return ev.RawCallSeen(
            thread,
            turn,
            call_id=text(raw, "call_id") or text(raw, "id"),
            tool=f"{space}.{name}" if space else name,
            arguments=value if isinstance(value, str) else as_json(value),
        )
    if kind in _RAW_OUTPUTS:
        output = raw.get("output")
        shown = result_text(output) if isinstance(output, (str, list)) else as_json(output)
        return ev.RawOutputSeen(thread, turn, call_id=text(raw, "call_id"), output=shown)
    return ev.Ignored(thread, turn, "rawResponseItem/completed")


def _unknown(thread: str, turn: str, p: Json, method: str = "") -> ev.Event:
    if not turn and isinstance(p.get("turn"), dict):
        turn = text(table(p["turn"]), "id")
    if not turn:
        return ev.Ignored(thread, turn, method)
    message = f"The runtime sent something this version does not recognise: {method}"
    return notice(thread, turn, "info", message, "unknownNotification", as_json(p))


# --- the table --------------------------------------------------------------------------------------------------------

Translator = Callable[[str, str, Json], ev.Event]

#: Every notification of runtime 0.163. None: nothing a reader of a turn would see, on purpose.
NOTIFICATIONS: dict[str, Translator | None] = {
    **NOTICES,
    **kinds.NOTIFICATIONS,
    "error": _error,
    "turn/started": _turn_started,
    "turn/completed": _turn_completed,
    "turn/diff/updated": _diff_updated,
    "turn/plan/updated": _plan_updated,
    "thread/tokenUsage/updated": _usage_updated,
    "account/rateLimits/updated": _limits_updated,
    "item/started": _item_started,
    "item/completed": _item_completed,
    # Asked for with experimentalRawEvents; in no schema.
    "rawResponseItem/completed": _raw_item,
    "rawResponse/completed": None,
    # Arrivals of their own: see announcements.py, and the tap for serverRequest/resolved.
    "thread/started": None,
    "thread/status/changed": None,
    "thread/archived": None,
    "thread/deleted": None,
    "thread/unarchived": None,
    "thread/closed": None,
    "thread/reverted": None,
    "thread/name/updated": None,
    "thread/settings/updated": None,
    "thread/goal/updated": None,
    "thread/goal/cleared": None,
    "thread/queue/changed": None,
    "account/updated": None,
    "account/login/completed": None,
    "mcpServer/oauthLogin/completed": None,
    "serverRequest/resolved": None,
    # Said by an item already (contextCompaction).
    "thread/compacted": None,
    # Features that this front end does not use, and bookkeeping.
    "thread/readState/changed": None,
    "thread/attachment/updated": None,
    "thread/prediction/updated": None,
    "thread/environment/connected": None,
    "thread/project/updated": None,
    "project/changed": None,
    "skills/changed": None,
    "turn/moderationMetadata": None,
    "command/exec/outputDelta": None,
    "process/outputDelta": None,
    "process/exited": None,
    "mcpServer/event/stream/notification": None,
    "account/gatewayOAuth/changed": None,
    "app/list/updated": None,
    "remoteControl/status/changed": None,
    "externalAgentConfig/import/progress": None,
    "externalAgentConfig/import/completed": None,
    "fs/changed": None,
    "fuzzyFileSearch/sessionUpdated": None,
    "fuzzyFileSearch/sessionCompleted": None,
    "thread/realtime/started": None,
    "thread/realtime/itemAdded": None,
    "thread/realtime/item/started": None,
    "thread/realtime/item/transcript/delta": None,
    "thread/realtime/item/completed": None,
    "thread/realtime/transcript/delta": None,
    "thread/realtime/transcript/done": None,
    "thread/realtime/outputAudio/delta": None,
    "thread/realtime/sdp": None,
    "thread/realtime/closed": None,
    "windowsSandbox/setupCompleted": None,
}
