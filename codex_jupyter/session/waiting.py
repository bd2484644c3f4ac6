"""Waiting for a turn in a thread of the user's, interruptibly."""

from __future__ import annotations

from codex_jupyter.errors import TurnFailedError
from codex_jupyter.session.live import LiveTurn


def wait_quietly(live: LiveTurn) -> None:
    """Wait with nobody watching; an interrupt stops the turn and is raised once it has stopped."""
    try:
        live.result()
    except TurnFailedError:
        return


def finish(live: LiveTurn, seconds: float = 5.0) -> None:
    """Give a stopped turn a bounded time to end."""
    try:
        live.result(seconds)
    except (TurnFailedError, TimeoutError):
        return
