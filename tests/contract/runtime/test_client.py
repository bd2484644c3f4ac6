"""The tap and ``Runtime`` in front of the real runtime: order, batches, parking, the SDK beside us, the end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest

from codex_jupyter.core import events as ev
from codex_jupyter.core.items import AgentMessage
from codex_jupyter.core.raw import exact
from codex_jupyter.core.requests import CommandRequest, ToolCall
from codex_jupyter.errors import RuntimeFailedError
from codex_jupyter.offline import Rule, Script, burst, call, run, say, wait
from codex_jupyter.runtime import versions
from codex_jupyter.runtime.arrivals import RequestResolved, RuntimeEnded
from codex_jupyter.runtime.binary import inspect
from codex_jupyter.runtime.client import Launch, Runtime
from codex_jupyter.runtime.failures import RuntimeRequestError, RuntimeTimeoutError
from codex_jupyter.runtime.inbox import PACE
from tests.waiting import until

from .driver import DEADLINE, Driver, driven, on_a_loop, our_python, runs, wrapper

NUMBERS = " ".join(str(n) for n in range(20_000))

SCRIPT = Script.of(
    Rule("hello", [[say("Hello there.")]], when={"contains": "hello"}),
    Rule("count", [[say(NUMBERS)]], when={"contains": "count"}),
    Rule("burst", [[burst(20_000)]], when={"contains": "burst"}),
    Rule("hold", [[say("first "), wait("gate"), say("second")]], when={"contains": "hold"}),
    Rule(
        "ask",
        [[run("echo asked", escalate=True, justification="Why not?")], [say("Done.")]],
        when={"contains": "ask"},
    ),
    Rule("tool", [[call("probe", {"n": 1})], [say("Done.")]], when={"contains": "tool"}),
    Rule(
        "leave",
        [[run("sleep 1000 & echo $! > pid; wait", yield_ms=300)], [say("It runs.")]],
        when={"contains": "leave"},
    ),
)
TOOL = {
    "type": "function",
    "name": "probe",
    "description": "A tool of the test.",
    "inputSchema": {"type": "object", "properties": {"n": {"type": "integer"}}},
}


def text_of(driver: Driver, turn_id: str) -> str:
    return "".join(e.text for e in driver.of(ev.MessageAppended) if e.turn_id == turn_id)


# --- the start --------------------------------------------------------------------------------------------------------


@on_a_loop
async def test_several_that_begin_at_once_in_a_new_home_all_begin(scratch: Path) -> None:
    home = scratch / "new-home"
    home.mkdir()

    async def one() -> str:
        launch = Launch(codex_home=str(home))
        runtime = await Runtime.start(launch, on_batch=lambda _: None)
        await runtime.close()
        return runtime.version

    versions_ = await asyncio.gather(*(one() for _ in range(6)))
    assert all(versions_)


@on_a_loop
async def test_it_is_ready_when_it_is_handed_out(folder: Path) -> None:
    async with driven(folder, SCRIPT, own=True) as driver:
        runtime = driver.runtime
        assert runtime.alive and runs(runtime.pid)
        assert runtime.binary is not None
        says = inspect(str(runtime.binary.path), dict(os.environ)).version
        assert runtime.version == says and not versions.too_old(says)
        assert runtime.own == ("", ""), "it is the one that came with the SDK"
        from openai_codex import AsyncCodex

        assert type(runtime.codex) is AsyncCodex
        assert runtime.codex.metadata.userAgent
        assert [m.model for m in (await runtime.codex.models()).data]


@on_a_loop
async def test_two_loops_may_use_the_sdk_object(folder: Path) -> None:
    """Lazy initialisation from two loops hangs one of them, so it is over before anybody gets the object."""
    async with driven(folder, SCRIPT, own=True) as driver:
        codex = driver.runtime.codex
        other = await asyncio.to_thread(lambda: asyncio.run(codex.account()))
        assert other == await codex.account()


@on_a_loop
async def test_a_runtime_that_cannot_start_says_why(folder: Path) -> None:
    async with driven(folder, SCRIPT) as driver:

        async def start(**changes: object) -> str:
            with pytest.raises(RuntimeFailedError) as failed:
                await Runtime.start(driver.launch(**changes), on_batch=lambda _batch: None)
            return str(failed.value)

        assert "no Codex runtime at" in await start(codex_bin=str(folder / "nowhere"))
        assert "could not be started" in await start(cwd=str(folder / "nowhere"))
        assert "bogus" in await start(overrides=('sandbox_mode="bogus"',))
        silent = wrapper(folder, "exec sleep 1000")
        assert "did not answer within" in await start(codex_bin=silent, start_timeout=0.5)


@on_a_loop
async def test_a_start_that_is_given_up_leaves_no_process(folder: Path) -> None:
    silent = wrapper(folder, f"echo $$ > {folder}/silent; exec sleep 1000")
    starting = asyncio.ensure_future(
        Runtime.start(Launch(codex_bin=silent), on_batch=lambda _batch: None)
    )
    written = folder / "silent"
    pid = await asyncio.to_thread(
        until, lambda: written.exists() and written.read_text().strip(), "the process"
    )
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert not runs(int(pid))


# --- arrivals ---------------------------------------------------------------------------------------------------------


@on_a_loop
async def test_twenty_thousand_deltas_arrive_whole_in_order_with_few_wake_ups(folder: Path) -> None:
    async with driven(folder, SCRIPT) as driver:
        thread = await driver.thread()
        loop = asyncio.get_running_loop()
        before, began = driver.batches, loop.time()
        turn = await driver.turn(thread, "count")
        woken, took = driver.batches - before, loop.time() - began
        assert text_of(driver, turn) == NUMBERS
        deltas = [e for e in driver.of(ev.MessageAppended) if e.turn_id == turn]
        assert len(deltas) >= 20_000
        # One wake-up a pace, and one for each of the few arrivals that do not wait for it.
        assert woken <= took / PACE + 60
        assert woken < len(deltas) / 5


@on_a_loop
async def test_whoever_starts_a_turn_knows_its_id_before_what_comes_after_the_answer(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with driven(folder, SCRIPT, own=True) as driver:
        thread = await driver.thread()
        known: set[str] = set()
        strangers: list[str] = []
        # As it comes over the wire: on a busy machine the runtime itself tells of a turn before it answers now and then.
        answered: set[str] = set()
        told_first: set[str] = set()
        respond, notify = driver.runtime.on_response, driver.runtime.on_notification

        def on_response(rpc_id: str, message: dict[str, Any]) -> None:
            answered.add(message["result"].get("turn", {}).get("id"))
            respond(rpc_id, message)

        def on_notification(method: str, params: Any) -> None:
            if method == "turn/started" and params["turn"]["id"] not in answered:
                told_first.add(params["turn"]["id"])
            notify(method, params)

        monkeypatch.setattr(driver.runtime, "on_response", on_response)
        monkeypatch.setattr(driver.runtime, "on_notification", on_notification)

        def hear(arrival: object) -> None:
            turn_id = getattr(arrival, "turn_id", "")
            if turn_id and turn_id not in known | told_first:
                strangers.append(turn_id)

        driver.hear = hear
        for _ in range(20):
            turn_id = await driver.begin(thread, "hello")
            known.add(turn_id)
            await driver.completed(turn_id)
        assert len(known) == 20 and len(told_first) < 20
        assert strangers == []


@on_a_loop
async def test_an_owner_that_raises_hears_the_next_batch_all_the_same(folder: Path) -> None:
    async with driven(folder, SCRIPT) as driver:
        told: list[object] = []
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _loop, context: told.append(context["exception"]))
        driver.hear = lambda arrival: 1 / 0
        turn = await driver.turn(await driver.thread(), "hello")
        assert text_of(driver, turn) == "Hello there."
        assert told and all(isinstance(error, ZeroDivisionError) for error in told)


@on_a_loop
async def test_noise_on_the_wire_does_not_end_the_reading(folder: Path) -> None:
    noise = r"""printf 'no json\n[1, 2]\n{"half": \n\377\376\n{"method": 7}\n{"method": "x/y", "params": 3}\n'"""
    binary = wrapper(folder, f'{noise}\nprintf \'{{"id": "cj-999", "result": 1}}\\n\'')
    async with driven(folder, SCRIPT, codex_bin=binary) as driver:
        turn = await driver.turn(await driver.thread(), "hello")
        assert text_of(driver, turn) == "Hello there."
        assert "not understood" in driver.runtime.stderr_tail


@on_a_loop
async def test_a_talkative_standard_error_wedges_nothing(folder: Path) -> None:
    loud = "i=0; while [ $i -lt 4000 ]; do echo 'all work and no play makes a dull log line' >&2; i=$((i+1)); done"
    async with driven(folder, SCRIPT, codex_bin=wrapper(folder, loud)) as driver:
        turn = await driver.turn(await driver.thread(), "hello")
        assert text_of(driver, turn) == "Hello there."


@on_a_loop
async def test_half_a_character_in_a_prompt_is_sent_as_a_replacement(folder: Path) -> None:
    async with driven(folder, SCRIPT) as driver:
        await driver.turn(await driver.thread(), "hello \ud83d \ud83d\ude00")
        assert driver.offline.server.requests[-1].prompt == "hello \ufffd \U0001f600"


# --- calls ------------------------------------------------------------------------------------------------------------


@on_a_loop
async def test_calls_that_fail_raise_our_own_errors(folder: Path) -> None:
    async with driven(folder, SCRIPT) as driver:
        with pytest.raises(RuntimeRequestError) as refused:
            await driver.runtime.request("thread/read", {"threadId": "bogus"})
        assert refused.value.code == -32600
        assert "bogus" not in refused.value.hint
        with pytest.raises(RuntimeRequestError):
            await driver.runtime.request("no/such/method", {})
        with pytest.raises(RuntimeTimeoutError):
            await driver.runtime.request("model/list", {}, timeout=0)
        assert driver.runtime._waiting == {}
        assert (await driver.runtime.request("model/list", {}))["data"]


@on_a_loop
async def test_many_calls_at_once_each_get_their_own_answer(folder: Path) -> None:
    async with driven(folder, SCRIPT) as driver:
        threads = await asyncio.gather(*(driver.thread() for _ in range(12)))
        read = await asyncio.gather(
            *(driver.runtime.request("thread/read", {"threadId": t}) for t in threads)
        )
        assert [r["thread"]["id"] for r in read] == list(threads)


# --- requests of the runtime ------------------------------------------------------------------------------------------


@on_a_loop
async def test_a_request_waits_without_delaying_anybody(folder: Path) -> None:
    async with driven(folder, SCRIPT) as driver:
        asking, other = await driver.thread(), await driver.thread()
        asked = await driver.begin(asking, "ask")
        request = exact((await driver.request()).request)
        assert isinstance(request, CommandRequest)
        assert (request.thread_id, request.turn_id, request.reason) == (asking, asked, "Why not?")
        # While it waits: a whole turn of another thread, calls of ours, and the SDK.
        turn = await driver.turn(other, "hello")
        await driver.runtime.request("model/list", {})
        await driver.runtime.codex.account()
        assert not driver.of(RequestResolved)
        assert driver.runtime.reply((await driver.request()).rpc_id, {"decision": "accept"})
        end = await driver.completed(asked)
        assert end.status == "completed"
        assert driver.outputs(asked) == ["asked\n"]
        finished = next(e for e in driver.of(ev.TurnCompleted) if e.turn_id == turn)
        assert driver.where(finished) < driver.where(end)
        assert driver.of(RequestResolved) == [RequestResolved(request.id)]


@on_a_loop
async def test_an_interrupt_withdraws_what_waits(folder: Path) -> None:
    async with driven(folder, SCRIPT) as driver:
        thread = await driver.thread(dynamicTools=[TOOL])
        for number, prompt in enumerate(("ask", "tool")):
            turn = await driver.begin(thread, prompt)
            arrived = await driver.request(number)
            kind = CommandRequest if prompt == "ask" else ToolCall
            assert isinstance(exact(arrived.request), kind)
            await driver.runtime.request("turn/interrupt", {"threadId": thread, "turnId": turn})
            await driver.completed(turn)
            end = next(e for e in driver.of(ev.TurnCompleted) if e.turn_id == turn)
            if prompt == "ask":  # told before or after the end of the turn
                told = await driver.until(lambda: driver.of(RequestResolved), "its end")
                assert [resolved.request_id for resolved in told] == [exact(arrived.request).id]
            else:  # the end of the call's item is the only word for it, and older runtimes do not say it
                ended = [e for e in driver.of(ev.ItemCompleted) if e.turn_id == turn]
                given_up = [e for e in ended if e.item.id == exact(arrived.request).item_id]
                assert all(driver.where(one) < driver.where(end) for one in given_up)
            # An answer that comes late is heard by nobody.
            driver.runtime.reply(arrived.rpc_id, {"decision": "accept"})
        assert len(driver.of(RequestResolved)) == 1
        await driver.turn(thread, "hello")


@on_a_loop
@pytest.mark.since("0.161.0", "the end of a tool call whose turn was interrupted")
async def test_an_interrupt_ends_the_item_of_a_tool_call(folder: Path) -> None:
    async with driven(folder, SCRIPT) as driver:
        thread = await driver.thread(dynamicTools=[TOOL])
        turn = await driver.begin(thread, "tool")
        arrived = await driver.request()
        await driver.runtime.request("turn/interrupt", {"threadId": thread, "turnId": turn})
        await driver.completed(turn)
        end = next(e for e in driver.of(ev.TurnCompleted) if e.turn_id == turn)
        ended = [e for e in driver.of(ev.ItemCompleted) if e.turn_id == turn]
        (given_up,) = (e for e in ended if e.item.id == exact(arrived.request).item_id)
        assert driver.where(given_up) < driver.where(end)


@on_a_loop
async def test_nothing_accepts_by_itself(folder: Path) -> None:
    """Neither the SDK's handler nor a thread that the user drives through the SDK gets past us."""
    async with driven(folder, SCRIPT) as driver:
        codex = driver.runtime.codex
        client = codex._client._sync
        for method in ("item/commandExecution/requestApproval", "item/fileChange/requestApproval"):
            with pytest.raises(Exception, match="never by the SDK"):
                client._handle_server_request({"id": 1, "method": method, "params": {}})
            with pytest.raises(Exception, match="never by the SDK"):
                client._approval_handler(method, {})
        thread = await driver.thread(own=False)
        from openai_codex.api import AsyncThread

        task = asyncio.ensure_future(AsyncThread(codex, thread).run("ask"))
        request = await driver.request()
        driver.runtime.reply(request.rpc_id, {"decision": "decline"})
        assert (await task).final_response == "Done."
        assert "asked" not in "".join(driver.outputs(exact(request.request).turn_id))


