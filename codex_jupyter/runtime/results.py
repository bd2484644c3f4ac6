"""Our turn in the SDK's own types, for those who hold a ``Result``. Imports the SDK when called, not before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codex_jupyter.core.turn import Turn

if TYPE_CHECKING:
    from codex_jupyter.runtime.client import Runtime

#: Seconds for one page of history, and items per page.
_TIMEOUT, _PAGE = 30.0, 200


def status(turn: Turn) -> Any:
    """The SDK's ``TurnStatus`` of a turn."""
    from openai_codex.types import TurnStatus

    names = {"completed": "completed", "interrupted": "interrupted", "failed": "failed"}
    return TurnStatus(names.get(turn.state, "inProgress"))


def error(turn: Turn) -> Any:
    """The SDK's ``TurnError`` of a failed turn, or None."""
    from openai_codex.types import TurnError

    if turn.error is None:
        return None
    return TurnError(message=turn.error.message, additional_details=turn.error.detail or None)


def usage(turn: Turn) -> Any:
    """The SDK's ``ThreadTokenUsage`` as the turn last heard it, or None. The thread's total has its sum only."""
    from openai_codex.types import ThreadTokenUsage

    known = turn.usage
    if known is None:
        return None
    last = {
        "inputTokens": known.input,
        "cachedInputTokens": known.cached,
        "outputTokens": known.output,
        "reasoningOutputTokens": known.reasoning,
        "totalTokens": known.total,
    }
    total = {**last, "totalTokens": known.thread_total}
    return ThreadTokenUsage.model_validate(
        {"last": last, "total": total, "modelContextWindow": known.window}
    )


async def items(runtime: Runtime, turn: Turn) -> list[Any]:
    """The SDK's ``ThreadItem`` objects of a turn, from the thread's history; an item it cannot decode stays a dict."""
    from openai_codex.types import ThreadItem

    found: list[Any] = []
    cursor: str | None = None
    while turn.thread_id and turn.turn_id:
        params: dict[str, Any] = {
            "threadId": turn.thread_id,
            "turnId": turn.turn_id,
            "limit": _PAGE,
        }
        if cursor:
            params["cursor"] = cursor
        page = await runtime.request("thread/items/list", params, timeout=_TIMEOUT)
        for entry in page.get("data", ()):
            wire = entry.get("item", entry)
            try:
                found.append(ThreadItem.model_validate(wire))
            except ValueError:  # a newer runtime than the SDK knows
                found.append(wire)
        cursor = page.get("nextCursor")
        if not cursor:
            break
    return found
