"""Each reply to each request, and what it does in the world."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from codex_jupyter.core import events as ev
from codex_jupyter.core import items as it
from codex_jupyter.core import requests as rq
from codex_jupyter.core.raw import exact
from codex_jupyter.core.requests import Answer
from codex_jupyter.offline import Rule, Script, ask, call, javascript, patch, run, say
from codex_jupyter.runtime.arrivals import RequestArrived
from codex_jupyter.runtime.replies import reply_to, tool_result

from .driver import Driver, driven, on_a_loop

CODE_MODE = "gpt-6-astra"
DONE = [say("Done.", phase="final_answer")]
ECHO = [say("{{output}}", phase="final_answer")]
PATCH = "*** Begin Patch\n*** Add File: new.txt\n+hello\n*** End Patch"


def rule(word: str, *moves: Any) -> Rule:
    return Rule(word, [list(moves), ECHO], when={"contains": word})


def touching(path: Path) -> Any:
    return run(
        f"touch {path}", escalate=True, justification="Needed.", prefix_rule=["touch", str(path)]
    )


@asynccontextmanager
async def answering(
    folder: Path, script: Script, answers: dict[type, list[Answer]], **options: Any
) -> AsyncIterator[Driver]:
    """A driver that answers requests with the given answers, in order, and the last one for ever."""
    async with driven(folder, script, **options) as driver:

        def hear(arrival: object) -> None:
            if not isinstance(arrival, RequestArrived):
                return
            left = answers[type(exact(arrival.request))]
            reply = reply_to(exact(arrival.request), left.pop(0) if len(left) > 1 else left[0])
            if reply.error is not None:
                assert driver.runtime.refuse(arrival.rpc_id, *reply.error)
            else:
                assert driver.runtime.reply(arrival.rpc_id, reply.result or {})

        driver.hear = hear
        yield driver


def item_of(driver: Driver, turn: str, kind: type) -> Any:
    """The one completed item of this class."""
    (found,) = (i for i in driver.items(turn) if isinstance(i, kind))
    return found


def said(driver: Driver, turn: str) -> str:
    return str([i for i in driver.items(turn) if isinstance(i, it.AgentMessage)][-1].text)


# --- commands ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("choice", "made", "item", "end"),
    [
        ("once", True, "completed", "completed"),
        ("session", True, "completed", "completed"),
        ("decline", False, "declined", "completed"),
        ("stop", False, "declined", "interrupted"),
    ],
)
@on_a_loop
async def test_a_command(folder: Path, choice: Any, made: bool, item: str, end: str) -> None:
    target = folder / "made"
    script = Script.of(rule("go", touching(target)))
    async with answering(folder, script, {rq.CommandRequest: [Answer(choice)]}) as driver:
        turn = await driver.turn(await driver.thread(), "go")
        assert target.exists() is made
        assert item_of(driver, turn, it.Command).status == item
        assert (await driver.completed(turn)).status == end


@on_a_loop
async def test_a_command_allowed_for_the_session_is_asked_once(folder: Path) -> None:
    target = folder / "made"
    script = Script.of(rule("go", touching(target)))
    answers = {rq.CommandRequest: [Answer("session"), Answer("decline")]}
    async with answering(folder, script, answers) as driver:
        thread = await driver.thread()
        for _ in range(2):
            await driver.turn(thread, "go")
            assert target.exists()
            target.unlink()
        assert len(driver.of(RequestArrived)) == 1
        await driver.turn(await driver.thread(), "go")  # another thread is another session
        assert len(driver.of(RequestArrived)) == 2
        assert not target.exists()


@on_a_loop
async def test_a_command_allowed_always_writes_a_rule_that_holds(folder: Path) -> None:
    target = folder / "made"
    script = Script.of(rule("go", touching(target)))
    answers = {rq.CommandRequest: [Answer("always"), Answer("decline")]}
    async with answering(folder, script, answers, own=True) as driver:
        await driver.turn(await driver.thread(), "go")
        asked = exact(driver.of(RequestArrived)[0].request)
        assert isinstance(asked, rq.CommandRequest) and asked.rule == ("touch", str(target))
        rules = (driver.offline.codex_home / "rules" / "default.rules").read_text()
        assert "prefix_rule" in rules and str(target) in rules
        target.unlink()
        await driver.turn(await driver.thread(), "go")
        assert target.exists()
        assert len(driver.of(RequestArrived)) == 1


@on_a_loop
async def test_a_command_in_code_mode(folder: Path) -> None:
    target = folder / "made"
    source = (
        f"try {{ const r = await tools.exec_command({{cmd: 'touch {target}',"
        " sandbox_permissions: 'require_escalated', justification: 'Needed.'}); text('ran'); }"
        " catch (e) { text('refused: ' + e); }"
    )
    script = Script.of(rule("go", javascript(source)))
    answers = {rq.CommandRequest: [Answer("decline"), Answer("once")]}
    async with answering(folder, script, answers) as driver:
        thread = await driver.thread(model=CODE_MODE)
        turn = await driver.turn(thread, "go")
        assert not target.exists() and "refused" in said(driver, turn)
        declined = item_of(driver, turn, it.Command)
        assert declined.status == "declined" and declined.id.startswith("exec-")
        await driver.turn(thread, "go")
        assert target.exists()


@on_a_loop
async def test_a_refusal_by_error_fails_closed(folder: Path) -> None:
    target = folder / "made"
    async with driven(folder, Script.of(rule("go", touching(target)))) as driver:
        driver.hear = lambda a: (
            isinstance(a, RequestArrived) and driver.runtime.refuse(a.rpc_id, -32601, "unknown")
        )
        turn = await driver.turn(await driver.thread(), "go")
        assert not target.exists()
        assert item_of(driver, turn, it.Command).status in ("failed", "declined")


# --- files ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("choice", "made", "end"),
    [
        ("once", True, "completed"),
        ("session", True, "completed"),
        ("decline", False, "completed"),
        ("stop", False, "interrupted"),
    ],
)
@on_a_loop
async def test_a_patch(folder: Path, choice: Any, made: bool, end: str) -> None:
    script = Script.of(rule("go", patch(PATCH)))
    async with answering(folder, script, {rq.FileChangeRequest: [Answer(choice)]}) as driver:
        turn = await driver.turn(await driver.thread(), "go")
        assert (folder / "new.txt").exists() is made
        assert (await driver.completed(turn)).status == end
        started = [e.item for e in driver.of(ev.ItemStarted) if isinstance(e.item, it.FileChange)]
        assert [c.path for c in started[0].changes] == [str(folder / "new.txt")]
        if choice != "stop":  # a patch that was stopped never completes
            wanted = "completed" if made else "declined"
            assert item_of(driver, turn, it.FileChange).status == wanted


# --- more rights ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("choice", ["once", "session", "decline"])
@on_a_loop
async def test_more_rights(folder: Path, scratch: Path, choice: Any) -> None:
    outside = scratch / "outside"
    outside.mkdir()
    wanted = {"file_system": {"write": [str(outside)]}}
    steps = [
        [call("request_permissions", {"reason": "Need it", "permissions": wanted})],
        [run(f"touch {outside}/made; true")],
        DONE,
    ]
    again = Rule("again", [[run(f"touch {outside}/again; true")], DONE], when={"contains": "again"})
    script = Script.of(again, Rule("go", steps, when={"contains": "go"}))
    config = {"features.request_permissions_tool": True}
    answers = {rq.PermissionsRequest: [Answer(choice)]}
    async with answering(folder, script, answers, config=config) as driver:
        thread = await driver.thread()
        await driver.turn(thread, "go")
        asked = exact(driver.of(RequestArrived)[0].request)
        assert isinstance(asked, rq.PermissionsRequest)
        assert (asked.write, asked.reason) == ((str(outside),), "Need it")
        assert (outside / "made").exists() is (choice != "decline")
        await driver.turn(thread, "again")
        assert (outside / "again").exists() is (choice == "session")


# --- questions --------------------------------------------------------------------------------------------------------

QUESTION = {
    "id": "color",
    "header": "Color",
    "question": "Which?",
    "options": [{"label": "Red", "description": "warm"}, {"label": "Blue", "description": "cold"}],
}


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (Answer("submit", (("color", ("Blue", "user note: teal")),)), ["Blue", "user note: teal"]),
        (Answer("skip"), None),
        (Answer("decline"), None),
    ],
)
@on_a_loop
async def test_a_question(folder: Path, answer: Answer, told: list[str] | None) -> None:
    script = Script.of(rule("go", ask(QUESTION)))
    config = {"features.default_mode_request_user_input": True}
    async with answering(folder, script, {rq.QuestionsRequest: [answer]}, config=config) as driver:
        turn = await driver.turn(await driver.thread(), "go")
        heard = json.loads(said(driver, turn))["answers"]
        assert heard == ({"color": {"answers": told}} if told else {})


# --- MCP --------------------------------------------------------------------------------------------------------------


def mcp(record: Path) -> dict[str, Any]:
    server = str(Path(__file__).with_name("mcp_demo.py"))
    return {
        "mcp_servers.demo.command": sys.executable,
        "mcp_servers.demo.args": [server, str(record)],
    }


def mcp_script(*names: str) -> Script:
    return Script.of(*(rule(name, call(name, {}, namespace="mcp__demo")) for name in names))


@pytest.mark.parametrize(
    ("choice", "ran"), [("once", True), ("session", True), ("decline", False), ("stop", False)]
)
@on_a_loop
async def test_an_mcp_tool(folder: Path, scratch: Path, choice: Any, ran: bool) -> None:
    record = scratch / "record"
    answers = {rq.McpToolRequest: [Answer(choice), Answer("decline")]}
    async with answering(folder, mcp_script("danger"), answers, config=mcp(record)) as driver:
        thread = await driver.thread()
        turn = await driver.turn(thread, "danger")
        asked = exact(driver.of(RequestArrived)[0].request)
        assert isinstance(asked, rq.McpToolRequest)
        assert (asked.server, "session" in asked.persist) == ("demo", True)
        called = item_of(driver, turn, it.McpToolCall)
        assert called.status == ("completed" if ran else "failed")
        assert record.exists() is ran
        await driver.turn(thread, "danger")
        calls = record.read_text().count("danger") if record.exists() else 0
        assert calls == (2 if choice == "session" else int(ran))


@pytest.mark.parametrize(
    ("word", "answer", "action"),
    [
        ("form", Answer("submit", content='{"name": "Ada"}'), "accept"),
        ("form", Answer("decline"), "decline"),
        ("form", Answer("stop"), "cancel"),
        ("url", Answer("once"), "accept"),
        ("url", Answer("decline"), "decline"),
    ],
)
@on_a_loop
async def test_what_an_mcp_server_asks(
    folder: Path, scratch: Path, word: str, answer: Answer, action: str
) -> None:
    answers: dict[type, list[Answer]] = {rq.FormRequest: [answer], rq.UrlRequest: [answer]}
    config = mcp(scratch / "record")
    async with answering(folder, mcp_script(word), answers, config=config) as driver:
        turn = await driver.turn(await driver.thread(), word)
        heard = json.loads(item_of(driver, turn, it.McpToolCall).result[0].value)
        assert heard["action"] == action
        if action == "accept" and word == "form":
            assert heard["content"] == {"name": "Ada"}


# --- our own tools ----------------------------------------------------------------------------------------------------

PIXEL = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9"
    "awAAAABJRU5ErkJggg=="
)
TOOL = {
    "type": "function",
    "name": "probe",
    "description": "A tool of the test.",
    "inputSchema": {"type": "object", "properties": {"n": {"type": "integer"}}},
}


@pytest.mark.parametrize("model", ["gpt-5.5", CODE_MODE])
@on_a_loop
async def test_a_tool_of_ours(folder: Path, model: str) -> None:
    move = (
        javascript("const r = await tools.probe({n: 1}); text(JSON.stringify(r));")
        if model == CODE_MODE
        else call("probe", {"n": 1})
    )
    async with driven(folder, Script.of(rule("go", move))) as driver:
        driver.hear = lambda a: (
            isinstance(a, RequestArrived)
            and driver.runtime.reply(a.rpc_id, tool_result(True, "forty-two", [PIXEL]))
        )
        thread = await driver.thread(dynamicTools=[TOOL], model=model)
        turn = await driver.turn(thread, "go")
        asked = exact(driver.of(RequestArrived)[0].request)
        assert isinstance(asked, rq.ToolCall)
        assert (asked.tool, json.loads(asked.arguments)) == ("probe", {"n": 1})
        shown = item_of(driver, turn, it.DynamicToolCall)
        assert (shown.id, shown.success) == (asked.call_id, True)
        assert [(c.kind, c.value) for c in shown.result] == [
            ("text", "forty-two"),
            ("image", PIXEL),
        ]
        assert "forty-two" in driver.offline.server.requests[-1].output
