"""What a turn may do is what its header says, however the work starts and whatever was allowed before.

A table: every way to start work, after every kind of rights that an earlier turn was lent, with and without an exchange
of the runtime in between. Each way tries to write outside its folder without being asked, and must not.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from codex_jupyter import offline
from codex_jupyter.core.rights import RESUMED
from codex_jupyter.errors import CodexJupyterError, RuntimeFailedError
from codex_jupyter.offline import Request, Rule, Script, run, say, wait
from codex_jupyter.runtime.api import Api
from codex_jupyter.runtime.failures import RuntimeRequestError
from codex_jupyter.session import archive
from codex_jupyter.session.live import LiveTurn
from codex_jupyter.session.session import Session
from tests.waiting import GENEROUS, until

DONE = [say("Done.", phase="final_answer")]


class Place:
    """A folder to work in, one outside it, and a session on the offline model that tries to write there."""

    def __init__(self, scratch: Path) -> None:
        self.folder, self.outside = scratch / "project", scratch / "outside"
        self.folder.mkdir()
        self.outside.mkdir()
        subprocess.run(["git", "init", "-q", str(self.folder)], check=True)
        (self.folder / "new.txt").write_text("something to review\n")
        self.marks = 0
        self.model = offline.start(
            Script.of(
                Rule("summary", [[say("A summary.")]], when={"kind": "compaction"}),
                Rule("review", [self._write, [say(_FINE)]], when={"subagent": "review"}),
                Rule("slow", [[say("I begin.", phase="commentary"), wait("go on")], self._write, DONE], when={"contains": "slowly"}),
                Rule("later", [lambda r: [wait("go on"), *self._write(r)], DONE], when={"contains": "later"}),
                Rule("write", [self._write, DONE], when={"contains": "write"}),
                Rule("any", [DONE]),
            ),
            codex_home=scratch / "codex",
        )  # fmt: skip
        self.session = self.new_session()

    def new_session(self) -> Session:
        """As a kernel that was started anew has it, on the same CODEX_HOME."""
        session = Session("rights")
        session.go_offline(self.model)
        session._offline = None  # the model outlives it
        return session

    def _write(self, request: Request) -> list[Any]:
        self.marks += 1
        return [run(f"touch {self.outside}/{self.marks}; true")]

    @property
    def written(self) -> int:
        """How many of the attempts got through."""
        return len(list(self.outside.iterdir()))

    def begin(self, prompt: str, **options: Any) -> LiveTurn:
        """Start a turn in the folder."""
        return self.session.start(prompt, cwd=self.folder, **options)

    def work(self, prompt: str, **options: Any) -> LiveTurn:
        """Run a turn in the folder to its end, however it ends."""
        live = self.begin(prompt, **options)
        with contextlib.suppress(CodexJupyterError):
            live.result(GENEROUS)
        return live


_FINE = (
    '{"findings": [], "overall_correctness": "patch is correct", "overall_explanation": "Fine.", '
    '"overall_confidence_score": 0.9}'
)


@pytest.fixture
def place(scratch: Path) -> Iterator[Place]:
    made = Place(scratch)
    yield made
    made.session.close()
    made.model.close()


# --- ways to start work -----------------------------------------------------------------------------------------------


def prompt(place: Place) -> None:
    place.work("write")


def review(place: Place) -> None:
    live = place.work("review", work={"review": {"type": "uncommittedChanges"}})
    assert live.turn.settings.rights == place.work("hello").turn.settings.rights


def after_compaction(place: Place) -> None:
    place.work("compact", work={"compact": True})
    place.work("write")


def fork(place: Place) -> None:
    archive.fork(place.session, "main", "branch")
    place.work("write", thread="branch")


def fork_by_the_sdk(place: Place) -> None:
    place.session._ask(lambda _api: _sdk_turn(place, fork=True))


def steer(place: Place) -> None:
    live = place.begin("slowly")
    until(lambda: live.turn.entries and live.turn.state == "running", "its beginning")
    place.model.server.wait_until_held("go on")
    live.steer("write now")
    place.model.server.release("go on")
    live.result(GENEROUS)


def sdk_turn_on_our_thread(place: Place) -> None:
    place.session._ask(lambda _api: _sdk_turn(place))


def resume_in_a_new_kernel(place: Place) -> None:
    stored = place.session.thread().id
    place.session.close()
    place.session = place.new_session()
    archive.resume(place.session, stored)
    live = place.work("write")
    assert live.turn.settings.sandbox == "read-only"


def archive_and_back(place: Place) -> None:
    thread = place.session.thread().id

    async def away(api: Api) -> None:
        await api.archive_thread(thread)

    async def back(api: Api) -> bool:
        # Runtimes of 0.154 answer a moment before the conversation lies where they look for it.
        with contextlib.suppress(RuntimeRequestError):
            await api.unarchive_thread(thread)
            return True
        return False

    place.session._ask(away)
    until(lambda: place.session._ask(back), "the conversation to come back")
    place.work("write")


async def _sdk_turn(place: Place, *, fork: bool = False) -> None:
    codex = place.session.engine.runtime.codex  # type: ignore[union-attr]
    thread_id = place.session.thread().id
    if fork:
        thread = await codex.thread_fork(thread_id)
    else:
        thread = await codex.thread_resume(thread_id)
    turn = await thread.turn("write")
    async for _ in turn.stream():
        pass


WAYS = (
    prompt, review, after_compaction, fork, fork_by_the_sdk, steer, sdk_turn_on_our_thread,
    resume_in_a_new_kernel, archive_and_back,
)  # fmt: skip

# --- what was allowed before, and what happens between ----------------------------------------------------------------

BEFORE: dict[str, dict[str, Any]] = {
    "full access": {"sandbox": "full-access"},
    "full access and never": {"sandbox": "full-access", "approval": "never"},
    "full access and a reviewing model": {"sandbox": "full-access", "approval": "auto-review"},
    "another folder": {"sandbox": "workspace-write", "add_dirs": "outside"},
}


def nothing(place: Place) -> None:
    pass


def killed(place: Place) -> None:
    runtime = place.session.engine.runtime
    assert runtime is not None
    os.kill(runtime.pid, signal.SIGKILL)
    until(lambda: not runtime.alive, "its end")
    place.session.engine.call(place.session.engine.ensure_runtime())
    place.work("hello")


def exchanged(place: Place) -> None:
    place.work("hello", allow_env=("SOMETHING_SECRET",))


TABLE = [
    *((before, nothing) for before in BEFORE),
    *((before, between) for before in ("full access and never", "another folder") for between in (killed, exchanged)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "between"), TABLE, ids=lambda part: getattr(part, "__name__", part)
)
def test_no_way_to_start_work_has_more_than_its_own_rights(
    place: Place, before: str, between: Callable[[Place], None]
) -> None:
    """All ways one after the other, each after a turn that was lent more."""
    lent = dict(BEFORE[before])
    if lent.get("add_dirs"):
        lent["add_dirs"] = (place.outside,)
    for way in WAYS:
        written = place.written
        elevated = place.work("write", **lent)
        assert place.written == written + 1, f"{way.__name__}: {elevated.turn.error}"
        between(place)
        attempts = place.marks
        way(place)
        assert place.marks > attempts, f"{way.__name__} tried nothing"
        assert place.written == written + 1, f"{way.__name__} wrote outside"


def test_what_was_lent_is_taken_back_while_the_turn_runs(place: Place) -> None:
    """So that it is gone before the conversation is idle, whoever is next."""
    live = place.begin("later", sandbox="full-access")
    place.model.server.wait_until_held("go on")
    thread = place.session.thread()
    until(lambda: not thread.lends, "the conversation to rest")
    until(lambda: thread._echo is not None and thread._echo.sandbox.kind == "read-only", "its word")
    assert not live.turn.ended
    place.model.server.release("go on")
    live.result(GENEROUS)
    assert place.written == 1, "the turn itself keeps what it was lent"


def test_a_review_is_lent_what_its_options_say(place: Place) -> None:
    work = {"review": {"type": "uncommittedChanges"}}
    live = place.work("review", work=work, sandbox="full-access")
    assert live.turn.settings.sandbox == "full-access"
    assert place.written == 1
    assert place.work("review", work=work).turn.settings.sandbox == "read-only"
    assert place.written == 1


def test_a_conversation_that_another_program_began_with_full_access_gives_none(
    place: Place,
) -> None:
    async def began_elsewhere(_api: Api) -> str:
        runtime = place.session.engine.runtime
        assert runtime is not None
        params = {
            "cwd": str(place.folder),
            "sandbox": "danger-full-access",
            "approvalPolicy": "never",
        }
        thread = (await runtime.request("thread/start", params))["thread"]["id"]
        said = [{"type": "text", "text": "write"}]
        await runtime.request("turn/start", {"threadId": thread, "input": said})
        return thread

    thread = place.session._ask(began_elsewhere)
    until(lambda: place.written == 1, "what it may do there")
    place.session.close()
    place.session = place.new_session()
    archive.resume(place.session, thread)
    live = place.work("write")
    assert live.turn.settings.sandbox == "read-only" and place.written == 1
    header = live.turn.settings
    assert header.rights is not None and header.rights.notes in ((), (RESUMED,))


def test_a_model_and_an_effort_of_one_turn_do_not_outlive_an_exchange(place: Place) -> None:
    place.work("hello", model="gpt-5.6-luna", effort="high")
    killed(place)
    request = place.model.server.requests[-1]
    assert request.model == "gpt-5.5"
    assert request.body["reasoning"]["effort"] != "high"


def test_full_access_of_a_persons_own_file_counts_and_of_the_projects_does_not(
    place: Place, scratch: Path
) -> None:
    config = place.model.codex_home / "config.toml"
    before = config.read_text()
    config.write_text('sandbox_mode = "danger-full-access"\n' + before)
    assert place.work("write").turn.settings.sandbox == "full-access"
    assert place.written == 1
    place.session.close()
    config.write_text(before + f'\n[projects."{place.folder}"]\ntrust_level = "trusted"\n')
    (place.folder / ".codex").mkdir()
    (place.folder / ".codex" / "config.toml").write_text('sandbox_mode = "danger-full-access"\n')
    place.session = place.new_session()
    live = place.work("write")
    assert live.turn.settings.sandbox != "full-access" and place.written == 1


def test_a_new_conversation_begins_with_the_defaults(place: Place) -> None:
    place.session.thread().choose({"sandbox": "full-access", "approval": "never"})
    assert place.work("write").turn.settings.sandbox == "full-access"
    live = place.work("write", new=True)
    assert live.turn.settings.sandbox == "read-only" and place.written == 1
    assert live.turn.settings.rights is not None and live.turn.settings.rights.approval == "ask"


def test_a_runtime_that_keeps_to_something_else_is_sent_nothing(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def deaf(self: Api, *_: Any) -> None:
        """It says yes, and does nothing."""

    monkeypatch.setattr(Api, "set_rights", deaf)
    monkeypatch.setattr("codex_jupyter.session.thread.CONFIRMED_IN", 0.3)
    live = place.begin("write", sandbox="full-access")
    with pytest.raises(RuntimeFailedError, match="does not keep to what this turn may do"):
        live.result(GENEROUS)
    assert "sandbox read-only, not full-access" in str(live.turn.error)
    assert not place.model.server.requests and place.written == 0
    assert not place.session.engine.running()


def test_two_names_for_one_conversation_are_one(place: Place) -> None:
    place.work("hello")
    first = place.begin("slowly")
    place.model.server.wait_until_held("go on")
    archive.resume(place.session, place.session.thread().id, "again")
    assert place.session.thread("again") is place.session.thread()
    second = place.begin("hello", thread="again")
    assert not second.done
    place.model.server.release("go on")
    first.result(GENEROUS)
    second.result(GENEROUS)
    assert asyncio.Lock is type(place.session.thread().lock)
