"""Somebody's code in the cell's own thread ends after a while, whatever it survives."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from codex_jupyter.notebook.workbench import mentions
from codex_jupyter.notebook.workbench.time_limit import TimeLimitError, time_limit


@pytest.fixture(autouse=True)
def no_alarm() -> Iterator[None]:
    """The alarm that ends a hanging test is the same one."""
    left, handler = signal.setitimer(signal.ITIMER_REAL, 0)[0], signal.getsignal(signal.SIGALRM)
    yield
    signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, left)


def for_ever() -> None:
    while True:
        try:
            while True:
                pass
        except Exception:
            continue


def test_code_that_survives_every_exception_is_ended_and_the_alarm_is_given_back() -> None:
    before = signal.getsignal(signal.SIGALRM)
    with pytest.raises(TimeLimitError), time_limit(0.05):
        for_ever()
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_an_alarm_of_the_user_and_another_thread_are_left_alone() -> None:
    signal.setitimer(signal.ITIMER_REAL, 1_000)
    try:
        with time_limit(0.01):
            assert signal.getitimer(signal.ITIMER_REAL)[0] > 900
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    ran: list[Any] = []

    def elsewhere() -> None:
        with time_limit(0.01):
            ran.append(signal.getitimer(signal.ITIMER_REAL))

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert ran == [(0.0, 0.0)]


def test_a_mentioned_thing_whose_repr_does_not_end_is_told_without_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(mentions, "REPR", 0.05)

    class Endless:
        def __repr__(self) -> str:
            for_ever()
            return ""

    told = mentions._told("thing", Endless(), repr)
    assert told.endswith("Its own repr took longer than 0.05 s, so it was stopped.")
