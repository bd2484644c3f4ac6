"""What a turn leaves in a notebook that no page shows: one output, final once the turn is done. The one place for it.

A cell that waits for its turn has nothing until then, and the transcript once, in its place among what the cell prints. A
turn in the background has its output where it was started: that it goes on, and then the transcript in its place. Runners
take that in while a cell runs. So it is put there by whoever waits for the turn, before they go on, or at the end of the
first cell that ends after the turn.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from codex_jupyter.core.blocks import document as make_document
from codex_jupyter.notebook import display

if TYPE_CHECKING:
    from codex_jupyter.core.document import Document
    from codex_jupyter.session.live import LiveTurn


class HeadlessRecord:
    """The output of one turn.

    Args:
        live: the turn.
    """

    def __init__(self, live: LiveTurn) -> None:
        self._live = live
        self._output: display.CellOutput | None = None
        self._lock = threading.Lock()
        self._left = False

    def begin(self) -> None:
        """Nobody waits yet: say in the calling cell that it goes on."""
        with self._lock:
            self._put(display.going_on(self._document()))

    def leave(self) -> bool:
        """Put it there as far as the turn has come, from a thread of the cell that runs; whether that was for good."""
        with self._lock:
            if self._left:
                return True
            self._left = self._live.done
            document = self._document()
            if self._left and self._output is None:
                display.publish_once(document)
            else:
                self._put(document if self._left else display.going_on(document))
            return self._left

    def _put(self, document: Document) -> None:
        data = display.bundle(document)
        if self._output is None:
            self._output = display.CellOutput()
            self._output.show(data)
        else:
            self._output.replace_in_cell(data)

    def _document(self) -> Document:
        document = make_document(self._live.turn)
        return display.quieted(document) if self._live.settings.quiet else document


class HeadlessRecords:
    """Those of one shell that are not final yet."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._open: dict[LiveTurn, HeadlessRecord] = {}

    def begin(self, live: LiveTurn, *, waiting: bool) -> None:
        """A turn was started in the calling cell."""
        record = HeadlessRecord(live)
        if not self._open:
            self._shell.events.register("post_run_cell", self._cell_ended)
        self._open[live] = record
        live.after_wait = lambda: self.leave(live)
        if not waiting:
            record.begin()

    def leave(self, live: LiveTurn) -> None:
        """Somebody waited for the turn, in the calling thread."""
        record = self._open.get(live)
        if record is not None and record.leave():
            self._forget(live)

    def close(self) -> None:
        """The session is closed: each is left as far as its turn has come."""
        for live in tuple(self._open):
            self.leave(live)
            self._forget(live)

    def _cell_ended(self, _result: Any) -> None:
        for live in tuple(self._open):
            if live.done:
                self.leave(live)

    def _forget(self, live: LiveTurn) -> None:
        if self._open.pop(live, None) is not None and not self._open:
            self._shell.events.unregister("post_run_cell", self._cell_ended)
