"""What a card says before somebody answers: what, where, why, and what each answer does and for how long."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codex_jupyter.core import requests as rq
from codex_jupyter.core.asked import MOST_DRAWN, json_lines
from codex_jupyter.core.cards import card, choices, describe
from codex_jupyter.core.diffs import Change
from codex_jupyter.core.document import Card, Exact, ExactPatch, Field, Option
from codex_jupyter.core.forms import form_fields
from codex_jupyter.core.items import FileChange
from codex_jupyter.core.requests import Request
from codex_jupyter.core.rights import UNAVAILABLE, Rights
from codex_jupyter.core.turn import Turn, TurnSettings
from tests.unit.core.captures import SETTINGS, completed, play, requests

COMMAND, PERMITTED, CALL, CALL_2, TOOL, FORM, URL, QUESTION, PLAN_QUESTION, EDIT, RIGHTS = (
    requests()
)


def option(shown: Card, choice: str) -> Option:
    return next(o for o in shown.options if o.choice == choice)


def test_the_captures_are_the_requests_they_should_be() -> None:
    assert [type(r) for r in requests()] == [
        rq.CommandRequest,
        rq.CommandRequest,
        rq.ToolCall,
        rq.ToolCall,
        rq.McpToolRequest,
        rq.FormRequest,
        rq.UrlRequest,
        rq.QuestionsRequest,
        rq.QuestionsRequest,
        rq.FileChangeRequest,
        rq.PermissionsRequest,
    ]


def test_every_request_has_a_card_and_a_line() -> None:
    for request in (*requests(), rq.KernelRequest("k"), rq.UnknownRequest("u", method="new/thing")):
        shown = card(request)
        assert shown.request_id == request.id and shown.title.startswith("Codex asks: ")
        assert tuple(o.choice for o in shown.options) == choices(request)
        assert len({o.key for o in shown.options if o.key}) == len(
            [o for o in shown.options if o.key]
        )
        assert sum(o.primary for o in shown.options) <= 1
        assert describe(request)


def test_a_command() -> None:
    shown = card(COMMAND, Turn(settings=TurnSettings(home="/home/ada")))
    assert (shown.title, shown.emphasis) == (
        "Codex asks: run OUTSIDE the sandbox",
        "OUTSIDE the sandbox",
    )
    assert shown.body == (Exact("echo escalated", "command", "bash", typed=True),)
    assert shown.facts == (("in", "/workspace"), ("why", "Need it?"))
    assert [o.label for o in shown.options] == [
        "Allow once",
        "This session",
        "Decline",
        "Decline and stop",
        "Always",
    ]
    assert shown.footnote == "Nothing runs until you answer"
    always = option(shown, "always")
    assert (
        "`echo escalated`" in always.explains
        and "without asking" in always.confirm
        and not always.primary
    )
    assert all(not o.confirm for o in shown.options if o.choice != "always")


def test_without_an_offered_rule_there_is_no_always() -> None:
    assert "always" not in choices(rq.CommandRequest("r", command="ls"))


def test_more_rights_for_one_command_are_spelled_out_and_cannot_last() -> None:
    shown = card(PERMITTED)
    assert (
        shown.emphasis == "MORE PERMISSIONS"
        and ("permissions", "write /var/outside") in shown.facts
    )
    assert [o.choice for o in shown.options] == ["once", "decline", "stop"]


def test_rights_of_an_unfamiliar_shape_are_shown_as_they_came() -> None:
    odd = '{"fileSystem": null, "camera": true}'
    for strange in (odd, "{", "[1]", '{"fileSystem": {"entries": [3]}}', "7", '"x"'):
        shown = card(rq.CommandRequest("r", command="x", permissions=strange))
        assert shown.body[1:] == (Exact(json_lines(strange), "code", "json"),)


def test_a_host() -> None:
    shown = card(rq.CommandRequest("r", command="curl x", network_host="pypi.org"))
    assert shown.title == "Codex asks: reach pypi.org"
    assert [o.choice for o in shown.options] == ["once", "decline", "stop"]


def test_without_any_sandbox_the_card_does_not_speak_of_one() -> None:
    shown = card(COMMAND, Turn(settings=TurnSettings(rights=Rights(UNAVAILABLE))))
    assert "WITHOUT a sandbox" in shown.title


CHANGES = (Change(f"{SETTINGS.cwd}/load.py", "update", "@@ -1 +1 @@\n-a\n+b\n"),)


def test_a_patch_is_shown_as_its_diff_under_short_names() -> None:
    turn = Turn(settings=SETTINGS)
    asked = replace(EDIT, paths=(CHANGES[0].path,), changes=CHANGES)
    shown = card(asked, turn)
    assert shown.body == (ExactPatch((Change("load.py", "update", CHANGES[0].diff),)),)
    assert shown.footnote == "Nothing is written until you answer"
    assert describe(asked, turn) == "edit load.py"
    assert describe(EDIT) == "edit files"


def test_a_patch_that_nobody_knows_can_only_be_declined() -> None:
    shown = card(EDIT, play(completed(FileChange("c0_resp_8900_52", changes=CHANGES))))
    assert [o.choice for o in shown.options] == ["decline", "stop"]
    assert "cannot be shown" in shown.undrawn and shown.body == ()


def test_the_session_answer_to_a_patch_says_how_far_it_reaches() -> None:
    inside = rq.FileChangeRequest("r", paths=(f"{SETTINGS.cwd}/load.py",), changes=CHANGES)
    turn = Turn(settings=SETTINGS)
    assert option(card(inside, turn), "session").label == "Allow edits in this folder"
    assert "~/churn" in option(card(inside, turn), "session").explains
    elsewhere = (Change("load.py", "add", "x\n"),)
    outside = rq.FileChangeRequest(
        "r", paths=("/etc/passwd",), changes=elsewhere, elsewhere=("/etc/passwd",)
    )
    assert "same files" in option(card(outside, turn), "session").explains
    assert dict(card(outside, turn).facts)["leads to"] == "/etc/passwd"


def test_permissions() -> None:
    shown = card(RIGHTS)
    assert dict(shown.facts) == {
        "network": "this machine's own ports too (Jupyter, this kernel, other programs)",
        "read": "/etc",
        "write": "/var/outside",
        "in": "/workspace",
        "why": "Need network and a dir",
    }
    assert [o.choice for o in shown.options] == ["once", "session", "decline"]


def test_questions_become_fields() -> None:
    shown = card(PLAN_QUESTION)
    assert shown.title == "Codex asks: a question"
    (field,) = shown.fields
    assert (field.id, field.label, field.type, field.free_text) == (
        "color",
        "Which color?",
        "choice",
        True,
    )
    assert field.options == (
        ("Red (Recommended)", "Red (Recommended)", "warm"),
        ("Blue", "Blue", "cold"),
    )
    assert [(o.choice, o.label) for o in shown.options] == [("submit", "Send"), ("skip", "Skip")]
    assert shown.footnote == "Codex waits for your answer"
    assert card(QUESTION).footnote == "Codex continues meanwhile"


def test_a_secret_is_masked_and_free_text_needs_no_options() -> None:
    ask = rq.QuestionsRequest(
        "r",
        questions=(rq.Question("k", "Key", "Your key?", secret=True), rq.Question("n", "Name", "")),
    )
    fields = card(ask).fields
    assert [(f.type, f.label) for f in fields] == [("secret", "Your key?"), ("text", "Name")]
    assert card(ask).title == "Codex asks: 2 questions"


def test_an_mcp_tool() -> None:
    assert [o.choice for o in card(TOOL).options] == ["decline"], "nothing tells what would run"
    shown = card(replace(TOOL, tool="danger"))
    assert shown.title == "Codex asks: use the tool demo/danger"
    assert shown.body == (Exact('Allow the demo MCP server to run tool "danger"?', "prose"),)
    assert [o.choice for o in shown.options] == ["once", "session", "decline", "always"]
    assert option(shown, "always").confirm


def test_a_form_is_built_from_its_schema() -> None:
    shown = card(FORM)
    assert shown.body == (Exact("Who are you?", "prose"),)
    assert shown.fields == (
        Field("age", "age", "integer"),
        Field("name", "Name", "text", required=True),
    )


def test_an_address_to_open() -> None:
    shown = card(URL)
    assert shown.body == (
        Exact("open this", "prose"),
        Exact("https://example.com/x", opens=True),
    )
    assert dict(shown.facts)["opens"] == "example.com"
    assert describe(URL) == "demo wants you to open https://example.com/x"


def test_kernel_code() -> None:
    shown = card(rq.KernelRequest("k", code="df.head()", tool="run_code"))
    assert shown.title == "Codex asks: run in YOUR KERNEL, with your rights, outside the sandbox"
    assert shown.emphasis == "YOUR KERNEL" and shown.body == (Exact("df.head()", "code", "python"),)
    assert describe(rq.KernelRequest("k", code="a = 1\nb = 2")) == "run in your kernel: a = 1 …"


def test_changes_of_cells() -> None:
    changes = (Change("cell [3]", "update", "@@ -1 +1 @@\n-a\n+b"), Change("new code cell at the top", "add", "x\n"))  # fmt: skip
    request = rq.KernelRequest(
        "k", action="edit", tool="edit_cells", changes=changes, notebook="n.ipynb", reason="tidy"
    )
    shown = card(request)
    assert shown.title == "Codex asks: change 2 cells of YOUR NOTEBOOK"
    assert shown.body == (ExactPatch(changes),)
    assert dict(shown.facts) == {"notebook": "n.ipynb", "tool": "edit_cells", "why": "tidy"}
    assert [(o.choice, o.label, o.key) for o in shown.options] == [
        ("once", "Accept all", "a"),
        ("submit", "Accept the ticked", "t"),
        ("session", "Allow in this notebook", "s"),
        ("decline", "Decline", "d"),
        ("stop", "Decline and stop", "x"),
    ]
    assert [o.choice for o in shown.options if o.primary] == ["once"]
    (field,) = shown.fields
    assert field.type == "choices" and field.ticked
    assert field.options == (
        ("1", "cell [3]", ""),
        ("2", "new code cell at the top", ""),
    )
    assert shown.footnote == "Nothing is changed until you answer"
    assert describe(request) == "change cell [3], new code cell at the top"
    assert choices(rq.KernelRequest("k", action="edit")) == ("decline", "stop")
    one = rq.KernelRequest("k", action="edit", changes=changes[:1])
    assert "submit" not in choices(one) and not card(one).fields
    long = (Change("cell [3]", "add", "x" * 300_000),)
    assert choices(rq.KernelRequest("k", action="edit", changes=long)) == ("decline", "stop")


def test_what_is_not_known_can_only_be_declined() -> None:
    shown = card(rq.UnknownRequest("u", method="new/thing", params='{"a": 1}'))
    assert [o.choice for o in shown.options] == ["decline"]
    assert shown.body == (Exact('{\n  "a": 1\n}', "code", "json"),)


def test_what_is_too_long_to_be_read_can_only_be_declined() -> None:
    most = card(rq.CommandRequest("r", command="x" * MOST_DRAWN, cwd=""))
    assert most.body == (Exact("x" * MOST_DRAWN, "command", "bash", typed=True),)
    assert "once" in [o.choice for o in most.options]
    longer = card(rq.CommandRequest("r", command="x" * (MOST_DRAWN + 1), cwd=""))
    assert longer.body == () and "200,001 characters" in longer.undrawn
    assert [o.choice for o in longer.options] == ["decline", "stop"]


# --- schemas ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spec", "field"),
    [
        ({"type": "string"}, Field("x", "x")),
        ({"type": "string", "title": "T", "description": "D", "default": "d"}, Field("x", "T", "text", "D", default="d")),
        ({"type": "string", "format": "email"}, Field("x", "x", "text", "email")),
        ({"type": "string", "format": "password"}, Field("x", "x", "secret", "password")),
        ({"type": "number", "minimum": 0, "maximum": 9}, Field("x", "x", "number", "at least 0, at most 9")),
        ({"type": "boolean", "default": True}, Field("x", "x", "boolean", default="true")),
        ({"enum": ["a", "b"], "enumNames": ["A"]}, Field("x", "x", "choice", options=(("a", "A", ""), ("b", "b", "")))),
        ({"oneOf": [{"const": "a", "title": "A"}]}, Field("x", "x", "choice", options=(("a", "A", ""),))),
        ({"type": "array", "items": {"enum": ["a"]}}, Field("x", "x", "choices", options=(("a", "a", ""),))),
        ({"type": "array"}, Field("x", "x")),
        ({"type": "object"}, Field("x", "x")),
    ],
)  # fmt: skip
def test_schemas(spec: dict[str, object], field: Field) -> None:
    assert form_fields(json.dumps({"properties": {"x": spec}})) == (field,)


_json = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(["type", "enum", "oneOf", "items", "const", "title", "x"]), inner, max_size=4)),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(
    st.one_of(
        _json.map(lambda v: json.dumps({"properties": {"x": v}})),
        _json.map(json.dumps),
        st.text(max_size=20),
    )
)
def test_any_schema_makes_fields(schema: str) -> None:
    for field in form_fields(schema):
        assert field.type in ("text", "secret", "number", "integer", "boolean", "choice", "choices")
        assert (field.type in ("choice", "choices")) == bool(field.options)


_text = st.one_of(st.text(max_size=20), st.just(SETTINGS.cwd), st.just("/bin/bash -lc 'x'"))


@settings(max_examples=200, deadline=None)
@given(
    st.one_of(
        *(
            st.builds(kind, id=_text, item_id=_text, reason=_text, **more)
            for kind, more in (
                (rq.CommandRequest, {"command": _text, "cwd": _text, "permissions": _json.map(json.dumps), "rule": st.tuples(_text)}),
                (rq.FileChangeRequest, {"grant_root": _text, "paths": st.tuples(_text, _text)}),
                (rq.PermissionsRequest, {"cwd": _text, "read": st.tuples(_text)}),
                (rq.McpToolRequest, {"server": _text, "message": _text, "arguments": _text, "persist": st.tuples(_text)}),
                (rq.FormRequest, {"message": _text, "schema": _json.map(json.dumps)}),
                (rq.UrlRequest, {"url": _text}),
                (rq.KernelRequest, {"action": _text, "code": _text}),
                (rq.UnknownRequest, {"method": _text, "params": _text}),
            )
        )
    )
)  # fmt: skip
def test_any_request_makes_a_card(request: Request) -> None:
    shown = card(request, Turn(settings=SETTINGS))
    assert any(o.choice in ("decline", "skip") for o in shown.options)
    assert "\n" not in describe(request)


def test_every_kind_of_request_is_known_here() -> None:
    assert {type(r) for r in requests()} | {rq.KernelRequest, rq.UnknownRequest} == set(
        get_args(rq.Request)
    )
