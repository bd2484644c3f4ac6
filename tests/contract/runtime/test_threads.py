"""What settings do: sandboxes that do not stick, efforts that go back, what resuming loses, and what is not recorded."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from codex_jupyter.core import events as ev
from codex_jupyter.core import items as it
from codex_jupyter.core.raw import exact
from codex_jupyter.core.requests import Answer
from codex_jupyter.core.rights import Rights, decide
from codex_jupyter.core.turn import Turn
from codex_jupyter.offline import Rule, Script, patch, plan, run, say, view
from codex_jupyter.runtime import probe, results, threads, wire_rights
from codex_jupyter.runtime.api import Api
from codex_jupyter.runtime.arrivals import RequestArrived, ThreadChanged
from codex_jupyter.runtime.client import Runtime
from codex_jupyter.runtime.failures import RuntimeRequestError
from codex_jupyter.runtime.probe import try_sandbox
from codex_jupyter.runtime.replies import reply_to
from codex_jupyter.settings import Settings

from .driver import Driver, driven, on_a_loop, runs, wrapper

DONE = [say("Done.", phase="final_answer")]
SCRIPT = Script.of(
    Rule("hello", [DONE], when={"contains": "hello"}),
    Rule("write", [[run("touch made; true")], DONE], when={"contains": "write"}),
    Rule("list", [[run("ls / > /dev/null && echo listed")], DONE], when={"contains": "list"}),
    Rule("patch", [[patch("*** Begin Patch\n*** Add File: new.txt\n+x\n*** End Patch")], DONE], when={"contains": "patch"}),
    Rule("plan", [[plan([["Look", "completed"], ["Fix", "pending"]])], DONE], when={"contains": "plan"}),
    Rule("look", [[view("dot.png")], DONE], when={"contains": "look"}),
    Rule("leave", [[run("sleep 1000", yield_ms=300)], DONE], when={"contains": "leave"}),
    Rule("rebel", [[run("touch made && echo made")], DONE], when={"contains": "rebel"}),
)  # fmt: skip


@pytest.fixture
def repository(folder: Path) -> None:
    """The folder is one of git's."""
    subprocess.run(["git", "init", "-q", str(folder)], check=True)


class Talk:
    """One thread, driven by settings."""

    def __init__(self, driver: Driver, opened: dict[str, Any], config: dict[str, Any]) -> None:
        self.driver = driver
        self.opened = opened
        self.id: str = opened["thread"]["id"]
        self.model = threads.model_of(opened)
        self.defaults = wire_rights.defaults_of(opened, config, full_access_named=False)
        driver.runtime.own_thread(self.id)

    @classmethod
    async def begin(cls, driver: Driver, **chosen: Any) -> Talk:
        api = Api(driver.runtime)
        opened = await api.start_thread(threads.start_params(Settings(cwd=driver.folder, **chosen)))
        return cls(driver, opened, await api.read_config_layers(str(driver.folder)))

    async def turn(self, prompt: str, works: bool = True, **chosen: Any) -> str:
        settings = Settings(**{"cwd": self.driver.folder, **chosen})
        folder = threads.folder_of(settings)
        rights = decide(
            self.defaults,
            folder=folder,
            inside=wire_rights.lies_in(folder, self.defaults.folder),
            sandbox=settings.sandbox,
            sandbox_works=works,
            approval=settings.approval,
        )
        model = threads.Model(
            settings.model or self.model.name, settings.effort or self.model.effort
        )
        turn = await Api(self.driver.runtime).start_turn(
            self.id, rights, model, threads.Prompt(prompt)
        )
        await self.driver.completed(turn)
        return turn


def effort(driver: Driver) -> str:
    return driver.offline.server.requests[-1].body["reasoning"]["effort"]


@on_a_loop
async def test_a_sandbox_holds_for_its_turn_only(folder: Path) -> None:
    async with driven(folder, SCRIPT) as driver:
        talk, made = await Talk.begin(driver, sandbox="full-access"), folder / "made"
        assert talk.defaults.sandbox.kind == "read-only"
        for sandbox, writes in (
            ("full-access", True),
            (None, False),
            ("workspace-write", True),
            (None, False),
            ("read-only", False),
        ):
            await talk.turn("write", sandbox=sandbox)
            assert made.exists() is writes, sandbox
            made.unlink(missing_ok=True)


@on_a_loop
async def test_an_effort_and_a_model_hold_for_their_turn_only(folder: Path) -> None:
    async with driven(folder, SCRIPT) as driver:
        talk = await Talk.begin(driver)
        told = []
        chosen: dict[str, Any]
        for chosen in ({}, {"effort": "high"}, {}, {"model": "gpt-5.6-luna"}, {}):
            await talk.turn("hello", **chosen)
            told.append((driver.offline.server.requests[-1].model, effort(driver)))
        offered = (await driver.runtime.request("model/list", {"includeHidden": True}))["data"]
        (known,) = (m for m in offered if m["id"] == "gpt-5.5")
        own = ("gpt-5.5", known["defaultReasoningEffort"])
        assert own[1] != "high"
        assert told == [own, ("gpt-5.5", "high"), own, ("gpt-5.6-luna", told[3][1]), own]


