"""A person's (or a policy's) answer -> what the runtime is told. The replies are those tested in runtime 0.163.

Pure. An answer that a request has no reply for is told as a refusal: nothing is allowed by mistake.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from codex_jupyter.core import requests as core

#: JSON-RPC: the method is not known. What an unknown request, and one of ours that strayed here, is refused with.
NOT_KNOWN = -32601


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back: ``result``, or ``error`` as (JSON-RPC code, message).

    ``interrupt`` is set when the answer was to stop and the protocol has no such reply here: the turn goes on unless it
    is interrupted as well. ``result`` may hold secret answers, so it is not part of the repr.
    """

    result: dict[str, Any] | None = None
    error: tuple[int, str] | None = None
    interrupt: bool = False

    def __repr__(self) -> str:
        return f"Reply(error={self.error!r}, interrupt={self.interrupt!r})"


def reply_to(request: core.Request, answer: core.Answer) -> Reply:
    """The reply to ``request`` that says ``answer``.

    Example:
        >>> reply_to(core.FileChangeRequest(id="r"), core.Answer("decline")).result
        {'decision': 'decline'}
    """
    choice = answer.choice
    match request:
        case core.CommandRequest():
            return Reply({"decision": _command(choice, request.rule)})
        case core.FileChangeRequest():
            return Reply({"decision": _decision(choice)})
        case core.PermissionsRequest():
            return _permissions(request, choice)
        case core.QuestionsRequest():
            values = answer.values if choice == "submit" else ()
            answers = {name: {"answers": list(given)} for name, given in values}
            return Reply({"answers": answers}, interrupt=choice == "stop")
        case core.McpToolRequest():
            return _mcp_tool(choice)
        case core.FormRequest():
            return _form(answer)
        case core.UrlRequest():
            allowed = choice in ("once", "session", "always", "submit")
            return _elicitation("accept" if allowed else choice)
        case core.ToolCall():
            return Reply(
                tool_result(False, "The user declined this call."), interrupt=choice == "stop"
            )
        case core.UnknownRequest():
            message = f"{request.method} is not known to codex_jupyter, so it is refused."
            return Reply(error=(NOT_KNOWN, message), interrupt=choice == "stop")
        case _:
            return Reply(error=(NOT_KNOWN, "This request was not made by the runtime."))


def tool_result(success: bool, text: str, images: Sequence[str] = ()) -> dict[str, Any]:
    """The result of a call of one of our own tools.

    Args:
        success: whether the tool did what it was asked.
        text: what the model is told.
        images: ``data:`` URLs. Code-mode models get them as base64 text: a file named in the text costs less.

    Example:
        >>> tool_result(True, "2")
        {'success': True, 'contentItems': [{'type': 'inputText', 'text': '2'}]}
    """
    items: list[dict[str, Any]] = [{"type": "inputText", "text": text}]
    items += [{"type": "inputImage", "imageUrl": image} for image in images]
    return {"success": success, "contentItems": items}


def _decision(choice: core.Choice) -> str:
    if choice == "once":
        return "accept"
    if choice in ("session", "always"):  # a rule for files does not exist
        return "acceptForSession"
    return "cancel" if choice == "stop" else "decline"


def _command(choice: core.Choice, rule: tuple[str, ...]) -> str | dict[str, Any]:
    if choice == "always":
        if not rule:  # no rule was offered: the least of what was allowed
            return "accept"
        return {"acceptWithExecpolicyAmendment": {"execpolicy_amendment": list(rule)}}
    return _decision(choice)


def _permissions(request: core.PermissionsRequest, choice: core.Choice) -> Reply:
    if choice not in ("once", "session"):
        return Reply({"permissions": {}}, interrupt=choice == "stop")
    asked = json.loads(request.permissions) if request.permissions else {}
    return Reply({"permissions": asked, "scope": "turn" if choice == "once" else "session"})


def _mcp_tool(choice: core.Choice) -> Reply:
    if choice in ("once", "session", "always"):
        result: dict[str, Any] = {"action": "accept", "content": None}
        if choice != "once":
            result["_meta"] = {"persist": choice}
        return Reply(result)
    return _elicitation(choice)


def _form(answer: core.Answer) -> Reply:
    if answer.choice != "submit":
        return _elicitation(answer.choice)
    try:
        content = json.loads(answer.content)
    except ValueError:
        return _elicitation("decline")
    return Reply({"action": "accept", "content": content})


def _elicitation(choice: str) -> Reply:
    if choice == "accept":
        return Reply({"action": "accept", "content": None})
    stop = choice == "stop"
    return Reply({"action": "cancel" if stop else "decline", "content": None}, interrupt=stop)
