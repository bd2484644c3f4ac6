"""The automatic reviewer's verdicts, and a person who overrules one; child agents and whose events they are."""

from __future__ import annotations

import json
from pathlib import Path

from codex_jupyter.core import events as ev
from codex_jupyter.core import items as it
from codex_jupyter.core.rights import Rights
from codex_jupyter.offline import Request, Rule, Script, call, run, say
from codex_jupyter.runtime import threads
from codex_jupyter.runtime.api import Api
from codex_jupyter.runtime.arrivals import RequestArrived
from codex_jupyter.settings import Settings

from .driver import driven, on_a_loop

DONE = [say("Done.", phase="final_answer")]


def verdict(outcome: str) -> list[dict[str, object]]:
    told = {"outcome": outcome, "risk_level": "high", "user_authorization": "low"}
    return [say(json.dumps({**told, "rationale": "Because."}))]


@on_a_loop
async def test_a_denial_is_shown_and_can_be_overruled(folder: Path) -> None:
    target = folder / "made"
    go = run(f"touch {target}", escalate=True, justification="Needed.")
    script = Script.of(
        Rule("deny", [verdict("deny"), verdict("allow")], when={"subagent": "guardian"}),
        Rule("go", [[go], DONE], when={"contains": "go"}),
    )
    async with driven(folder, script) as driver:
        api, rights = Api(driver.runtime), Rights(folder=str(folder), approval="auto-review")
        started = await api.start_thread(threads.start_params(Settings(cwd=folder)))
        thread, model = started["thread"]["id"], threads.model_of(started)
        driver.runtime.own_thread(thread)
        turn = await api.start_turn(thread, rights, model, threads.Prompt("go"))
        await driver.completed(turn)
        assert not target.exists()
        assert driver.of(RequestArrived) == []
        first, last = (e.review for e in driver.of(ev.ReviewReported) if e.turn_id == turn)
        assert (first.verdict, last.verdict, last.rationale) == (
            "in_progress",
            "denied",
            "Because.",
        )
        assert first.id == last.id and f"touch {target}" in last.action
        (declined,) = (i for i in driver.items(turn) if isinstance(i, it.Command))
        assert (declined.id, declined.status) == (last.target_id, "declined")
        await api.allow_denied(thread, turn, last)
        again = await api.start_turn(thread, rights, model, threads.Prompt("go again"))
        await driver.completed(again)
        assert "approved" in driver.offline.server.requests[-1].text


@on_a_loop
async def test_a_child_agent_is_told_by_its_own_thread(folder: Path) -> None:
    def wait_for_child(request: Request) -> list[dict[str, object]]:
        agent = request.placeholder("agent_id")
        return [
            call(
                "wait_agent", {"targets": [agent], "timeout_ms": 20_000}, namespace="multi_agent_v1"
            )
        ]

    spawn = call("spawn_agent", {"message": "child: say hi"}, namespace="multi_agent_v1")
    script = Script.of(
        Rule("child", [[say("Hi from the child.")]], when={"contains": "child:"}),
        Rule("parent", [[spawn], wait_for_child, DONE], when={"contains": "parent"}),
    )
    async with driven(folder, script, config={"model": "some-model"}) as driver:
        thread = await driver.thread()
        turn = await driver.turn(thread, "parent")
        calls = [i for i in driver.items(turn) if isinstance(i, it.CollabAgentCall)]
        assert [c.tool for c in calls] == ["spawnAgent", "wait"]
        child = calls[0].agents[0].thread_id
        assert calls[1].agents[0].message == "Hi from the child."
        words = [e.text for e in driver.of(ev.MessageAppended) if e.thread_id == child]
        assert "".join(words) == "Hi from the child."
        assert driver.runtime.codex._client._sync._own_threads == {thread, child}  # type: ignore[attr-defined]
