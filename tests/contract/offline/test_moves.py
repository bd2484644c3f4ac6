"""Each move, played to the real runtime, yields the item it should."""

from __future__ import annotations

import base64
import json

import pytest

from codex_jupyter.offline import (
    Script,
    ask,
    burst,
    call,
    custom,
    find_in_page,
    function,
    javascript,
    open_page,
    patch,
    plan,
    raw,
    run,
    say,
    search,
    think,
    type_in,
    usage,
    view,
)

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
CODE_MODE = "gpt-6-astra"
DONE = [say("Done.", phase="final_answer")]
CHANGE = "*** Begin Patch\n*** Update File: load.py\n@@\n-answer = 41\n+answer = 42\n*** End Patch"


def test_messages_have_a_phase_and_come_in_deltas(played) -> None:
    text = "Hello *there*,\nworld"
    runtime, _ = played(Script.reply([say("Hm.", phase="commentary"), say(text, chunk=4)]))
    turn = runtime.turn("hello")
    messages = turn.items("agentMessage")
    assert [(m["phase"], m["text"]) for m in messages] == [("commentary", "Hm."), (None, text)]
    deltas = [
        d["delta"]
        for d in turn.named("item/agentMessage/delta")
        if d["itemId"] == messages[1]["id"]
    ]
    assert deltas == ["Hell", "o *t", "here", "*,\nw", "orld"]


def test_reasoning_has_parts_and_the_raw_thought(played) -> None:
    parts = ["**Looking**\n\nat the file.", "**Thinking**\n\nabout it."]
    runtime, _ = played(Script.reply([think(parts, raw="hm, hm"), *DONE]))
    turn = runtime.turn("think")
    (item,) = turn.items("reasoning")
    assert (item["summary"], item["content"]) == (parts, ["hm, hm"])
    assert len(turn.named("item/reasoning/summaryPartAdded")) == 2
    assert turn.named("item/reasoning/textDelta")


def test_a_burst_arrives_whole(played) -> None:
    runtime, _ = played(Script.reply([burst(20_000, "ab ")]))
    turn = runtime.turn("a lot")
    assert len(turn.named("item/agentMessage/delta")) == 20_000
    assert turn.said == ["ab " * 20_000]


def test_a_command_runs_in_the_sandbox(played, project) -> None:
    (project / "deep").mkdir()
    outside = project.parent / "outside"
    runtime, server = played(
        Script.reply(
            [run("echo one; exit 3")],
            [run("pwd", workdir=str(project / "deep"))],
            [run(f"touch {outside}")],
            DONE,
        )
    )
    thread = runtime.thread(sandbox="read-only")
    first, second, *_ = runtime.turn("run", thread).items("commandExecution")
    assert (first["exitCode"], first["status"], first["aggregatedOutput"]) == (3, "failed", "one\n")
    assert second["aggregatedOutput"] == f"{project / 'deep'}\n"
    assert "Read-only file system" in server.requests[-1].output
    assert not runtime.asked
    assert not outside.exists()


@pytest.mark.parametrize("model", ["gpt-5.5", CODE_MODE])
@pytest.mark.parametrize(("decision", "status"), [("accept", "completed"), ("decline", "declined")])
def test_an_escalated_command_is_asked_for(played, model, decision, status) -> None:
    runtime, _ = played(
        Script.reply([run("echo out", escalate=True, justification="Because.")], DONE),
        lambda *_: {"decision": decision},
    )
    turn = runtime.turn("run", runtime.thread(model=model))
    ((method, params),) = runtime.asked
    assert method == "item/commandExecution/requestApproval"
    assert params["reason"] == "Because."
    assert turn.items("commandExecution")[0]["status"] == status


def test_a_prefix_rule_and_permissions_are_passed_on(played, project) -> None:
    runtime, _ = played(
        Script.reply(
            [run("git status", escalate=True, prefix_rule=["git", "status"])],
            [run("echo x", permissions={"file_system": {"write": [str(project.parent)]}})],
            DONE,
        ),
        lambda *_: {"decision": "decline"},
    )
    runtime.turn("run")
    rule, permission = (params for _, params in runtime.asked)
    assert rule["proposedExecpolicyAmendment"] == ["git", "status"]
    assert str(project.parent) in json.dumps(permission["additionalPermissions"])


def test_typing_into_a_running_command(played) -> None:
    runtime, _ = played(
        Script.reply(
            [run("read word; echo got-$word", tty=True, yield_ms=250)],
            [type_in("hello\n", yield_ms=10_000)],
            DONE,
        )
    )
    turn = runtime.turn("type")
    (command,) = turn.items("commandExecution")
    assert (command["exitCode"], "got-hello" in command["aggregatedOutput"]) == (0, True)
    (typed,) = turn.named("item/commandExecution/terminalInteraction")
    assert typed["stdin"] == "hello\n"


@pytest.mark.parametrize("model", ["gpt-5.5", CODE_MODE, "some-other-model"])
def test_a_patch_changes_the_file(played, project, model) -> None:
    (project / "load.py").write_text("answer = 41\n")
    runtime, _ = played(Script.reply([patch(CHANGE)], DONE))
    turn = runtime.turn("fix", runtime.thread(model=model))
    (item,) = turn.items("fileChange")
    assert item["status"] == "completed"
    assert "+answer = 42" in item["changes"][0]["diff"]
    assert (project / "load.py").read_text() == "answer = 42\n"
    assert not turn.items("commandExecution")


def test_a_patch_can_be_streamed(played, project) -> None:
    (project / "load.py").write_text("answer = 41\n")
    runtime, _ = played(Script.reply([patch(CHANGE, stream=True, chunk=20)], DONE))
    turn = runtime.turn("fix")
    assert turn.named("item/fileChange/patchUpdated")
    assert (project / "load.py").read_text() == "answer = 42\n"


