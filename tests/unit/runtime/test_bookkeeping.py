"""The small machines between the reader and the loop: inbox, outgoing, and what history and reviews spell."""

from __future__ import annotations

import asyncio
import json
import os
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from codex_jupyter.core.items import AgentMessage, Review
from codex_jupyter.core.turn import TurnError
from codex_jupyter.runtime.account import auth_signature
from codex_jupyter.runtime.history import thread_of, turn_of
from codex_jupyter.runtime.inbox import PACE, Inbox
from codex_jupyter.runtime.outgoing import Outgoing, encode
from codex_jupyter.runtime.reviews import denial
from codex_jupyter.runtime.sign_in import explain

from .captures import load

# --- inbox ------------------------------------------------------------------------------------------------------------


def test_entries_of_many_threads_arrive_whole_and_each_threads_own_in_order() -> None:
    got: list[tuple[int, int]] = []

    async def main() -> None:
        all_there = asyncio.Event()

        def on_batch(batch: list[tuple[int, int]]) -> None:
            got.extend(batch)
            if len(got) == 8000:
                all_there.set()

        inbox: Inbox[tuple[int, int]] = Inbox(asyncio.get_running_loop(), on_batch)

        def write(writer: int) -> None:
            for n in range(2000):
                inbox.put((writer, n), urgent=n % 97 == 0)

        writers = [threading.Thread(target=write, args=(w,)) for w in range(4)]
        for writer in writers:
            writer.start()
        await asyncio.wait_for(all_there.wait(), 60)
        for writer in writers:
            writer.join()

    asyncio.run(main())
    for w in range(4):
        assert [n for writer, n in got if writer == w] == list(range(2000))


def test_a_step_runs_between_what_came_before_and_after_it() -> None:
    seen: list[object] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        inbox: Inbox[int] = Inbox(loop, seen.extend)
        woken: asyncio.Future[None] = loop.create_future()
        done = asyncio.Event()

        async def waits() -> None:
            await woken
            seen.append("woken")

        task = asyncio.ensure_future(waits())
        await asyncio.sleep(0)

        def step() -> None:
            seen.append("step")
            woken.set_result(None)

        for n in (1, 2):
            inbox.put(n)
        inbox.call(step)
        inbox.put(3)
        inbox.call(done.set)
        await done.wait()
        await task

    asyncio.run(main())
    assert seen == [1, 2, "step", "woken", 3]


@pytest.mark.parametrize("urgent", [False, True])
@pytest.mark.parametrize("moment", ["before the wake", "after the wake"])
def test_what_comes_while_a_step_runs_does_not_overtake_whom_the_step_woke(
    moment: str, urgent: bool
) -> None:
    seen: list[object] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        inbox: Inbox[int] = Inbox(loop, seen.extend)
        woken: asyncio.Future[None] = loop.create_future()

        async def waits() -> None:
            await woken
            seen.append("woken")

        def arrive() -> None:  # on another thread, and done before the step goes on
            reader = threading.Thread(target=inbox.put, args=(1,), kwargs={"urgent": urgent})
            reader.start()
            reader.join()

        def step() -> None:
            if moment == "before the wake":
                arrive()
            woken.set_result(None)
            if moment == "after the wake":
                arrive()

        waiter = asyncio.ensure_future(waits())
        await asyncio.sleep(0)
        inbox.call(step)
        done = asyncio.Event()
        await waiter
        inbox.call(done.set)
        await done.wait()

    asyncio.run(main())
    assert seen == ["woken", 1]


def test_a_step_that_raises_or_is_cancelled_keeps_nothing_from_arriving() -> None:
    async def main() -> list[str]:
        loop = asyncio.get_running_loop()
        told: list[str] = []
        loop.set_exception_handler(lambda _loop, context: told.append(repr(context["exception"])))
        inbox: Inbox[int] = Inbox(loop, lambda batch: None)

        def broken(error: BaseException) -> None:
            raise error

        inbox.call(lambda: broken(ValueError("one")))
        inbox.call(lambda: broken(asyncio.CancelledError()))
        done = asyncio.Event()
        inbox.call(done.set)
        await done.wait()
        return told

    assert asyncio.run(main()) == ["ValueError('one')", "CancelledError()"]


def test_between_the_steps_of_a_batch_the_loop_goes_on_and_nothing_later_arrives() -> None:
    async def main() -> list[str]:
        loop = asyncio.get_running_loop()
        seen: list[str] = []
        loop.set_exception_handler(lambda _loop, context: seen.append(repr(context["exception"])))

        def on_batch(batch: list[str]) -> Iterator[None]:
            for entry in batch:
                for step in range(3):
                    if entry == "breaks" and step == 1:
                        raise ValueError(entry)
                    seen.append(f"{entry} {step}")
                    loop.call_soon(seen.append, "-")
                    yield

        inbox: Inbox[str] = Inbox(loop, on_batch)
        inbox.put("one", urgent=True)
        inbox.call(lambda: seen.append("call"))
        inbox.put("breaks")
        inbox.put("is lost with it")
        done = asyncio.Event()
        inbox.call(done.set)
        await done.wait()
        inbox.put("two")
        done.clear()
        inbox.call(done.set)
        await done.wait()
        return seen

    seen = asyncio.run(main())
    assert seen[:9] == ["one 0", "-", "one 1", "-", "one 2", "-", "call", "breaks 0", "-"]
    assert seen[9] == "ValueError('breaks')"
    assert [each for each in seen[10:] if each != "-"] == ["two 0", "two 1", "two 2"]


