"""An approval of an MCP tool is for a call that is open, and for that alone; all else that looks like one is a form."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from codex_jupyter.core.cards import card, choices
from codex_jupyter.core.events import ItemCompleted, ItemStarted, TurnCompleted
from codex_jupyter.core.items import McpToolCall
from codex_jupyter.core.policy import rule_for
from codex_jupyter.core.requests import Answer, FormRequest, McpToolRequest
from codex_jupyter.runtime.replies import reply_to
from codex_jupyter.session.tool_calls import OpenToolCalls

NAMES = [
    "read",
    'read" or "x',
    'a" to run tool "b',
    "re\nad",
    "réad",
    "read ",
    "",
    "Allow",
    "読む",
    "re\u200bad",
]


def approval(tool: str = "read", arguments: str = "{}", **more: Any) -> McpToolRequest:
    message = f'Allow the demo MCP server to run tool "{tool}"?'
    request = McpToolRequest("r", "t", "u", server="demo", message=message, arguments=arguments)
    return replace(request, persist=("session", "always"), description="Harmless.", **more)


def calls(*tools: str, arguments: str = "{}", thread: str = "t", **more: Any) -> OpenToolCalls:
    known = OpenToolCalls()
    for number, tool in enumerate(tools):
        item = McpToolCall(f"i{number}", server="demo", tool=tool, arguments=arguments, **more)
        known.heard(ItemStarted(thread, "u", item=item))
    return known


@pytest.mark.parametrize("tool", NAMES)
def test_the_tool_is_the_one_of_the_call(tool: str) -> None:
    others = [name for name in NAMES if name != tool]
    placed = calls(*others, tool).placed(approval(tool))
    assert isinstance(placed, McpToolRequest)
    assert (placed.tool, placed.item_id) == (tool, f"i{len(others)}")
    rule = rule_for(placed)
    assert (rule.what, rule.where) == (tool, "demo") if rule else tool == ""


@pytest.mark.parametrize(
    ("known", "request_"),
    [
        (calls(), approval()),
        (calls("danger"), approval("read")),
        (calls("read"), approval("danger")),
        (calls("read"), approval('read" or "x')),
        (calls('read" or "x'), approval("read")),
        (calls("read"), approval("read", '{"path": "/etc"}')),
        (calls("read", arguments='{"n": 1}'), approval("read", '{"n": true}')),
        (calls("read", arguments='{"n": 1}'), approval("read", '{"n": 1.0}')),
        (calls("read", thread="another"), approval()),
        (calls("read"), replace(approval(), server="other")),
        (calls("read"), replace(approval(), server="demo ")),
        (calls("read"), replace(approval(), message="May I?")),
        (calls("read"), replace(approval(), message="")),
    ],
    ids=lambda one: getattr(one, "message", ""),
)
def test_what_belongs_to_no_open_call_is_a_form_of_the_server(
    known: OpenToolCalls, request_: McpToolRequest
) -> None:
    placed = known.placed(request_)
    assert isinstance(placed, FormRequest) and rule_for(placed) is None
    assert choices(placed) == ("submit", "decline")
    drawn = card(placed)
    assert drawn.title == f"Codex asks: {request_.server} asks for information".rstrip()
    assert "use the tool" not in repr(drawn)
    said = repr(drawn.body)
    assert "no call of a tool waits" in said and "Harmless." in said
    if request_.arguments != "{}":
        assert request_.arguments in placed.message
    assert reply_to(placed, Answer("submit", content="{}")).result == {
        "action": "accept", "content": {},
    }  # fmt: skip


def test_a_call_is_asked_for_once() -> None:
    known = calls("read")
    assert isinstance(known.placed(approval()), McpToolRequest)
    assert isinstance(known.placed(approval()), FormRequest), "the server asks now, not the runtime"


@pytest.mark.parametrize("end", ["item", "turn", "runtime"])
def test_a_call_that_ended_is_asked_for_no_more(end: str) -> None:
    known = calls("read")
    if end == "item":
        known.heard(ItemCompleted("t", "u", item=McpToolCall("i0", server="demo", tool="read")))
    elif end == "turn":
        known.heard(TurnCompleted("t", "u"))
    else:
        known.forget()
    assert isinstance(known.placed(approval()), FormRequest)


def test_a_call_that_only_reads_makes_no_rule() -> None:
    placed = calls("read", read_only=True).placed(approval())
    assert isinstance(placed, McpToolRequest) and choices(placed) == ("once", "decline")


def test_no_arguments_and_an_empty_object_are_the_same() -> None:
    assert isinstance(calls("read", arguments="").placed(approval()), McpToolRequest)
    assert isinstance(calls("read").placed(approval(arguments="null")), McpToolRequest)
