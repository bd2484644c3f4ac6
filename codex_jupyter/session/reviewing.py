"""A person overrules the automatic reviewer: the one action that it denied is allowed, and the record says who did."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from codex_jupyter.core.events import Event, RequestAnswered, ReviewReported
from codex_jupyter.core.items import Review
from codex_jupyter.core.requests import Decision
from codex_jupyter.core.titles import one_line, unwrap
from codex_jupyter.errors import UserError
from codex_jupyter.session.clock import now

if TYPE_CHECKING:
    from codex_jupyter.core.answerers import Answerer
    from codex_jupyter.core.turn import Turn
    from codex_jupyter.runtime.transport import Transport


async def retry(
    transport: Transport | None, turn: Turn, review_id: str, by: Answerer
) -> list[Event]:
    """Allow what a review of this turn denied. The model is told, and has to try it again.

    Returns:
        What that means for the turn.

    Raises:
        UserError: there is no such denial, it was overruled before, or the runtime is gone or refuses.
    """
    from codex_jupyter.runtime.api import Api
    from codex_jupyter.runtime.failures import RuntimeRequestError

    review = turn.find(review_id)
    if not isinstance(review, Review) or review.verdict not in ("denied", "timed_out"):
        raise UserError("There is no such refusal of the automatic reviewer.", "Look at the turn.")
    if review.retried:
        raise UserError("This was overruled before.", "Ask Codex to try again.")
    if transport is None or not transport.alive:
        raise UserError(
            "The runtime has ended since, so there is nothing to overrule.", "Ask again."
        )
    try:
        await Api(transport).allow_denied(turn.thread_id, turn.turn_id, review)
    except RuntimeRequestError as error:
        raise UserError(f"Not overruled: {error.message}", "Ask again in a new cell.") from None
    record = Decision(
        request_id=f"overruled:{review.id}",
        choice="once",
        asked=one_line(unwrap(review.action)) or "an action",
        by=by,
        at=now(),
        item_id=review.target_id,
        note="The automatic reviewer had refused it."
        + (" Ask Codex to try again." if turn.ended else ""),
    )
    return [
        ReviewReported(turn.thread_id, turn.turn_id, review=replace(review, retried=True)),
        RequestAnswered(turn.thread_id, turn.turn_id, decision=record),
    ]
