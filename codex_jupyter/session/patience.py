"""What a turn waits for, said once it takes a while: our own steps at its start, a model that is silent, a retry put off."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from codex_jupyter.core.events import Event, WaitedFor
from codex_jupyter.core.items import AgentMessage, Notice, Reasoning

if TYPE_CHECKING:
    from codex_jupyter.session.live import LiveTurn

#: Seconds before it is said what a turn waits for.
SAID_AFTER = 3.0
#: Seconds without a word of the model before it is said that it is silent, and between two looks.
SILENT_AFTER, LOOK = 30.0, 5.0


class Patience:
    """Says what one turn waits for.

    Args:
        live: the turn.
        apply: changes it by events.
    """

    def __init__(self, live: LiveTurn, apply: Callable[[LiveTurn, Iterable[Event]], None]) -> None:
        self._live = live
        self._apply = apply
        self._heard = time.monotonic()

    def heard(self) -> None:
        """Something of the turn has come."""
        self._heard = time.monotonic()

    @contextlib.contextmanager
    def of(self, what: str) -> Iterator[None]:
        """A step that the turn waits for: ``what`` ends the words *waiting for ...*."""
        alarm = asyncio.get_running_loop().call_later(SAID_AFTER, self._say, what)
        try:
            yield
        finally:
            alarm.cancel()
            if self._live.turn.waits_for == what:
                self._say("")

    async def watch(self) -> None:
        """Until it is cancelled: say when the model has been silent for long, or the next try is."""
        while True:
            await asyncio.sleep(LOOK)
            turn = self._live.turn
            at_work = turn.requests or any(
                entry.is_open and not isinstance(entry, AgentMessage | Reasoning | Notice)
                for entry in turn.entries
            )
            if at_work:
                self.heard()
            elif time.monotonic() - self._heard >= SILENT_AFTER and not turn.waits_for:
                since = time.localtime(time.time() - (time.monotonic() - self._heard))
                whom = "another try, put off" if turn.retrying else "the model, silent"
                self._say(f"{whom} since {time.strftime('%H:%M:%S', since)}")

    def _say(self, what: str) -> None:
        turn = self._live.turn
        if not turn.ended:
            self._apply(self._live, [WaitedFor(turn.thread_id, turn.turn_id, what)])
