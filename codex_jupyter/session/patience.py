"""What a turn waits for, said once it takes a while: our own steps at its start, a model that is silent, a retry put off,
and under any of them a database of Codex that another program holds.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from codex_jupyter.core.events import Event, WaitedFor, WaitGivenUp
from codex_jupyter.core.items import AgentMessage, Notice, Reasoning
from codex_jupyter.errors import CodexJupyterError, TurnFailedError

if TYPE_CHECKING:
    from codex_jupyter.session.live import LiveTurn

#: Seconds before it is said what a turn waits for.
SAID_AFTER = 3.0
#: Seconds without a word of the model before it is said that it is silent, and between two looks.
SILENT_AFTER, LOOK = 30.0, 5.0
#: Seconds that a turn without anybody who could stop it waits for what another program holds, where no setting says otherwise.
NOBODY_WAITS = 300.0
HELD = "Codex's database {}, which another program holds"


class Patience:
    """Says what one turn waits for.

    Args:
        live: the turn.
        apply: changes it by events.
        fail: ends it before it has begun.
    """

    def __init__(
        self,
        live: LiveTurn,
        apply: Callable[[LiveTurn, Iterable[Event]], None],
        fail: Callable[[CodexJupyterError], None],
    ) -> None:
        self._live = live
        self._apply = apply
        self._fail = fail
        self._heard = time.monotonic()
        self._held_since: float | None = None
        #: Where Codex's databases lie; None for the user's own.
        self.codex_home: str | None = None

    def heard(self) -> None:
        """Something of the turn has come."""
        self._heard = time.monotonic()

    @contextlib.contextmanager
    def of(self, what: str) -> Iterator[None]:
        """A step that the turn waits for: ``what`` ends the words *waiting for ...*."""
        telling = asyncio.ensure_future(self._tell(what))
        try:
            yield
        finally:
            telling.cancel()
            if self._live.turn.waits_for:
                self._say("")

    async def _tell(self, what: str) -> None:
        """Until it is cancelled: say what the step waits for, and what is under that."""
        await asyncio.sleep(SAID_AFTER)
        self._say(what)
        while True:
            held = await self._held()
            if held and (why := self._gives_up(held)):
                self._fail(why)
                return
            self._say(held or what)
            await asyncio.sleep(LOOK)

    async def watch(self) -> None:
        """Until it is cancelled: say when the model has been silent for long, or the next try is, or a database is held."""
        while True:
            await asyncio.sleep(LOOK)
            turn = self._live.turn
            at_work = turn.requests or any(
                entry.is_open and not isinstance(entry, AgentMessage | Reasoning | Notice)
                for entry in turn.entries
            )
            silent = time.monotonic() - self._heard
            if at_work:
                self.heard()
            elif silent >= LOOK and (held := await self._held()):
                if why := self._gives_up(held):
                    said = WaitGivenUp(turn.thread_id, turn.turn_id, why.message, why.hint)
                    self._apply(self._live, [said])
                    return
                self._say(held)
            elif silent >= SILENT_AFTER and not turn.waits_for:
                since = time.localtime(time.time() - silent)
                whom = "another try, put off" if turn.retrying else "the model, silent"
                self._say(f"{whom} since {time.strftime('%H:%M:%S', since)}")

    async def _held(self) -> str:
        """What is said where another program holds a database of Codex; ``""``: none does."""
        from codex_jupyter.runtime import databases

        path = await databases.held(self.codex_home)
        if path is None:
            self._held_since = None
            return ""
        if self._held_since is None:
            self._held_since = time.monotonic()
        return HELD.format(path.name)

    def _gives_up(self, held: str) -> TurnFailedError | None:
        """Why a turn that nobody watches waits no longer; None: it does, or somebody can stop it."""
        waited = time.monotonic() - (self._held_since or time.monotonic())
        limit = self._live.settings.network_timeout or NOBODY_WAITS
        if self._live.interactive or waited < limit:
            return None
        return TurnFailedError(
            f"Nobody is watching this turn, and it waited {waited / 60:.3g} min for {held}.",
            "End that program, then run this cell again.",
        )

    def _say(self, what: str) -> None:
        turn = self._live.turn
        if not turn.ended and turn.waits_for != what:
            self._apply(self._live, [WaitedFor(turn.thread_id, turn.turn_id, what)])
