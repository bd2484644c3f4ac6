"""A program in a real terminal, and what is on its screen: pyte plays the terminal, and knows nothing of ours."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pexpect
import pyte

from tests.waiting import until

IPYTHON = ("-m", "IPython", "--no-banner", "--no-confirm-exit")
CONSOLE = ("-m", "jupyter_console", "--kernel=python3", "--no-confirm-exit")


class PtyScreen:
    """A program, and the screen that it draws on.

    Attributes:
        raw: all that it wrote.
    """

    def __init__(self, spawned: pexpect.spawn, columns: int, rows: int) -> None:
        self._spawned = spawned
        self._screen = pyte.HistoryScreen(columns, rows, history=2_000)
        self._stream = pyte.Stream(self._screen)
        self.raw = ""

    @property
    def lines(self) -> list[str]:
        """What stands on the screen."""
        self._read()
        lines = [line.rstrip() for line in self._screen.display]
        while lines and not lines[-1]:
            lines.pop()
        return lines

    @property
    def all_lines(self) -> list[str]:
        """With what was scrolled away above it."""
        lines = self.lines
        above = self._screen.history.top
        columns = self._screen.columns
        return [*("".join(row[x].data for x in range(columns)).rstrip() for row in above), *lines]

    @property
    def text(self) -> str:
        """All lines, the empty ones too."""
        return "\n".join(self.all_lines)

    def until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait for something on the screen."""
        try:
            until(condition, what, deadline=30)
        except TimeoutError as error:
            raise TimeoutError(f"{error}\n{self.text}") from None

    def type(self, text: str) -> None:
        """Press keys."""
        self._spawned.send(text)

    def run(self, code: str, number: int) -> None:
        """Run a cell, and wait for the prompt of this number behind it."""
        self.type(f"{code}\r")
        self.until(lambda: self.lines[-1:] == [f"In [{number}]:"], f"prompt {number}")

    def resize(self, columns: int, rows: int) -> None:
        """The window gets another size."""
        self._spawned.setwinsize(rows, columns)
        self._screen.resize(rows, columns)

    def _read(self) -> None:
        while True:
            try:
                text = self._spawned.read_nonblocking(65_536, timeout=0.02)
            except (pexpect.TIMEOUT, pexpect.EOF):
                return
            self.raw += text
            self._stream.feed(text)
            if "\x1b[6n" in text:  # the prompt asks where the cursor is
                cursor = self._screen.cursor
                self._spawned.send(f"\x1b[{cursor.y + 1};{cursor.x + 1}R")


@contextmanager
def started(
    arguments: tuple[str, ...], environ: dict[str, str], folder: Path, columns: int, rows: int
) -> Iterator[PtyScreen]:
    """A program of this interpreter at its first prompt, in a terminal of this size."""
    spawned = pexpect.spawn(
        sys.executable,
        list(arguments),
        env={**environ, "TERM": "xterm-256color"},
        cwd=str(folder),
        dimensions=(rows, columns),
        encoding="utf-8",
        timeout=60,
    )
    screen = PtyScreen(spawned, columns, rows)
    try:
        screen.until(lambda: screen.lines[-1:] == ["In [1]:"], "the first prompt")
        yield screen
    finally:
        spawned.close(force=True)
