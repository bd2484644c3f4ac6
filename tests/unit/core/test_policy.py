"""Who answers: a rule somebody made, a policy somebody chose, or a person. Nothing else ever allows anything."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codex_jupyter.core import answerers
from codex_jupyter.core import requests as rq
from codex_jupyter.core.asked import asked
from codex_jupyter.core.cards import choices
from codex_jupyter.core.diffs import Change
from codex_jupyter.core.policy import Ask, Policy, Rule, decide, describe_rule, rule_for
from codex_jupyter.core.requests import Answer, Request
from tests.unit.core.captures import requests

COMMAND = rq.CommandRequest("r", command="/bin/bash -lc 'pytest -q'", cwd="/w")
EDIT = rq.FileChangeRequest("r", item_id="i", paths=("/w/a.py", "/w/sub/b.py"))
KERNEL = rq.KernelRequest("r", action="run", code="df.head()")
TOOL = rq.McpToolRequest(
    "r",
    server="demo",
    tool="danger",
    message='Allow the demo MCP server to run tool "danger"?',
    persist=("session",),
)
ALL: tuple[Request, ...] = (
    *requests(),
    COMMAND,
    EDIT,
    KERNEL,
    TOOL,
    rq.UrlRequest("r", url="https://example.com"),
    rq.UnknownRequest("r", method="new/thing"),
)
ALLOWING = ("once", "session", "always", "submit")


@pytest.mark.parametrize("request_", ALL, ids=lambda r: type(r).__name__)
@pytest.mark.parametrize(
    "policy",
    [
        Policy("never", interactive=True),
        Policy("ask"),
        Policy("auto-review"),
        Policy("odd", interactive=True),
        Policy(""),
    ],
    ids=lambda p: p.approval,
)
def test_nobody_to_ask_means_no(policy: Policy, request_: Request) -> None:
    verdict = decide(policy, request_)
    assert isinstance(verdict, tuple)
    answer, by = verdict
    assert answer.choice in ("decline", "skip") and by.kind == "policy"


@pytest.mark.parametrize("request_", ALL, ids=lambda r: type(r).__name__)
def test_a_person_is_asked_what_is_known(request_: Request) -> None:
    verdict = decide(Policy("ask", interactive=True), request_)
    if isinstance(request_, (rq.UnknownRequest, rq.ToolCall)):
        assert isinstance(verdict, tuple) and verdict[0].choice == "decline"
    else:
        assert verdict == Ask()


@pytest.mark.parametrize("kernel", ["off", "read", "odd", ""])
def test_kernel_code_is_asked_about_unless_the_option_lets_it_run(kernel: str) -> None:
    assert decide(Policy("ask", kernel, interactive=True), KERNEL) == Ask()
    verdict = decide(Policy("never", kernel, interactive=True), KERNEL)
    assert isinstance(verdict, tuple) and verdict[0].choice == "decline"
    assert decide(Policy("never", "run"), KERNEL) == (
        Answer("once"),
        answerers.policy("kernel code runs without asking", "-k run"),
    )


@pytest.mark.parametrize("request_", [COMMAND, KERNEL, TOOL], ids=lambda r: type(r).__name__)
def test_a_session_rule_allows_exactly_that(request_: Request) -> None:
    rule = rule_for(request_)
    assert rule is not None
    verdict = decide(Policy("ask", rules=(rule,)), request_)
    assert isinstance(verdict, tuple)
    assert verdict == (Answer("once"), answerers.rule(describe_rule(rule)))
    assert decide(Policy("ask", interactive=True), request_) == Ask(), "revoked: asked again"


@pytest.mark.parametrize(
    "other",
    [
        replace(COMMAND, command="/bin/bash -lc 'pytest -q; rm -rf /'"),
        replace(COMMAND, cwd="/other"),
        replace(COMMAND, permissions='{"network": {"enabled": true}}'),
        replace(COMMAND, network_host="example.com"),
        replace(KERNEL, action="inspect"),
        replace(TOOL, server="other"),
        replace(TOOL, tool="other"),
        replace(TOOL, tool='danger" or "x'),
        replace(TOOL, tool="dang\u200ber"),
        replace(TOOL, tool=""),
        replace(KERNEL, tool="run_cells"),
        rq.PermissionsRequest("r", network=True),
        EDIT,
    ],
    ids=str,
)
def test_a_session_rule_allows_nothing_else(other: Request) -> None:
    rules = tuple(rule for r in (COMMAND, KERNEL, TOOL) if (rule := rule_for(r)) is not None)
    assert decide(Policy("ask", rules=rules, interactive=True), other) == Ask()


CELLS = rq.KernelRequest(
    "r", action="edit", tool="edit_cells", changes=(Change("cell [3]", "update", "@@ -1 +1 @@\n-a\n+b"),)
)  # fmt: skip


@pytest.mark.parametrize(
    ("kernel", "approval", "request_", "verdict"),
    [
        ("read", "ask", CELLS, "asks"), ("edit", "ask", CELLS, "once"), ("run", "never", CELLS, "once"), ("off", "ask", CELLS, "asks"),
        ("read", "never", CELLS, "decline"), ("edit", "ask", KERNEL, "asks"), ("edit", "never", KERNEL, "decline"),
        *(
            (kernel, approval, replace(CELLS, always="a cell could start Codex"), verdict)
            for kernel in ("read", "edit", "run")
            for approval, verdict in (("ask", "asks"), ("never", "decline"))
        ),
    ],
)  # fmt: skip
def test_how_far_codex_goes_into_the_notebook(
    kernel: str, approval: str, request_: Request, verdict: str
) -> None:
    decided = decide(Policy(approval, kernel, interactive=True), request_)
    assert (decided[0].choice if isinstance(decided, tuple) else "asks") == verdict


def test_what_always_asks_is_under_no_rule() -> None:
    rule = rule_for(CELLS)
    assert rule is not None and describe_rule(rule) == "change cells of your notebook (edit_cells)"
    policy = Policy("ask", rules=(rule,), interactive=True)
    assert isinstance(decide(policy, CELLS), tuple)
    always = replace(CELLS, always="a cell could start Codex")
    assert decide(policy, always) == Ask() and rule_for(always) is None
    assert "session" not in choices(always) and "session" in choices(CELLS)
    assert decide(policy, KERNEL) == Ask()


CALL = rq.KernelRequest("r", action="call", tool="price", function="price/1")


@pytest.mark.parametrize(
    "other",
    [
        replace(CALL, tool="sell", function="sell/1"),
        replace(CALL, tool="sell"),
        replace(CALL, function="price/2"),
        replace(CALL, function=""),
        replace(CALL, tool=""),
        replace(CALL, action="run"),
        replace(CALL, action=""),
        KERNEL,
        COMMAND,
    ],
    ids=str,
)
def test_a_rule_for_a_function_covers_that_very_function(other: Request) -> None:
    rule = rule_for(CALL)
    assert rule is not None and rule == Rule("function", "price", "price/1")
    rules = Policy("ask", rules=(rule,), interactive=True)
    assert isinstance(decide(rules, CALL), tuple)
    assert decide(rules, other) == Ask()


@pytest.mark.parametrize("name", ["tool", "function"])
def test_a_call_of_nothing_that_is_known_makes_no_rule(name: str) -> None:
    assert rule_for(replace(CALL, **{name: ""})) is None


FOLDER = Rule("edit", "/w")
FILES = Rule("files", files=("/w/a.py", "/w/sub/b.py"))
RIGHTS = rq.PermissionsRequest(
    "r",
    cwd="/w",
    permissions='{"network": null, "fileSystem": {"write": ["/var/outside"]}}',
    write=("/var/outside",),
)


@pytest.mark.parametrize(
    ("paths", "allowed"),
    [
        (("/w/a.py",), True),
        (("/w/sub/../a.py",), False),
        (("/w/a.py", "/etc/passwd"), False),
        (("/wider/a.py",), False),
        (("/w",), False),
        (("/w/../etc/passwd",), False),
        (("a.py",), False),
        (("",), False),
        (("/w/\0/a",), False),
        ((), False),
    ],
)
def test_a_folder_rule_covers_files_inside_it_and_nothing_else(
    paths: tuple[str, ...], allowed: bool
) -> None:
    verdict = decide(Policy("ask", rules=(FOLDER,), interactive=True), replace(EDIT, paths=paths))
    assert (verdict != Ask()) is allowed


def test_a_folder_rule_is_made_only_where_the_files_lie_in_the_folder() -> None:
    assert rule_for(EDIT, "/w") == FOLDER
    assert rule_for(EDIT, "/w/sub") == FILES
    assert rule_for(EDIT) == FILES
    assert rule_for(EDIT, "/") == FILES
    assert rule_for(replace(EDIT, grant_root="/w/")) == FOLDER
    assert decide(Policy(rules=(Rule("edit", "/"),), interactive=True), EDIT) == Ask()


@pytest.mark.parametrize(
    ("paths", "allowed"),
    [
        (("/w/a.py",), True),
        (("/w/sub/b.py", "/w/a.py"), True),
        (("/w/c.py",), False),
        (("/w/a.py", "/w/c.py"), False),
        (("/w/sub/../a.py",), False),
        ((), False),
    ],
)
def test_a_rule_for_files_covers_these_very_files(paths: tuple[str, ...], allowed: bool) -> None:
    policy = Policy("ask", rules=(FILES,), interactive=True)
    assert (decide(policy, replace(EDIT, paths=paths)) != Ask()) is allowed
    assert decide(policy, replace(EDIT, paths=paths, grant_root="/w")) == Ask()


def test_rights_allowed_for_the_session_are_a_rule_for_exactly_these() -> None:
    rule = rule_for(RIGHTS)
    assert rule is not None and describe_rule(rule) == "get more permissions: write /var/outside"
    policy = Policy("ask", rules=(rule,), interactive=True)
    same = '{"fileSystem":{"write":["/var/outside"]},"network":null}'
    verdict = decide(policy, replace(RIGHTS, permissions=same))
    assert verdict == (Answer("once"), answerers.rule(describe_rule(rule)))
    more = '{"fileSystem": {"write": ["/var/outside", "/etc"]}}'
    for other in (replace(RIGHTS, permissions=more), replace(RIGHTS, cwd="/other")):
        assert decide(policy, other) == Ask()
    for nothing in ("", "{}", "[]", "{", '"all"'):
        assert rule_for(replace(RIGHTS, permissions=nothing)) is None
        assert decide(policy, replace(RIGHTS, permissions=nothing)) == Ask()


@pytest.mark.parametrize("request_", ALL, ids=lambda r: type(r).__name__)
def test_for_the_session_is_offered_only_where_it_is_a_rule_of_ours(request_: Request) -> None:
    if isinstance(
        request_, rq.FileChangeRequest
    ):  # whose patch is known, else it can only be declined
        request_ = replace(request_, changes=tuple(Change(p, "add", "x") for p in request_.paths))
        if not request_.changes:
            return
    assert ("session" in choices(request_)) is (rule_for(request_) is not None)


def test_rules_that_cannot_be_told_are_not_made() -> None:
    assert rule_for(replace(TOOL, persist=())) is None
    assert rule_for(replace(COMMAND, permissions="{}")) is None
    assert rule_for(rq.PermissionsRequest("r")) is None
    assert rule_for(rq.QuestionsRequest("r")) is None


def test_rules_read_as_sentences() -> None:
    said = [
        describe_rule(r)
        for r in (
            Rule("command", COMMAND.command, "/w"),
            FOLDER,
            Rule("kernel", "run"),
            Rule("tool", "danger", "demo"),
        )
    ]
    assert said == [
        "run `pytest -q` in /w",
        "edit files under /w, but none that other programs run or trust",
        "run code in your kernel",
        "use demo/danger",
    ]


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(range(len(ALL))),
    st.sampled_from(["ask", "auto-review", "never", "", "x"]),
    st.sampled_from(["off", "read", "edit", "run", ""]),
    st.lists(st.builds(Rule, st.sampled_from(["command", "edit", "kernel", "tool"]), st.sampled_from(["", "/", "/w", "run", "danger", COMMAND.command]), st.sampled_from(["", "/w", "demo"])), max_size=3),
    st.booleans(),
)  # fmt: skip
def test_allowing_needs_a_rule_or_the_kernel_option(
    index: int, approval: str, kernel: str, rules: list[Rule], interactive: bool
) -> None:
    request = ALL[index]
    drawn = () if asked(request).undrawn else tuple(rules)  # as the broker has it
    verdict = decide(Policy(approval, kernel, drawn, interactive), request)
    if verdict == Ask():
        assert interactive and approval in ("ask", "auto-review")
        return
    answer, by = verdict  # type: ignore[misc]
    if answer.choice in ALLOWING:
        assert by.kind == "rule" or (isinstance(request, rq.KernelRequest) and kernel == "run")
    assert answer.choice in choices(request) or isinstance(request, (rq.FormRequest, rq.UrlRequest))
