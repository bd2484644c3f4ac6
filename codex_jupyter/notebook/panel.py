"""The live panel of one turn: what changed goes to the page 30 times a second, and gives way to static output.

Where the page can show the panel over saved html, the cell's output is a static copy of the transcript from then on,
renewed as ``checkpoints`` says, so that a file saved in the middle of a turn reads well without this kernel.

Lives on the session's loop, except ``show`` and ``settle``, which the cell's own thread calls. It renders nothing
itself and decides nothing about the turn.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from codex_jupyter.core.blocks import DocumentBuilder
from codex_jupyter.core.blocks import document as make_document
from codex_jupyter.errors import NotSignedInError
from codex_jupyter.notebook import display
from codex_jupyter.notebook.channel import Channel
from codex_jupyter.notebook.checkpoints import Checkpoints
from codex_jupyter.notebook.wire import Intent, answer_of

if TYPE_CHECKING:
    import asyncio

    from codex_jupyter.core.document import Document
    from codex_jupyter.core.turn import Turn
    from codex_jupyter.session.engine import Engine
    from codex_jupyter.session.live import LiveTurn

#: Seconds between two batches, and between two refreshes of static output.
BATCH, REFRESH = 1 / 30, 1.0
#: Seconds after which a page that said nothing is taken to have no panel.
PATIENCE = 2.0

NO_PANEL = (
    "This page shows no live panel, so this is refreshed once a second. "
    "Install anywidget where JupyterLab runs (pip install anywidget) and reload the page."
)
ANSWER_BELOW = (
    "Answer in the box below (some editors show it at the top of the window). Empty declines."
)
KERNEL_BUSY = (
    "This kernel hears no clicks while a cell runs, so this is refreshed once a second. "
    "Interrupt the kernel to stop; -b runs the turn in the background; ipykernel 7 mends it."
)


class Panel:
    """Shows one turn in a page.

    Args:
        engine: the session's engine, whose loop this lives on.
        live: the turn.
        waiting: the cell blocks until the turn ends.
        subshells: the kernel can hear the page while a cell blocks (ipykernel 7).
    """

    def __init__(self, engine: Engine, live: LiveTurn, *, waiting: bool, subshells: bool) -> None:
        self.live = live
        self.waiting = waiting
        self.display_id = uuid.uuid4().hex
        self._engine, self._loop = engine, engine.thread.loop
        self._subshells = subshells
        self._impatient = False  # two seconds passed without a hello
        self._builder = DocumentBuilder()
        self._sent: Any = None  # render.live.Live of what the page was sent last
        self._flush_timer: asyncio.TimerHandle | None = None
        self._static = False  # static output has taken the panel's place while the turn runs
        self._settled = False
        self._last_refresh = 0.0
        self._placed = False  # the output is a static copy that the page shows the panel over
        self._checkpoints = Checkpoints()
        self._copying = False
        self._copy_timer: asyncio.TimerHandle | None = None
        self._publishing = threading.Lock()  # a copy that comes late must not replace the end
        self.channel = Channel(engine.thread.post, self._loop.time, self._snapshot, self._act)
        self.channel.on_hello = self._heard
        #: Puts a panel that signs in where this one stands; set by whoever can make one.
        self.offer_sign_in: Callable[[Panel], None] = lambda panel: None

    # In the cell's thread ----------------------------------------------------------------------------------------

    def show(self) -> None:
        """Put the panel into the calling cell and follow the turn."""
        self._placed = Panel.takes_place
        if self._placed:
            first = self._shown(make_document(self.live.turn))
            data: dict[str, Any] = display.checkpoint(first, self.channel.place)
        else:
            data = {**self.channel.view_data, "text/plain": "Codex is starting …"}
        display.publish(data, self.display_id)
        self._engine.thread.post(self._follow)

    def settle(self) -> None:
        """The turn has ended: leave static output in the calling cell instead of the panel."""
        with self._publishing:
            self._settled = True
        if self._wants_account:
            self.offer_sign_in(self)
        else:
            display.publish(self._bundle(), self.display_id, update=True)

    @property
    def _wants_account(self) -> bool:
        """The turn could not begin because nobody is signed in; it may be over before the page drew the panel."""
        error = self.live.turn.error
        return error is not None and error.code == NotSignedInError.__name__

    def _bundle(self) -> dict[str, str]:
        return display.bundle(self._shown(make_document(self.live.turn)))

    # On the session's loop -----------------------------------------------------------------------------------------

    def _follow(self) -> None:
        self.live.subscribe(lambda turn: self._changed())
        self._loop.call_later(PATIENCE, self._lost_patience)
        self._changed()

    def _changed(self) -> None:
        if self._flush_timer is None:
            self._flush_timer = self._loop.call_later(BATCH, self._flush)

    def _flush(self) -> None:
        self._flush_timer = None
        turn = self.live.turn
        if self._static or (turn.ended and self._settled):
            self._refresh()
            return
        if self.channel.heard:
            from codex_jupyter.render import live as live_render

            self._sent, ops = live_render.advance(self._sent, self._current())
            self.channel.send_batch(ops)
        elif (wait := self._last_refresh + REFRESH - self._loop.time()) > 0:
            self._flush_timer = self._loop.call_later(wait, self._flush)
        else:  # nobody can say what they miss
            self._last_refresh = self._loop.time()
            self._send_everything()
        self._renew_copy()
        if turn.ended and not self.waiting:
            self._settle_when_done()

    def _settle_when_done(self) -> None:
        if not self.live.done:
            self._loop.call_later(BATCH, self._settle_when_done)
        elif not self._settled:
            self._settled = True
            if self._wants_account:
                self.offer_sign_in(self)
            else:
                display.publish_anywhere(self._bundle(), self.display_id)

    # The copy for the file ----------------------------------------------------------------------------------------

    def _renew_copy(self) -> None:
        """Bring the static copy up to date if it is time; made in another thread, so that the stream goes on."""
        turn = self.live.turn
        if not self._placed or self._static or self._settled or turn.ended or self._copying:
            return
        wait = self._checkpoints.wait(turn, now=self._loop.time())
        if wait is None:
            return
        if self._copy_timer is not None:
            self._copy_timer.cancel()
            self._copy_timer = None
        if wait > 0:
            self._copy_timer = self._loop.call_later(wait, self._renew_copy)
            return
        self._copying = True
        document, begun = self._current(), self._loop.time()
        made = self._loop.run_in_executor(None, display.checkpoint, document, self.channel.place)
        made.add_done_callback(lambda done: self._put_copy(turn, begun, done))

    def _put_copy(self, turn: Turn, begun: float, made: asyncio.Future[dict[str, str]]) -> None:
        self._copying = False
        data, now = made.result(), self._loop.time()
        with self._publishing:
            if not self._settled and not self._static:
                display.publish_anywhere(data, self.display_id)
        size = sum(map(len, data.values()))
        self._checkpoints.made(turn, now=now, seconds=now - begun, size=size)
        self._renew_copy()

    def _current(self) -> Document:
        return self._shown(self._builder.build(self.live.turn))

    def _shown(self, document: Document) -> Document:
        return display.quieted(document) if self.live.settings.quiet else document

    def _snapshot(self) -> dict[str, Any]:
        from codex_jupyter.render import live as live_render

        # What changed since the last batch goes out as one first: a view that needs no snapshot has to hear of it, too.
        self._sent, ops = live_render.advance(self._sent, self._current())
        self.channel.send_batch(ops)
        return live_render.snapshot(self._sent)

    def _send_everything(self) -> None:
        self.channel.send_snapshot()

    def _heard(self) -> None:
        """The page shows the panel; whether it is heard while the cell blocks, the thread of the hello told."""
        Panel.seen = True
        Panel.takes_place = self._placed = self.channel.takes_place
        self._changed()

    #: A page of this kernel has shown a panel at some time; and it can do so over saved html.
    seen = takes_place = False

    @property
    def can_be_clicked(self) -> bool:
        """Whether an answer clicked in the page arrives before the turn ends."""
        return self.channel.heard and (not self.waiting or self.channel.hears_while_busy)

    @property
    def lost(self) -> bool:
        """The page that a waiting cell's request was shown in is gone; only a cell that ends lets it load again."""
        return self.waiting and self.channel.hears_while_busy and self.channel.lost

    def let_go(self) -> None:
        """The cell no longer waits; the turn goes on in the background, and the reloaded page shows this panel."""
        self.waiting = False

    @property
    def needs_prompts(self) -> bool:
        """Whether open requests have to be asked over stdin: a cell waits and clicks are known not to arrive."""
        return self.waiting and self._impatient and not self.can_be_clicked

    def _lost_patience(self) -> None:
        """Two seconds and no hello: the page has no panel, or the kernel cannot hear it."""
        self._impatient = True
        if self.channel.heard or self.live.done:
            return
        if Panel.seen and not self._subshells:
            return  # the page has panels, only the kernel is deaf: snapshots keep it current
        self._static = True
        self._refresh()

    def _refresh(self) -> None:
        """Static output, at most once a second."""
        if self._wants_account:  # the panel that signs in takes this place
            if not self.waiting:
                self._settle_when_done()
            return
        if not self.channel.heard and self.live.done and self._settled and self.waiting:
            return
        wait = self._last_refresh + REFRESH - self._loop.time()
        if wait > 0:
            if self._flush_timer is None:
                self._flush_timer = self._loop.call_later(wait, self._flush)
            return
        self._last_refresh = self._loop.time()
        document = self._current()
        if not document.ended:
            hint = NO_PANEL if self._subshells else KERNEL_BUSY
            asked = (ANSWER_BELOW,) if self.live.pending and self.waiting else ()
            footer = replace(document.footer, lines=(*document.footer.lines, *asked, hint))
            document = replace(document, footer=footer)
        elif not self.waiting and self.live.done:
            self._settled = True
        display.publish_anywhere(display.bundle(document), self.display_id)

    # Intents -----------------------------------------------------------------------------------------------------

    def _act(self, intent: Intent) -> tuple[str, str]:
        match intent.kind:
            case "stop":
                self.live.control.stop("you")
                return "accepted", ""
            case "answer":
                return self._answer(intent)
            case "steer":
                text = str(intent.body.get("text", ""))
                self.live.control.spawn(self._steer(text))
                return "accepted", ""
            case "retry_review":
                review = str(intent.body.get("item", ""))
                self.live.control.spawn(self._retry_review(review))
                return "accepted", ""
        return "refused", "This panel does not know what to do with that."

    def _answer(self, intent: Intent) -> tuple[str, str]:
        from codex_jupyter.core.requests import Answer

        request_id, choice, values, content = answer_of(intent.body)
        pairs = tuple((key, tuple(value)) for key, value in values.items())
        by = "you" if self._first_view(intent.view) else "you, in another view"
        outcome = self.live.control.answer(request_id, Answer(choice, pairs, content), by)  # type: ignore[arg-type]
        return outcome.kind, outcome.why

    def _first_view(self, view: str) -> bool:
        return next(iter(self.channel.views), view) == view

    async def _retry_review(self, review_id: str) -> None:
        from codex_jupyter.errors import CodexJupyterError

        try:
            await self.live.control.retry_review(review_id, "you")
        except CodexJupyterError as error:
            self._engine.note(self.live, "warning", error.message, error.hint)

    async def _steer(self, text: str) -> None:
        from codex_jupyter.errors import UserError

        try:
            await self.live.control.steer(text)
        except UserError as error:
            self._engine.note(self.live, "warning", error.message, error.hint)
