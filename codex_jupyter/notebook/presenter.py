"""Shows the turns of a notebook's sessions, each as its front end can, and waits for them in the cell's thread.

One presenter serves one shell. What a page, a console, a terminal and nobody at all get is decided here and nowhere
else.
"""

from __future__ import annotations

import sys
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from codex_jupyter import agent_code, journal
from codex_jupyter.core.blocks import document as make_document
from codex_jupyter.notebook import kernel_internals, moving_line, presence
from codex_jupyter.notebook.frontend import kind_of
from codex_jupyter.notebook.headless_record import HeadlessRecords
from codex_jupyter.notebook.screen import screen
from codex_jupyter.notebook.text_stream import TextStream
from codex_jupyter.notebook.waiting_cells import WaitingCells
from codex_jupyter.session.interrupts import INTERRUPTS
from codex_jupyter.session.main_thread import serve
from codex_jupyter.session.waiting import finish

if TYPE_CHECKING:
    from codex_jupyter.notebook.panel.panel import Panel
    from codex_jupyter.session.live import LiveTurn
    from codex_jupyter.session.session import Session
    from codex_jupyter.session.signing_in import LoginAttempt

log = journal.logger("notebook")

#: Panels kept alive after their turn, so that a reloaded page still shows them.
KEPT_PANELS = 32


class NotebookPresenter:
    """``session.ports.Presenter`` for an IPython shell."""

    def __init__(self, shell: Any, session: Session) -> None:
        self._shell = shell
        self._session = session
        self._engine = session.engine
        self._records = HeadlessRecords(shell)
        self._panels: dict[LiveTurn, Panel] = {}
        self._streams: dict[LiveTurn, TextStream] = {}
        self._cells = WaitingCells(shell, self._engine, self._panels, self._streams)

    def present(self, live: LiveTurn, *, waiting: bool) -> None:
        """Show a turn in the calling cell; called before its first event.

        Raises:
            UserError: the calling code is the agent's own.
        """
        agent_code.refuse("start a turn")
        live.shown = True
        live.waiting_here = lambda blocking: self._cells.waiting(live, blocking)
        kind = kind_of(self._shell)
        unasked = presence.absence(self._shell)
        if kind == "page" and (panel := self._panel(live, waiting=waiting, prompts=not unasked)):
            self._panels[live] = panel
            live.presence = panel.absence
            live.document = panel.document
            self._forget_old_panels()
            panel.show()
            return
        why = unasked or ("" if waiting else presence.IN_THE_BACKGROUND)
        live.presence = lambda: "" if self._cells.can_ask(live) else why
        if kind in ("console", "terminal"):
            stream = TextStream(live, lambda: screen(self._shell))
            if waiting:
                self._streams[live] = stream
            else:
                # Whoever waits for the turn goes on only when it is printed: the loop may be a moment later.
                live.after_wait = lambda: stream.write(final=True)
                live.when_done(live.after_wait)
        else:
            self._records.begin(live, waiting=waiting)

    def _panel(self, live: LiveTurn, *, waiting: bool, prompts: bool) -> Panel | None:
        """A panel of the turn; None where no widget can be made, as with a hook of the user's on widgets that fails."""
        from codex_jupyter.notebook.panel.panel import open_panel

        try:
            return open_panel(
                self._engine,
                live,
                waiting=waiting,
                subshells=kernel_internals.has_subshells(kernel_internals.kernel_of(self._shell)),
                offer_sign_in=self._offer_sign_in,
                prompts=prompts,
                asked_elsewhere=lambda: self._cells.can_ask(live),
            )
        except Exception as error:
            log.error("no panel could be made: the turn is shown when it has ended", exc_info=error)
            return None

    def wait(self, live: LiveTurn) -> None:
        """Block until the turn is done; an interrupt stops it. Leaves the final output in the cell."""
        stream = self._streams.get(live)
        moves = stream.waited_for() if stream is not None else nullcontext()
        with live.awaited(), INTERRUPTS.stopping(live.interrupt), moves:
            try:
                with self._cells.waiting(live) as ask:

                    def look() -> None:
                        if stream is not None:
                            stream.write()
                        ask()
                        if stream is not None:
                            stream.animate()

                    serve(live, None, look, moving_line.paused)
            except KeyboardInterrupt:  # at a prompt, or in code that it asked this thread to run
                live.interrupt()
                finish(live)
            finally:
                self.settle(live)

    def present_login(self, attempt: LoginAttempt) -> None:
        """Show where to sign in: a panel in a page, two lines in a console; headless programs look themselves."""
        kind = kind_of(self._shell)
        if kind == "page":
            from codex_jupyter.notebook.login_panel import LoginPanel

            LoginPanel(self._session, attempt=attempt).show()
        elif kind in ("console", "terminal"):
            from codex_jupyter.notebook.login_prompts import tell

            tell(attempt)

    def _offer_sign_in(self, panel: Panel) -> None:
        """A turn failed for want of an account: its panel gives way to one that signs in."""
        from codex_jupyter.notebook.login_panel import LoginPanel

        above = make_document(panel.live.turn)
        LoginPanel(self._session, above=above, output=panel.output).show()

    def settle(self, live: LiveTurn) -> None:
        """Leave in the calling cell what stays of a turn."""
        panel = self._panels.get(live)
        if panel is not None:
            if (
                panel.waiting
            ):  # a cell that let go leaves the panel, which goes on in the background
                panel.settle()
        elif live in self._streams:
            self._streams.pop(live).write(final=True)
        else:
            self._records.leave(live)

    def _forget_old_panels(self, kept: int = KEPT_PANELS) -> None:
        ended = [one for one in self._panels if one.done]
        for live in ended[: len(ended) - kept]:
            self._panels.pop(live).comm.close()

    def close(self) -> None:
        """The session is closed: what its panels show stays in their cells, and no page speaks to them any more."""
        for live, panel in tuple(self._panels.items()):
            if live.done and not panel.waiting:
                self._engine.thread.run(panel.leave)
        self._forget_old_panels(0)
        if (login := sys.modules.get("codex_jupyter.notebook.login_panel")) is not None:
            login.LoginPanel.close_those_of(self._session)
        self._streams.clear()
        self._records.close()