# --- the SDK beside us ------------------------------------------------------------------------------------------------


@on_a_loop
async def test_the_sdk_gets_everything_of_the_threads_it_drives(folder: Path) -> None:
    async with driven(folder, SCRIPT) as driver:
        thread = await driver.runtime.codex.thread_start(cwd=str(folder))
        handle = await thread.turn("hello")
        methods = [n.method async for n in handle.stream()]
        assert methods[-1] == "turn/completed"
        assert "item/agentMessage/delta" in methods
        result = await thread.run("hello again")
        assert result.final_response == "Hello there."
        assert text_of(driver, result.id) == "Hello there."  # and so do we


@on_a_loop
async def test_the_sdk_can_drive_and_join_a_thread_of_ours(folder: Path) -> None:
    from openai_codex.api import AsyncThread, AsyncTurnHandle

    async with driven(folder, SCRIPT, own=True) as driver:
        codex, ours = driver.runtime.codex, await driver.thread()
        assert (await AsyncThread(codex, ours).run("hello")).final_response == "Hello there."
        joined = await driver.thread()
        turn = await driver.begin(joined, "hold")
        await asyncio.to_thread(driver.offline.server.wait_until_held, "gate")
        stream = AsyncTurnHandle(codex, joined, turn).stream()
        first = asyncio.ensure_future(anext(stream))
        await driver.until(lambda: codex._client._sync._router._turn_states, "subscription")
        driver.offline.server.release("gate")
        methods = [(await first).method, *[n.method async for n in stream]]
        assert methods[-1] == "turn/completed"


