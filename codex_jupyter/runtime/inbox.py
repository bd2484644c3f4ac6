"""From the thread that reads to the loop that decides: entries in order, in batches, few wake-ups.

One wake-up is in flight at most, and after a batch the next one waits ``PACE`` seconds, so that 20,000 deltas cost some
hundred wake-ups and not 20,000. Answers to our own calls do not wait. Whoever takes a batch may work at it in steps, between
which the loop goes on, and nothing later comes before the last of them. Knows nothing of what it carries.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Step:
    run: Callable[[], None]


#: Seconds between two batches of a stream: far below what an eye or a 30 Hz page can tell.
PACE = 0.005


class Inbox(Generic[T]):
    """A queue with many writing threads and one reading loop.

    At any time one of three things is true, and the lock guards the change from one to the other together with the
    entries, so that no entry is left behind and nothing overtakes:

        idle     nothing waits, nothing is scheduled
        paced    a timer is set; entries may wait for it
        soon     a drain is scheduled on the loop, or runs there; whoever adds an entry schedules nothing

    Args:
        loop: where batches are delivered.
        on_batch: gets the entries of a batch, oldest first. Returns None, or the steps that the work on them takes, of which
            each run of the loop does one. What it or a step raises goes to the loop's exception handler.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        on_batch: Callable[[list[T]], Iterator[None] | None],
    ):
        self._loop = loop
        self._on_batch = on_batch
        self._lock = threading.Lock()
        self._entries: deque[T | _Step] = deque()
        self._state: Literal["idle", "paced", "soon"] = "idle"
        self._urgent = False  # something waits that does not wait for the pace
        self._timer: asyncio.TimerHandle | None = None  # the loop's own
        self._steps: Iterator[None] | None = (
            None  # of the batch at which somebody works, and what comes after it
        )
        self._then: tuple[bool, _Step | None] = (False, None)

    def put(self, entry: T, *, urgent: bool = False) -> None:
        """Add an entry, from any thread. ``urgent`` does not wait for the pace."""
        self._add(entry, urgent)

    def call(self, step: Callable[[], None]) -> None:
        """Run ``step`` on the loop, after all entries before it and before all after it, from any thread.

        A coroutine that ``step`` wakes runs to its next suspension before any later entry is delivered.
        """
        self._add(_Step(step), True)

    def _add(self, entry: T | _Step, urgent: bool) -> None:
        with self._lock:
            self._entries.append(entry)
            self._urgent = self._urgent or urgent
            if self._state == "soon" or (self._state == "paced" and not urgent):
                return
            self._state = "soon"
            try:
                self._loop.call_soon_threadsafe(self._drain)
            except RuntimeError:  # the loop is closed: nobody is left to tell
                self._entries.clear()

    def _drain(self) -> None:
        """Deliver everything up to the next step; a step is followed by a drain of its own, behind whom it woke."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._steps is None:
            with self._lock:
                batch, step = self._take()
            self._then = bool(batch), step
            if batch:
                self._run(lambda: self._begin(batch))
        if self._steps is not None:
            self._run(self._work)
            if self._steps is not None:
                self._loop.call_soon(self._drain)  # the state is still "soon"
                return
        some, step = self._then
        if step is not None:
            self._run(step.run)
            self._loop.call_soon(self._drain)  # the state is still "soon": nobody got in between
            return
        with self._lock:
            if self._urgent:
                self._loop.call_soon(self._drain)
            elif some or self._entries:
                self._state = "paced"
                self._timer = self._loop.call_later(PACE, self._drain)
            else:
                self._state = "idle"

    def _begin(self, batch: list[T]) -> None:
        self._steps = self._on_batch(batch)

    def _work(self) -> None:
        """One step; after the last one, and after one that raised, there is none."""
        steps, self._steps = self._steps, None
        assert steps is not None
        for _ in steps:
            self._steps = steps
            return

    def _take(self) -> tuple[list[T], _Step | None]:
        batch: list[T] = []
        while self._entries:
            entry = self._entries.popleft()
            if isinstance(entry, _Step):
                return batch, entry
            batch.append(entry)
        self._urgent = False
        return batch, None

    def _run(self, step: Callable[[], None]) -> None:
        try:
            step()
        except (Exception, asyncio.CancelledError) as error:  # the inbox itself goes on
            self._loop.call_exception_handler(
                {"message": "An arrival from the Codex runtime was not handled", "exception": error}
            )
