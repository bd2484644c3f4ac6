"""A clock that a test plays, and the ends of the panel's world: an output that remembers, a comm that nobody reads."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from typing import Any


class Timer:
    def __init__(self, due: float, work: Callable[[], None]) -> None:
        self.due, self.work, self.cancelled = due, work, False

    def cancel(self) -> None:
        self.cancelled = True


class Script:
    """``schedule.Schedule`` whose time passes when the test says so; work aside is done when the test says so."""

    def __init__(self) -> None:
        self.now = 0.0
        self.under_way: list[Callable[[], None]] = []
        self._timers: list[tuple[float, int, Timer]] = []
        self._order = itertools.count()

    def time(self) -> float:
        return self.now

    @property
    def timers(self) -> int:
        """How many wait for their time."""
        return sum(not timer.cancelled for _, _, timer in self._timers)

    def later(self, seconds: float, work: Callable[[], None]) -> Timer:
        timer = Timer(self.now + seconds, work)
        heapq.heappush(self._timers, (timer.due, next(self._order), timer))
        return timer

    def aside(self, work: Callable[[], Any], then: Callable[[Any], None]) -> None:
        def run() -> None:
            try:
                made = work()
            except Exception:
                made = None
            then(made)

        self.under_way.append(run)

    def finish_aside(self) -> None:
        """The oldest work aside is done, and heard of."""
        self.under_way.pop(0)()

    def pass_by(self, seconds: float, *, aside: bool = True) -> None:
        """So much time passes; ``aside``: what is begun in another thread is done at once."""
        end = self.now + seconds
        while True:
            while aside and self.under_way:
                self.finish_aside()
            if not self._timers or self._timers[0][0] > end:
                break
            due, _, timer = heapq.heappop(self._timers)
            if not timer.cancelled:
                self.now = max(self.now, due)
                timer.work()
        self.now = end


class Output:
    """``saved_copy.Output``: all that was ever shown, as (how, bundle)."""

    def __init__(self) -> None:
        self.history: list[tuple[str, dict[str, Any]]] = []

    def show(self, data: dict[str, Any]) -> None:
        self.history.append(("show", data))

    def replace(self, data: dict[str, Any]) -> None:
        self.history.append(("replace", data))

    def replace_in_cell(self, data: dict[str, Any]) -> None:
        self.history.append(("replace_in_cell", data))

    @property
    def data(self) -> dict[str, Any]:
        """What stands there now."""
        return self.history[-1][1]


class Comm:
    """``panel.Comm``: what was sent."""

    id = "here"

    def __init__(self) -> None:
        self.view = {"a widget's view": self.id}
        self.sent: list[dict[str, Any]] = []
        self.receive: Callable[[Any, bool], None] = lambda content, aside: None

    def send(self, message: dict[str, Any]) -> None:
        self.sent.append(message)

    def listen(self, receive: Callable[[Any, bool], None]) -> None:
        self.receive = receive

    def close(self) -> None:
        self.sent.append({"type": "closed"})

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [message for message in self.sent if message["type"] == kind]
