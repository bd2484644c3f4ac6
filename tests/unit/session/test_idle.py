"""Conversations between their turns: a few stay open, the others are let go of, and nothing that runs ends for it."""

from __future__ import annotations

import asyncio
from typing import Any

from codex_jupyter.session.idle import KEPT, Idle
from codex_jupyter.session.thread import Thread
from tests.unit.session.scripted import ScriptedTransport, until

LET_GO = "thread/unsubscribe"


class Runtime(ScriptedTransport):
    """One that knows of commands that run."""

    def __init__(self) -> None:
        super().__init__(Thread("main"))
        self.busy: set[str] = set()

    async def request(
        self, method: str, params: dict[str, Any] | None = None, timeout: float | None = None
    ) -> dict[str, Any]:
        await super().request(method, params, timeout)
        if method == "thread/backgroundTerminals/list" and (params or {})["threadId"] in self.busy:
            return {"data": [{"processId": "1", "command": "sleep 9"}]}
        return {}

    @property
    def let_go(self) -> list[str]:
        return [params["threadId"] for method, params in self.calls if method == LET_GO]


def opened(runtime: Runtime, *names: str) -> list[Thread]:
    threads = []
    for name in names:
        thread = Thread(name, name)
        thread._opened_in = runtime
        threads.append(thread)
    return threads


def after(runtime: Runtime, threads: list[Thread], named: frozenset[Thread]) -> list[str]:
    """Who was let go of after a turn of each, in order."""

    async def play() -> list[str]:
        idle = Idle()
        for thread in threads:
            idle.add(thread, named)
        await until(lambda: not idle._tasks)
        return runtime.let_go

    return asyncio.run(play())


def test_the_last_ones_stay_open() -> None:
    runtime = Runtime()
    threads = opened(runtime, *(f"t{n}" for n in range(KEPT + 3)))
    assert after(runtime, threads, frozenset(threads)) == ["t0", "t1", "t2"]
    assert [one.opened_in for one in threads[:4]] == [None, None, None, runtime]


def test_one_that_is_used_again_is_among_the_last() -> None:
    runtime = Runtime()
    threads = opened(runtime, *(f"t{n}" for n in range(KEPT + 1)))
    order = [*threads[:KEPT], threads[0], threads[KEPT]]
    assert after(runtime, order, frozenset(threads)) == ["t1"]


def test_one_without_a_name_is_let_go_of_at_once_and_one_that_keeps_nothing_stays() -> None:
    runtime = Runtime()
    one, other, *rest = threads = opened(runtime, *(f"t{n}" for n in range(KEPT + 2)))
    other.ephemeral = True
    assert after(runtime, threads, frozenset((other, *rest))) == ["t0"]
    assert one.opened_in is None and other.opened_in is runtime


def test_one_whose_commands_run_stays() -> None:
    runtime = Runtime()
    runtime.busy = {"t0"}
    (thread,) = opened(runtime, "t0")
    assert after(runtime, [thread], frozenset()) == []
    assert thread.opened_in is runtime


def test_one_in_which_a_turn_runs_is_let_go_of_after_it() -> None:
    runtime = Runtime()
    (thread,) = opened(runtime, "t0")

    async def play() -> None:
        idle = Idle()
        async with thread.lock:
            idle.add(thread, frozenset())
            for _ in range(20):
                await asyncio.sleep(0)
            assert not runtime.calls
        await until(lambda: runtime.let_go == ["t0"])

    asyncio.run(play())


def test_a_runtime_that_does_not_know_it_keeps_it_open() -> None:
    from codex_jupyter.runtime.failures import RuntimeRequestError

    runtime = Runtime()
    runtime.fails[LET_GO] = RuntimeRequestError(-32600, "Invalid request: unknown variant")
    (thread,) = opened(runtime, "t0")
    after(runtime, [thread], frozenset())
    assert thread.opened_in is runtime
