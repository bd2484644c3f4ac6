"""Waiting for a condition with a deadline: the only place in the tests where time passes on purpose."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

GENEROUS = 180.0
"""Seconds before a wait gives up. It bounds a hang; it measures nothing."""


def until(
    condition: Callable[[], T],
    what: str,
    *,
    deadline: float = GENEROUS,
    every: float = 0.02,
) -> T:
    """Return the first truthy value of `condition()`.

    Args:
        condition: asked again and again; its exceptions are not caught.
        what: ends the sentence "waited N s for ..." when the deadline passes.
        deadline: seconds until giving up.
        every: seconds between two questions.

    Raises:
        TimeoutError: nothing truthy came in time.
    """
    end = time.monotonic() + deadline
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise TimeoutError(f"waited {deadline:g} s for {what}; the last answer was {value!r}")
        time.sleep(every)  # noqa: TID251 - polling is this module's trade
