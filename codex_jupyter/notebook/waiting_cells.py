"""The cells of a notebook that wait for a turn, and what they ask their person meanwhile.

A cell that waits for a turn waits for those before it in its conversation as well. It holds the kernel, so nothing that they
ask can be answered in another cell: what cannot be clicked is asked here, the turn that asks named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from codex_jupyter.notebook import kernel_internals, presence, printing
from codex_jupyter.notebook.frontend import kind_of
from codex_jupyter.notebook.prompting import LetGoError, Prompting
from codex_jupyter.render.characters import exact

if TYPE_CHECKING:
    from codex_jupyter.notebook.panel.panel import Panel
    from codex_jupyter.notebook.text_stream import TextStream
    from codex_jupyter.session.engine import Engine
    from codex_jupyter.session.live import LiveTurn


class WaitingCells:
    """Who waits for which turn now, and can ask in a prompt.

    Args:
        shell: the IPython shell.
        engine: the session's.
        panels: the panels of its turns.
        streams: what prints the turns that a cell of a console or a terminal waits for.
    """

    def __init__(
        self,
        shell: Any,
        engine: Engine,
        panels: dict[LiveTurn, Panel],
        streams: dict[LiveTurn, TextStream],
    ) -> None:
        self._shell, self._engine = shell, engine
        self._panels, self._streams = panels, streams
        self._asking: list[LiveTurn] = []

    def can_ask(self, live: LiveTurn) -> bool:
        """Whether a cell waits for the turn, or for one behind it, that can ask in a prompt; from any thread."""
        return any(live is one or live in one.ahead for one in tuple(self._asking))

    @contextmanager
    def waiting(self, live: LiveTurn, blocking: bool = True) -> Iterator[Callable[[], None]]:
        """While a cell waits for the turn in the main thread; gives what asks, if anything has to be asked here.

        Args:
            live: the turn.
            blocking: the cell holds the main thread; False: it awaits the turn.

        The function that it gives raises ``LetGoError``: the page that showed what is asked was left or is not heard any
        more, and loads again only when the cell has ended.
        """
        if presence.absence(self._shell) or not (blocking or self._deaf_while_awaiting()):
            yield lambda: None
            return
        asked_for: set[LiveTurn] = set()

        told = {""}

        def look() -> None:
            ahead = live.ahead
            whom = live.turn.waits_for if ahead and not ahead[0].pending else ""
            if live not in self._panels and whom not in told:
                told.add(whom)
                printing.write(f"Waiting for {exact(whom)}.\n")
            for one in (*live.ahead, live):
                asked_for.add(one)
                self._ask_for(one, live)

        self._asking.append(live)
        try:
            yield look
        finally:
            self._asking.remove(live)
            for one in asked_for - {live} - self._panels.keys():  # only this cell could ask for it
                self._engine.thread.post(one.control.decline_unseen)

    def _ask_for(self, asker: LiveTurn, live: LiveTurn) -> None:
        prompting = Prompting(
            self._shell,
            self._engine,
            asker,
            self._panels.get(asker),
            self._streams.get(asker),
            behind=None if asker is live else live,
        )
        try:
            prompting.ask_if_needed()
        except LetGoError:
            if (panel := self._panels.get(live)) is not None:
                panel.let_go()
            raise

    def _deaf_while_awaiting(self) -> bool:
        """Whether no click reaches the kernel while a cell awaits something: in ipykernel 6."""
        kernel = kernel_internals.kernel_of(self._shell)
        return kind_of(self._shell) == "page" and not kernel_internals.has_subshells(kernel)
