"""The live panel of one turn: what the page has, what the file has, and what is shown where no page speaks, joined.

Lives on the session's loop, except ``show``, ``settle`` and ``let_go``, which the cell's own thread calls. It renders
nothing itself and decides nothing about the turn.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from codex_jupyter.core.answerers import Answerer, person
from codex_jupyter.core.blocks import DocumentBuilder
from codex_jupyter.core.blocks import document as make_document
from codex_jupyter.core.file_links import Files
from codex_jupyter.errors import NotSignedInError
from codex_jupyter.notebook import display
from codex_jupyter.notebook.document.channel import DocumentChannel
from codex_jupyter.notebook.panel import wire
from codex_jupyter.notebook.panel.content import TurnContent
from codex_jupyter.notebook.panel.live_feed import BATCH, LOST, LiveFeed
from codex_jupyter.notebook.panel.saved_copy import SavedCopy
from codex_jupyter.notebook.panel.schedule import LoopSchedule, Schedule, Timer
from codex_jupyter.notebook.panel.static_fallback import TELL, KnownPages, StaticFallback
from codex_jupyter.notebook.served_folder import served_folder

if TYPE_CHECKING:
    from codex_jupyter.core.document import Document
    from codex_jupyter.core.file_links import ServedFolder
    from codex_jupyter.notebook.panel.saved_copy import Output
    from codex_jupyter.notebook.panel.wire import Intent
    from codex_jupyter.session.engine import Engine
    from codex_jupyter.session.live import LiveTurn

#: Why nobody can be asked where only a page could.
NO_PAGE, GONE = "no page shows this turn", "the page that showed this turn is gone"

#: What the pages of this kernel have shown that they can do.
PAGES = KnownPages()


class Comm(Protocol):
    """The line to the pages: ``comm.PanelComm``."""

    id: str

    @property
    def view(self) -> dict[str, Any]: ...

    def send(self, message: dict[str, Any]) -> None: ...

    def listen(self, receive: Callable[[Any, bool], None]) -> None: ...

    def close(self) -> None: ...


class Panel:
    """Shows one turn in a page.

    Args:
        live: the turn.
        waiting: the cell blocks until the turn ends.
        subshells: the kernel can hear the page while a cell blocks (ipykernel 7).
        comm: the line to the pages.
        output: the output of the turn's cell.
        act: carries out what a person does: an intent and who meant it, outcome and message.
        post: calls a function on the schedule's thread soon; from any thread.
        schedule: clock and timers.
        pages: what is known of this kernel's pages, and learnt from this panel's.
        offer_sign_in: puts a panel that signs in where this one stands, when the turn could not begin without.
        prompts: the cell's front end answers prompts.
        served: the folder whose files the transcript offers to open; None offers none.
        asked_elsewhere: whether a cell holds the kernel that waits for the turn, its own or one of a turn behind it, and can
            ask in a prompt; from any thread.

    Attributes:
        waiting: the cell still blocks.
        feed: what the pages have.
        copy: what the file has.
        document: the line to the notebook in which the panel stands.
        fallback: what is shown where no page speaks.
    """

    def __init__(
        self,
        live: LiveTurn,
        *,
        waiting: bool,
        subshells: bool,
        comm: Comm,
        output: Output,
        act: Callable[[Intent, Answerer], tuple[str, str]],
        post: Callable[..., None],
        schedule: Schedule,
        pages: KnownPages = PAGES,
        offer_sign_in: Callable[[Panel], None] = lambda panel: None,
        prompts: bool = True,
        served: ServedFolder | None = None,
        asked_elsewhere: Callable[[], bool] = lambda: False,
    ) -> None:
        self._served = served
        self.live, self.waiting = live, waiting
        self._asked_elsewhere = asked_elsewhere
        self._prompts = prompts
        self.comm, self.output = comm, output
        self._act, self._post = act, post
        self._schedule, self._pages = schedule, pages
        self._offer_sign_in = offer_sign_in
        self._builder = DocumentBuilder()
        self._look: Timer | None = (
            None  # for the end, after which what a turn left behind is dealt with
        )
        content = TurnContent(self._document)
        self.feed = LiveFeed(
            comm.send, content, self._carry_out, schedule, self._met_page, self._give_copy,
            lambda number, reply: self.document.replied(number, reply),
        )  # fmt: skip
        self.document = DocumentChannel(
            self.feed,
            hears=lambda: self.can_be_clicked if self.feed.welcomed else subshells or not self.held,
            patience=lambda: self.fallback.may_come_for,
        )
        self.copy = SavedCopy(
            output,
            view={**comm.view, "text/plain": "Codex is starting …"},
            document=self._copied,
            bundle=lambda document, number: display.covered_bundle(
                document, comm.id, number, alone=self.fallback.stands_in
            ),
            final=self._final,
            asked=lambda: frozenset(request.id for request in live.pending),
            schedule=schedule,
            on_published=lambda number: post(self.feed.copied, number),
        )
        self.fallback = StaticFallback(
            schedule,
            pages=pages,
            hears=subshells,
            cell_waits=lambda: self.held,
            on_change=self.copy.keep,
        )

    # In the cell's thread ----------------------------------------------------------------------------------------

    def show(self) -> None:
        """Put the panel into the calling cell and follow the turn."""
        first = self._shown(make_document(self.live.turn))
        self.copy.begin(display.going_on(first) if self._pages.cover_copies else None)
        self._post(self._follow)

    def settle(self) -> None:
        """The turn has ended: leave static output in the calling cell instead of the panel."""
        self._leave(in_cell=True)

    def let_go(self) -> None:
        """The cell no longer waits; the turn goes on in the background, and the reloaded page shows this panel."""
        self.waiting = False
        self._post(self._changed)

    # On the session's loop -----------------------------------------------------------------------------------------

    def _follow(self) -> None:
        self.live.subscribe(lambda turn: self._changed())
        self.fallback.begin()
        self.comm.listen(self.feed.receive)
        self._schedule.later(TELL, self._nobody_came)
        self._changed()

    def _nobody_came(self) -> None:
        """What waited for a page that never came is declined. What a page showed waits for its person, who may reload it."""
        if not self.feed.welcomed:
            self.live.control.decline_unseen()

    def _changed(self) -> None:
        if not self.fallback.stands_in:
            self.feed.changed()
        self.copy.changed()
        if self.live.turn.ended and not self.waiting:
            self._leave_when_done()

    def _leave_when_done(self) -> None:
        if self._look is not None:
            self._look.cancel()
        if self.live.done:
            self.leave()
        else:
            self._look = self._schedule.later(BATCH, self._leave_when_done)

    def leave(self) -> None:
        """The turn is done, and no cell waits for it: leave what stays of it. Twice is once."""
        self._leave(in_cell=False)

    def _leave(self, *, in_cell: bool) -> None:
        error = self.live.turn.error
        if error is None or error.code != NotSignedInError.__name__:
            self.copy.finish(in_cell=in_cell)
        elif self.copy.give_way():  # maybe before the page drew the panel
            self._offer_sign_in(self)

    def _met_page(self) -> None:
        """A page said ready or hello; whether it is heard while the cell blocks, the thread of the message told."""
        self._pages.show_panels = True
        self._pages.cover_copies = self.feed.covers_copies
        self.fallback.spoke()
        self.document.met()
        if self.feed.covers_copies:
            self.copy.keep()
        elif self.copy.state != "view":
            self.copy.show_view()
        self.feed.changed()

    def _give_copy(self) -> None:
        self.copy.give(lambda number, data: self.comm.send(wire.copy(number, data)))

    def _carry_out(self, intent: Intent) -> tuple[str, str]:
        first = self.feed.is_first(intent.view)
        return self._act(intent, person("panel" if first else "another tab"))

    # The transcript ------------------------------------------------------------------------------------------------

    def _document(self) -> Document:
        return self._shown(self._builder.build(self.live.turn))

    def _copied(self) -> Document:
        document = self._document()
        if self.fallback.stands_in:
            asked_below = bool(self.live.pending) and self.held
            return self.fallback.drawn(document, asked_below=asked_below)
        return display.going_on(document)

    def _final(self) -> dict[str, Any]:
        return display.bundle(self._shown(make_document(self.live.turn)))

    def _shown(self, document: Document) -> Document:
        cwd = self.live.turn.settings.cwd
        if self._served is not None and cwd:
            document = replace(document, files=Files(self._served, cwd))
        if not self.waiting and not document.ended:
            document = replace(document, footer=replace(document.footer, notify=self.live.number))
        return display.quieted(document) if self.live.settings.quiet else document

    # For whoever asks at a prompt ----------------------------------------------------------------------------------

    @property
    def held(self) -> bool:
        """Whether a cell holds the kernel that waits for the turn, or for one behind it."""
        return self.waiting or self._asked_elsewhere()

    @property
    def _prompted(self) -> bool:
        """Whether a cell that holds the kernel can ask in a prompt."""
        return (self.waiting and self._prompts) or self._asked_elsewhere()

    @property
    def can_be_clicked(self) -> bool:
        """Whether an answer clicked in the page arrives before the turn ends."""
        return self.feed.welcomed and (not self.held or self.feed.heard_aside)

    def absence(self) -> str:
        """Why nobody can be asked now, or ``""``: a person is who a living page shows the panel to, or who a waiting cell
        can ask in a prompt. A page is given time to come; what is asked meanwhile waits for it (``TELL``)."""
        if self.feed.state in ("shown", "moving"):
            return ""
        if self._prompted and not self.lost:
            return ""
        if self.feed.state == "gone":
            return GONE
        return "" if self.fallback.may_come else NO_PAGE

    @property
    def lost(self) -> bool:
        """The page that a waiting cell's request was shown in is not there any more; only a cell that ends lets it load again."""
        return self.held and self.feed.heard_aside and self.feed.state == "gone"

    @property
    def loss(self) -> str:
        """What is known of a page that is lost, as the beginning of a sentence."""
        if self.feed.said_bye:
            return "The page that showed this turn was closed or reloaded"
        return f"The page that showed this turn was not heard for {LOST:.0f} s"

    @property
    def needs_prompts(self) -> bool:
        """Whether open requests have to be asked over stdin: a cell waits and clicks are known not to arrive."""
        return self._prompted and not self.can_be_clicked and not self.fallback.patience_left


def open_panel(
    engine: Engine,
    live: LiveTurn,
    *,
    waiting: bool,
    subshells: bool,
    offer_sign_in: Callable[[Panel], None],
    prompts: bool,
    asked_elsewhere: Callable[[], bool],
) -> Panel:
    """A panel of a session's turn, on a widget of its own; not shown yet. Arguments as ``Panel``'s."""
    from codex_jupyter.notebook.panel.comm import PanelComm
    from codex_jupyter.notebook.panel.turn_intents import TurnIntents

    post = engine.thread.post
    return Panel(
        live,
        waiting=waiting,
        subshells=subshells,
        comm=PanelComm(post),
        output=display.CellOutput(),
        act=TurnIntents(engine, live).act,
        post=post,
        schedule=LoopSchedule(engine.thread),
        offer_sign_in=offer_sign_in,
        prompts=prompts,
        served=served_folder(),
        asked_elsewhere=asked_elsewhere,
    )
