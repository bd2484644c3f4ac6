"""Settings in the runtime's words. What they do is tests/contract/runtime/test_threads.py."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from codex_jupyter.errors import OptionError
from codex_jupyter.runtime import threads
from codex_jupyter.settings import APPROVALS, Settings


def defaults(folder: Path, **changes: Any) -> dict[str, Any]:
    return {
        "model": "gpt-5.5",
        "reasoningEffort": None,
        "cwd": str(folder),
        "sandbox": {"type": "readOnly"},
        "activePermissionProfile": {"id": ":read-only"},
        **changes,
    }


def turn(folder: Path, settings: Settings, **changes: Any) -> dict[str, Any]:
    return threads.turn_params("t", defaults(folder), settings, "hi", **changes)


def test_a_start_leaves_to_the_turn_what_a_turn_decides(tmp_path: Path) -> None:
    wanted = Settings(
        cwd=tmp_path,
        model="m",
        effort="high",
        sandbox="full-access",
        config={"tools.x": 1},
        ephemeral=True,
    )
    params = threads.start_params(wanted, tools=[{"name": "a"}], instructions="Be kind.")
    assert not {"model", "effort", "sandbox", "permissions"} & set(params)
    assert params["experimentalRawEvents"] is True
    assert (params["ephemeral"], params["dynamicTools"]) == (True, [{"name": "a"}])
    assert params["developerInstructions"] == "Be kind."
    assert params["config"]["tools.x"] == 1
    again = threads.resume_params("t", wanted, config={"tools.y": 2})
    assert (
        again["threadId"] == "t"
        and again["config"]["tools.y"] == 2
        and again["config"]["tools.x"] == 1
    )
    assert not {"dynamicTools", "experimentalRawEvents", "ephemeral"} & set(again)


@pytest.mark.parametrize("approval", APPROVALS)
def test_nobody_but_auto_review_lets_a_model_decide(tmp_path: Path, approval: Any) -> None:
    wanted = Settings(cwd=tmp_path, approval=approval)
    for params in (
        threads.start_params(wanted),
        threads.resume_params("t", wanted),
        turn(tmp_path, wanted),
    ):
        assert params["approvalPolicy"] in ("on-request", "untrusted")
        assert (params["approvalsReviewer"] == "auto_review") is (approval == "auto-review")


def test_every_turn_carries_the_whole_set(tmp_path: Path) -> None:
    params = turn(tmp_path, Settings(cwd=tmp_path))
    assert params["collaborationMode"] == {
        "mode": "default",
        "settings": {"model": "gpt-5.5", "reasoning_effort": None, "developer_instructions": None},
    }
    assert params["permissions"] == ":read-only" and params["cwd"] == str(tmp_path)
    named = turn(tmp_path, Settings(cwd=tmp_path, model="m", effort="low"), mode="plan")
    assert named["collaborationMode"]["mode"] == "plan"
    assert named["collaborationMode"]["settings"]["model"] == "m"
    assert named["collaborationMode"]["settings"]["reasoning_effort"] == "low"


def test_sandboxes(tmp_path: Path) -> None:
    def policy(settings: Settings, **changes: Any) -> dict[str, Any]:
        return threads.sandbox_params(defaults(tmp_path, **changes), settings)

    here = Settings(cwd=tmp_path)
    writing = {
        "sandbox": {"type": "workspaceWrite", "writableRoots": ["/r"], "networkAccess": True}
    }
    writing["activePermissionProfile"] = {"id": ":workspace"}
    assert policy(here, **writing) == {"permissions": ":workspace"}
    # What the runtime resolved holds for the folder it was asked about, and below; elsewhere it is read-only.
    below = tmp_path / "below"
    below.mkdir()
    assert policy(Settings(cwd=below), **writing) == {"permissions": ":workspace"}
    assert policy(Settings(cwd=tmp_path.parent), **writing) == {
        "sandboxPolicy": {"type": "readOnly"}
    }
    more = policy(Settings(cwd=tmp_path, add_dirs=(Path("/more"),)), **writing)["sandboxPolicy"]
    assert (more["writableRoots"], more["networkAccess"]) == (["/r", "/more"], True)
    assert policy(here, activePermissionProfile=None) == {"sandboxPolicy": {"type": "readOnly"}}
    named = Settings(cwd=tmp_path, sandbox="workspace-write")
    config = {
        "config": {"sandbox_workspace_write": {"writable_roots": ["/c"], "network_access": True}}
    }
    known = threads.with_workspace(defaults(tmp_path), config)
    chosen = threads.sandbox_params(known, named)["sandboxPolicy"]
    assert (chosen["writableRoots"], chosen["networkAccess"]) == (["/c"], True)
    assert (
        threads.sandbox_params(threads.with_workspace({}, {"config": None}), named)[
            "sandboxPolicy"
        ]["writableRoots"]
        == []
    )
    assert threads.sandbox_params({}, here) == {"sandboxPolicy": {"type": "readOnly"}}


def test_without_a_sandbox_everything_is_asked_of_the_user(tmp_path: Path) -> None:
    for approval in APPROVALS:
        wanted = Settings(cwd=tmp_path, approval=approval, sandbox="workspace-write")  # type: ignore[arg-type]
        params = turn(tmp_path, wanted, sandbox_works=False)
        assert (params["approvalPolicy"], params["approvalsReviewer"]) == ("untrusted", "user")
        assert params["sandboxPolicy"]["type"] == "externalSandbox"
    shown = threads.effective(defaults(tmp_path), Settings(cwd=tmp_path), sandbox_works=False)
    assert shown.sandbox == "unavailable"
    free = turn(tmp_path, Settings(cwd=tmp_path, sandbox="full-access"), sandbox_works=False)
    assert free["approvalPolicy"] == "on-request"


def test_what_a_header_shows(tmp_path: Path) -> None:
    shown = threads.effective(defaults(tmp_path, reasoningEffort="low"), Settings(cwd=tmp_path))
    assert (shown.model, shown.effort, shown.sandbox, shown.cwd) == (
        "gpt-5.5",
        "low",
        "read-only",
        str(tmp_path),
    )
    shown = threads.effective(
        defaults(tmp_path), Settings(cwd=tmp_path, sandbox="full-access", model="m")
    )
    assert (shown.model, shown.sandbox) == ("m", "full-access")


def test_inputs_context_and_schema(tmp_path: Path) -> None:
    picture = tmp_path / "p.png"
    params = turn(
        tmp_path,
        Settings(cwd=tmp_path),
        client_id="c1",
        context="note",
        data={"df": "rows", "none": ""},
        images=[picture, "data:image/png;base64,AA", "https://x.org/i.png"],
        mentions=[("load.py", "/w/load.py")],
        output_schema={"type": "object"},
    )
    assert params["input"] == [
        {"type": "text", "text": "hi"},
        {"type": "localImage", "path": str(picture)},
        {"type": "image", "url": "data:image/png;base64,AA"},
        {"type": "image", "url": "https://x.org/i.png"},
        {"type": "mention", "name": "load.py", "path": "/w/load.py"},
    ]
    assert params["clientUserMessageId"] == "c1"
    assert params["outputSchema"] == {"type": "object"}
    assert params["additionalContext"] == {
        "notebook": {"kind": "application", "value": "note"},
        "df": {"kind": "untrusted", "value": "rows"},
    }
    assert "additionalContext" not in turn(tmp_path, Settings(cwd=tmp_path))


def test_a_profile_lies_between_our_choices_and_the_users(tmp_path: Path) -> None:
    (tmp_path / "fast.config.toml").write_text('model_reasoning_effort = "low"\n[tools]\nx = 1\n')
    wanted = Settings(cwd=tmp_path, profile="fast", config={"model_reasoning_effort": "high"})
    config = threads.start_params(wanted, codex_home=tmp_path)["config"]
    assert (config["model_reasoning_effort"], config["tools"]) == ("high", {"x": 1})
    for name, problem in (
        ("slow", "no profile"),
        ("../x", "cannot be the name"),
        ("bad", "cannot be read"),
    ):
        (tmp_path / "bad.config.toml").write_text("not toml [")
        with pytest.raises(OptionError, match=problem):
            threads.start_params(Settings(cwd=tmp_path, profile=name), codex_home=tmp_path)


def test_local_providers(tmp_path: Path) -> None:
    assert threads.start_params(Settings(cwd=tmp_path, oss=True))["modelProvider"] == "ollama"
    named = Settings(cwd=tmp_path, oss=True, provider="lmstudio")
    assert threads.start_params(named)["modelProvider"] == "lmstudio"
