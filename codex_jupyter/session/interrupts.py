"""Ctrl-C while the main thread waits for turns: it stops them, and the turn's end is the end of the wait, told once.

A KeyboardInterrupt would hit whatever runs: a transcript that is half written, the wait for a turn that is being stopped,
the drawing of its end; and impatient people send several. So while somebody waits, nothing is raised: the turns are told to
stop, and whoever waits hears of it from them. Of several interrupts the first one counts, until one comes so late that the
stop itself seems to hang.

A handler of the user's own is left alone: interrupts are then as it makes them.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any

#: Seconds after the first interrupt in which others change nothing: longer than a stop may take.
STOPPED_IN = 6.0

#: Whose handlers give way: what they do at an interrupt is to end the wait, less gently.
_GIVE_WAY = ("asyncio", "ipykernel", "IPython", "signal")


@dataclass(eq=False)
class Wait:
    """One wait for a turn. ``stop`` ends the turn; ``heard``: it was asked to, by an interrupt."""

    stop: Callable[[], None]
    heard: bool = False


class Interrupts:
    """The interrupts of this process, while its main thread waits for turns.

    Attributes:
        ending: says of a frame that is interrupted right after a wait whether it is one of those that end the cell, so that
            nothing of the user's is there to be interrupted; set by a notebook.
    """

    def __init__(self) -> None:
        self.ending: Callable[[FrameType | None], bool] | None = None
        self._waits: list[Wait] = []
        self._previous: Any = None
        self._first, self._heard = 0.0, False
        self._raising = False

    @contextmanager
    def stopping(self, stop: Callable[[], None]) -> Iterator[Wait]:
        """While this thread, or a coroutine in it, waits for a turn: an interrupt calls ``stop``, which returns at once.

        In another thread than the main one, which no interrupt reaches, nothing changes.
        """
        wait = Wait(stop)
        if threading.current_thread() is not threading.main_thread():
            yield wait
            return
        self._begin(wait)
        try:
            yield wait
        finally:
            self._end(wait)

    @contextmanager
    def raising(self) -> Iterator[None]:
        """While a person is asked for a line: the first interrupt is an answer, so it is raised as a KeyboardInterrupt."""
        before, self._raising = self._raising, True
        try:
            yield
        finally:
            self._raising = before

    def tell(self) -> None:
        """An interrupt was handled elsewhere, by code that runs meanwhile: who waits is stopped as well. From any thread."""
        for wait in [wait for wait in self._waits if not wait.heard]:
            wait.heard = True
            wait.stop()

    def settle(self) -> None:
        """The cell has ended: whoever handled interrupts before does so again."""
        if not self._waits and signal.getsignal(signal.SIGINT) == self._handle:
            signal.signal(signal.SIGINT, self._previous)

    def _begin(self, wait: Wait) -> None:
        self._waits.append(wait)
        previous = signal.getsignal(signal.SIGINT)
        if previous != self._handle and _gives_way(previous):
            self._previous, self._heard = previous, False
            signal.signal(signal.SIGINT, self._handle)

    def _end(self, wait: Wait) -> None:
        self._waits.remove(wait)
        cancels = self._previous is not signal.default_int_handler  # what awaits is on no stack
        if not self._heard or self.ending is None or cancels:
            self.settle()

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if not self._waits:  # right after a wait that was interrupted
            if self.ending is not None and self.ending(frame):
                return
            self.settle()
            self._before(number, frame)
            return
        now = time.monotonic()
        if not any(wait.heard for wait in self._waits):
            self._first = now
        elif now - self._first > STOPPED_IN:
            self._before(number, frame)
            return
        fresh = [wait for wait in self._waits if not wait.heard]
        self._heard = True
        for wait in fresh:
            wait.heard = True
            wait.stop()
        if fresh and self._raising:
            raise KeyboardInterrupt

    def _before(self, number: int, frame: FrameType | None) -> None:
        if callable(self._previous):
            self._previous(number, frame)


def _gives_way(handler: Any) -> bool:
    function = getattr(handler, "func", handler)  # of a partial
    return (
        callable(handler)
        and (getattr(function, "__module__", None) or "").split(".")[0].strip("_") in _GIVE_WAY
    )


#: Of this process.
INTERRUPTS = Interrupts()
