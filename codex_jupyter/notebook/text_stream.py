"""A turn as text on standard output, only ever appended to: for IPython in a terminal and for consoles.

In a terminal one line more moves below it (``moving_line``) while somebody waits for the turn.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from codex_jupyter.core.blocks import DocumentBuilder
from codex_jupyter.notebook import display, printing
from codex_jupyter.notebook.moving_line import MovingLine, moving

if TYPE_CHECKING:
    from codex_jupyter.notebook.screen import Screen
    from codex_jupyter.session.live import LiveTurn

#: Seconds between two lines of streamed text.
STEP = 0.1


class TextStream:
    """Prints what became final since the last look.

    Args:
        live: the turn.
        screen: the terminal as it is at the moment.
    """

    def __init__(self, live: LiveTurn, screen: Callable[[], Screen]) -> None:
        self._live = live
        self._screen = screen
        self._builder = DocumentBuilder()
        self._state: Any = None
        self._last = 0.0
        self._lock = threading.Lock()
        self._line, self._moves = MovingLine(), False
        self._doing, self._since = "", 0.0

    def write(self, *, final: bool = False) -> None:
        """Print what is new; at most ten times a second until the end. From any thread: each line is printed once."""
        with self._lock:
            self._write(final=final)

    def asked(self, request: str) -> None:
        """The card of this request is being printed: its decision needs no more than a line."""
        with self._lock:
            if self._state is not None:
                self._state = replace(self._state, asked=self._state.asked | {request})

    @contextmanager
    def waited_for(self) -> Iterator[None]:
        """While a thread waits for the turn and calls ``write`` and ``animate``; a line moves where it is the main one."""
        main = threading.current_thread() is threading.main_thread()
        self._moves = main and self._screen().redraws
        with moving() if self._moves else nullcontext():
            yield

    def animate(self) -> None:
        """Draw the line that moves, where there is one and it says something else by now."""
        if not self._moves or not self._line.due or self._live.done:
            return
        screen = self._screen()
        if screen.redraws:
            with self._lock:
                self._animate(screen)

    def _animate(self, screen: Screen) -> None:
        from codex_jupyter.render import moving_line
        from codex_jupyter.render.paint import Paint

        now, line = time.monotonic(), self._line
        doing = moving_line.doing(self._builder.build(self._live.turn))
        if doing.key != self._doing:
            self._doing, self._since = doing.key, now
        seconds, width = now - self._since, screen.width - 1 - line.substitutes
        text = moving_line.line(doing, seconds, "", width - 1, Paint())
        line.show(text, moving_line.line(doing, seconds, line.sign, width, Paint(screen.color)))

    def _write(self, *, final: bool) -> None:
        now = time.monotonic()
        turn = self._live.turn
        if not final and (now - self._last < STEP or not turn.thread_id or turn.ended):
            return  # the header is final once the thread is known, and an end once the turn is done
        self._last = now
        from codex_jupyter.render import terminal

        document = self._builder.build(self._live.turn)
        if self._live.settings.quiet:
            document = display.quieted(document)
        screen = self._screen()
        if self._state is None:
            self._state = terminal.start(color=screen.color, fills=screen.known)
        self._state, text = terminal.advance(self._state, document, screen.width)
        if text:
            printing.write(text)
