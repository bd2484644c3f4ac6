"""The session's loop: begun when it is needed, gone when it is stopped, begun anew when it is needed again."""

from __future__ import annotations

import asyncio
import threading

import pytest

from codex_jupyter.session.loop import LoopThread, PerLoop


def threads(name: str) -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith(name)]


async def aside() -> str:
    return await asyncio.to_thread(lambda: threading.current_thread().name)


def test_it_has_no_thread_before_it_is_needed_and_after_it_was_stopped() -> None:
    loop = LoopThread("needed")
    assert not threads("needed")
    assert loop.call(aside()).startswith("needed-worker")
    first = loop.loop
    loop.stop()
    loop.stop()
    for thread in threads("needed"):
        thread.join(20)
    assert not threads("needed") and first.is_closed()
    assert loop.call(aside()).startswith("needed-worker")
    assert loop.loop is not first
    loop.stop()


def test_what_still_runs_is_cancelled() -> None:
    loop = LoopThread("cancelled")
    ended = threading.Event()

    async def never() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    running = loop.submit(never())
    loop.call(asyncio.sleep(0))
    loop.stop()
    assert ended.wait(20) and running.cancelled()


def test_a_lock_serves_one_loop_after_the_other() -> None:
    lock = PerLoop(asyncio.Lock)

    async def contended() -> None:
        async def hold() -> None:
            async with lock.here:
                await asyncio.sleep(0)

        await asyncio.gather(hold(), hold(), hold())

    asyncio.run(contended())
    asyncio.run(contended())
    plain = asyncio.Lock()

    async def bound() -> None:
        async def hold() -> None:
            async with plain:
                await asyncio.sleep(0)

        await asyncio.gather(hold(), hold())

    asyncio.run(bound())
    with pytest.raises(RuntimeError, match="different event loop"):
        asyncio.run(bound())
