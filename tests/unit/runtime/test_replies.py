"""Answers in the runtime's words. What they do in the world is tests/contract/runtime/test_replies.py."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from codex_jupyter.core import requests as rq
from codex_jupyter.core.requests import Answer
from codex_jupyter.runtime.replies import reply_to, tool_result

COMMAND = rq.CommandRequest(id="c", rule=("git", "status"))
BARE = rq.CommandRequest(id="c")
FILES = rq.FileChangeRequest(id="f")
RIGHTS = rq.PermissionsRequest(id="p", permissions='{"network": {"enabled": true}}')
QUESTIONS = rq.QuestionsRequest(id="q")
MCP = rq.McpToolRequest(id="m", persist=("session", "always"))
FORM = rq.FormRequest(id="o")
URL = rq.UrlRequest(id="u")
TOOL = rq.ToolCall(id="t")

RULE = {"acceptWithExecpolicyAmendment": {"execpolicy_amendment": ["git", "status"]}}
ACCEPT: dict[str, Any] = {"action": "accept", "content": None}


@pytest.mark.parametrize(
    ("request_", "choice", "result"),
    [
        (COMMAND, "once", {"decision": "accept"}),
        (COMMAND, "session", {"decision": "acceptForSession"}),
        (COMMAND, "always", {"decision": RULE}),
        (BARE, "always", {"decision": "accept"}),
        (COMMAND, "decline", {"decision": "decline"}),
        (COMMAND, "stop", {"decision": "cancel"}),
        (FILES, "once", {"decision": "accept"}),
        (FILES, "session", {"decision": "acceptForSession"}),
        (FILES, "stop", {"decision": "cancel"}),
        (RIGHTS, "once", {"permissions": {"network": {"enabled": True}}, "scope": "turn"}),
        (RIGHTS, "session", {"permissions": {"network": {"enabled": True}}, "scope": "session"}),
        (RIGHTS, "always", {"permissions": {}}),
        (RIGHTS, "decline", {"permissions": {}}),
        (QUESTIONS, "skip", {"answers": {}}),
        (MCP, "once", ACCEPT),
        (MCP, "session", {**ACCEPT, "_meta": {"persist": "session"}}),
        (MCP, "always", {**ACCEPT, "_meta": {"persist": "always"}}),
        (MCP, "decline", {"action": "decline", "content": None}),
        (MCP, "stop", {"action": "cancel", "content": None}),
        (FORM, "once", {"action": "decline", "content": None}),
        (URL, "once", ACCEPT),
        (
            TOOL,
            "once",
            {
                "success": False,
                "contentItems": [{"type": "inputText", "text": "The user declined this call."}],
            },
        ),
    ],
)
def test_each_choice_has_its_reply(
    request_: rq.Request, choice: Any, result: dict[str, Any]
) -> None:
    reply = reply_to(request_, Answer(choice))
    assert (reply.result, reply.error) == (result, None)


def test_values_travel() -> None:
    given = Answer("submit", (("color", ("Blue", "user note: teal")), ("size", ("L",))))
    assert reply_to(QUESTIONS, given).result == {
        "answers": {"color": {"answers": ["Blue", "user note: teal"]}, "size": {"answers": ["L"]}}
    }
    assert reply_to(FORM, Answer("submit", content='{"name": "Ada"}')).result == {
        "action": "accept",
        "content": {"name": "Ada"},
    }
    assert reply_to(FORM, Answer("submit", content="{half")).result == {
        "action": "decline",
        "content": None,
    }


@pytest.mark.parametrize("request_", [COMMAND, FILES, RIGHTS, QUESTIONS, MCP, FORM, URL, TOOL])
def test_a_refusal_never_allows(request_: rq.Request) -> None:
    for choice in ("decline", "stop", "skip"):
        told = repr(reply_to(request_, Answer(choice)).result)
        assert "accept" not in told and "True" not in told and "enabled" not in told


def test_where_the_protocol_cannot_stop_the_turn_must_be_interrupted_too() -> None:
    stops = {
        type(r): reply_to(r, Answer("stop")).interrupt
        for r in (COMMAND, FILES, RIGHTS, QUESTIONS, MCP, FORM, URL, TOOL)
    }
    assert [kind.__name__ for kind, wanted in stops.items() if not wanted] == [
        "CommandRequest",
        "FileChangeRequest",
    ]


def test_what_has_no_reply_is_an_error() -> None:
    for stray in (rq.UnknownRequest(id="x", method="a/b"), rq.KernelRequest(id="k")):
        for choice in get_args(rq.Choice):
            reply = reply_to(stray, Answer(choice))
            assert reply.result is None and reply.error is not None and reply.error[0] == -32601


def test_a_reply_does_not_show_its_values() -> None:
    assert "hunter2" not in repr(reply_to(QUESTIONS, Answer("submit", (("p", ("hunter2",)),))))


def test_tool_results_carry_text_and_images() -> None:
    assert tool_result(False, "no", ["data:image/png;base64,AA"]) == {
        "success": False,
        "contentItems": [
            {"type": "inputText", "text": "no"},
            {"type": "inputImage", "imageUrl": "data:image/png;base64,AA"},
        ],
    }
