"""Speaking to a turn while it runs: not before the runtime takes it, and never twice. On the session's loop."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Protocol

from codex_jupyter import agent_code
from codex_jupyter.errors import CodexJupyterError, UserError

if TYPE_CHECKING:
    from codex_jupyter.core.turn import Turn
    from codex_jupyter.runtime.transport import Transport
    from codex_jupyter.session.phases import Phase

#: Seconds in which a turn that is on its way begins, or cannot be steered yet.
BEGINS_IN = 5.0
SAY_LATER = "Say it again when the turn runs."


class Run(Protocol):
    """What of ``turn_run.TurnRun`` is needed."""

    phase: Phase
    transport: Transport | None
    going: asyncio.Event

    @property
    def turn(self) -> Turn:
        """The turn as it is now."""
        ...


async def steer(run: Run, text: str) -> None:
    """Say something to a running turn; one that is only about to run is waited for.

    Raises:
        UserError: it was not said; the turn goes on.
    """
    from codex_jupyter.runtime.api import Api

    agent_code.refuse("steer a turn")
    if run.phase == "queued":
        raise UserError(
            "This turn waits for the one before it, so it cannot be steered yet.", SAY_LATER
        )
    if run.phase in ("preparing", "sending", "running"):
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(run.going.wait(), BEGINS_IN)
    turn = run.turn
    if turn.ended or run.phase in ("stopping", "closing", "done"):
        raise UserError("This turn is not running, so it cannot be steered.", "Ask in a new cell.")
    if not turn.turn_id or run.transport is None:
        raise UserError("This turn has not begun yet, so it cannot be steered.", SAY_LATER)
    try:
        await Api(run.transport).steer(turn.thread_id, turn.turn_id, text)
    except CodexJupyterError as error:
        raise UserError(f"Not steered: {error.message}", "Ask in a new cell.") from None
