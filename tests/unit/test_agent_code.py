"""Code of Codex is known by its context, its thread, and by what it defined; other code is not taken for it."""

from __future__ import annotations

import _thread
import asyncio
import gc
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest

from codex_jupyter import agent_code
from codex_jupyter.agent_code import inside, own_context, refuse, running
from codex_jupyter.errors import UserError
from codex_jupyter.session.loop import LoopThread


def by_thread(call: Callable[[], Any]) -> Future[Any]:
    out: Future[Any] = Future()
    threading.Thread(target=lambda: out.set_result(call())).start()
    return out


def by_thread_of_a_thread(call: Callable[[], Any]) -> Future[Any]:
    out: Future[Any] = Future()
    threading.Thread(target=lambda: by_thread(lambda: out.set_result(call()))).start()
    return out


def by_timer(call: Callable[[], Any]) -> Future[Any]:
    out: Future[Any] = Future()
    threading.Timer(0.0, lambda: out.set_result(call())).start()
    return out


def by_plain_thread(call: Callable[[], Any]) -> Future[Any]:
    out: Future[Any] = Future()
    _thread.start_new_thread(lambda: out.set_result(call()), ())
    return out


def by_pool(call: Callable[[], Any]) -> Future[Any]:
    return POOL.submit(call)


def by_own_pool(call: Callable[[], Any]) -> Future[Any]:
    return ThreadPoolExecutor(1).submit(call)


def by_loop(call: Callable[[], Any]) -> Future[Any]:
    out: Future[Any] = Future()
    LOOP.loop.call_soon_threadsafe(lambda: out.set_result(call()))
    return out


def by_task(call: Callable[[], Any]) -> Future[Any]:
    async def later() -> Any:
        await asyncio.sleep(0)
        return await asyncio.ensure_future(asyncio.to_thread(call))

    return LOOP.submit(later())


POOL = ThreadPoolExecutor(1)
LOOP = LoopThread("example")
WAYS = [
    by_thread, by_thread_of_a_thread, by_timer, by_plain_thread, by_pool, by_own_pool, by_loop, by_task,
]  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_what_a_run_starts_is_known_and_what_others_start_is_not(way: Any) -> None:
    assert way(inside).result(10) is False
    with running():
        started = way(inside)
    assert started.result(10) is True
    assert inside() is False and way(inside).result(10) is False


def test_a_function_that_codex_defined_is_known_whoever_calls_it() -> None:
    space: dict[str, Any] = {"inside": inside, "LOOP": LOOP, "refuse": refuse}
    exec(compile("def hook(): return inside()\ndef asks():\n  async def a(): refuse('x')\n  LOOP.call(a())", "<codex 3>", "exec"), space)  # fmt: skip
    assert space["hook"]() is True and by_thread(space["hook"]).result(10) is True
    with pytest.raises(UserError, match="cannot x"):
        space["asks"]()  # and on the session's loop, where its frame is no more


def test_work_of_ours_that_a_run_caused_is_ours() -> None:
    out: Future[bool] = Future()
    with running():
        assert own_context().run(inside) is False
        LOOP.post(lambda: out.set_result(inside()))
    assert out.result(10) is False


def test_a_pool_of_the_user_stays_the_users() -> None:
    with running():
        assert POOL.submit(inside).result(10) is True
    assert POOL.submit(inside).result(10) is False


TEXT = "def made(call): return call()\nclass Made:\n    def __repr__(self): return str(inside())"


def test_what_codex_makes_from_text_is_known_whoever_calls_it() -> None:
    mine: dict[str, Any] = {"inside": inside}
    exec(TEXT, mine)
    with running():
        theirs: dict[str, Any] = {"inside": inside}
        exec(TEXT, theirs)
        function = FunctionType(compile(TEXT, __file__, "exec").co_consts[0], {})
        evaluated = eval("lambda call: call()")
    assert mine["made"](inside) is False and repr(mine["Made"]()) == "False"
    assert theirs["made"](inside) is True and repr(theirs["Made"]()) == "True"
    assert function(inside) is True and evaluated(inside) is True
    assert inside() is False


def test_a_module_that_codex_imports_first_is_its_own(tmp_path: Path, monkeypatch: Any) -> None:
    (tmp_path / "imported_first.py").write_text(
        "from dataclasses import dataclass\ndef call(it): return it()\n"
        "@dataclass\nclass Point:\n    x: int\n    def __post_init__(self): self.seen = self.x()\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    with running():
        import imported_first  # type: ignore[import-not-found]
    assert imported_first.call(inside) is False
    assert imported_first.Point(inside).seen is False


def test_what_codex_made_is_forgotten_with_it() -> None:
    with running():
        exec("def made(): pass", here := {})
    before = len(agent_code._MADE)
    here.clear()
    gc.collect()
    assert len(agent_code._MADE) < before
