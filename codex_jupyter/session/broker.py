"""Who answers what the runtime asks: the policy, or the first person who does. Lives on the session's loop.

Every request is answered exactly once. Nothing is accepted that neither a person nor an explicit policy accepted; a
request nobody can be asked about is declined, and the record says so.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from codex_jupyter.core.events import RequestAnswered, RequestOpened, RequestWithdrawn
from codex_jupyter.core.forms import form_content, form_fault
from codex_jupyter.core.policy import Policy, Rule, decide, rule_for
from codex_jupyter.core.requests import Answer, Decision, FormRequest, Request

if TYPE_CHECKING:
    from codex_jupyter.session.live import LiveTurn


#: Answered requests whose answerer is remembered, for whoever answers too late.
REMEMBERED_ANSWERS = 1000


@dataclass(slots=True)
class Open:
    """A request that waits: for whom, and how its answer is delivered."""

    live: LiveTurn
    request: Request
    deliver: Callable[[Answer], None]


class Broker:
    """Keeps open requests, asks the policy first, records every decision in the turn.

    Args:
        apply: how an event reaches a turn (``Engine.apply``).
        describe: a one-line description of a request (``cards.describe``).
    """

    def __init__(
        self,
        apply: Callable[[LiveTurn, list], None],
        describe: Callable[[LiveTurn, Request], str],
    ) -> None:
        self._apply = apply
        self._describe = describe
        self._open: dict[str, Open] = {}
        self._answered: dict[str, str] = {}
        self.rules: list[Rule] = []
        #: What was wrong with the answer that was refused last, in words for whoever gave it.
        self.why_refused = ""

    def policy(self, live: LiveTurn) -> Policy:
        """The policy that holds for this turn now."""
        return Policy(
            approval=live.settings.approval,
            kernel=live.settings.kernel,
            rules=tuple(self.rules),
            interactive=live.interactive,
        )

    def open(self, live: LiveTurn, request: Request, deliver: Callable[[Answer], None]) -> None:
        """A request arrived: answer it by policy, or show it and wait."""
        if live.turn.ended:  # nobody looks at it any more, and nothing would ever close it
            self._note_answer(request.id, "policy: the turn has ended")
            deliver(Answer("decline"))
            return
        verdict = decide(self.policy(live), request)
        if isinstance(verdict, tuple):
            answer, by = verdict
            self._apply(
                live,
                [
                    RequestOpened(live.turn.thread_id, live.turn.turn_id, request=request),
                    self._record(live, request, answer, by),
                ],
            )
            self._note_answer(request.id, by)
            deliver(answer)
            return
        self._open[request.id] = Open(live, request, deliver)
        self._apply(live, [RequestOpened(live.turn.thread_id, live.turn.turn_id, request=request)])

    async def ask(self, live: LiveTurn, request: Request) -> Answer:
        """Open a request of our own (kernel code) and wait for its answer; withdrawn means declined."""
        answered: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()

        def deliver(answer: Answer) -> None:
            if not answered.done():
                answered.set_result(answer)

        self.open(live, request, deliver)
        try:
            return await answered
        except asyncio.CancelledError:
            self.withdraw(request.id, "the turn ended")
            raise

    def answer(self, request_id: str, answer: Answer, by: str) -> str:
        """The first answer wins. Returns accepted, late or refused: ``why_refused`` then says why, and it still waits."""
        waiting = self._open.get(request_id)
        if waiting is None:
            return "late"
        self.why_refused = ""
        if answer.choice not in offered(waiting.request) and answer.choice != "decline":
            self.why_refused = "This request does not offer that."
            return "refused"
        if isinstance(waiting.request, FormRequest) and answer.choice == "submit":
            schema = waiting.request.schema
            answer = replace(answer, content=answer.content or form_content(schema, answer.values))
            self.why_refused = form_fault(schema, answer.content)
            if self.why_refused:
                return "refused"
        del self._open[request_id]
        self._note_answer(request_id, by)
        rule = None
        if answer.choice == "session":
            rule = rule_for(waiting.request, waiting.live.turn.settings.cwd)
        self._apply(waiting.live, [self._record(waiting.live, waiting.request, answer, by)])
        if rule is None:
            waiting.deliver(answer)
        else:  # a rule of ours is listed and can be taken back; what the runtime remembers cannot
            if rule not in self.rules:
                self.rules.append(rule)
            waiting.deliver(Answer("once"))
            self._apply_rules()
        return "accepted"

    def revoke(self, number: int) -> Rule:
        """Take back a rule by its number, from 1; what it would allow is asked again. Raises ``IndexError``."""
        if not 1 <= number <= len(self.rules):
            raise IndexError(number)
        return self.rules.pop(number - 1)

    def _note_answer(self, request_id: str, by: str) -> None:
        self._answered[request_id] = by
        while len(self._answered) > REMEMBERED_ANSWERS:
            self._answered.pop(next(iter(self._answered)))

    def answered_by(self, request_id: str) -> str:
        """Who answered a request that is no longer open, or ``""``."""
        return self._answered.get(request_id, "")

    def withdraw(self, request_id: str, reason: str) -> None:
        """The runtime no longer waits: close the card, deliver nothing to the runtime."""
        waiting = self._open.pop(request_id, None)
        if waiting is None:
            return
        turn = waiting.live.turn
        self._apply(
            waiting.live, [RequestWithdrawn(turn.thread_id, turn.turn_id, request_id, reason)]
        )
        waiting.deliver(Answer("decline"))

    def withdraw_all(self, live: LiveTurn, reason: str) -> None:
        """The turn is over: nothing of it waits any more."""
        for request_id in [key for key, value in self._open.items() if value.live is live]:
            self.withdraw(request_id, reason)

    def open_requests(self) -> tuple[tuple[LiveTurn, Request], ...]:
        """Everything that waits, oldest first."""
        return tuple(
            (o.live, o.request) for o in tuple(self._open.values())
        )  # other threads look, too

    def _apply_rules(self) -> None:
        """A new rule may answer what waits already."""
        for waiting in list(self._open.values()):
            verdict = decide(self.policy(waiting.live), waiting.request)
            if isinstance(verdict, tuple) and verdict[0].choice in ("once", "session"):
                self.answer(waiting.request.id, Answer("once"), verdict[1])

    def _record(self, live: LiveTurn, request: Request, answer: Answer, by: str) -> RequestAnswered:
        decision = Decision(
            request_id=request.id,
            choice=answer.choice,
            asked=self._describe(live, request),
            by=by,
            at=time.strftime("%H:%M"),
            item_id=request.item_id,
        )
        return RequestAnswered(live.turn.thread_id, live.turn.turn_id, decision=decision)


def offered(request: Request) -> tuple[str, ...]:
    """The choices that may answer a request, as its card offers them."""
    from codex_jupyter.core.cards import choices

    return choices(request)
