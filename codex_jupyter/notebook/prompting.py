"""Asks in a prompt what nobody can click: the waiting cell's side of open requests.

Runs in the cell's thread, between two looks at the turn. Whether clicks arrive is the panel's proof; how a request reads
is ``asking``; how a line travels is ``presence.line_of``. Nothing reaches a terminal from here that it would act on: what is
asked comes spelled out, and all of it passes one more time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codex_jupyter.core.answerers import Answerer, Place, person, policy
from codex_jupyter.core.cards import card as make_card
from codex_jupyter.core.reduce import LONGEST_PROMPT
from codex_jupyter.core.requests import Answer, Outcome, Request
from codex_jupyter.core.spelled import on_one_line
from codex_jupyter.core.titles import one_line
from codex_jupyter.errors import UserError
from codex_jupyter.notebook import asking, kernel_internals, presence, printing, stdin_prompt
from codex_jupyter.notebook.screen import screen
from codex_jupyter.render.characters import exact
from codex_jupyter.session.interrupts import INTERRUPTS
from codex_jupyter.session.terminal import InputEndedError

if TYPE_CHECKING:
    from codex_jupyter.notebook.panel.panel import Panel
    from codex_jupyter.notebook.text_stream import TextStream
    from codex_jupyter.session.engine import Engine
    from codex_jupyter.session.live import LiveTurn


class LetGoError(UserError):
    """The cell stopped waiting so that the reloaded page can answer; the turn goes on."""


class Prompting:
    """Prompts for the requests of one turn, one at a time.

    Args:
        shell: the IPython shell.
        engine: the session's.
        live: the turn that asks.
        panel: its panel, if it has one.
        stream: what prints it here, if anything does.
        behind: the turn that the cell waits for, where that is another one, which comes after this one.
    """

    def __init__(
        self,
        shell: Any,
        engine: Engine,
        live: LiveTurn,
        panel: Panel | None,
        stream: TextStream | None,
        behind: LiveTurn | None = None,
    ) -> None:
        self._shell = shell
        self._typed = presence.line_of(shell)
        in_kernel = kernel_internals.kernel_of(shell) is not None
        self._place: Place = "prompt" if in_kernel else "terminal"
        self._engine, self._live = engine, live
        self._panel, self._stream, self._behind = panel, stream, behind

    def ask_if_needed(self) -> None:
        """Ask for the oldest open request, if it cannot be clicked.

        Raises:
            LetGoError: the page that showed it was left, or is not heard any more.
        """
        pending = self._live.pending
        if pending and self._panel is not None and self._panel.lost:
            self._panel.let_go()
            raise LetGoError(
                f"{self._panel.loss} while Codex waits for an answer, so this cell waits no longer; "
                "the turn goes on in the background.",
                "Answer in the panel, reloaded if need be, or with %codex /pending.",
            )
        if not pending or (self._panel is not None and not self._panel.needs_prompts):
            return
        self.ask(pending[0])

    def ask(self, request: Request) -> None:
        """Ask for one request, until it is answered here or elsewhere."""
        card = make_card(request, self._live.turn)

        def gone() -> bool:
            left = self._behind is not None and self._behind.turn.stopped_by
            return bool(left) or all(open_.id != request.id for open_ in self._live.pending)

        by = person(self._place)

        def line(prompt: str, *, secret: bool = False) -> str:
            nonlocal by
            try:
                return self._typed(exact(prompt), secret=secret, withdrawn=gone)
            except InputEndedError:  # no person closed the prompt
                by = policy(f"nobody is here to approve it: {presence.INPUT_ENDED}")
                raise

        if self._stream is not None:
            self._stream.write(final=True)
            self._stream.asked(request.id)
        try:
            with INTERRUPTS.raising():
                width = screen(self._shell).width - 1
                # In a page the card stands in the panel already; that of a turn ahead may be far from here.
                shown = self._panel is not None and self._behind is None
                answer = asking.ask(card, line, None if shown else self._say, width)
        except stdin_prompt.Withdrawn:
            return
        except KeyboardInterrupt:
            if self._behind is None:  # else it ends the turn of this cell, and this one goes on
                self._answer(request, Answer("decline"), person("interrupt"))
            raise
        self._give(request, answer, by)

    def _say(self, text: str) -> None:
        if self._behind is not None:
            prompt = one_line(self._engine.gate.text(self._live.prompt), LONGEST_PROMPT)
            whose = f"Turn {self._live.number} (“{prompt}”), which comes before this one, asks:"
            text = f"{whose}\n{text}"
        printing.write(f"\n{exact(text)}\n")

    def _give(self, request: Request, answer: Answer, by: Answerer) -> None:
        outcome = self._answer(request, answer, by)
        if outcome.kind != "accepted":  # refused: it is asked again
            printing.write(f"{on_one_line(outcome.why)}\n")

    def _answer(self, request: Request, answer: Answer, by: Answerer) -> Outcome:
        control = self._live.control
        return self._engine.thread.run(lambda: control.answer(request.id, answer, by), timeout=10)
