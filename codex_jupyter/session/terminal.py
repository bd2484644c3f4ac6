"""The person at this process's own terminal: whether there is one, and one line of text from them.

``input`` takes whatever comes next on standard input: the next line of a script that is piped into a shell, or what was
typed before the question was there. This reads from a terminal alone, only what was typed after the question was drawn,
and gives up when the question is no longer asked.
"""

from __future__ import annotations

import os
import select
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

#: Seconds between two looks at whether the question is still asked.
LOOK = 0.05
#: The file descriptor that a terminal's keys come from.
STDIN = 0


class Withdrawn(Exception):
    """The question was answered elsewhere or is no longer asked."""


class InputEndedError(EOFError):
    """The input ended before the question was drawn, or the terminal went away: nobody closed the prompt."""


def absence() -> str:
    """Why nobody can be asked at this process's terminal by the calling thread, or ``""`` where somebody can.

    Example:
        >>> absence() if not sys.stdin.isatty() else "the input is no terminal"
        'the input is no terminal'
    """
    if threading.current_thread() is not threading.main_thread():
        return "a thread in the background asks nobody"
    if not _is_terminal(sys.stdin) or not _same(sys.stdin, STDIN):
        return "the input is no terminal"
    if not _is_terminal(sys.stdout):
        return "what is written here does not go to a terminal"
    if not _in_the_foreground():
        return "this program runs in the background of its terminal"
    return ""


def draws() -> bool:
    """Whether what is written to standard output goes to a terminal that obeys escapes, and that is ours to write to.

    Example:
        >>> draws() if not sys.stdout.isatty() else "it is a terminal"
        False
    """
    known = os.environ.get("TERM", "") not in ("", "dumb") or sys.platform == "win32"
    return known and _is_terminal(sys.stdout) and _in_the_foreground()


def line(
    prompt: str, *, secret: bool = False, withdrawn: Callable[[], bool] = lambda: False
) -> str:
    """Ask for one line.

    Args:
        prompt: what is asked.
        secret: show nothing of what is typed.
        withdrawn: looked at twenty times a second; True ends the wait.

    Raises:
        EOFError: the person closed the prompt.
        InputEndedError: there is no terminal, its input has ended, or it went away.
        Withdrawn: ``withdrawn()`` became true first.
        KeyboardInterrupt: Ctrl-C.
    """
    if absence():
        raise InputEndedError
    try:
        if sys.platform == "win32":
            return _read_console(prompt, secret)
        return _read(prompt, secret, withdrawn)
    except OSError:  # the terminal went away
        raise InputEndedError from None


@contextmanager
def echo(shown: bool) -> Iterator[None]:
    """Whether what is typed into this process's terminal is shown meanwhile; all of it is kept for the next prompt."""
    before = _settings()
    if before is None:
        yield
        return
    import termios

    during: list[Any] = [*before[:6], list(before[6])]
    during[3] = during[3] | termios.ECHO if shown else during[3] & ~termios.ECHO
    termios.tcsetattr(STDIN, termios.TCSANOW, during)
    try:
        yield
    finally:
        if _in_the_foreground():  # else whoever is there has settings of their own
            with suppress(termios.error):
                termios.tcsetattr(STDIN, termios.TCSANOW, before)


def _settings() -> list[Any] | None:
    """Of this process's terminal, if it has one that is its own to set."""
    if absence() or sys.platform == "win32":
        return None
    import termios

    try:
        return termios.tcgetattr(STDIN)
    except termios.error:
        return None


def _read(prompt: str, secret: bool, withdrawn: Callable[[], bool]) -> str:
    with _as_lines(echo=not secret):
        _forget_what_was_typed()
        sys.stdout.write(prompt)
        sys.stdout.flush()
        typed = b""
        try:
            while not typed.endswith(b"\n"):
                if withdrawn():
                    raise Withdrawn
                if not select.select([STDIN], [], [], LOOK)[0]:
                    continue
                part = os.read(STDIN, 4096)
                if not part:
                    raise EOFError
                typed += part
        except BaseException:
            sys.stdout.write("\n")
            raise
        if secret:
            sys.stdout.write("\n")
    return typed.decode(sys.stdin.encoding or "utf-8", "replace").rstrip("\r\n")


def _read_console(prompt: str, secret: bool) -> str:
    """On Windows, where a question that waits cannot be withdrawn."""
    import getpass
    import msvcrt

    while msvcrt.kbhit():  # pyright: ignore[reportAttributeAccessIssue]
        msvcrt.getwch()  # pyright: ignore[reportAttributeAccessIssue]
    return getpass.getpass(prompt) if secret else input(prompt)


def _forget_what_was_typed() -> None:
    """What came before the question does not answer it; but where the input ended, nobody will.

    Raises:
        InputEndedError: it did: a program such as ``script`` plays a file into this terminal, say.
    """
    import termios

    while select.select([STDIN], [], [], 0)[0]:
        if not os.read(STDIN, 4096):
            raise InputEndedError
    termios.tcflush(STDIN, termios.TCIFLUSH)  # a line that is not complete yet


@contextmanager
def _as_lines(echo: bool) -> Iterator[None]:
    """The terminal gives whole lines, and shows what is typed or not."""
    import termios

    try:
        before = termios.tcgetattr(STDIN)
    except termios.error:  # it went away, and this is no OSError
        raise InputEndedError from None
    during: list[Any] = [*before[:6], list(before[6])]
    during[0] |= termios.ICRNL
    during[3] |= termios.ICANON | termios.ISIG | termios.ECHO
    if not echo:
        during[3] &= ~termios.ECHO
    termios.tcsetattr(STDIN, termios.TCSANOW, during)
    try:
        yield
    finally:
        with suppress(termios.error):
            termios.tcsetattr(STDIN, termios.TCSANOW, before)


def _is_terminal(stream: Any) -> bool:
    try:
        return os.isatty(stream.fileno())
    except (AttributeError, OSError, ValueError):  # closed, replaced, or none
        return False


def _same(stream: Any, descriptor: int) -> bool:
    try:
        return stream.fileno() == descriptor
    except (AttributeError, OSError, ValueError):
        return False


def _in_the_foreground() -> bool:
    """False where reading would stop the process: a job that a shell has put into the background."""
    try:
        return os.tcgetpgrp(STDIN) == os.getpgrp()
    except (AttributeError, OSError):  # no job control: nothing stops us
        return True
