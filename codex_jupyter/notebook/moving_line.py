"""The last line of a terminal, drawn anew while a turn works and erased before anything else is written.

The cursor waits at its beginning. So whatever a terminal makes of the line when it becomes narrower lies behind the cursor, and
is erased with it; what a person types meanwhile is not shown, and waits for the next prompt. All writes of ours erase it first
(``printing``).
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from codex_jupyter import journal
from codex_jupyter.session import terminal

log = journal.logger("notebook")

#: Seconds between two drawings.
STEP = 0.25
SIGNS, PLAIN_SIGNS = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏", "|/-\\"
_ERASE = "\r\x1b[J"

_lock = threading.RLock()
_there = False
_moves = False


class MovingLine:
    """One turn's line. Main thread.

    Attributes:
        text: what it said last, without its sign.
    """

    def __init__(self) -> None:
        self.text = ""
        self._looked = 0.0
        self._turns = 0

    @property
    def substitutes(self) -> int:
        """The cells that it may grow by where standard output lacks our signs, and others are written for them."""
        encoding = (getattr(sys.stdout, "encoding", "") or "").lower().replace("-", "")
        return 0 if encoding.startswith("utf") else 8

    @property
    def sign(self) -> str:
        """What stands at its beginning, another each time that it is drawn."""
        signs = PLAIN_SIGNS if self.substitutes else SIGNS
        return signs[self._turns % len(signs)]

    @property
    def due(self) -> bool:
        """Whether it may be drawn again: four times a second at most."""
        return time.monotonic() - self._looked >= STEP

    def show(self, text: str, shown: str) -> None:
        """Draw it, unless it says the same.

        Args:
            text: what it says.
            shown: the same with its sign and its colours.
        """
        global _there
        with _lock:
            self._looked = time.monotonic()
            if _there and text == self.text:
                return
            if not terminal.draws():  # put into the background, or redirected meanwhile
                return
            try:
                if self.substitutes:
                    encoding = sys.stdout.encoding
                    shown = shown.encode(encoding, "codex_jupyter.substitutes").decode(encoding)
                sys.stdout.write(f"\r{shown}\x1b[J\r")
                sys.stdout.flush()
            except Exception as error:
                log.info("the terminal cannot be written to", exc_info=error)
                return
            _there = True
            self.text = text
            self._turns += 1


def erase() -> None:
    """Where it stands, it is gone; from any thread."""
    global _there
    with _lock:
        if not _there:
            return
        _there = False
        try:
            sys.stdout.write(_ERASE)
            sys.stdout.flush()
        except Exception as error:
            log.info("the terminal cannot be written to", exc_info=error)


@contextmanager
def moving() -> Iterator[None]:
    """While it may stand there: keys are not shown in it; afterwards it is gone. Main thread."""
    global _moves
    try:
        with terminal.echo(False), _stopped_by_keys(_stop):
            _moves = True
            yield
    finally:
        _moves = False
        erase()


@contextmanager
def paused() -> Iterator[None]:
    """While others may write to the terminal and read from it, the line is not there."""
    erase()
    if not _moves:
        yield
        return
    with terminal.echo(True):
        yield


def _stop(number: int, _frame: Any) -> None:
    """Ctrl-Z: the shell gets a terminal as it was."""
    with paused(), _stopped_by_keys(signal.SIG_DFL):
        os.kill(os.getpid(), number)


@contextmanager
def _stopped_by_keys(handler: Any) -> Iterator[None]:
    """While this handles Ctrl-Z, unless somebody else's handler does."""
    number = getattr(signal, "SIGTSTP", None)
    before = signal.getsignal(number) if number is not None else None
    if number is None or before not in (signal.SIG_DFL, _stop):
        yield
        return
    signal.signal(number, handler)
    try:
        yield
    finally:
        signal.signal(number, before)