@on_a_loop
async def test_nothing_piles_up_in_the_sdk(folder: Path) -> None:
    async with driven(folder, SCRIPT, own=True) as driver:
        router = driver.runtime.codex._client._sync._router
        thread = await driver.thread()
        for _ in range(5):
            await driver.turn(thread, "hello")
        await (await driver.runtime.codex.thread_start(cwd=str(folder))).run("hello")
        await driver.runtime.request("account/login/start", {"type": "apiKey", "apiKey": "sk-test"})
        held = await driver.begin(thread, "hold")
        await asyncio.to_thread(driver.offline.server.wait_until_held, "gate")
        assert router._global_notifications.qsize() == 0
        assert router._turn_states == {}
        assert router._response_waiters == {}
        assert router._pending_login_notifications == {}
        driver.offline.server.release("gate")
        await driver.completed(held)


# --- the end ----------------------------------------------------------------------------------------------------------


@on_a_loop
async def test_a_killed_runtime_wakes_everybody_once(folder: Path) -> None:
    from openai_codex.errors import TransportClosedError

    async with driven(folder, SCRIPT, own=True) as driver:
        runtime, codex = driver.runtime, driver.runtime.codex
        thread, asking = await driver.thread(), await driver.thread()
        handle = await (await codex.thread_start(cwd=str(folder))).turn("hold")
        await driver.begin(thread, "hold")
        await driver.begin(asking, "ask")
        request = await driver.request()
        stream = asyncio.ensure_future(anext(handle.stream()))
        await asyncio.to_thread(driver.offline.server.wait_until_held, "gate", DEADLINE, 2)
        os.kill(runtime.pid, signal.SIGKILL)
        pending = asyncio.ensure_future(runtime.request("model/list", {}))
        ended = await driver.until(lambda: driver.of(RuntimeEnded), "end of the runtime")
        assert "signal 9" in ended[0].message and not ended[0].expected
        with pytest.raises(RuntimeFailedError):
            await pending
        with pytest.raises(RuntimeFailedError):
            await runtime.request("model/list", {})
        assert runtime.reply(request.rpc_id, {"decision": "accept"}) is False
        assert not runtime.alive
        while not stream.done() or not stream.exception():
            await asyncio.wait([stream])
            if stream.exception():
                break
            stream = asyncio.ensure_future(anext(handle.stream()))
        assert isinstance(stream.exception(), TransportClosedError)
        with pytest.raises(TransportClosedError):
            await codex.account()
        with pytest.raises(TransportClosedError):
            await anext(type(handle)(codex, handle.thread_id, handle.id).stream())
        await runtime.close()
        await runtime.close()
        await codex.close()
        assert len(driver.of(RuntimeEnded)) == 1
        assert isinstance(driver.arrivals[-1], RuntimeEnded)

        # A new runtime goes on with the thread.
        again = await Runtime.start(driver.launch(), on_batch=driver.on_batch)
        driver.runtime = again
        await again.request("thread/resume", {"threadId": thread, "excludeTurns": True})
        assert text_of(driver, await driver.turn(thread, "hello")) == "Hello there."


