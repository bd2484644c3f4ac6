"""What turns ask of the main thread (code in the kernel, a prompt), done there by whoever waits for one of them.

Who waits for a turn waits for those before it in its conversation as well, and is the only one that can do what they ask: the
thread that they need is held by this very wait.
"""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol

Job = Callable[[], None]
#: Seconds between two looks, so that an interrupt gets through on every platform.
LOOK = 0.2


class Wake:
    """What a waiting thread finds among its jobs when a turn has changed: there is nothing to do but to look."""


WAKE = Wake()


class Waited(Protocol):
    """What is used here of a turn."""

    @property
    def done(self) -> bool: ...

    @property
    def ahead(self) -> Sequence[Any]: ...

    @property
    def main_thread_jobs(self) -> queue.SimpleQueue[Job | Wake]: ...


def serve(
    live: Waited,
    timeout: float | None,
    look: Callable[[], None],
    during: Callable[[], AbstractContextManager[object]] = nullcontext,
) -> None:
    """Do what a turn and those before it ask of this thread, until the turn is done or ``timeout`` seconds have passed.

    Args:
        live: the turn that is waited for.
        timeout: None for ever.
        look: called between two jobs, and after each change of a turn: asks what has to be asked here.
        during: entered for each job.
    """
    end = None if timeout is None else time.monotonic() + timeout
    while not live.done:
        left = LOOK if end is None else min(LOOK, end - time.monotonic())
        if left <= 0:
            return
        if (job := _next(live, left)) is not None:
            with during():
                job()
        look()


def _next(live: Waited, seconds: float) -> Job | None:
    """The oldest job of the first turn that has one; None: there is none, or a turn has changed."""
    for one in live.ahead:
        while not one.main_thread_jobs.empty():
            try:
                job = one.main_thread_jobs.get_nowait()
            except queue.Empty:  # somebody else was first
                break
            if not isinstance(job, Wake):
                return job
    try:
        job = live.main_thread_jobs.get(timeout=seconds)
    except queue.Empty:
        return None
    return None if isinstance(job, Wake) else job
