"""What a turn comes to, in the SDK's own types, so that ``result`` has what ``openai_codex``'s ``TurnResult`` has.

Total where the runtime may be newer than the SDK: what the SDK's models do not accept stays a plain ``dict``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codex_jupyter.core.json_fields import Json
from codex_jupyter.core.turn import Turn

if TYPE_CHECKING:
    from openai_codex.generated.v2_all import ThreadItem, ThreadTokenUsage, TurnError, TurnStatus


def status(turn: Turn) -> TurnStatus:
    """The SDK's status of a turn."""
    from openai_codex.generated.v2_all import TurnStatus

    ended = {"completed": "completed", "failed": "failed", "interrupted": "interrupted"}
    return TurnStatus(ended.get(turn.state, "inProgress"))


def error(turn: Turn) -> TurnError | None:
    """The SDK's error of a turn, or None. The code is in ``codex_error_info`` where the SDK knows it as a word."""
    from openai_codex.generated.v2_all import TurnError

    if turn.error is None:
        return None
    wire: Json = {"message": turn.error.message, "additionalDetails": turn.error.detail or None}
    try:
        return TurnError.model_validate({**wire, "codexErrorInfo": turn.error.code or None})
    except ValueError:
        return TurnError.model_validate(wire)


def usage(turn: Turn) -> ThreadTokenUsage | None:
    """The SDK's token usage: of the last model call and of the thread, or None."""
    from openai_codex.generated.v2_all import ThreadTokenUsage

    usage = turn.usage
    if usage is None:
        return None
    last = {
        "inputTokens": usage.input,
        "cachedInputTokens": usage.cached,
        "outputTokens": usage.output,
        "reasoningOutputTokens": usage.reasoning,
        "totalTokens": usage.total,
    }
    total = {
        "inputTokens": usage.thread_input,
        "cachedInputTokens": usage.thread_cached,
        "outputTokens": usage.thread_output,
        "reasoningOutputTokens": usage.thread_reasoning,
        "totalTokens": usage.thread_total,
    }
    return ThreadTokenUsage.model_validate(
        {"last": last, "total": total, "modelContextWindow": usage.window}
    )


def item(wire: Json) -> ThreadItem | Json:
    """The SDK's item, or the table itself where the SDK does not know it."""
    from openai_codex.generated.v2_all import ThreadItem

    try:
        return ThreadItem.model_validate(wire)
    except ValueError:
        return wire
