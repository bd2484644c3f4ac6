"""Calls of the SDK are completed so that nothing is taken over which nobody named."""

from __future__ import annotations

from typing import Any

import pytest

from codex_jupyter.core.rights import Rights
from codex_jupyter.runtime.launch import Launch
from codex_jupyter.runtime.sdk_rights import completed, is_a_gift, names_sandbox
from codex_jupyter.runtime.wire_rights import rights_params

REST = rights_params(Rights(folder="/w"))


class Answer:
    """What a response model of the SDK is asked for."""

    def __init__(self, kind: str) -> None:
        self._kind = kind

    def model_dump(self, **_how: Any) -> dict[str, Any]:
        return {"sandbox": {"type": self._kind}}


@pytest.mark.parametrize("method", ["thread/start", "thread/resume", "thread/fork", "turn/start", "thread/settings/update"])  # fmt: skip
@pytest.mark.parametrize("reviewer", ["auto_review", "guardian_subagent", "anything later"])
def test_no_model_approves(method: str, reviewer: str) -> None:
    told = completed(method, {"threadId": "t", "approvalsReviewer": reviewer}, REST)
    assert told["approvalsReviewer"] == "user"


@pytest.mark.parametrize("method", ["thread/resume", "thread/fork"])
def test_nothing_is_taken_over_from_another_program(method: str) -> None:
    told = completed(method, {"threadId": "t", "sandbox": None, "approvalPolicy": None})
    assert told == {"threadId": "t", "approvalPolicy": "on-request", "approvalsReviewer": "user", "sandbox": "read-only"}  # fmt: skip
    named = completed(method, {"threadId": "t", "sandbox": "workspace-write", "approvalPolicy": "never"})  # fmt: skip
    assert (named["sandbox"], named["approvalPolicy"]) == ("workspace-write", "never")
    by_config = completed(method, {"config": {"sandbox_mode": "workspace-write"}})
    assert "sandbox" not in by_config


def test_a_turn_on_a_conversation_of_ours_carries_what_it_rests_with() -> None:
    told = completed("turn/start", {"threadId": "t", "input": [], "sandboxPolicy": None}, REST)
    assert told == {**REST, "threadId": "t", "input": []}
    named = completed("turn/start", {"threadId": "t", "sandboxPolicy": {"type": "dangerFullAccess"}}, REST)  # fmt: skip
    assert named["sandboxPolicy"] == {"type": "dangerFullAccess"}
    by_name = completed("turn/start", {"threadId": "t", "permissions": ":workspace"}, REST)
    assert by_name["permissions"] == ":workspace" and "sandboxPolicy" not in by_name
    assert completed("turn/start", {"threadId": "t"}) == {"threadId": "t"}


def test_other_calls_are_left_as_they_are() -> None:
    params = {"threadId": "t", "approvalsReviewer": "auto_review", "x": None}
    assert completed("thread/read", params, REST) is params


@pytest.mark.parametrize(
    ("params", "kind", "file", "gift"),
    [
        ({}, "dangerFullAccess", "", True),
        ({}, "readOnly", "", False),
        ({"sandbox": "danger-full-access"}, "dangerFullAccess", "", False),
        ({"config": {"sandbox_mode": "danger-full-access"}}, "dangerFullAccess", "", False),
        ({"config": {"model": "x"}}, "dangerFullAccess", "", True),
        ({}, "dangerFullAccess", 'sandbox_mode = "danger-full-access"\n', False),
    ],
)
def test_full_access_that_nobody_named_is_a_gift(
    params: dict[str, Any], kind: str, file: str, gift: bool, tmp_path: Any
) -> None:
    (tmp_path / "config.toml").write_text(file)
    launch = Launch(codex_home=str(tmp_path))
    assert is_a_gift(params, Answer(kind), launch) is gift


def test_what_names_a_sandbox() -> None:
    assert names_sandbox({"permissions": "p"}) and names_sandbox({"config": {"profile": "p"}})
    assert not names_sandbox({"sandbox": None, "config": None}) and not names_sandbox({})
