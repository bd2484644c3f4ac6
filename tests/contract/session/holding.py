"""Holds the loop of a session, so that what is posted meanwhile happens in one go."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from codex_jupyter.session.session import Session
from tests.waiting import GENEROUS


@contextmanager
def loop_held(session: Session) -> Iterator[None]:
    """Keep the session's loop from doing anything: what is posted meanwhile is done in one go afterwards."""
    held, go = threading.Event(), threading.Event()

    def hold() -> None:
        held.set()
        go.wait(GENEROUS)

    session.engine.thread.post(hold)
    assert held.wait(GENEROUS)
    try:
        yield
    finally:
        go.set()
