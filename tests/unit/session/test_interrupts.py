"""Interrupts of a main thread that waits for turns: real signals to this process."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from types import FrameType

import pytest

from codex_jupyter.session import interrupts
from codex_jupyter.session.interrupts import Interrupts


@pytest.fixture(autouse=True)
def handler() -> Iterator[None]:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def press() -> None:
    signal.raise_signal(signal.SIGINT)


def current() -> object:
    return signal.getsignal(signal.SIGINT)


def test_the_first_interrupt_stops_what_is_waited_for_and_others_change_nothing() -> None:
    asked: list[str] = []
    process = Interrupts()
    with process.stopping(lambda: asked.append("stop")) as waiting:
        assert not waiting.heard
        for _ in range(20):
            press()
        assert waiting.heard
    assert asked == ["stop"]
    assert current() is signal.default_int_handler
    with pytest.raises(KeyboardInterrupt):
        press()


def test_all_that_are_waited_for_are_stopped_also_one_that_is_waited_for_later() -> None:
    asked: list[str] = []
    process = Interrupts()
    first = process.stopping(lambda: asked.append("first"))
    second = process.stopping(lambda: asked.append("second"))
    third = process.stopping(lambda: asked.append("third"))
    first.__enter__()
    second.__enter__()
    press()
    first.__exit__(None, None, None)  # coroutines end in any order
    third.__enter__()
    press()
    second.__exit__(None, None, None)
    third.__exit__(None, None, None)
    assert asked == ["first", "second", "third"]
    assert current() is signal.default_int_handler


def test_where_stopping_takes_too_long_an_interrupt_is_one_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [100.0]
    monkeypatch.setattr(interrupts.time, "monotonic", lambda: now[0])
    with Interrupts().stopping(lambda: None):
        press()
        now[0] += interrupts.STOPPED_IN / 2
        press()
        now[0] += interrupts.STOPPED_IN
        with pytest.raises(KeyboardInterrupt):
            press()


def test_an_interrupt_is_an_answer_where_a_person_is_asked() -> None:
    asked: list[str] = []
    process = Interrupts()
    with process.stopping(lambda: asked.append("stop")):
        with pytest.raises(KeyboardInterrupt), process.raising():
            press()
        press()
        with process.raising():
            press()
    assert asked == ["stop"]


def test_a_handler_of_the_users_own_is_left_alone() -> None:
    theirs: list[int] = []

    def handle(number: int, frame: FrameType | None) -> None:
        theirs.append(number)

    signal.signal(signal.SIGINT, handle)
    with Interrupts().stopping(lambda: pytest.fail("stopped")) as waiting:
        press()
        assert not waiting.heard
    assert theirs == [signal.SIGINT]
    assert current() is handle


@pytest.mark.parametrize("ends", [True, False])
def test_right_after_it_an_interrupt_meets_only_code_of_the_users(ends: bool) -> None:
    process = Interrupts()
    process.ending = lambda frame: ends
    with process.stopping(lambda: None):
        press()
    with process.stopping(lambda: None):  # the result is read, which ended long ago
        pass
    if ends:
        press()
        process.settle()
    with pytest.raises(KeyboardInterrupt):
        press()
    assert current() is signal.default_int_handler


def test_a_cell_whose_loop_goes_on_can_be_interrupted_again() -> None:
    cancelled: list[int] = []

    def cancel(number: int, frame: FrameType | None) -> None:
        cancelled.append(number)

    cancel.__module__ = "ipykernel.ipkernel"
    signal.signal(signal.SIGINT, cancel)
    process = Interrupts()
    process.ending = lambda frame: True
    with process.stopping(lambda: None):
        press()
    assert not cancelled
    press()
    assert cancelled == [signal.SIGINT]


def test_nothing_changes_for_a_wait_that_nobody_interrupts() -> None:
    process = Interrupts()
    process.ending = lambda frame: True
    with process.stopping(lambda: None):
        pass
    assert current() is signal.default_int_handler


def test_another_thread_waits_without_interrupts(in_a_thread: Callable[..., object]) -> None:
    def wait() -> object:
        with Interrupts().stopping(lambda: None):
            return current()

    assert in_a_thread(wait) is signal.default_int_handler


@pytest.fixture
def in_a_thread() -> Callable[[Callable[[], object]], object]:
    from concurrent.futures import ThreadPoolExecutor

    def run(function: Callable[[], object]) -> object:
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(function).result()

    return run
