"""How a turn ends: stopped until it really stops, its left-over commands ended, its outcome put into words."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from codex_jupyter.core.events import LeftoversEnded, RuntimeLost, TurnCompleted
from codex_jupyter.core.plain_message import plain_message
from codex_jupyter.core.raw import exact
from codex_jupyter.errors import (
    CodexJupyterError,
    RuntimeFailedError,
    TurnFailedError,
    TurnInterruptedError,
)
from codex_jupyter.session.gate import cleaner_now

if TYPE_CHECKING:
    from codex_jupyter.core.turn import Turn
    from codex_jupyter.runtime.strays import Strays
    from codex_jupyter.runtime.transport import Transport
    from codex_jupyter.session.live import LiveTurn

#: Seconds: how long a stop waits for the runtime before it asks again, and before it is done without it.
STOP_STEP, STOP_STEPS = 0.4, 4
#: As many steps while other turns run on the same runtime: ending it would end them too.
SHARED_STOP_STEPS = 50
#: Seconds that a stop waits to hear which turn began, alone on the runtime and beside other turns.
NAMED_IN, SHARED_NAMED_IN = 10.0, 30.0
#: Seconds between looks whether the left-over commands have gone, and how often before some count as still running.
GONE_STEP, GONE_STEPS = 0.1, 10


class Stoppable(Protocol):
    """A turn that can be told to stop."""

    live: LiveTurn
    transport: Transport | None

    @property
    def shared(self) -> bool:
        """Whether others use its runtime now."""
        ...

    def lose(self, message: str) -> None:
        """End it without the runtime."""
        ...

    async def end_runtime(self) -> None:
        """End its runtime."""
        ...


async def stop(run: Stoppable) -> None:
    """An interrupt can be refused too early or go unanswered: ask again, then end the turn without the runtime."""
    from codex_jupyter.runtime.api import Api

    transport, live = run.transport, run.live
    patience = SHARED_NAMED_IN if run.shared else NAMED_IN
    named = await reached(live, lambda now: bool(now.turn_id) or now.ended, patience)
    for step in range(SHARED_STOP_STEPS if named else 0):
        if transport is None or not transport.alive or live.turn.ended:
            break
        if step >= STOP_STEPS and not run.shared:
            break
        try:
            await Api(transport).interrupt(
                live.turn.thread_id, live.turn.turn_id, timeout=STOP_STEP
            )
        except (CodexJupyterError, TimeoutError):
            await asyncio.sleep(STOP_STEP / 4)
            continue
        if await settled(live, STOP_STEP):
            return
    if not live.turn.ended:  # a runtime that does not stop is not left running
        run.lose("The runtime did not stop in time, so it was ended.")
        await run.end_runtime()


def lost(turn: Turn, message: str) -> RuntimeLost:
    """The end of a turn whose runtime is gone."""
    return RuntimeLost(turn.thread_id, turn.turn_id, message)


async def end_leftovers(transport: Transport | None, turn: Turn) -> LeftoversEnded | None:
    """End the commands that an interrupted turn left running; an interrupt alone does not. None: nobody can tell."""
    if transport is None or not transport.alive or not turn.thread_id:
        return None
    try:
        found = await end_commands(transport, turn.thread_id, turn.started_ms)
    except (CodexJupyterError, TimeoutError):
        return None
    return LeftoversEnded(turn.thread_id, turn.turn_id, found.ended, found.running, found.sure)


async def end_commands(transport: Transport, thread_id: str, since_ms: int | None = None) -> Strays:
    """End the commands of a conversation that the runtime still knows, and what commands since a time left behind.

    Raises:
        CodexJupyterError, TimeoutError: the runtime does not say.
    """
    from codex_jupyter.runtime.api import Api
    from codex_jupyter.runtime.strays import Strays

    api = Api(transport)
    before = left = len(exact(await api.terminals(thread_id, timeout=1)))
    if before:
        await api.end_terminals(thread_id, timeout=1)
    # The answer to that may come before the commands have gone.
    for _ in range(GONE_STEPS if before else 0):
        left = len(exact(await api.terminals(thread_id, timeout=1)))
        if not left:
            break
        await asyncio.sleep(GONE_STEP)
    strays = await transport.end_strays(thread_id, since_ms)
    return Strays(before - left + strays.ended, max(left, strays.running), strays.sure)


def complaint(live: LiveTurn) -> TurnFailedError | None:
    """What to raise where the turn's answer was wanted, or None: it completed."""
    turn = live.turn
    if turn.state == "completed":
        return None
    if turn.stopped_by == "time limit":
        return TurnFailedError(
            f"Stopped after {live.settings.timeout or 0:g} s (--timeout).",
            (turn.error.message if turn.error else "") or "Give it more time, or ask for less.",
        )
    if turn.state == "interrupted":
        return TurnInterruptedError(
            f"Stopped by {turn.stopped_by or 'the runtime'}.",
            "The next cell continues this conversation; --new starts afresh.",
        )
    what = turn.error
    message = what.message if what else "The turn failed."
    if message.lstrip().startswith("{"):  # a provider's answer as it came: its own words are in it
        message = plain_message(message, 2_000)[0]
    return TurnFailedError(message, what.hint if what else "")


def never_began(live: LiveTurn) -> CodexJupyterError:
    """Why a turn ended while it still waited for its runtime, its thread or the turn before it."""
    if live.turn.stopped_by == "time limit":
        return TurnFailedError(
            f"Stopped after {live.settings.timeout or 0:g} s (--timeout): the time limit passed before the turn "
            "began. Nothing was sent.",
            "Give it more time.",
        )
    return TurnInterruptedError("Stopped before it began. Nothing was sent.")


def unexpected(fault: BaseException) -> RuntimeFailedError:
    """A fault of ours as the end of a turn; what it quotes may be anything."""
    return RuntimeFailedError(cleaner_now().text(f"Unexpected: {type(fault).__name__}: {fault}"))


def failed(turn: Turn, error: CodexJupyterError) -> TurnCompleted:
    """The end of a turn that could not begin or broke, with the reason."""
    status = "interrupted" if isinstance(error, TurnInterruptedError) else "failed"
    return TurnCompleted(
        turn.thread_id,
        turn.turn_id,
        status=status,
        message="" if status == "interrupted" else error.message,
        code=type(error).__name__,
        hint=error.hint,
        at_ms=int(time.time() * 1000),
    )


async def settled(live: LiveTurn, timeout: float | None) -> bool:
    """True once the turn has ended; False when ``timeout`` seconds passed first."""
    return await reached(live, lambda turn: turn.ended, timeout)


async def reached(live: LiveTurn, condition: Callable[[Turn], bool], timeout: float | None) -> bool:
    """True once the turn is as ``condition`` says; False when ``timeout`` seconds passed first."""
    there = asyncio.get_running_loop().create_future()

    def look(turn: Turn) -> None:
        if condition(turn) and not there.done():
            there.set_result(None)

    unsubscribe = live.subscribe(look)
    try:
        if condition(live.turn):
            return True
        await asyncio.wait_for(there, timeout)
        return True
    except TimeoutError:
        return False
    finally:
        unsubscribe()