def test_a_stream_wakes_the_loop_at_its_pace_and_not_at_every_entry() -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        got: list[int] = []
        batches: list[int] = []

        def on_batch(batch: list[int]) -> None:
            got.extend(batch)
            batches.append(len(batch))

        inbox: Inbox[int] = Inbox(loop, on_batch)
        began = loop.time()
        for n in range(2000):
            inbox.put(n)
            await asyncio.sleep(0)  # the loop is idle, and would take each entry by itself
        await asyncio.sleep(PACE)
        took = loop.time() - began
        assert len(batches) <= took / PACE + 3
        assert got == list(range(2000))

    asyncio.run(main())


def test_an_inbox_outlives_its_loop_without_a_word() -> None:
    async def make() -> Inbox[int]:
        return Inbox(asyncio.get_running_loop(), lambda _batch: None)

    asyncio.run(make()).put(1)


# --- outgoing ---------------------------------------------------------------------------------------------------------


def test_whatever_a_string_holds_is_one_line_of_utf8() -> None:
    told = {"a": "é\n\u2028\ud800 \ud83d\ude00"}
    line = encode(told)
    assert line.count(b"\n") == 1 and line.endswith(b"\n")
    assert json.loads(line.decode()) == {"a": "é\n\u2028\ufffd \U0001f600"}


def test_a_broken_pipe_ends_the_writing_quietly() -> None:
    end, start = os.pipe()
    pipe = os.fdopen(start, "wb")
    outgoing = Outgoing(pipe)
    os.close(end)
    outgoing.send({"a": 1})
    outgoing.send({"a": 2})
    outgoing.close()
    outgoing.join(60)
    assert pipe.closed


# --- words ------------------------------------------------------------------------------------------------------------


def test_stored_turns_become_turns() -> None:
    wire = load("thread_read")["thread"]
    stored = thread_of(wire)
    assert (stored.name, stored.preview, stored.branch) == (
        "My notebook chat",
        "@@phases",
        "master",
    )
    assert stored.updated_ms == 1795247957000
    turns = [turn_of(row, stored.id) for row in wire["turns"]]
    assert turns[0].state == "completed" and turns[0].duration_ms == 399
    answers = [e for e in turns[0].entries if isinstance(e, AgentMessage)]
    assert [a.phase for a in answers] == ["commentary", "partial_answer", "final_answer"]
    failed = next(t for t in turns if t.state == "failed")
    assert isinstance(failed.error, TurnError) and failed.error.code == "other"
    assert {t.state for t in turns} == {"completed", "failed", "interrupted"}
    assert turn_of(None, "t").state == "failed" and thread_of(7).id == ""


def test_a_denial_is_spelled_as_the_core_spells_it() -> None:
    action = {"type": "writeStdin", "source": "unifiedExec", "processId": "4", "stdin": "keepThis"}
    told = denial(
        "u",
        Review(
            id="r",
            target_id="i",
            verdict="denied",
            action_json=json.dumps(action),
            started_ms=1,
            ended_ms=2,
        ),
    )
    assert told["action"] == {
        "type": "write_stdin",
        "source": "unified_exec",
        "process_id": "4",
        "stdin": "keepThis",
    }
    assert (told["id"], told["target_item_id"], told["turn_id"], told["status"]) == (
        "r",
        "i",
        "u",
        "denied",
    )


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("Login server error: Login cancelled", "taken-over"),
        ("Login was not completed", "taken-over"),
        ("Login server error: Sign-in failed: The user refused.", "denied"),
        (
            "Login server error: Token exchange failed: token endpoint returned status 400 Bad Request",
            "exchange-failed",
        ),
        ("device auth failed with status 400 Bad Request", "denied"),
        ("device auth timed out after 15 minutes", "expired"),
        (
            "device code login is not enabled for this Codex server. Use the browser login",
            "device-disabled",
        ),
        ("failed to start login server: Port 127.0.0.1:1457 is already in use", "port-busy"),
        ("failed to request device code: error sending request for url (https://x)", "network"),
        ("failed to request device code: device code request failed with status 500", "network"),
        ("Failed to read CA certificate file /x selected by CODEX_CA_CERTIFICATE", "certificate"),
        ("Login is restricted to workspace id(s) w-1.", "workspace"),
        ("https://issuer/?code=abc exploded", "failed"),
    ],
)
def test_every_way_to_fail_has_plain_words_and_a_next_step(said: str, code: str) -> None:
    outcome = explain(said)
    assert outcome.code == code
    assert outcome.hint and outcome.message.endswith(".")
    assert "abc" not in outcome.message + outcome.hint


def test_a_changed_sign_in_has_another_signature(tmp_path: Any) -> None:
    assert auth_signature(tmp_path) is None
    (tmp_path / "auth.json").write_text("{}")
    first = auth_signature(tmp_path)
    (tmp_path / "new").write_text('{"a": 1}')
    (tmp_path / "new").replace(tmp_path / "auth.json")
    assert first is not None and auth_signature(tmp_path) not in (None, first)