@on_a_loop
async def test_a_configured_effort_is_what_it_goes_back_to(folder: Path) -> None:
    async with driven(folder, SCRIPT) as driver:
        talk = await Talk.begin(driver, config={"model_reasoning_effort": "low"})
        chosen: dict[str, Any]
        for chosen, wanted in (({}, "low"), ({"effort": "high"}, "high"), ({}, "low")):
            await talk.turn("hello", **chosen)
            assert effort(driver) == wanted


@on_a_loop
async def test_another_folder_is_read_only_unless_it_is_said(folder: Path, scratch: Path) -> None:
    """The runtime trusts the one folder; the turn goes to another, which nobody trusted."""
    other = scratch / "other"
    other.mkdir()
    config = {f'projects."{folder}".trust_level': "trusted"}
    async with driven(folder, SCRIPT, own=True) as driver:
        home = driver.offline.codex_home / "config.toml"
        home.write_text(home.read_text() + f'\n[projects."{folder}"]\ntrust_level = "trusted"\n')
        talk = await Talk.begin(driver)
        assert talk.defaults.sandbox.kind == "workspace-write", config
        await talk.turn("write")
        assert (folder / "made").exists()
        await talk.turn("write", cwd=other)
        assert not (other / "made").exists()
        await talk.turn("write", cwd=other, sandbox="workspace-write")
        assert (other / "made").exists()


@on_a_loop
async def test_no_turn_records_trust(folder: Path, repository: None) -> None:
    async with driven(folder, SCRIPT) as driver:
        talk = await Talk.begin(driver, sandbox="workspace-write")
        await talk.turn("write", sandbox="workspace-write")
        assert (folder / "made").exists()
        assert "trust" not in (driver.offline.codex_home / "config.toml").read_text()


@on_a_loop
async def test_workspace_write_is_what_the_users_configuration_says(
    folder: Path, scratch: Path
) -> None:
    outside = scratch / "outside"
    outside.mkdir()
    script = Script.of(
        Rule("w", [[run(f"touch {outside}/made; true")], DONE], when={"contains": "write"})
    )
    config = {"sandbox_workspace_write.writable_roots": [str(outside)]}
    async with driven(folder, script, config=config) as driver:
        talk = await Talk.begin(driver)
        await talk.turn("write", sandbox="workspace-write")
        assert (outside / "made").exists()


@on_a_loop
async def test_never_asks_nobody_and_says_so(folder: Path) -> None:
    """Our ``never``: the runtime asks, whoever answers declines, and the refusal is an item."""
    async with driven(folder, SCRIPT) as driver:
        driver.hear = lambda a: (
            isinstance(a, RequestArrived)
            and driver.runtime.reply(
                a.rpc_id, reply_to(exact(a.request), Answer("decline")).result or {}
            )
        )
        turn = await (await Talk.begin(driver, approval="never")).turn("patch", approval="never")
        (refused,) = (i for i in driver.items(turn) if isinstance(i, it.FileChange))
        assert refused.status == "declined"
        assert not (folder / "new.txt").exists()


@on_a_loop
async def test_untrusted_asks_before_every_command(folder: Path) -> None:
    async with driven(folder, SCRIPT) as driver:
        driver.hear = lambda a: (
            isinstance(a, RequestArrived) and driver.runtime.reply(a.rpc_id, {"decision": "accept"})
        )
        talk = await Talk.begin(driver)
        for approval, asked in (("untrusted", 1), ("ask", 1)):
            turn = await talk.turn("list", approval=approval)
            assert driver.outputs(turn) == ["listed\n"]
            assert len(driver.of(RequestArrived)) == asked


@on_a_loop
async def test_plans_and_raw_calls_are_on(folder: Path) -> None:
    async with driven(folder, SCRIPT) as driver:
        talk = await Talk.begin(driver)
        await talk.turn("plan")
        (planned,) = driver.of(ev.PlanUpdated)
        assert [s.text for s in planned.steps] == ["Look", "Fix"]
        await talk.turn("rebel")
        called = [e for e in driver.of(ev.RawCallSeen) if e.tool == "exec_command"]
        assert "touch made" in called[-1].arguments
        output = next(e for e in driver.of(ev.RawOutputSeen) if e.call_id == called[-1].call_id)
        assert "Read-only file system" in output.output


# --- without a sandbox ------------------------------------------------------------------------------------------------


