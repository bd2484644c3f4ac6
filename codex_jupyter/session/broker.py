"""The one registry of open requests: each is answered once, by the policy or by the first person who does.

Nothing is accepted that neither a person nor an explicit policy accepted; a request that nobody can be asked about is
declined, and the record says so. A request is

    open        from ``open`` on, unless the policy answers at once
    answered    by the first answer that it offers; the record is in the turn, the reply on its way
    withdrawn   when the runtime or the turn no longer waits; nothing is delivered as allowed

and never leaves the last two. Lives on the session's loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Generic, Protocol, TypeVar

from codex_jupyter import agent_code
from codex_jupyter.core import answerers
from codex_jupyter.core.answerers import Answerer
from codex_jupyter.core.asked import asked, choices
from codex_jupyter.core.decisions import decided
from codex_jupyter.core.events import Event, RequestAnswered, RequestOpened, RequestWithdrawn
from codex_jupyter.core.forms import chosen_changes, form_content, form_fault
from codex_jupyter.core.policy import Ask, Policy, Rule, decide, describe_rule, rule_for
from codex_jupyter.core.requests import Answer, FormRequest, KernelRequest, Outcome, Request
from codex_jupyter.core.secrets.withheld import HIDES_MORE, hides_more
from codex_jupyter.core.turn import Turn
from codex_jupyter.session.clock import now

#: Answered requests whose answerer is remembered, for whoever answers too late.
REMEMBERED_ANSWERS = 1000


class Asker(Protocol):
    """The turn that a request belongs to."""

    @property
    def turn(self) -> Turn:
        """As it is now."""
        ...

    @property
    def absence(self) -> str:
        """Why nobody can be asked now, or ``""`` where somebody can."""
        ...


A = TypeVar("A", bound=Asker)


@dataclass(frozen=True, slots=True)
class Open(Generic[A]):
    """A request that waits: for whom, exactly and as it is shown, and how its answer is delivered; None means that nobody
    waits for one any more."""

    asker: A
    request: Request
    shown: Request
    deliver: Callable[[Answer | None], None]


class Broker(Generic[A]):
    """Keeps open requests, asks the policy first, records every decision in the turn.

    Args:
        apply: how events reach a turn.
        clean: the request without secrets (``Gate.clean``).
    """

    def __init__(
        self, apply: Callable[[A, list[Event]], None], clean: Callable[[Request], Request]
    ) -> None:
        self._apply = apply
        self._clean = clean
        self._open: dict[str, Open[A]] = {}
        self._answered: dict[str, Answerer] = {}
        self._rules: list[Rule] = []

    @property
    def rules(self) -> tuple[Rule, ...]:
        """What was allowed for the session, oldest first; from any thread."""
        return tuple(self._rules)

    def policy(self, asker: A) -> Policy:
        """The policy that holds for this turn: its rights, the rules of the session, and whether somebody is there."""
        rights = asker.turn.settings.rights
        if rights is None:  # it was not lent anything yet, so nothing can be asked in its name
            return Policy(approval="never", kernel="off")
        absence = asker.absence
        return Policy(rights.approval, rights.kernel, self.rules, not absence, absence)

    def open(self, asker: A, request: Request, deliver: Callable[[Answer | None], None]) -> None:
        """A request arrived: answer it by policy, or show it and wait."""
        turn = asker.turn
        if turn.ended:  # nobody looks at it any more, and nothing would ever close it
            self._remember(request.id, answerers.policy("the turn has ended"))
            deliver(Answer("decline"))
            return
        shown = self._clean(request)
        if hides_more(request, shown):
            request, shown = (
                replace(request, withheld=HIDES_MORE),
                replace(shown, withheld=HIDES_MORE),
            )
        opened = RequestOpened(turn.thread_id, turn.turn_id, request=request)
        verdict = self._decide(asker, request)
        if isinstance(verdict, tuple):
            answer, by = verdict
            self._apply(asker, [opened, self._record(asker, request, answer, by)])
            self._remember(request.id, by)
            deliver(answer)
            return
        self._open[request.id] = Open(asker, request, shown, deliver)
        self._apply(asker, [opened])

    def _decide(self, asker: A, request: Request) -> tuple[Answer, Answerer] | Ask:
        """What the policy says; no rule of it allows what could not be shown whole."""
        policy = self.policy(asker)
        if policy.rules and asked(request).undrawn:
            policy = replace(policy, rules=())
        return decide(policy, request)

    async def ask(self, asker: A, request: Request) -> Answer:
        """Open a request of our own (kernel code) and wait for its answer; withdrawn means declined."""
        answered: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()

        def deliver(answer: Answer | None) -> None:
            if not answered.done():
                answered.set_result(answer or Answer("decline"))

        self.open(asker, request, deliver)
        try:
            return await answered
        except asyncio.CancelledError:
            self.withdraw(request.id, "the turn ended")
            raise

    def answer(self, request_id: str, answer: Answer, by: Answerer) -> Outcome:
        """Answer an open request; the first answer that it offers wins, and one that it does not offer changes nothing.

        Raises:
            UserError: the calling code is one that Codex runs, or that such code started.
        """
        agent_code.refuse("answer a request")
        waiting = self._open.get(request_id)
        if waiting is None or waiting.asker.turn.ended:  # the turn's end has withdrawn it already
            first = self._answered.get(request_id)
            why = f"Too late: answered by {first}." if first else "Too late: it is no longer asked."
            return Outcome("late", why, first)
        offered = choices(waiting.request, waiting.asker.turn.settings.cwd)
        if answer.choice not in offered and answer.choice != "decline":
            return Outcome("refused", "This request does not offer that.")
        if isinstance(waiting.request, FormRequest) and answer.choice == "submit":
            schema = waiting.request.schema
            answer = replace(answer, content=answer.content or form_content(schema, answer.values))
            if fault := form_fault(schema, answer.content):
                return Outcome("refused", fault)
        if (
            isinstance(waiting.request, KernelRequest)
            and answer.choice == "submit"
            and chosen_changes(answer.values, len(waiting.request.changes)) is None
        ):
            return Outcome("refused", "None of the changes is ticked.")
        del self._open[request_id]
        self._remember(request_id, by)
        rule = None
        if answer.choice == "session":
            rule = rule_for(waiting.request, waiting.asker.turn.settings.cwd)
        record = self._record(waiting.asker, waiting.request, answer, by, rule)
        self._apply(waiting.asker, [record])
        if rule is None:
            waiting.deliver(answer)
        else:  # a rule of ours is listed and can be taken back; what the runtime remembers cannot
            if rule not in self._rules:
                self._rules.append(rule)
            waiting.deliver(Answer("once"))
            self._apply_rules()
        return Outcome("accepted", by=by)

    def revoke(self, rule: Rule) -> bool:
        """Take back a rule; what it would allow is asked again. False: it was removed already."""
        agent_code.refuse("change a rule")
        if rule not in self._rules:
            return False
        self._rules.remove(rule)
        return True

    def answered_by(self, request_id: str) -> Answerer | None:
        """Who answered a request that is no longer open, or None."""
        return self._answered.get(request_id)

    def decline_unseen(self, asker: A) -> None:
        """Nobody can be asked any more: what waits of this turn is declined, and the record says why."""
        for waiting in [each for each in self._open.values() if each.asker is asker]:
            if not asker.absence:
                return
            verdict = self._decide(asker, waiting.request)
            if isinstance(verdict, tuple):
                self.answer(waiting.request.id, *verdict)

    def withdraw(self, request_id: str, reason: str, *, still_waits: bool = True) -> bool:
        """It is not asked any more: close the card, and decline where somebody still waits. False: it was not open."""
        waiting = self._open.pop(request_id, None)
        if waiting is None:
            return False
        turn = waiting.asker.turn
        self._apply(
            waiting.asker, [RequestWithdrawn(turn.thread_id, turn.turn_id, request_id, reason)]
        )
        waiting.deliver(Answer("decline") if still_waits else None)
        return True

    def withdraw_all(self, asker: A, reason: str, *, still_wait: bool = True) -> None:
        """The turn is over: nothing of it is asked any more; ``still_wait`` as for ``withdraw``."""
        for request_id in [key for key, value in self._open.items() if value.asker is asker]:
            self.withdraw(request_id, reason, still_waits=still_wait)

    def open_requests(self) -> tuple[tuple[A, Request], ...]:
        """Everything that waits, oldest first, as it is shown; from any thread."""
        return tuple((waiting.asker, waiting.shown) for waiting in tuple(self._open.values()))

    def _remember(self, request_id: str, by: Answerer) -> None:
        self._answered[request_id] = by
        while len(self._answered) > REMEMBERED_ANSWERS:
            self._answered.pop(next(iter(self._answered)))

    def _apply_rules(self) -> None:
        """A new rule may answer what waits already."""
        for waiting in list(self._open.values()):
            verdict = self._decide(waiting.asker, waiting.request)
            if isinstance(verdict, tuple) and verdict[0].choice in ("once", "session"):
                self.answer(waiting.request.id, Answer("once"), verdict[1])

    def _record(
        self, asker: A, request: Request, answer: Answer, by: Answerer, rule: Rule | None = None
    ) -> RequestAnswered:
        turn = asker.turn
        words = describe_rule(rule, home=turn.settings.home) if rule is not None else ""
        decision = decided(self._clean(request), turn, answer, by, now(), words)
        return RequestAnswered(turn.thread_id, turn.turn_id, decision=decision)
