"""No failed trial of the sandbox is a weaker mode, and no turn of the SDK has more than a turn of ours without options."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from openai_codex import ApprovalMode, AsyncThread, Sandbox

from codex_jupyter import offline
from codex_jupyter.core.rights import UNCONFIRMED
from codex_jupyter.offline import Request, Rule, Script, run, say
from codex_jupyter.render import text
from codex_jupyter.session.session import Session
from tests.waiting import GENEROUS

DONE = [say("Done.", phase="final_answer")]
ALLOW = {
    "outcome": "allow",
    "risk_level": "low",
    "user_authorization": "high",
    "rationale": "Fine.",
}


class Bench:
    """A session on a model that tries to write outside its folder, by itself and beyond the sandbox."""

    def __init__(self, scratch: Path) -> None:
        self.folder, self.outside = scratch / "project", scratch / "outside"
        self.folder.mkdir()
        self.outside.mkdir()
        self.marks = 0
        self.model = offline.start(
            Script.of(
                Rule("guardian", [[say(json.dumps(ALLOW))]] * 50, when={"subagent": "guardian"}),
                Rule("both", [self._write, self._beyond, DONE], when={"contains": "both"}),
                Rule("any", [DONE]),
            ),
            codex_home=scratch / "codex",
        )
        self.session = Session("bench")
        self.session.go_offline(self.model)
        self.session._offline = None  # the model outlives a session that is closed

    def _write(self, request: Request) -> list[Any]:
        self.marks += 1
        return [run(f"touch {self.outside}/{self.marks} {self.folder}/{self.marks}; true")]

    def _beyond(self, request: Request) -> list[Any]:
        self.marks += 1
        return [run(f"touch {self.outside}/{self.marks}", escalate=True, justification="Needed.")]

    @property
    def written(self) -> list[str]:
        return sorted(p.name for folder in (self.folder, self.outside) for p in folder.iterdir() if p.name.isdigit())  # fmt: skip

    def sdk(
        self, work: Callable[[Any], Awaitable[AsyncThread]], prompt: str = "both", **options: Any
    ) -> None:
        """Run a turn of the SDK on the thread that ``work`` gives, to its end."""

        async def main() -> None:
            thread = await work(self.session.codex)
            await asyncio.wait_for(thread.run(prompt, **options), GENEROUS)

        asyncio.run(main())


@pytest.fixture
def bench(scratch: Path) -> Iterator[Bench]:
    made = Bench(scratch)
    yield made
    made.session.close()
    made.model.close()


def test_no_turn_of_the_sdk_has_more_than_one_of_ours_without_options(bench: Bench) -> None:
    """Started, resumed, forked or driven directly, after every kind of turn of ours: it reads, and what it asks is declined."""
    here = str(bench.folder)
    for mode in (None, *ApprovalMode):
        given = {} if mode is None else {"approval_mode": mode}
        bench.sdk(lambda codex, g=given: codex.thread_start(cwd=here, **g))
        bench.sdk(lambda codex: codex.thread_start(cwd=here), **given)
    assert bench.written == []
    before: tuple[dict[str, Any], ...] = (
        {}, {"sandbox": "workspace-write"}, {"sandbox": "full-access"}, {"approval": "auto-review"},
        {"sandbox": "workspace-write", "approval": "never"}, {"approval": "untrusted"},
    )  # fmt: skip
    for number, options in enumerate(before):
        name = f"t{number}"
        bench.session.run("hello", thread=name, cwd=bench.folder, **options)
        ours = bench.session.thread(name).id

        async def direct(codex: Any, ours: str = ours) -> AsyncThread:
            return AsyncThread(codex, ours)

        for way in (
            direct,
            lambda codex, ours=ours: codex.thread_resume(ours),
            lambda codex, ours=ours: codex.thread_resume(ours, approval_mode=ApprovalMode.auto_review),
            lambda codex, ours=ours: codex.thread_fork(ours),
        ):  # fmt: skip
            bench.sdk(way)
            assert bench.written == [], options
        turn = bench.session.run("both", thread=name, cwd=bench.folder)
        assert turn.status is not None and bench.written == [], options


def test_what_a_program_names_for_one_turn_of_the_sdk_does_not_stay(bench: Bench) -> None:
    """Full access that a program names counts for that turn; the next of the SDK on our conversation, and ours, have none."""
    bench.session.run("hello", cwd=bench.folder)
    ours = bench.session.thread().id

    async def direct(codex: Any) -> AsyncThread:
        return AsyncThread(codex, ours)

    bench.sdk(direct, sandbox=Sandbox.full_access)
    named = bench.written
    assert len(named) >= 2
    bench.sdk(direct)
    bench.session.run("both", cwd=bench.folder)
    assert bench.written == named


def test_neither_another_program_nor_the_project_gives_the_sdk_full_access(bench: Bench) -> None:
    """A conversation that another program began with full access, and a trusted project that asks for it, give none."""
    here = str(bench.folder)

    async def strangers(codex: Any) -> str:
        request = bench.session.engine.runtime.request  # type: ignore[union-attr]
        params = {"cwd": here, "sandbox": "danger-full-access", "approvalPolicy": "never"}
        thread = (await request("thread/start", params))["thread"]["id"]
        said = [{"type": "text", "text": "hello"}]
        await request("turn/start", {"threadId": thread, "input": said})
        return thread

    bench.session.run("hello", cwd=bench.folder)
    theirs = bench.session.engine.call(strangers(None))
    bench.session.close()
    for way in ("thread_resume", "thread_fork"):
        bench.sdk(lambda codex, way=way: getattr(codex, way)(theirs))
    assert bench.written == []
    bench.session.close()
    config = bench.model.codex_home / "config.toml"
    subprocess.run(["git", "init", "-q", here], check=True)
    config.write_text(f'{config.read_text()}\n[projects."{here}"]\ntrust_level = "trusted"\n')
    (bench.folder / ".codex").mkdir()
    (bench.folder / ".codex" / "config.toml").write_text(
        'sandbox_mode = "danger-full-access"\napproval_policy = "never"\n'
    )
    bench.sdk(lambda codex: codex.thread_start(cwd=here))
    assert not list(bench.outside.iterdir())


def test_a_trial_that_failed_is_no_weaker_mode(
    bench: Bench, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SIGCHLD ignored, a TMPDIR that is missing, no folder for the trial: nothing runs without the sandbox, the reason is true."""
    before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        live = bench.session.start("both", cwd=bench.folder)
        turn = live.result(GENEROUS).turn
        assert bench.session.engine.supplier.sandbox.works  # type: ignore[union-attr]
        assert "Read-only file system" in text.document(
            _document(live)
        )  # the command ran, in the sandbox
        assert turn.settings.sandbox == "read-only" and UNCONFIRMED not in str(turn.settings.notes)
    finally:
        signal.signal(signal.SIGCHLD, before)
    bench.session.close()
    for value, reason in (
        (str(scratch / "missing"), "does not exist"),
        (str(scratch / "file"), "no folder"),
    ):
        (scratch / "file").write_text("")
        monkeypatch.setenv("TMPDIR", value)
        live = bench.session.start("both", cwd=bench.folder, interactive=True, timeout=60)
        while not live.done:
            for request in live.pending:
                live.answer(request.id, "decline")
            asyncio.run(asyncio.sleep(0.01))
        shown = text.document(_document(live))
        assert reason in shown and value.split("/")[-1] in shown and "TMPDIR" in shown
        assert "RUST_BACKTRACE" not in shown and "unavailable" not in live.turn.settings.sandbox
        assert "in the sandbox or not at all" in shown and UNCONFIRMED in shown
        bench.session.close()
    monkeypatch.delenv("TMPDIR")
    assert bench.written == []
    bench.session.run("hello", cwd=bench.folder)
    assert bench.session.engine.supplier.sandbox.works  # type: ignore[union-attr]


def _document(live: Any) -> Any:
    from codex_jupyter.core.blocks import document

    return document(live.turn)
