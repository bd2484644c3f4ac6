"""What a person does in the panel of a turn, carried out by the session's engine; on its loop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codex_jupyter.core.requests import Answer
from codex_jupyter.errors import CodexJupyterError
from codex_jupyter.notebook.panel.wire import Intent, answer_of

if TYPE_CHECKING:
    from codex_jupyter.core.answerers import Answerer
    from codex_jupyter.session.engine import Engine
    from codex_jupyter.session.live import LiveTurn


class TurnIntents:
    """Carries out the intents of one turn's panel."""

    def __init__(self, engine: Engine, live: LiveTurn) -> None:
        self._engine, self._live = engine, live

    def act(self, intent: Intent, by: Answerer) -> tuple[str, str]:
        """Do what was asked.

        Args:
            intent: what, as the page sent it.
            by: who, for the record of an answer.

        Returns:
            Outcome and message of the acknowledgement (``wire.ack``).
        """
        control, body = self._live.control, intent.body
        match intent.kind:
            case "stop":
                control.stop("you")
                return "accepted", ""
            case "answer":
                request_id, choice, values, content = answer_of(body)
                pairs = tuple((key, tuple(value)) for key, value in values.items())
                outcome = control.answer(request_id, Answer(choice, pairs, content), by)  # type: ignore[arg-type]
                return outcome.kind, outcome.why
            case "retry_review":
                control.spawn(self._retry_review(str(body.get("item", "")), by))
                return "accepted", ""
        return "refused", "This panel does not know what to do with that."

    async def _retry_review(self, review_id: str, by: Answerer) -> None:
        try:
            await self._live.control.retry_review(review_id, by)
        except CodexJupyterError as error:
            self._engine.note(self._live, "warning", error.message, error.hint)