@on_a_loop
async def test_a_killed_runtime_leaves_no_command_behind(folder: Path) -> None:
    """Outside the sandbox a command has a process group of its own and outlives a runtime that is killed."""
    async with driven(folder, SCRIPT, own=True) as driver:
        for how in ("killed", "closed"):
            thread = await driver.thread(sandbox="danger-full-access")
            await driver.turn(thread, "leave")
            pid = int((folder / "pid").read_text())
            assert runs(pid)
            if how == "killed":
                os.kill(driver.runtime.pid, signal.SIGKILL)
            await driver.runtime.close()
            assert not runs(pid), how
            assert not runs(driver.runtime.pid)
            if how == "killed":
                driver.runtime = await Runtime.start(driver.launch(), on_batch=driver.on_batch)


@on_a_loop
async def test_a_close_is_told_as_such_and_works_twice(folder: Path) -> None:
    async with driven(folder, SCRIPT, own=True) as driver:
        await driver.runtime.close()
        assert driver.of(RuntimeEnded) == [RuntimeEnded("The Codex runtime was closed.", True)]
        await driver.runtime.close()
        assert len(driver.of(RuntimeEnded)) == 1


@on_a_loop
async def test_closing_the_sdk_object_ends_the_runtime_and_says_so(folder: Path) -> None:
    async with driven(folder, SCRIPT, own=True) as driver:
        async with driver.runtime.codex:
            pass
        await driver.until(lambda: driver.of(RuntimeEnded), "end of the runtime")
        assert not runs(driver.runtime.pid)


