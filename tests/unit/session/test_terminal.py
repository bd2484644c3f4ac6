"""Asking at a terminal: a real one (a pty), its other end being the test."""

from __future__ import annotations

import io
import os
import select
import sys
import termios
import threading
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

import pytest

from codex_jupyter.session import terminal
from tests.waiting import GENEROUS


class Pty:
    """Both ends of a terminal, of which this process has the near one on its standard streams."""

    def __init__(self, far: int) -> None:
        self.far, self.seen = far, b""

    def type(self, text: str) -> None:
        os.write(self.far, text.encode())

    def wait_for(self, text: str) -> None:
        while text.encode() not in self.seen:
            assert select.select([self.far], [], [], GENEROUS)[0], self.seen
            self.seen += os.read(self.far, 1024)

    def hang_up(self) -> None:
        os.close(self.far)
        self.far = -1

    @contextmanager
    def after(self, prompt: str, act: Callable[[], None]) -> Iterator[None]:
        """Do something once the prompt is there."""

        def work() -> None:
            self.wait_for(prompt)
            act()

        thread = threading.Thread(target=work)
        thread.start()
        yield
        thread.join()

    def ask(self, prompt: str, typed: str, *, secret: bool = False) -> str:
        """What is understood when somebody types this once the prompt is there."""
        with self.after(prompt, lambda: self.type(typed)):
            return terminal.line(prompt, secret=secret)


@contextmanager
def at_a_terminal() -> Iterator[Pty]:
    """Not a fixture: pytest puts the standard streams back between a fixture and its test."""
    far, near = os.openpty()
    pty, saved, streams = Pty(far), os.dup(0), (sys.stdin, sys.stdout)
    os.dup2(near, 0)
    try:
        with open(0, closefd=False) as stdin:
            stdout = open(near, "w", buffering=1)  # noqa: SIM115
            sys.stdin, sys.stdout = stdin, stdout
            yield pty
            with suppress(OSError):  # what is left cannot be written where it went away
                stdout.close()
    finally:
        sys.stdin, sys.stdout = streams
        os.dup2(saved, 0)
        os.close(saved)
        if pty.far >= 0:
            os.close(pty.far)


def test_a_person_at_a_terminal_is_asked() -> None:
    with at_a_terminal() as pty:
        assert terminal.absence() == ""
        assert pty.ask("allow? ", "yes\n") == "yes"


def test_what_was_typed_before_the_question_does_not_answer_it() -> None:
    with at_a_terminal() as pty:
        pty.type("a\na\na")
        assert pty.ask("allow? ", "no\n") == "no"


def test_where_the_input_has_ended_before_the_question_nobody_is_waited_for() -> None:
    with at_a_terminal() as pty:
        pty.type("a\ny\n\x04")
        with pytest.raises(terminal.InputEndedError):
            terminal.line("allow? ")


def test_a_second_question_is_not_answered_by_what_was_typed_with_the_first() -> None:
    with at_a_terminal() as pty:
        assert pty.ask("first? ", "always\nyes\n") == "always"
        assert pty.ask("sure? ", "no\n") == "no"


def test_a_secret_is_not_echoed() -> None:
    with at_a_terminal() as pty:
        assert pty.ask("key: ", "sk-secret\n", secret=True) == "sk-secret"
        print("over", flush=True)
        pty.wait_for("over")
        assert b"sk-secret" not in pty.seen


def test_the_end_of_input_is_no_answer() -> None:
    with at_a_terminal() as pty, pytest.raises(EOFError):
        pty.ask("allow? ", "\x04")


def test_a_question_that_is_no_longer_asked_ends_the_wait() -> None:
    looks = iter([False, False, True])
    with at_a_terminal(), pytest.raises(terminal.Withdrawn):
        terminal.line("allow? ", withdrawn=lambda: next(looks))


def test_a_terminal_that_goes_away_is_no_answer() -> None:
    with (
        at_a_terminal() as pty,
        pty.after("allow? ", pty.hang_up),
        pytest.raises(terminal.InputEndedError),
    ):
        terminal.line("allow? ")


def test_a_thread_asks_nobody() -> None:
    heard: list[str] = []
    with at_a_terminal():
        thread = threading.Thread(target=lambda: heard.append(terminal.absence()))
        thread.start()
        thread.join()
    assert heard == ["a thread in the background asks nobody"]


class Pretends(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("stream", ["stdin", "stdout"])
def test_a_stream_that_only_says_so_is_no_terminal(
    monkeypatch: pytest.MonkeyPatch, stream: str
) -> None:
    with at_a_terminal(), monkeypatch.context() as patched:
        patched.setattr(sys, stream, Pretends("a\n"))
        assert "terminal" in terminal.absence()
        with pytest.raises(EOFError):
            terminal.line("allow? ")


def piped() -> TextIO:
    read, write = os.pipe()
    os.write(write, b"a\na\n")
    os.close(write)
    return os.fdopen(read)


def closed() -> TextIO:
    made = io.StringIO("a\n")
    made.close()
    return made


def null() -> TextIO:
    return Path(os.devnull).open()


@pytest.mark.parametrize("make", [piped, closed, null, lambda: None])
def test_without_a_terminal_nobody_is_asked(
    monkeypatch: pytest.MonkeyPatch, make: Callable[[], TextIO | None]
) -> None:
    stream = make()
    with at_a_terminal(), monkeypatch.context() as patched:
        patched.setattr(sys, "stdin", stream)
        assert terminal.absence() == "the input is no terminal"
        with pytest.raises(EOFError):
            terminal.line("allow? ")
    if stream is not None:
        stream.close()


def test_the_terminal_is_left_as_it_was() -> None:
    with at_a_terminal() as pty:
        tty.setraw(0)
        before = termios.tcgetattr(0)
        assert pty.ask("allow? ", "n\n") == "n"
        assert termios.tcgetattr(0) == before
