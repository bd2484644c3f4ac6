"""A time limit for somebody's code that runs in a cell's own thread, without a thread of our own that could be kept waiting."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


class TimeLimitError(BaseException):
    """The code took too long. No ``Exception``, so that code which survives everything does not survive this."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """End the code below after so many seconds, as a Ctrl-C would. Where alarms cannot be had (another thread, Windows, an
    alarm of the user's own), it runs as it would in a cell, and Ctrl-C ends it.

    Raises:
        TimeLimitError: it took longer.

    Example:
        >>> with time_limit(5.0):
        ...     repr([1, 2])
        '[1, 2]'
    """
    main = threading.current_thread() is threading.main_thread()
    if not main or not hasattr(signal, "setitimer") or signal.getitimer(signal.ITIMER_REAL)[0]:
        yield
        return

    def stop(_: int, __: FrameType | None) -> None:
        raise TimeLimitError

    before: Any = signal.signal(signal.SIGALRM, stop)
    # Again and again: one may be lost in code that no exception leaves, such as a finalizer.
    signal.setitimer(signal.ITIMER_REAL, seconds, 0.5)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL if before is None else before)
