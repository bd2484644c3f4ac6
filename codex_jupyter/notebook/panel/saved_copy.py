"""What a notebook file has of a turn: nothing yet, a static copy that is kept up to date, and at the end what stays.

The only writer of the turn's output. The page half is ``js/src/saved_copy.js``: it stands the live view over the copy.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Literal, Protocol

from codex_jupyter.core.document import Document
from codex_jupyter.notebook.panel.copy_pace import CopyPace
from codex_jupyter.notebook.panel.schedule import Schedule, Timer

#: A mime bundle: type to content.
Bundle = dict[str, Any]
State = Literal["view", "current", "due", "making", "final"]


class Output(Protocol):
    """The one output of a turn's cell."""

    def show(self, data: Bundle) -> None:
        """Put it into the calling cell."""
        ...

    def replace(self, data: Bundle) -> None:
        """Show this instead, from any thread, also after the cell has ended."""
        ...

    def replace_in_cell(self, data: Bundle) -> None:
        """Show this instead, as an output of the calling cell."""
        ...


class SavedCopy:
    """Keeps the output of one turn such that a file saved at any moment reads well.

    | state     | the output is               | `changed` | its time comes | copy made      | `keep`  | `show_view` | `finish`, `give_way` |
    |-----------|-----------------------------|-----------|----------------|----------------|---------|-------------|----------------------|
    | `view`    | the widget's view           |           |                | dropped        | `due`   |             | `final`              |
    | `current` | a copy that says all        | `due`     |                |                | `due`   | `view`      | `final`              |
    | `due`     | a copy that lacks something | `due`     | `making`       |                | `due`   | `view`      | `final`              |
    | `making`  | that, while one is drawn    |           |                | `current`, or `due` if more was said | `making` | `view` | `final` |
    | `final`   | what stays                  |           |                | dropped        |         |             |                      |

    Nothing leaves ``final``, and only the one call that enters it draws and publishes what stays: whatever comes late
    (a copy, a hello, the other thread's end) finds it closed.

    Copies have numbers, and what stays has the last one. A notebook whose page was loaded anew, or a second one, gets none
    of what is published: whoever sees there that the number of its copy is older asks for the newest by ``give``.

    All methods are called on the schedule's thread, except ``begin``, which comes before all others in the cell's, and
    ``finish`` and ``give_way``, which come from either.

    Args:
        output: where it is shown.
        view: the bundle of the widget's view.
        document: the transcript so far, as a copy should say it now.
        bundle: a transcript as the bundle of the copy with a number; called in another thread.
        final: what stays, drawn when it is asked for.
        asked: the ids of what waits for a person.
        schedule: clock and timers.
        on_published: called with the number of each copy that was published, in the thread that did.
    """

    def __init__(
        self,
        output: Output,
        *,
        view: Bundle,
        document: Callable[[], Document],
        bundle: Callable[[Document, int], Bundle],
        final: Callable[[], Bundle],
        asked: Callable[[], frozenset[str]],
        schedule: Schedule,
        on_published: Callable[[int], None] = lambda number: None,
    ) -> None:
        self.state: State = "view"
        self._output, self._view = output, view
        self._document, self._bundle, self._final = document, bundle, final
        self._asked, self._schedule = asked, schedule
        self._pace = CopyPace()
        self._on_published = on_published
        self._number = 0
        self._latest: Bundle | None = None  # the copy with this number, until what stays is there
        self._stays = False
        self._copied: Document | None = None
        self._timer: Timer | None = None
        self._lock = (
            threading.Lock()
        )  # `final` is entered in the cell's thread, copies come on the loop

    def begin(self, first: Document | None = None) -> None:
        """Put the output into the calling cell: a first copy where the page is known to cover it, else the view."""
        if first is None:
            self._output.show(self._view)
            return
        self.state, self._copied = "current", first
        self._number = 1
        data, now = self._bundle(first, 1), self._schedule.time()
        self._pace.copied(self._asked(), now=now, seconds=0.0, size=_size(data))
        self._latest = data
        self._output.show(data)

    def changed(self) -> None:
        """The transcript may say more than the copy does."""
        if self._enter("due", "current", "due"):
            self._wait()

    def keep(self) -> None:
        """Have a copy in the output from now on: the page can cover it, or has no panel."""
        if self._enter("due", "view", "current", "due"):
            self._wait()

    def show_view(self) -> None:
        """Have the widget's view in the output again: a page shows panels, but not over a copy."""
        with self._lock:
            if self.state not in ("current", "due", "making"):
                return
            self.state, self._copied, self._latest = "view", None, None
            self._output.replace(self._view)

    def finish(self, *, in_cell: bool = False) -> bool:
        """The turn is over: publish what stays. Only the first call does.

        Args:
            in_cell: called in the thread of the turn's cell, while it runs.

        Returns:
            Whether this call was the first.
        """
        if not self.give_way():
            return False
        data = self._final()
        (self._output.replace_in_cell if in_cell else self._output.replace)(data)
        self._latest, self._stays = None, True
        self._number += 1
        self._on_published(self._number)
        return True

    def give(self, send: Callable[[int, Bundle], None]) -> None:
        """Hand over what was published last, for a notebook that did not get it; what stays is drawn once more.

        Args:
            send: called with the number and the bundle, on the schedule's thread; not at all where there is no copy.
        """
        number = self._number
        if self._latest is not None:
            send(number, self._latest)
        elif self._stays:
            self._schedule.aside(
                self._final, lambda data: None if data is None else send(number, data)
            )

    def give_way(self) -> bool:
        """Something else takes the output over: publish nothing more. True for the first call that ends the copy."""
        return self._enter("final", "view", "current", "due", "making")

    def _enter(self, state: State, *origins: State) -> bool:
        with self._lock:
            if self.state not in origins:
                return False
            self.state = state
            return True

    def _wait(self) -> None:
        """Be called when the next copy may be made: a question may have made that sooner."""
        if self._timer is not None:
            self._timer.cancel()
        wait = self._pace.wait(self._asked(), now=self._schedule.time())
        self._timer = self._schedule.later(wait, self._make)

    def _make(self) -> None:
        self._timer = None
        document = self._document()
        if document.ended:
            return  # what stays comes in a moment
        if document == self._copied:
            self._enter("current", "due")
            return
        if self._enter("making", "due"):
            asked, begun = self._asked(), self._schedule.time()
            number = self._number + 1
            self._schedule.aside(
                lambda: self._bundle(document, number),
                lambda data: self._made(document, asked, begun, data),
            )

    def _made(
        self, document: Document, asked: frozenset[str], begun: float, data: Bundle | None
    ) -> None:
        now = self._schedule.time()
        self._pace.copied(asked, now=now, seconds=now - begun, size=_size(data))
        with self._lock:
            if self.state != "making":
                return  # the view or the end came first
            self.state, self._copied = "due", document  # one that failed is not tried again
            if data is not None:
                self._latest = data
                self._number += 1
                self._output.replace(data)
        if data is not None:
            self._on_published(self._number)
        self._wait()


def _size(data: Bundle | None) -> int:
    return sum(map(len, data.values())) if data else 0
