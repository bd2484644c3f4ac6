"""What is shown where no page speaks: static output in the panel's place, until one does. Decides; publishes nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from codex_jupyter.core.document import Document
from codex_jupyter.notebook.panel.schedule import Schedule

#: Seconds without a word from a page, after which static output stands in until there is one.
PATIENCE = 2.0
#: Seconds without a word, after which the reader is told what may be missing. A page of a loaded machine or of a hub may
#: need this long to load the panel's module.
TELL = 10.0

State = Literal["patient", "static", "telling", "unheard", "over"]

NO_PANEL = (
    "This page has shown no live panel yet, so this is refreshed about once a second. "
    "Install anywidget where JupyterLab runs (pip install anywidget) if it is missing there, and reload the page."
)
NOT_YET = "This page has not answered yet, so this is refreshed about once a second."
KERNEL_BUSY = (
    "This kernel hears no clicks while a cell runs, so this is refreshed about once a second. "
    "Interrupt the kernel to stop; -b runs the turn in the background; ipykernel 7 fixes this."
)
ANSWER_BELOW = "Answer in the box below (some editors show it at the top of the window)."


@dataclass(slots=True)
class KnownPages:
    """What the pages of this kernel have shown that they can do, for the panels that come after.

    Attributes:
        show_panels: one has loaded the panel's module, so anywidget is there.
        cover_copies: one can stand a panel over a saved copy.
    """

    show_panels: bool = False
    cover_copies: bool = False


class StaticFallback:
    """Waits for a page, and takes the panel's place where none speaks.

    | state     | means                                                 | `PATIENCE` passes         | `TELL` passes | `spoke` |
    |-----------|-------------------------------------------------------|---------------------------|---------------|---------|
    | `patient` | a page may still come                                 | `static`, or `unheard` (*) |               | `over`  |
    | `static`  | static output; why is not known yet                   |                           | `telling`     | `over`  |
    | `telling` | static output that says what may be missing           |                           |               | `over`  |
    | `unheard` | pages have panels, and this one is fed without asking |                           |               | `over`  |
    | `over`    | a page spoke: the panel is its, for good              |                           |               |         |

    (*) where the kernel hears nothing while its cell runs, but a page is known to have shown a panel.

    Args:
        schedule: clock and timers.
        pages: what is known of this kernel's pages.
        hears: whether the kernel hears a page while a cell runs.
        cell_waits: whether the turn's cell waits for it now.
        on_change: called when static output begins, and when what it says changes.
    """

    def __init__(
        self,
        schedule: Schedule,
        *,
        pages: KnownPages,
        hears: bool,
        cell_waits: Callable[[], bool],
        on_change: Callable[[], None],
    ) -> None:
        self.state: State = "patient"
        self._schedule, self._pages, self._hears = schedule, pages, hears
        self._cell_waits, self._on_change = cell_waits, on_change
        self._begun = schedule.time()

    def begin(self) -> None:
        """Start to wait."""
        self._begun = self._schedule.time()
        self._schedule.later(PATIENCE, self._lost_patience)
        self._schedule.later(TELL, self._tell)

    def spoke(self) -> None:
        """A page has loaded the panel's module, or shows the panel."""
        self.state = "over"

    @property
    def stands_in(self) -> bool:
        """Whether static output has the panel's place."""
        return self.state in ("static", "telling")

    @property
    def patience_left(self) -> float:
        """Seconds in which a page that shows the panel may still come, so that nobody need be asked elsewhere yet.

        Longer where one is on its way: its module was loaded, or other panels were shown.
        """
        coming = self._hears and (self.state == "over" or self._pages.show_panels)
        return max(0.0, self._begun + (TELL if coming else PATIENCE) - self._schedule.time())

    @property
    def may_come(self) -> bool:
        """Whether a page that has not shown the panel yet may still do so."""
        return self.may_come_for > 0

    @property
    def may_come_for(self) -> float:
        """Seconds in which a page that has not shown the panel yet may still do so."""
        return self._begun + TELL - self._schedule.time()

    def drawn(self, document: Document, *, asked_below: bool) -> Document:
        """The transcript as static output says it, with what the reader can do.

        Args:
            document: the turn so far.
            asked_below: what it asks is asked at a prompt, too.
        """
        lines = (*((ANSWER_BELOW,) if asked_below else ()), *self._reason())
        footer = replace(document.footer, lines=(*document.footer.lines, *lines))
        return replace(document, footer=footer)

    def _reason(self) -> tuple[str, ...]:
        if not self._hears and self._cell_waits():
            return (KERNEL_BUSY,)
        if self.state != "telling":
            return ()
        return (NOT_YET if self._pages.show_panels else NO_PANEL,)

    def _lost_patience(self) -> None:
        if self.state != "patient":
            return
        unheard = self._pages.show_panels and not self._hears
        self.state = "unheard" if unheard else "static"
        if not unheard:
            self._on_change()

    def _tell(self) -> None:
        if self.state == "static":
            self.state = "telling"
            self._on_change()
