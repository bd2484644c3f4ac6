"""Waiting for a turn in a thread of the user's, interruptibly."""

from __future__ import annotations

import threading

from codex_jupyter.errors import TurnFailedError
from codex_jupyter.session.live import LiveTurn
from codex_jupyter.session.main_thread import serve


def wait_quietly(live: LiveTurn) -> None:
    """Wait with nobody watching; an interrupt stops the turn and is raised once it has stopped."""
    try:
        live.result()
    except TurnFailedError:
        return


def finish(live: LiveTurn, seconds: float = 5.0) -> None:
    """Give a stopped turn a bounded time to end."""
    if threading.current_thread() is threading.main_thread():
        serve(live, seconds, lambda: None)  # asks nothing any more
        return
    try:
        live.result(seconds)
    except (TurnFailedError, TimeoutError):
        return
