"""Time as the panel's machines see it: a clock, timers, and work in another thread. Nothing of a turn.

They take it as an argument, so that tests play it from a script.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from codex_jupyter.session.loop import LoopThread

T = TypeVar("T")


class Timer(Protocol):
    """Work that waits for its time."""

    def cancel(self) -> None:
        """Forget the work, if its time has not come."""
        ...


class Schedule(Protocol):
    """When things happen. All methods are called, and all work but ``aside``'s is done, on one thread."""

    def time(self) -> float:
        """Seconds, on a clock that only goes forward."""
        ...

    def later(self, seconds: float, work: Callable[[], None]) -> Timer:
        """Do ``work`` once, when so many seconds have passed."""
        ...

    def aside(self, work: Callable[[], T], then: Callable[[T | None], None]) -> None:
        """Do ``work`` in another thread, ``then`` the rest here; with None if ``work`` raised, which is reported."""
        ...


class AwakeClock:
    """Seconds that this process was awake for: what passes while the machine sleeps, or the process is stopped, counts little.

    Who waits for a sign of life has to count so: after a sleep nobody had a chance to give one. The clock is looked at once
    in ``STEP`` seconds; a longer time between two looks counts as two steps.

    Args:
        schedule: the clock that goes on meanwhile, and timers.
        wanted: asked at each look; where it says no, the clock is looked at no more until ``run``.
    """

    STEP = 1.0

    def __init__(self, schedule: Schedule, wanted: Callable[[], bool]) -> None:
        self._schedule, self._wanted = schedule, wanted
        self._awake, self._looked = 0.0, schedule.time()
        self._running = False

    def time(self) -> float:
        """Seconds awake so far; may be read from any thread."""
        passed = self._schedule.time() - self._looked
        return self._awake + (min(passed, 2 * self.STEP) if self._running else passed)

    def run(self) -> None:
        """Look from now on, if that is not so."""
        if not self._running:
            self._look()
            self._running = True
            self._schedule.later(self.STEP, self._step)

    def _step(self) -> None:
        self._look()
        self._running = self._wanted()
        if self._running:
            self._schedule.later(self.STEP, self._step)

    def _look(self) -> None:
        self._awake, self._looked = self.time(), self._schedule.time()


class LoopSchedule:
    """The schedule of an asyncio loop that runs in a thread of its own.

    Args:
        thread: who has the loop, which may be another one after a session was closed; all but ``time`` may only be called on
            its thread.
    """

    def __init__(self, thread: LoopThread) -> None:
        self._thread = thread
        self.time = time.monotonic

    def later(self, seconds: float, work: Callable[[], None]) -> Timer:
        """See ``Schedule``."""
        return self._thread.loop.call_later(seconds, work)

    def aside(self, work: Callable[[], Any], then: Callable[[Any], None]) -> None:
        """See ``Schedule``."""
        loop = self._thread.loop

        def ended(future: asyncio.Future[Any]) -> None:
            if future.cancelled():  # the loop ends
                return
            error = future.exception()
            if error is not None:
                said = {"message": "Work of a panel failed", "exception": error}
                loop.call_exception_handler(said)
            then(None if error is not None else future.result())

        loop.run_in_executor(None, work).add_done_callback(ended)
