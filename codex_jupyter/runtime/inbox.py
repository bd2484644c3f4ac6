"""From the thread that reads to the loop that decides: entries in order, in batches, few wake-ups.

One wake-up is in flight at most, and after a batch the next one waits ``PACE`` seconds, so that 20,000 deltas cost some
hundred wake-ups and not 20,000. Answers to our own calls do not wait. Knows nothing of what it carries.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Step:
    run: Callable[[], None]


#: Seconds between two batches of a stream: far below what an eye or a 30 Hz page can tell.
PACE = 0.005


class Inbox(Generic[T]):
    """A queue with many writing threads and one reading loop.

    Args:
        loop: where batches are delivered.
        on_batch: gets the entries of a batch, oldest first; what it raises goes to the loop's exception handler.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, on_batch: Callable[[list[T]], None]):
        self._loop = loop
        self._on_batch = on_batch
        self._entries: deque[T | _Step] = deque()
        self._soon = False  # a wake-up without delay is in flight
        self._armed = False  # some wake-up is, or a paced one
        self._timer: asyncio.TimerHandle | None = None
        #: How often the loop was woken; for tests.
        self.wakes = 0

    def put(self, entry: T, *, urgent: bool = False) -> None:
        """Add an entry, from any thread. ``urgent`` does not wait for the pace."""
        self._entries.append(entry)
        self._wake(urgent)

    def call(self, step: Callable[[], None]) -> None:
        """Run ``step`` on the loop, after all entries before it and before all after it, from any thread.

        A coroutine that ``step`` wakes runs to its next suspension before any later entry is delivered.
        """
        self._entries.append(_Step(step))
        self._wake(urgent=True)

    def _wake(self, urgent: bool) -> None:
        # No lock: the entry is appended before the flags are read, and a drain clears them before it takes entries.
        if self._soon or (self._armed and not urgent):
            return
        self._soon = self._armed = True
        try:
            self._loop.call_soon_threadsafe(self._drain)
        except RuntimeError:  # the loop is closed: nobody is left to tell
            self._entries.clear()

    def _drain(self) -> None:
        self.wakes += 1
        self._soon = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._entries:
            self._armed = False
            if not self._entries:
                return
            self._armed = True  # somebody saw the flag just before it fell
        batch: list[T] = []
        while self._entries:
            entry = self._entries.popleft()
            if isinstance(entry, _Step):
                self._deliver(batch)
                self._run(entry.run)
                self._soon = True
                self._loop.call_soon(self._drain)  # behind whatever the step woke
                return
            batch.append(entry)
        self._deliver(batch)
        self._timer = self._loop.call_later(PACE, self._drain)

    def _deliver(self, batch: list[T]) -> None:
        if batch:
            self._run(lambda: self._on_batch(batch))

    def _run(self, step: Callable[[], None]) -> None:
        try:
            step()
        except Exception as error:
            self._loop.call_exception_handler(
                {"message": "An arrival from the Codex runtime was not handled", "exception": error}
            )
