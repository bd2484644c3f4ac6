"""Drives our ``Runtime`` in front of the offline model, and waits for what it brings.

A runtime belongs to its loop, so all tests of a process run on one, and a runtime that is kept for the next test stands
still between two of them.
"""

from __future__ import annotations

import asyncio
import functools
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from codex_jupyter import offline
from codex_jupyter.core import events as ev
from codex_jupyter.core.item import Item
from codex_jupyter.core.items import Command
from codex_jupyter.core.raw import Raw, exact
from codex_jupyter.offline import Offline, Script
from codex_jupyter.runtime.arrivals import Arrival, RequestArrived
from codex_jupyter.runtime.client import Launch, Runtime
from tests.contract.shared import Home, Pool, begin_anew
from tests.waiting import GENEROUS

T = TypeVar("T")

#: Seconds before a wait gives up. It bounds a hang; it measures nothing.
DEADLINE = GENEROUS
ASK = {"approvalPolicy": "on-request", "approvalsReviewer": "user"}


def on_a_loop(test: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    """Make a test of an async function, with fixtures as usual. What it leaves on the loop is cancelled."""

    @functools.wraps(test)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            _LOOP.run(test(*args, **kwargs))  # type: ignore[arg-type]
        finally:
            _LOOP.run(_clear())

    return run


_LOOP = asyncio.Runner()


async def _clear() -> None:
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(None)
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


class Driver:
    """One runtime and everything it brought.

    Attributes:
        runtime: the runtime.
        offline: the model in front of it.
        arrivals: everything, in order; events as they are in ``Raw``.
        hear: called with every arrival, in the batch's callback.
    """

    def __init__(self, stand_in: Offline, folder: Path) -> None:
        self.offline = stand_in
        self.folder = folder
        self.arrivals: list[Any] = []
        self.batches = 0
        self.hear: Callable[[Any], object] = lambda _arrival: None
        self.runtime: Runtime
        self._news = asyncio.Event()

    def launch(self, **changes: Any) -> Launch:
        """What the runtime is started with."""
        env = {**self.offline.env, **changes.pop("env", {})}
        overrides = (*self.offline.config_overrides, *changes.pop("overrides", ()))
        home = str(self.offline.codex_home)
        return Launch(config_overrides=overrides, env=env, codex_home=home, **changes)

    def on_batch(self, batch: list[Arrival]) -> None:
        self.take([exact(arrival) if isinstance(arrival, Raw) else arrival for arrival in batch])

    def take(self, opened: list[Any]) -> None:
        """A batch, its events no longer in ``Raw``."""
        self.batches += 1
        self.arrivals += opened
        self._news.set()
        for arrival in opened:
            self.hear(arrival)

    async def until(self, found: Callable[[], T | None], what: str) -> T:
        """The first truthy value of ``found``, asked again whenever something arrives."""
        try:
            async with asyncio.timeout(DEADLINE):
                while not (value := found()):
                    self._news.clear()
                    try:
                        await asyncio.wait_for(self._news.wait(), 0.1)
                    except TimeoutError:
                        continue
                return value
        except TimeoutError:
            raise AssertionError(f"no {what} within {DEADLINE:g} s") from None

    async def thread(self, *, own: bool = True, **params: Any) -> str:
        """A new thread in this driver's folder, with the user as reviewer."""
        started = await self.runtime.request(
            "thread/start", {"cwd": str(self.folder), **ASK, **params}, timeout=DEADLINE
        )
        thread_id = started["thread"]["id"]
        if own:
            self.runtime.own_thread(thread_id)
        return thread_id

    async def begin(self, thread_id: str, prompt: str, **params: Any) -> str:
        """Start a turn and return its id."""
        wanted = {"threadId": thread_id, "input": [{"type": "text", "text": prompt}], **params}
        return (await self.runtime.request("turn/start", wanted, timeout=DEADLINE))["turn"]["id"]

    async def completed(self, turn_id: str) -> ev.TurnCompleted:
        """The end of a turn."""
        return await self.until(
            lambda: next((e for e in self.of(ev.TurnCompleted) if e.turn_id == turn_id), None),
            f"end of turn {turn_id}",
        )

    async def turn(self, thread_id: str, prompt: str, **params: Any) -> str:
        """Run a turn to its end and return its id."""
        turn_id = await self.begin(thread_id, prompt, **params)
        await self.completed(turn_id)
        return turn_id

    async def request(self, index: int = 0) -> RequestArrived:
        """The request number ``index`` that arrived, waiting for it if need be."""
        return await self.until(
            lambda: next(iter(self.of(RequestArrived)[index:]), None), f"request {index}"
        )

    def of(self, *kinds: type[T]) -> list[T]:
        """The arrivals of these classes."""
        return [a for a in self.arrivals if isinstance(a, kinds)]

    def items(self, turn_id: str) -> list[Item]:
        """The completed items of a turn."""
        return [e.item for e in self.of(ev.ItemCompleted) if e.turn_id == turn_id]

    def outputs(self, turn_id: str) -> list[str]:
        """What the commands of a turn printed."""
        return [i.output.text for i in self.items(turn_id) if isinstance(i, Command)]

    def where(self, arrival: object) -> int:
        """The place of an arrival in the order."""
        return next(n for n, other in enumerate(self.arrivals) if other is arrival)


class Shared:
    """A runtime that drivers use one after the other. None hears of the conversations of those before it."""

    def __init__(self, stand_in: Offline) -> None:
        self.offline = stand_in
        self.runtime: Runtime
        self._home: Home
        self._driver: Driver | None = None
        self._strangers: set[str] = set()

    @classmethod
    async def start(cls, config: Mapping[str, Any] | None) -> Shared:
        """One with these settings."""
        shared = cls(offline.start(config=config))
        launch = Driver(shared.offline, Path()).launch()
        shared.runtime = await Runtime.start(launch, on_batch=shared._on_batch)
        shared._home = Home(shared.offline.codex_home)
        return shared

    def lend(self, driver: Driver, script: Script | None) -> None:
        """Have the driver hear what comes from now on."""
        begin_anew(self.offline, script)
        driver.runtime, self._driver = self.runtime, driver

    async def take_back(self) -> bool:
        """Nobody hears it any more. False where something still runs, which the next one would meet.

        Raises:
            AssertionError: something lasts that was not there before.
        """
        driver, self._driver = self._driver, None
        assert driver is not None
        self._home.check()
        self._strangers |= {t for a in driver.arrivals if (t := _conversation(a))}
        begun = {e.turn_id for e in driver.of(ev.TurnStarted)}
        ended = {e.turn_id for e in driver.of(ev.TurnCompleted)}
        works = begun - ended or self.runtime.sdk_works or self.runtime._waiting
        return self.runtime.alive and not works

    async def close(self) -> None:
        """End the runtime and the model."""
        await self.runtime.close()
        self.offline.close()

    def _on_batch(self, batch: list[Arrival]) -> None:
        opened = [exact(arrival) if isinstance(arrival, Raw) else arrival for arrival in batch]
        heard = [arrival for arrival in opened if _conversation(arrival) not in self._strangers]
        if self._driver is not None:
            if heard:
                self._driver.take(heard)
        else:  # a straggler between two drivers: whoever comes next does not hear its conversation
            self._strangers |= {t for a in heard if (t := _conversation(a))}


def _conversation(arrival: Any) -> str:
    """Whose arrival it is, or ``""``."""
    told = exact(arrival.request) if isinstance(arrival, RequestArrived) else arrival
    return getattr(told, "thread_id", "")


_POOL = Pool[Shared]()


@asynccontextmanager
async def driven(
    folder: Path,
    script: Script | None = None,
    *,
    config: Mapping[str, Any] | None = None,
    needs_account: bool = False,
    own: bool = False,
    **launch: Any,
) -> AsyncIterator[Driver]:
    """A driver of a runtime: of one of its own, gone with model and home afterwards, or of one that others use as well.

    A test has its own if it says so (``own``), or is about how a runtime is started; for one that ends it, signs in or
    changes what lasts in the home it has to be said.
    """
    if (
        own
        or needs_account
        or launch
        or any(not key.startswith("features.") for key in config or ())
    ):
        with offline.start(script, config=config, needs_account=needs_account) as stand_in:
            driver = Driver(stand_in, folder)
            driver.runtime = await Runtime.start(driver.launch(**launch), on_batch=driver.on_batch)
            try:
                yield driver
            finally:
                await driver.runtime.close()
        return
    shared = _POOL.take(config)
    if shared is not None and not shared.runtime.alive:
        await shared.close()
        shared = None
    shared = shared or await Shared.start(config)
    rests = False
    try:
        driver = Driver(shared.offline, folder)
        shared.lend(driver, script)
        yield driver
        rests = await shared.take_back()
    finally:
        if rests:
            _POOL.keep(config, shared)
        else:
            await shared.close()


def end_shared() -> None:
    """End the runtimes that were kept, and the loop."""

    async def end() -> None:
        for shared in _POOL.empty():
            await shared.close()

    _LOOP.run(end())
    _LOOP.close()


def runs(pid: int) -> bool:
    """Whether a process exists and is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wrapper(folder: Path, before: str) -> str:
    """An executable that does ``before`` (shell) and then becomes the bundled runtime; of its version it tells at once."""
    from codex_cli_bin import bundled_codex_path

    path = folder / "codex-in-between"
    path.write_text(
        f'#!/bin/sh\nif [ "$1" != --version ]; then :\n{before}\nfi\nexec "{bundled_codex_path()}" "$@"\n'
    )
    path.chmod(0o755)
    return str(path)


def our_python() -> tuple[str, dict[str, str]]:
    """An interpreter, and an environment in which it finds the package."""
    root = str(Path(__file__).resolve().parents[3])
    return sys.executable, {**os.environ, "PYTHONPATH": root}
