"""Which calls of MCP tools are open, and which of them an approval is for.

The runtime asks for the approval of a tool by an elicitation, and so may a server by itself, word for word the same
(measured). What a server cannot make is the call: the runtime announces it, with server, tool and arguments, before it
asks. An approval that belongs to no such call, or to one that was asked for already, is what it is: a form of the server.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from codex_jupyter.core.events import Event, ItemCompleted, ItemStarted, RuntimeLost, TurnCompleted
from codex_jupyter.core.items import McpToolCall
from codex_jupyter.core.requests import FormRequest, McpToolRequest

NO_CALL = (
    "{server} says that this approves something, but no call of a tool waits for approval. "
    "An answer goes to {server} alone."
)


class OpenToolCalls:
    """The calls that have begun and not ended, by thread and item. Lives on the session's loop."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, str], McpToolCall] = {}

    def heard(self, event: Event) -> None:
        """An event of the runtime, exactly as it came, child agents' threads included."""
        match event:
            case ItemStarted(item=McpToolCall() as call):
                self._open[event.thread_id, call.id] = call
            case ItemCompleted(item=McpToolCall() as call):
                self._open.pop((event.thread_id, call.id), None)
            case TurnCompleted() | RuntimeLost():
                for key in [key for key in self._open if key[0] == event.thread_id]:
                    del self._open[key]

    def forget(self) -> None:
        """The runtime has ended, and every call with it."""
        self._open.clear()

    def placed(self, request: McpToolRequest) -> McpToolRequest | FormRequest:
        """The request with the tool whose call it approves, or what it is without one: a form.

        A call is asked for once. One that only reads is asked for where a person wants that each time, so it makes no rule.
        """
        calls = [
            (key, call)
            for key, call in self._open.items()
            if key[0] == request.thread_id
            and call.server == request.server
            and _same(call.arguments, request.arguments)
            and request.message.endswith(f' to run tool "{call.tool}"?')
        ]
        if not calls:
            return _form(request)
        # The message about a tool named `a" to run tool "b` ends as that about `b` does: the longest name is meant.
        key, call = max(calls, key=lambda one: len(one[1].tool))
        del self._open[key]
        persist = () if call.read_only else request.persist
        return replace(request, tool=call.tool, item_id=call.id, persist=persist)


def _form(request: McpToolRequest) -> FormRequest:
    about = NO_CALL.format(server=request.server or "The server")
    parts = (request.message, request.description, request.arguments)
    message = "\n\n".join((about, *(part for part in parts if part not in ("", "{}"))))
    return FormRequest(
        id=request.id,
        thread_id=request.thread_id,
        turn_id=request.turn_id,
        item_id=request.item_id,
        started_ms=request.started_ms,
        server=request.server,
        message=message,
        schema='{"type": "object", "properties": {}}',
    )


def _same(one: str, other: str) -> bool:
    """Whether two JSON texts say the same arguments; none and no object are the same."""
    try:
        return _arguments(one) == _arguments(other)
    except (ValueError, RecursionError):
        return one == other


def _arguments(text: str) -> str:
    """As text again: 1, 1.0 and true are equal in Python."""
    given: Any = json.loads(text) if text else None
    return json.dumps({} if given is None else given, sort_keys=True)
