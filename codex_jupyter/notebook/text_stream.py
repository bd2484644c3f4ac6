"""A turn as text on standard output, only ever appended to: for IPython in a terminal and for consoles."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from codex_jupyter.core.blocks import DocumentBuilder
from codex_jupyter.notebook import display, printing

if TYPE_CHECKING:
    from codex_jupyter.session.live import LiveTurn

#: Seconds between two lines of streamed text.
STEP = 0.1


class TextStream:
    """Prints what became final since the last look.

    Args:
        live: the turn.
        color: whether the terminal shows colours.
    """

    def __init__(self, live: LiveTurn, *, color: bool) -> None:
        self._live = live
        self._color = color
        self._builder = DocumentBuilder()
        self._state: Any = None
        self._last = 0.0
        self._lock = threading.Lock()

    def write(self, *, final: bool = False) -> None:
        """Print what is new; at most ten times a second until the end. From any thread: each line is printed once."""
        with self._lock:
            self._write(final=final)

    def _write(self, *, final: bool) -> None:
        now = time.monotonic()
        if not final and (now - self._last < STEP or not self._live.turn.thread_id):
            return  # the header is final once the thread is known
        self._last = now
        from codex_jupyter.render import terminal

        document = self._builder.build(self._live.turn)
        if self._live.settings.quiet:
            document = display.quieted(document)
        if self._state is None:
            self._state = terminal.start(color=self._color)
        self._state, text = terminal.advance(self._state, document)
        if text:
            printing.write(text)
