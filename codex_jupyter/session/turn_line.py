"""The turns of one conversation, which run one after the other, and for whom a turn waits that is not the first.

Written on the session's loop; who is in the line may be read from any thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

from codex_jupyter.core.events import WaitedFor
from codex_jupyter.session.loop import PerLoop

if TYPE_CHECKING:
    from codex_jupyter.session.live import LiveTurn

#: What is said of a conversation that no turn has.
CONVERSATION = "this conversation, which is being put to rest"


class TurnLine:
    """Who has a conversation, and who waits for it.

    Attributes:
        turns: those that are not over, in the order in which they run: the first has the conversation.
    """

    def __init__(self) -> None:
        self.turns: tuple[LiveTurn, ...] = ()
        self._lock = PerLoop(asyncio.Lock)
        self._looks: list[Callable[[], None]] = []

    @property
    def lock(self) -> asyncio.Lock:
        """Held by whoever has the conversation."""
        return self._lock.here

    @asynccontextmanager
    async def place_of(
        self, live: LiveTurn, apply: Callable[[LiveTurn, list[WaitedFor]], None]
    ) -> AsyncGenerator[None]:
        """Stand in the line until it is the turn's turn; until the end of the context the conversation is its own.

        Args:
            live: the turn.
            apply: changes it by what is said while it waits.
        """
        self.turns = (*self.turns, live)
        live.line = lambda: self.turns
        try:
            waits = self.lock.locked() or live.ahead
            with self._saying(live, apply) if waits else ExitStack():
                await self.lock.acquire()
            try:
                yield
            finally:
                self.lock.release()
        finally:
            self.turns = tuple(one for one in self.turns if one is not live)
            for look in tuple(self._looks):
                look()

    @contextmanager
    def _saying(
        self, live: LiveTurn, apply: Callable[[LiveTurn, list[WaitedFor]], None]
    ) -> Iterator[None]:
        """While it waits: its transcript says for whom, and whether that one waits for a person."""
        said: WaitedFor | None = None

        def say(waits_for: WaitedFor) -> None:
            nonlocal said
            if waits_for != said and not live.turn.ended:
                said = waits_for
                apply(live, [waits_for])

        def look() -> None:
            say(waited_for(live))

        with ExitStack() as watching:
            for one in live.ahead:
                watching.callback(one.subscribe(lambda _: look()))
            self._looks.append(look)
            watching.callback(self._looks.remove, look)
            look()
            try:
                yield
            finally:
                watching.close()
                say(WaitedFor(live.turn.thread_id, live.turn.turn_id))


def waited_for(live: LiveTurn) -> WaitedFor:
    """For whom the turn waits now."""
    ids = live.turn.thread_id, live.turn.turn_id
    ahead = live.ahead
    if not ahead:
        return WaitedFor(*ids, CONVERSATION)
    first, more = ahead[0], len(ahead) - 1
    then = "" if not more else f" and {more} more turn{'s' if more > 1 else ''} before this one"
    if first.pending:
        then += ", which waits for your answer" if not more else "; the first waits for your answer"
    return WaitedFor(*ids, f"turn {first.number}", first.prompt, then)
