"""A panel of a command, which no turn stands behind: its line to the open notebook, and one sentence while it works.

Where the kernel hears pages while a cell runs, the command's cell waits; elsewhere the cell ends at once and the outcome
comes into its output.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from codex_jupyter import journal
from codex_jupyter.errors import CodexJupyterError
from codex_jupyter.notebook import display, kernel_internals
from codex_jupyter.notebook.document.channel import DocumentChannel
from codex_jupyter.notebook.notice import made_of
from codex_jupyter.notebook.panel.comm import PanelComm
from codex_jupyter.notebook.panel.live_feed import LiveFeed
from codex_jupyter.notebook.panel.schedule import LoopSchedule
from codex_jupyter.render import html
from codex_jupyter.session.loop import wait

if TYPE_CHECKING:
    from collections.abc import Callable

    from codex_jupyter.core.document import Document
    from codex_jupyter.notebook.panel.wire import Intent
    from codex_jupyter.session.engine import Engine

log = journal.logger("panel")

#: Seconds that a page has to show the panel: the first of a page loads the module.
COMES_IN = 20.0


class DocumentPanel:
    """The panel of one command.

    Args:
        shell: whose cell it stands in.
        engine: whose loop it lives on.
        words: what the command does, as long as it does.

    Attributes:
        document: the line to the notebook.
    """

    def __init__(self, shell: Any, engine: Engine, words: str) -> None:
        self._engine, self._words = engine, words
        self._hears = kernel_internals.has_subshells(kernel_internals.kernel_of(shell))
        self._comm = PanelComm(engine.thread.post)
        self._output = display.CellOutput()
        self._feed = LiveFeed(
            self._comm.send, self, _refuse, LoopSchedule(engine.thread),
            lambda: self.document.met(),
            on_reply=lambda number, reply: self.document.replied(number, reply),
        )  # fmt: skip
        begun = time.monotonic()
        self.document = DocumentChannel(
            self._feed,
            hears=lambda: True,  # where it does not, the cell has ended by then
            patience=lambda: begun + COMES_IN - time.monotonic(),
        )

    def run(self, work: Coroutine[Any, Any, Callable[[], Document]]) -> None:
        """Do the work beside the page, and leave its outcome in the cell.

        Args:
            work: on the session's loop; gives what makes the outcome, which is called in a thread that may block.

        Raises:
            UserError: the work raised it, and the cell waits for it.
        """
        self._output.show({**self._comm.view, "text/plain": f"{self._words} …"})
        self._engine.thread.post(lambda: self._comm.listen(self._feed.receive))
        if not self._hears:
            self._engine.thread.submit(self._run_aside(work))
            return
        doing = self._engine.thread.submit(work)
        try:
            outcome = wait(doing)()
        except CodexJupyterError as error:
            self._output.replace_in_cell(display.bundle(self._failed(error)))
            error.shown = True
            raise
        except BaseException:  # an interrupt above all
            doing.cancel()
            said = made_of(f"{self._words}: stopped. A part may be done.", glyph="stopped")
            self._output.replace_in_cell(display.bundle(said))
            raise
        finally:
            self._engine.thread.post(self._close_soon)
        self._output.replace_in_cell(display.bundle(outcome))

    async def _run_aside(self, work: Coroutine[Any, Any, Callable[[], Document]]) -> None:
        try:
            outcome = await asyncio.to_thread(await work)
        except CodexJupyterError as error:
            outcome = self._failed(error)
        except Exception as error:
            log.exception("a command failed")
            title = f"It failed: {type(error).__name__}."
            outcome = made_of(title, glyph="failed", lines=("%codex /logs says more.",))
        self._output.replace(display.bundle(outcome))
        self._close_soon()

    def _failed(self, error: CodexJupyterError) -> Document:
        title, *more = error.message.split("\n")
        lines = tuple(filter(None, [*more, error.hint]))
        return made_of(title, glyph="failed", offline=self._engine.offline, lines=lines)

    def _close_soon(self) -> None:
        # Its views go when the output is another one; a comm that is closed sooner leaves a blank for a moment.
        asyncio.get_running_loop().call_later(1.0, self._comm.close)

    # What a page shows meanwhile -----------------------------------------------------------------------------------------

    def advance(self) -> tuple[dict[str, Any], ...]:
        """See ``live_feed.Content``: nothing changes."""
        return ()

    def snapshot(self) -> dict[str, Any]:
        """See ``live_feed.Content``."""
        made = made_of(f"{self._words} …", glyph="running", offline=self._engine.offline)
        blocks = [{"key": key, "html": drawn} for key, drawn in html.rows(made, live=True)]
        state = {"running": True, "waiting": 0, "ended": False, "announce": ""}
        return {
            "header": html.header(made.header, live=True),
            "blocks": blocks,
            "footer": "",
            "state": state,
        }


def _refuse(_intent: Intent) -> tuple[str, str]:
    return "refused", "This panel does one thing, and nothing else."