@pytest.mark.parametrize("model", ["gpt-5.5", CODE_MODE])
def test_a_plan_and_an_image(played, project, model) -> None:
    (project / "dot.png").write_bytes(PIXEL)
    steps = [["Look", "completed"], ["Fix", "in_progress"], ["Test", "pending"]]
    runtime, server = played(
        Script.reply([plan(steps, explanation="Why.")], [view("dot.png")], DONE)
    )
    thread = runtime.thread(model=model, config={"tools.update_plan.enabled": True})
    turn = runtime.turn("plan", thread)
    (update,) = turn.named("turn/plan/updated")
    assert update["explanation"] == "Why."
    assert [(s["step"], s["status"]) for s in update["plan"]] == [
        ("Look", "completed"),
        ("Fix", "inProgress"),
        ("Test", "pending"),
    ]
    assert turn.items("imageView")[0]["path"].endswith("dot.png")
    if model != CODE_MODE:
        assert server.requests[-1].images[-1].startswith("data:image/png")


def test_web_searches(played) -> None:
    runtime, _ = played(
        Script.reply(
            [
                search(["one", "two"]),
                open_page("https://example.com/a"),
                find_in_page("needle", "https://example.com/a"),
                *DONE,
            ]
        )
    )
    actions = [item["action"] for item in runtime.turn("search").items("webSearch")]
    assert [action["type"] for action in actions] == ["search", "openPage", "findInPage"]
    assert actions[0]["queries"] == ["one", "two"]
    assert actions[2]["pattern"] == "needle"


@pytest.mark.parametrize("model", ["gpt-5.5", CODE_MODE])
@pytest.mark.parametrize("namespace", [None, "notebook"])
def test_a_dynamic_tool_is_called_and_its_output_reaches_the_model(
    played, model, namespace
) -> None:
    tool = {
        "type": "function",
        "name": "shape",
        "description": "The shape of a table.",
        "inputSchema": {"type": "object", "properties": {"name": {"type": "string"}}},
    }
    offered = [tool]
    if namespace:
        offered = [
            {"type": "namespace", "name": namespace, "description": "Tools.", "tools": [tool]}
        ]
    runtime, server = played(
        Script.reply(
            [call("shape", {"name": "df"}, namespace=namespace)],
            [say("It is {{output}}.")],
        ),
        lambda *_: {
            "success": True,
            "contentItems": [{"type": "inputText", "text": "3 rows by 4"}],
        },
    )
    turn = runtime.turn("shape?", runtime.thread(model=model, dynamicTools=offered))
    ((method, params),) = runtime.asked
    assert method == "item/tool/call"
    assert (params["namespace"], params["tool"], params["arguments"]) == (
        namespace,
        "shape",
        {"name": "df"},
    )
    assert turn.items("dynamicToolCall")[0]["success"] is True
    assert "3 rows by 4" in server.requests[-1].output
    assert "3 rows by 4" in turn.said[-1]


def test_a_question_to_the_user(played) -> None:
    question = {
        "id": "color",
        "header": "Color",
        "question": "Which?",
        "options": [
            {"label": "Red", "description": "warm"},
            {"label": "Blue", "description": "cold"},
        ],
    }
    runtime, server = played(
        Script.reply([ask(question)], DONE),
        lambda *_: {"answers": {"color": {"answers": ["Blue"]}}},
    )
    runtime.turn("ask")
    ((method, params),) = runtime.asked
    assert (method, params["questions"][0]["question"]) == ("item/tool/requestUserInput", "Which?")
    assert "Blue" in server.requests[-1].output


def test_javascript_in_code_mode(played) -> None:
    source = 'const r = await tools.exec_command({cmd: "echo nested"}); text("saw " + r.output);'
    runtime, server = played(Script.reply([javascript(source)], DONE))
    turn = runtime.turn("code", runtime.thread(model=CODE_MODE))
    assert turn.items("commandExecution")[0]["aggregatedOutput"] == "nested\n"
    assert "saw nested" in server.requests[-1].output


def test_a_long_cell_in_code_mode_is_waited_for(played) -> None:
    source = 'const r = await tools.exec_command({cmd: "sleep 0.5; echo late"}); text(r.output);'
    runtime, server = played(
        Script.reply(
            [javascript(source, yield_ms=100)],
            [
                call(
                    "wait",
                    {"cell_id": "{{cell_id}}", "yield_time_ms": 10_000},
                    namespace="functions",
                )
            ],
            DONE,
        )
    )
    assert runtime.turn("code", runtime.thread(model=CODE_MODE)).said == ["Done."]
    assert "late" in server.requests[-1].output


def test_calls_as_written_may_be_wrong(played) -> None:
    runtime, server = played(
        Script.reply([function("exec_command", "{not json")], [custom("nonsense", "x")], DONE)
    )
    turn = runtime.turn("wrong")
    assert turn.said == ["Done."]
    assert len(server.requests[-1].outputs) == 2


def test_a_raw_event_and_the_tokens(played) -> None:
    note = {"openai_verification_recommendation": ["trusted_access_for_cyber"]}
    runtime, _ = played(
        Script.reply(
            [
                raw({"type": "response.metadata", "metadata": note}),
                usage(input=1000, cached=600, output=50, reasoning=20),
                *DONE,
            ]
        )
    )
    turn = runtime.turn("raw")
    assert turn.named("model/verification")
    last = turn.named("thread/tokenUsage/updated")[-1]["tokenUsage"]["last"]
    assert (last["inputTokens"], last["cachedInputTokens"], last["outputTokens"]) == (1000, 600, 50)
    assert (last["reasoningOutputTokens"], last["totalTokens"]) == (20, 1050)
