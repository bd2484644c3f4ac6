"""One daemon thread with one event loop, where everything of a session happens.

A kernel has its own loop that blocks while a cell runs; this one never does. Nothing here knows what runs on it.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import Context
from typing import Any, Generic, TypeVar

from codex_jupyter import agent_code, journal
from codex_jupyter.errors import CodexJupyterError

T = TypeVar("T")

log = journal.logger("loop")

#: The SDK parks one worker per blocked call; the default pool (cpu + 4) starves at six (measured).
WORKERS = 64
#: Seconds that stopping waits for what runs on the loop.
STOPPED_IN = 2.0


class LoopThread:
    """An event loop in a thread of its own, begun when it is first needed. ``submit`` from any thread; ``call`` waits.

    After ``stop`` there is no thread, no loop and no worker; what is asked then begins them anew.

    Example:
        >>> async def two(): return 2
        >>> thread = LoopThread("example")
        >>> thread.call(two())
        2
        >>> thread.stop()
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._guard = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._executor: ThreadPoolExecutor | None = None
        self._thread: threading.Thread | None = None

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop that runs now, begun where none does."""
        with self._guard:
            if self._loop is None:
                self._loop = self._begun()
            return self._loop

    def _begun(self) -> asyncio.AbstractEventLoop:
        with journal.quiet("asyncio"):
            loop = asyncio.new_event_loop()
        loop.set_exception_handler(_nobody_took)
        _know_who_calls(loop)
        self._executor = ThreadPoolExecutor(WORKERS, thread_name_prefix=f"{self._name}-worker")
        loop.set_default_executor(self._executor)
        self._thread = threading.Thread(target=_run, args=(loop,), name=self._name, daemon=True)
        self._thread.start()
        return loop

    @property
    def inside(self) -> bool:
        """True on the loop's own thread."""
        return threading.current_thread() is self._thread

    def submit(self, coroutine: Coroutine[Any, Any, T]) -> Future[T]:
        """Run a coroutine on the loop; its outcome arrives in the returned future."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop)

    def call(self, coroutine: Coroutine[Any, Any, T], timeout: float | None = None) -> T:
        """Run a coroutine on the loop and wait for it, interruptibly.

        Raises:
            CodexJupyterError: called on the loop's own thread, where waiting would be for ever.
        """
        if self.inside:
            coroutine.close()
            raise CodexJupyterError(
                "This waits for the session's loop from inside it.",
                "Use the awaitable form of the call there.",
            )
        return wait(self.submit(coroutine), timeout)

    def run(self, function: Callable[[], T], timeout: float | None = None) -> T:
        """Call a function on the loop and wait for its value: at once where this is the loop's own thread already."""
        if self.inside:
            return function()

        async def call() -> T:
            return function()

        return wait(self.submit(call()), timeout)

    def post(self, function: Any, *args: Any) -> None:
        """Call ``function(*args)`` on the loop soon; from any thread. It is work of ours, whoever caused it: whatever only
        people may do is refused before it is posted."""
        self.loop.call_soon_threadsafe(function, *args, context=agent_code.own_context())

    def stop(self) -> None:
        """Stop the loop, cancel what runs on it, and let its workers go; bounded. From another thread."""
        with self._guard:
            loop, thread, executor = self._loop, self._thread, self._executor
            self._loop = self._thread = self._executor = None
        if loop is None or thread is None or executor is None:
            return
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=STOPPED_IN)
        executor.shutdown(wait=False, cancel_futures=True)


def _run(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    loop.run_forever()
    for task in (left := asyncio.all_tasks(loop)):
        task.cancel()
    if left:
        with contextlib.suppress(TimeoutError):
            loop.run_until_complete(asyncio.wait(left, timeout=STOPPED_IN / 2))
    asyncio.set_event_loop(None)
    loop.close()


def _know_who_calls(loop: asyncio.AbstractEventLoop) -> None:
    """What Codex's code hands to the loop stays known as that, however it is known where it calls: by its thread, or a
    function on the stack."""
    inner = loop.call_soon_threadsafe

    def call_soon_threadsafe(
        callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        if context is None:
            context = agent_code.calling_context()
        return inner(callback, *args, context=context)

    loop.call_soon_threadsafe = call_soon_threadsafe  # type: ignore[method-assign]


class PerLoop(Generic[T]):
    """Something that belongs to a loop, such as a lock, made anew for each loop that asks. On the loop.

    Example:
        >>> lock = PerLoop(asyncio.Lock)
        >>> async def here(): return lock.here is lock.here
        >>> asyncio.run(here())
        True
    """

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._loop: asyncio.AbstractEventLoop | None = None
        self._made: T | None = None

    @property
    def here(self) -> T:
        """That of the running loop; outside of every loop the newest."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            loop = self._loop
        if self._made is None or (loop is not self._loop and self._loop is not None):
            self._made = self._make()
        self._loop = loop
        return self._made


def _nobody_took(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """A callback or a task failed and nobody took its exception: asyncio would tell the user's handlers."""
    log.error("%s", context.get("message"), exc_info=context.get("exception"))


def wait(future: Future[T], timeout: float | None = None) -> T:
    """Wait for a future in steps of 0.2 s, so that an interrupt gets through on every platform.

    Raises:
        TimeoutError: ``timeout`` seconds passed; the future goes on.
    """
    import time
    from concurrent.futures import TimeoutError as NotYet

    end = None if timeout is None else time.monotonic() + timeout
    while True:
        step = 0.2 if end is None else min(0.2, max(0.0, end - time.monotonic()))
        try:
            return future.result(timeout=step)
        except NotYet:
            if future.done():
                return future.result()
            if end is not None and time.monotonic() >= end:
                raise TimeoutError from None
