"""Settings in the runtime's words. What they do is tests/contract/runtime/test_threads.py."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from codex_jupyter.core.rights import Rights
from codex_jupyter.errors import OptionError
from codex_jupyter.runtime import threads
from codex_jupyter.runtime.wire_rights import rights_params
from codex_jupyter.settings import Settings

MODEL = threads.Model("gpt-5.5")


def turn(rights: Rights, model: threads.Model = MODEL, **parts: Any) -> dict[str, Any]:
    return threads.turn_params("t", rights, model, threads.Prompt("hi", **parts))


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


def test_a_thread_is_opened_at_rest_whatever_its_first_turn_may_do(tmp_path: Path) -> None:
    wanted = Settings(cwd=tmp_path, approval="auto-review", sandbox="full-access")
    for params in (threads.start_params(wanted), threads.resume_params("t", wanted)):
        assert (params["approvalPolicy"], params["approvalsReviewer"]) == ("on-request", "user")
    assert threads.resume_params("t", wanted)["sandbox"] == "read-only"


def test_every_turn_carries_the_whole_set(tmp_path: Path) -> None:
    rights = Rights(folder=str(tmp_path))
    params = turn(rights)
    assert params["collaborationMode"] == {
        "mode": "default",
        "settings": {"model": "gpt-5.5", "reasoning_effort": None, "developer_instructions": None},
    }
    for name, value in rights_params(rights).items():
        assert params[name] == value
    named = turn(rights, threads.Model("m", "low"), mode="plan")
    assert named["collaborationMode"]["mode"] == "plan"
    assert named["collaborationMode"]["settings"]["model"] == "m"
    assert named["collaborationMode"]["settings"]["reasoning_effort"] == "low"


def test_inputs_context_and_schema(tmp_path: Path) -> None:
    picture = tmp_path / "p.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n")
    params = turn(
        Rights(folder=str(tmp_path)),
        client_id="c1",
        context={"notebook": "note"},
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
    assert "additionalContext" not in turn(Rights())


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
