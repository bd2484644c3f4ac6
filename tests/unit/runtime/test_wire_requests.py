"""What the runtime asks: the captures, the unusual, and that nothing makes it raise."""

from __future__ import annotations

import json
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codex_jupyter.core import requests as rq
from codex_jupyter.runtime import wire_requests
from tests.unit.core.wire_values import json_values, names_in

from .captures import requests

translate_request: Any = wire_requests.translate_request  # each test knows which class it expects

KINDS: dict[str, set[type]] = {
    "item/commandExecution/requestApproval": {rq.CommandRequest},
    "item/fileChange/requestApproval": {rq.FileChangeRequest},
    "item/permissions/requestApproval": {rq.PermissionsRequest},
    "item/tool/requestUserInput": {rq.QuestionsRequest},
    "item/tool/call": {rq.ToolCall},
    "mcpServer/elicitation/request": {rq.McpToolRequest, rq.FormRequest, rq.UrlRequest},
}


def captured(method: str) -> list[Any]:
    return [
        translate_request(n, m, p, prefix="r-")
        for n, (m, p) in enumerate(requests())
        if m == method
    ]


@pytest.mark.parametrize("method", KINDS)
def test_a_captured_request_is_known(method: str) -> None:
    made = captured(method)
    assert {type(r) for r in made} == KINDS[method]
    for request, (_, params) in zip(made, [r for r in requests() if r[0] == method], strict=True):
        assert (request.thread_id, request.turn_id) == (params["threadId"], params["turnId"])
        assert request.id.startswith("r-")


def test_a_command_offers_a_rule_only_where_the_runtime_does() -> None:
    plain, with_more_rights = captured("item/commandExecution/requestApproval")
    assert plain.rule == ("echo", "escalated")
    assert (plain.command, plain.reason) == ("/bin/bash -lc 'echo escalated'", "Need it?")
    assert with_more_rights.rule == ()  # proposed, but not among the available decisions
    assert json.loads(with_more_rights.permissions)["fileSystem"]["write"] == ["/var/outside"]
    params = {"networkApprovalContext": {"host": "example.org", "protocol": "https"}}
    asked = translate_request(1, "item/commandExecution/requestApproval", params)
    assert asked.network_host == "example.org"


def test_permissions_name_what_may_be_read_and_written() -> None:
    (asked,) = captured("item/permissions/requestApproval")
    assert (asked.network, asked.read, asked.write) == (True, ("/etc",), ("/var/outside",))
    assert json.loads(asked.permissions)["network"] == {"enabled": True}


def test_questions_forms_and_tools() -> None:
    loose, firm = captured("item/tool/requestUserInput")
    assert (loose.blocking, firm.blocking) == (False, True)
    assert loose.questions[0].options[0] == ("Red", "warm")
    assert loose.questions[0].free_text is True
    elicited = {type(r): r for r in captured("mcpServer/elicitation/request")}
    assert elicited[rq.McpToolRequest].persist == ("session", "always")
    assert json.loads(elicited[rq.FormRequest].schema)["required"] == ["name"]
    assert elicited[rq.UrlRequest].url == "https://example.com/x"
    bare, named = captured("item/tool/call")
    assert (bare.namespace, bare.tool, json.loads(bare.arguments)) == (
        "",
        "kernel_run",
        {"code": "1"},
    )
    assert (named.namespace, named.call_id, named.item_id) == ("nb", named.call_id, named.call_id)


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("item/telepathy/requestApproval", {"threadId": "t"}),
        ("item/commandExecution/requestApproval", {"kind": "writeStdin", "threadId": "t"}),
        ("mcpServer/elicitation/request", {"mode": "dance", "threadId": "t"}),
        ("execCommandApproval", {"threadId": "t"}),
        (None, {"threadId": "t"}),
    ],
)
def test_what_is_not_known_is_unknown(method: Any, params: dict[str, Any]) -> None:
    asked = translate_request(3, method, params)
    assert isinstance(asked, rq.UnknownRequest)
    assert (asked.thread_id, json.loads(asked.params)) == ("t", params)


NAMES = sorted(set().union(*(names_in(p) for _, p in requests())))


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from([*KINDS, "no/such", ""]),
    st.dictionaries(
        st.sampled_from(NAMES),
        json_values
        | st.dictionaries(st.sampled_from(NAMES), json_values, max_size=4)
        | st.just("form"),
        max_size=8,
    )
    | json_values,
)
def test_no_request_makes_it_raise(method: str, params: Any) -> None:
    asked = translate_request(1, method, params)
    assert isinstance(asked, get_args(rq.Request))
    hash(asked)
