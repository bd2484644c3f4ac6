"""Which reply answers a prompt: by its name, and of clients that give none by their order."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from codex_jupyter.notebook import kernel_internals, stdin_prompt

A, B = b"client-a", b"client-b"


class Kernel:
    """Asks client after client, and has replies in store: (value, the prompt that it names or "", who)."""

    def __init__(self, *replies: tuple[str, str, bytes], asks: bytes = A) -> None:
        self.replies = list(replies)
        self.asks = asks
        self.asked = 0


@pytest.fixture(autouse=True)
def channel(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> Iterator[None]:
    def send(kernel: Kernel, prompt: str, secret: bool) -> tuple[str, bytes]:
        kernel.asked += 1
        return prompt, kernel.asks

    def receive(kernel: Kernel, milliseconds: int) -> object:
        if not kernel.replies:
            return None
        value, named, client = kernel.replies.pop(0)
        if value == "^C":
            raise KeyboardInterrupt
        header = {"msg_id": named} if named else {}
        return {"parent_header": header, "content": {"value": value}}, client

    monkeypatch.setattr(stdin_prompt.time, "monotonic", clock)
    monkeypatch.setattr(kernel_internals, "send_input_request", send)
    monkeypatch.setattr(kernel_internals, "receive_input_reply", receive)
    stdin_prompt._unanswered.clear()
    yield
    stdin_prompt._unanswered.clear()


class Clock:
    """Each look at it is a second after the one before, or as much as is set."""

    def __init__(self) -> None:
        self.now, self.step = 0.0, 1.0

    def __call__(self) -> float:
        self.now += self.step
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def ask(kernel: Kernel, prompt: str) -> str | None:
    """What was typed; None: nothing did answer."""
    try:
        return stdin_prompt.ask(kernel, prompt, withdrawn=lambda: not kernel.replies)
    except stdin_prompt.Withdrawn:
        return None


def test_a_reply_without_a_name_answers_the_only_open_prompt() -> None:
    assert ask(Kernel(("yes", "", A), ("", "x", A)), "one") == "yes"


def test_a_reply_that_names_another_prompt_does_not() -> None:
    assert ask(Kernel(("yes", "old", A), ("no", "one", A), ("", "x", A)), "one") == "no"


def test_what_is_typed_into_a_withdrawn_box_of_a_console_answers_nothing_later() -> None:
    kernel = Kernel()
    assert ask(kernel, "one") is None
    kernel.replies = [("for one", "", A), ("for two", "", A), ("", "x", A)]
    assert ask(kernel, "two") == "for two"


def test_a_console_that_was_interrupted_gave_its_prompt_up() -> None:
    kernel = Kernel(("^C", "", A), ("for two", "", A), ("", "x", A))
    with pytest.raises(KeyboardInterrupt):
        ask(kernel, "one")
    assert ask(kernel, "two") == "for two"


def test_another_client_answers_nothing_that_it_was_not_asked() -> None:
    assert ask(Kernel(("mine", "", B), ("yes", "", A), ("", "x", A)), "one") == "yes"


def test_the_end_of_input_is_told() -> None:
    with pytest.raises(EOFError):
        ask(Kernel(("\x04", "", A), ("", "x", A)), "one")


def test_what_a_console_had_before_it_asked_is_asked_for_again(clock: Clock) -> None:
    clock.step = 0.1
    kernel = Kernel(("a", "", A), ("y", "", A), ("", "x", A))
    assert ask(kernel, "one") is None
    assert kernel.asked == 3


def test_a_page_may_answer_as_fast_as_it_likes(clock: Clock) -> None:
    clock.step = 0.1
    assert ask(Kernel(("yes", "one", A), ("", "x", A)), "one") == "yes"