def beside(folder: Path) -> Path:
    """Where programs lie: nothing new of the folder itself is started."""
    place = folder.with_name("programs")
    place.mkdir(exist_ok=True)
    return place


def without_namespaces(folder: Path) -> str:
    """The runtime where no user namespace can be made, as in many containers."""
    limit = "echo 0 > /proc/sys/user/max_user_namespaces"
    return wrapper(
        beside(folder),
        f'[ -n "$INNER" ] || INNER=1 exec unshare -Ur sh -c \'{limit}; INNER=1 exec "$0" "$@"\' "$0" "$@"',
    )


@on_a_loop
async def test_the_probe_tells_a_sandbox_from_none(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with driven(folder, SCRIPT) as driver:
        talk = await Talk.begin(driver)
        turn = await talk.turn("list")
        verdict = await try_sandbox(driver.launch())
        assert verdict.works is (driver.outputs(turn) == ["listed\n"]), verdict.reason
        (folder / "counted").write_text("0")  # as the machine says where it lets nobody make any
        monkeypatch.setattr(probe, "_COUNTED", folder / "counted")
        none = await try_sandbox(driver.launch(codex_bin=without_namespaces(folder)))
        assert none.missing and "namespace" in none.reason
        nowhere = await try_sandbox(driver.launch(codex_bin=str(folder / "nowhere")))
        assert nowhere.state == "unknown" and "nowhere" in nowhere.reason
        loose = beside(folder) / "loose"
        loose.write_text('#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done\nshift\nexec "$@"\n')
        loose.chmod(0o755)
        open_ = await try_sandbox(driver.launch(codex_bin=str(loose)))
        assert open_.missing and "writing" in open_.reason


@on_a_loop
async def test_without_a_sandbox_each_command_and_patch_is_asked_and_then_works(
    folder: Path,
) -> None:
    async with driven(folder, SCRIPT, codex_bin=without_namespaces(folder)) as driver:
        answers = ["decline", "accept", "decline", "accept"]
        driver.hear = lambda a: (
            isinstance(a, RequestArrived)
            and driver.runtime.reply(a.rpc_id, {"decision": answers.pop(0)})
        )
        talk = await Talk.begin(driver)
        for number, (prompt, made) in enumerate(
            [("list", False), ("list", True), ("patch", False), ("patch", True)], 1
        ):
            turn = await talk.turn(prompt, works=False, approval="auto-review")
            assert len(driver.of(RequestArrived)) == number
            if prompt == "list":
                assert ("listed\n" in driver.outputs(turn)) is made
            else:
                assert (folder / "new.txt").exists() is made


# --- history ----------------------------------------------------------------------------------------------------------


@on_a_loop
async def test_a_thread_goes_on_in_a_new_runtime(folder: Path) -> None:
    async with driven(folder, SCRIPT, own=True) as driver:
        talk = await Talk.begin(driver)
        await talk.turn("hello one")
        await driver.runtime.close()
        driver.runtime = await Runtime.start(driver.launch(), on_batch=driver.on_batch)
        settings = Settings(cwd=folder)
        resumed = await Api(driver.runtime).resume_thread(
            threads.resume_params(talk.id, settings, config={})
        )
        again = Talk(driver, resumed, {})
        assert (again.id, resumed["sandbox"]["type"]) == (talk.id, "readOnly")
        await again.turn("hello two")
        assert driver.offline.server.requests[-1].prompts == ("hello one", "hello two")
        await again.turn("write")
        assert not (folder / "made").exists()


@on_a_loop
async def test_one_writer_a_thread_and_anybody_may_read_or_fork(folder: Path) -> None:
    async with driven(folder, SCRIPT) as driver:
        talk = await Talk.begin(driver)
        await talk.turn("hello")
        other = await Runtime.start(driver.launch(), on_batch=lambda _batch: None)
        try:
            with pytest.raises(RuntimeRequestError, match="active writer"):
                await other.request("thread/resume", {"threadId": talk.id})
            assert exact(await Api(other).read_thread(talk.id)).preview == "hello"
            forked = await Api(other).fork_thread({"threadId": talk.id, "cwd": str(folder)})
            assert forked["thread"]["id"] != talk.id and "sandbox" in forked
        finally:
            await other.close()


@on_a_loop
async def test_threads_are_listed_named_forked_and_put_away(folder: Path) -> None:
    async with driven(folder, SCRIPT) as driver:
        api, talk = Api(driver.runtime), await Talk.begin(driver)
        first = await talk.turn("hello one")
        await talk.turn("write two")
        await api.name_thread(talk.id, "Churn")
        named = await driver.until(
            lambda: [n for n in driver.of(ThreadChanged) if n.what == "name"], "new name"
        )
        assert named[0].value == "Churn"
        (stored,) = exact(await api.list_threads(cwd=str(folder))).threads
        assert (stored.id, stored.name, stored.preview) == (talk.id, "Churn", "hello one")
        turns = exact(await api.read_turns(talk.id))
        assert [t.state for t in turns] == ["completed", "completed"]
        assert any(isinstance(e, it.Command) for e in turns[1].entries)
        assert [t.turn_id for t in exact(await api.read_turns(talk.id, last=1))] == [
            turns[1].turn_id
        ]
        fork = await api.fork_thread({"threadId": talk.id, "cwd": str(folder)}, last_turn_id=first)
        copied = exact(await api.read_turns(fork["thread"]["id"]))
        assert len(copied) == 1
        await api.archive_thread(talk.id)
        left = exact(await api.list_threads(cwd=str(folder))).threads
        assert talk.id not in [t.id for t in left]
        away = exact(await api.list_threads(cwd=str(folder), archived=True)).threads
        assert talk.id in [t.id for t in away]
        await api.unarchive_thread(talk.id)
        assert exact(await api.read_thread(talk.id)).name == "Churn"


@on_a_loop
async def test_pages_of_threads_and_turns(folder: Path) -> None:
    async with driven(folder, SCRIPT) as driver:
        talks = [await Talk.begin(driver) for _ in range(3)]
        for talk in talks:
            await talk.turn("hello")
        page = exact(await Api(driver.runtime).list_threads(limit=2, cwd=str(folder)))
        rest = exact(
            await Api(driver.runtime).list_threads(limit=2, cwd=str(folder), cursor=page.next)
        )
        assert {t.id for t in (*page.threads, *rest.threads)} == {t.id for t in talks}
        assert (len(page.threads), len(rest.threads), rest.next) == (2, 1, "")
        asked = [await talks[0].turn(f"hello {n}") for n in range(3)]
        api = Api(driver.runtime)
        read = [t.turn_id for t in exact(await api.read_turns(talks[0].id, page=2))]
        newest = [t.turn_id for t in exact(await api.read_turns(talks[0].id, last=3, page=2))]
        assert read[1:] == asked == newest


@on_a_loop
async def test_commands_left_running_are_listed_and_ended(folder: Path) -> None:
    async with driven(folder, SCRIPT) as driver:
        talk, api = await Talk.begin(driver), Api(driver.runtime)
        await talk.turn("leave")
        (left,) = exact(await api.terminals(talk.id))
        assert "sleep 1000" in left.command
        await api.end_terminals(talk.id)
        assert exact(await api.terminals(talk.id)) == ()
        assert left.pid is None or not runs(left.pid)


@on_a_loop
async def test_a_turn_in_the_sdks_types(folder: Path) -> None:
    async with driven(folder, SCRIPT) as driver:
        api, talk = Api(driver.runtime), await Talk.begin(driver)
        turn_id = await talk.turn("write", sandbox="workspace-write")
        used = [e.usage for e in driver.of(ev.UsageUpdated)][-1]
        turn = Turn(thread_id=talk.id, turn_id=turn_id, state="completed", usage=used)
        items = map(results.item, exact(await api.read_items(talk.id, turn_id)))
        kinds = [item.root.type for item in items]  # type: ignore[union-attr]
        assert kinds == ["userMessage", "commandExecution", "agentMessage"]
        usage = results.usage(turn)
        assert usage is not None and usage.total.total_tokens > usage.last.total_tokens > 0
        assert results.status(turn).value == "completed" and results.error(turn) is None
        talk = await Talk.begin(driver, ephemeral=True)
        assert exact(await api.read_items(talk.id, await talk.turn("hello"))) == []


@on_a_loop
async def test_compaction_and_review_run_as_turns(folder: Path, repository: None) -> None:
    findings = '{"findings": [], "overall_correctness": "patch is correct", "overall_explanation": "Fine.", "overall_confidence_score": 0.9}'
    script = Script.of(
        Rule("compaction", [[say("A summary.")]], when={"kind": "compaction"}),
        Rule("review", [[say(findings)]], when={"subagent": "review"}),
        Rule("hello", [DONE], when={"contains": "hello"}),
    )
    async with driven(folder, script) as driver:
        talk = await Talk.begin(driver)
        await talk.turn("hello")
        api, rights = Api(driver.runtime), Rights(folder=str(folder))
        await api.start_compaction(talk.id, rights, talk.model)
        await driver.until(
            lambda: [e for e in driver.of(ev.ItemCompleted) if isinstance(e.item, it.Compaction)],
            "compaction",
        )
        target = {"type": "uncommittedChanges"}
        turn = await api.start_review(talk.id, rights, talk.model, target)
        await driver.completed(turn)
        left = [i for i in driver.items(turn) if isinstance(i, it.ReviewExited)]
        assert "Fine." in left[0].review