@on_a_loop
async def test_a_runtime_that_does_not_listen_is_closed_all_the_same(folder: Path) -> None:
    async with driven(folder, SCRIPT, own=True) as driver:
        pid = driver.runtime.pid
        os.kill(pid, signal.SIGSTOP)
        # More than any pipe holds: whoever wrote this on the loop would hang here.
        big = asyncio.ensure_future(
            driver.runtime.request("thread/name/set", {"threadId": "x", "name": "n" * 1_000_000})
        )
        await asyncio.sleep(0)
        await driver.runtime.close()
        assert not runs(pid)
        with pytest.raises(RuntimeFailedError):
            await big


CHILD = """
import asyncio, os, signal, sys
from codex_jupyter.runtime.client import Launch, Runtime

async def main():
    loop = asyncio.get_running_loop()
    hit = asyncio.Event()
    loop.add_signal_handler(signal.SIGINT, hit.set)
    runtime = await Runtime.start(Launch(codex_home=sys.argv[1]), on_batch=lambda batch: None)
    print(runtime.pid, flush=True)
    await hit.wait()
    models = await runtime.request("model/list", {})
    print("alive" if runtime.alive and models["data"] else "dead", flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


def test_an_interrupt_of_our_group_passes_it_by_and_our_death_does_not(scratch: Path) -> None:
    """Jupyter interrupts a kernel by SIGINT to its process group; the runtime lives on, until the kernel is gone."""
    python, env = our_python()
    home = scratch / "home"
    home.mkdir()
    with subprocess.Popen(
        [python, "-c", CHILD, str(home)],
        env=env,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as kernel:
        assert kernel.stdout is not None
        try:
            pid = int(kernel.stdout.readline())
            assert os.getpgid(pid) == os.getsid(pid) == pid != kernel.pid
            os.killpg(kernel.pid, signal.SIGINT)
            assert kernel.stdout.readline() == "alive\n"
        finally:
            kernel.kill()
    until(lambda: not runs(pid), "the end of the runtime")


def test_importing_the_room_is_cheap() -> None:
    python, env = our_python()
    told = subprocess.run(
        [
            python,
            "-c",
            "import sys, codex_jupyter.runtime.client, codex_jupyter.runtime.replies;"
            "print([m for m in ('openai_codex', 'pydantic', 'IPython') if m in sys.modules])",
        ],
        env=env,
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == "[]"


@on_a_loop
async def test_messages_are_whole(folder: Path) -> None:
    """The last message of an item says the same as its deltas."""
    async with driven(folder, SCRIPT) as driver:
        turn = await driver.turn(await driver.thread(), "hello")
        (message,) = (i for i in driver.items(turn) if isinstance(i, AgentMessage))
        assert str(message.text) == text_of(driver, turn)


def test_a_start_and_a_close_at_once_leave_no_process(scratch: Path) -> None:
    """Whichever comes first: the close finds the process, or the start finds the close."""
    from codex_jupyter.runtime.tap import Tap

    class Deaf:
        def on_request(self, rpc_id: object, method: object, params: object) -> None: ...
        def on_notification(self, method: str, params: object) -> None: ...
        def on_response(self, rpc_id: str, message: object) -> None: ...
        def on_end(self, message: str, expected: bool) -> None: ...

    silent = wrapper(scratch, f"echo $$ >> {scratch}/started; exec sleep 1000")
    for _ in range(8):
        tap = Tap(Launch(codex_bin=silent), (), dict(os.environ), Deaf())
        meet = threading.Barrier(2)

        def start(tap: Tap = tap, meet: threading.Barrier = meet) -> None:
            meet.wait()
            with contextlib.suppress(Exception):
                tap.start()

        starting = threading.Thread(target=start)
        starting.start()
        meet.wait()
        tap.close()
        starting.join()
        assert not tap.alive
    started = scratch / "started"
    pids = started.read_text().split() if started.exists() else []
    assert not [pid for pid in pids if runs(int(pid))]
    with pytest.raises(Exception, match="has ended"):
        tap.start()
