"""Open requests: answered once, by the policy or the first person; each race in both orders, without a runtime."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from codex_jupyter.core.answerers import PROGRAM, Answerer, person, policy
from codex_jupyter.core.diffs import Change
from codex_jupyter.core.events import Event, TurnCompleted
from codex_jupyter.core.policy import Rule
from codex_jupyter.core.reduce import reduce
from codex_jupyter.core.requests import (
    Answer,
    CommandRequest,
    FileChangeRequest,
    FormRequest,
    KernelRequest,
    QuestionsRequest,
    Request,
    UnknownRequest,
)
from codex_jupyter.core.rights import Rights
from codex_jupyter.core.turn import Turn, TurnSettings
from codex_jupyter.session.broker import Broker
from codex_jupyter.session.gate import Gate

RIGHTS = Rights(folder="/w")
YOU = person()
RUN = CommandRequest("r", "t", "u", command="pytest -q", cwd="/w")


@dataclass(eq=False)
class Asking:
    """A turn that asks."""

    turn: Turn
    absence: str = ""
    told: list[Answer | None] = field(default_factory=list)


def asking(rights: Rights | None = RIGHTS, *, interactive: bool = True) -> Asking:
    turn = Turn("t", "u", "running", TurnSettings(rights=rights))
    return Asking(turn, "" if interactive else "nobody is there")


def broker() -> Broker[Asking]:
    def apply(asker: Asking, events: list[Event]) -> None:
        for event in events:
            asker.turn = reduce(asker.turn, event)

    return Broker(apply, Gate().clean)


def opened(asker: Asking, request: Request = RUN) -> Broker[Asking]:
    desk = broker()
    desk.open(asker, request, asker.told.append)
    return desk


def record(asker: Asking) -> list[tuple[str, Answerer]]:
    return [(d.choice, d.by) for d in asker.turn.decisions]


def test_a_request_waits_until_somebody_answers_it() -> None:
    asker = asking()
    desk = opened(asker)
    assert asker.turn.requests == (RUN,) and asker.told == []
    assert desk.open_requests() == ((asker, RUN),)
    taken = desk.answer("r", Answer("once"), YOU)
    assert (taken.kind, taken.by) == ("accepted", YOU)
    assert asker.told == [Answer("once")] and asker.turn.requests == ()
    assert record(asker) == [("once", YOU)] and desk.open_requests() == ()


@pytest.mark.parametrize("first", [YOU, person("another tab"), PROGRAM], ids=str)
def test_the_second_answer_hears_who_was_first(first: Answerer) -> None:
    asker = asking()
    desk = opened(asker)
    desk.answer("r", Answer("decline"), first)
    late = desk.answer("r", Answer("once"), PROGRAM)
    assert (late.kind, late.why, late.by) == ("late", f"Too late: answered by {first}.", first)
    assert asker.told == [Answer("decline")] and record(asker) == [("decline", first)]
    assert desk.answer("never asked", Answer("once"), YOU).why == "Too late: it is no longer asked."


@pytest.mark.parametrize(
    ("asker", "by"),
    [
        (asking(interactive=False), policy("nobody is here to approve it: nobody is there")),
        (asking(Rights(approval="never")), policy("nobody is asked", "-a never")),
        (asking(None), policy("nobody is asked", "-a never")),
    ],
    ids=["nobody there", "never", "no rights yet"],
)
def test_where_nobody_can_be_asked_it_is_declined_and_recorded(asker: Asking, by: Answerer) -> None:
    desk = opened(asker)
    assert asker.told == [Answer("decline")] and record(asker) == [("decline", by)]
    assert desk.answer("r", Answer("once"), YOU).by == by


def test_a_turn_without_rights_lends_its_kernel_to_nobody() -> None:
    asker = asking(None)
    opened(asker, KernelRequest("k", "t", "u", code="1"))
    assert asker.told == [Answer("decline")]


@pytest.mark.parametrize("ticked", [(), ("0",), ("1", "3"), ("x",)])
def test_where_no_change_or_one_that_is_none_is_ticked_it_still_waits(
    ticked: tuple[str, ...],
) -> None:
    asker = asking()
    changes = (Change("cell [3]", "add", "x\n"), Change("cell [4]", "add", "y\n"))
    desk = opened(asker, KernelRequest("k", "t", "u", action="edit", changes=changes))
    taken = desk.answer("k", Answer("submit", (("changes", ticked),)), YOU)
    assert (taken.kind, taken.why) == ("refused", "None of the changes is ticked.")
    assert asker.told == []
    chosen = Answer("submit", (("changes", ("2",)),))
    assert desk.answer("k", chosen, YOU).kind == "accepted"
    assert asker.told == [chosen]


def test_what_a_turn_may_do_decides_and_nothing_else() -> None:
    allowed, asked = asking(Rights(kernel="run")), asking(Rights(kernel="read"))
    for asker in (allowed, asked):
        opened(asker, KernelRequest("k", "t", "u", code="1"))
    assert [a.choice for a in allowed.told if a] == ["once"] and asked.told == []


@pytest.mark.parametrize(
    ("request_", "answer", "why"),
    [
        (RUN, Answer("submit"), "does not offer"),
        (QuestionsRequest("r", "t", "u"), Answer("once"), "does not offer"),
        (UnknownRequest("r", "t", "u"), Answer("once"), "Too late: answered by policy"),
        (
            FormRequest(
                "r", "t", "u", schema='{"properties": {"n": {"type": "string"}}, "required": ["n"]}'
            ),
            Answer("submit", content="{}"),
            "needed",
        ),
    ],
)
def test_what_is_not_offered_or_does_not_fit_changes_nothing(
    request_: Request, answer: Answer, why: str
) -> None:
    asker = asking()
    desk = opened(asker, request_)
    before = asker.turn
    taken = desk.answer("r", answer, YOU)
    assert taken.kind != "accepted" and why in taken.why
    assert asker.turn is before and Answer("once") not in asker.told


@pytest.mark.parametrize("known", [True, False])
def test_no_rule_allows_what_could_not_be_shown(known: bool) -> None:
    """An edit whose changes nobody said is asked for in a folder where edits are allowed, and can only be declined."""
    changes = (Change("/w/a.py", "update", "@@ -1 +1 @@\n-a\n+b\n"),) if known else ()
    edit = FileChangeRequest("r", "t", "u", item_id="i", paths=("/w/a.py",), changes=changes)
    asker, desk = asking(), broker()
    desk._rules = [Rule("edit", "/w")]
    desk.open(asker, edit, asker.told.append)
    assert asker.told == ([Answer("once")] if known else [])
    assert len(desk.open_requests()) == (0 if known else 1)


def test_a_session_answer_is_our_own_rule_and_answers_what_waits_and_what_comes() -> None:
    first, second, other = asking(), asking(), asking()
    desk = broker()
    desk.open(first, RUN, first.told.append)
    desk.open(
        second, CommandRequest("s", "t", "u", command="pytest -q", cwd="/w"), second.told.append
    )
    desk.open(
        other, CommandRequest("o", "t", "u", command="pytest -q", cwd="/x"), other.told.append
    )
    desk.answer("r", Answer("session"), YOU)
    rule = Rule("command", "pytest -q", "/w")
    assert desk.rules == (rule,)
    assert first.told == second.told == [Answer("once")], "the runtime itself remembers nothing"
    assert other.told == []
    later = asking()
    desk.open(
        later, CommandRequest("l", "t", "u", command="pytest -q", cwd="/w"), later.told.append
    )
    assert later.told == [Answer("once")] and record(later)[0][1].kind == "rule"
    assert desk.revoke(rule) and not desk.revoke(rule)
    again = asking()
    desk.open(
        again, CommandRequest("a", "t", "u", command="pytest -q", cwd="/w"), again.told.append
    )
    assert again.told == []


@pytest.mark.parametrize(
    "order", list(itertools.permutations(["allow", "decline", "withdraw", "end"]))
)
def test_the_first_of_all_that_may_happen_is_final(order: tuple[str, ...]) -> None:
    asker = asking()
    desk = opened(asker)
    acts: dict[str, Callable[[], Any]] = {
        "allow": lambda: desk.answer("r", Answer("once"), YOU),
        "decline": lambda: desk.answer("r", Answer("decline"), YOU),
        "withdraw": lambda: desk.withdraw("r", "gone", still_waits=False),
        "end": lambda: desk.withdraw_all(asker, "the turn ended"),
    }
    for act in order:
        acts[act]()
    delivered = {
        "allow": Answer("once"),
        "decline": Answer("decline"),
        "withdraw": None,
        "end": Answer("decline"),
    }
    assert asker.told == [delivered[order[0]]], "once, and what came first"
    answered = order[0] in ("allow", "decline")
    assert len(asker.turn.decisions) == answered and len(asker.turn.withdrawn) == (not answered)
    assert asker.turn.requests == () and desk.open_requests() == ()


def test_a_turn_that_has_ended_asks_nobody() -> None:
    asker = asking()
    asker.turn = Turn("t", "u", "completed")
    desk = opened(asker)
    assert asker.told == [Answer("decline")] and desk.open_requests() == ()


def test_an_answer_between_the_end_of_a_turn_and_its_clearing_up_is_late() -> None:
    """The end itself withdraws what was open, so an answer that comes then allows nothing."""
    asker = asking()
    desk = opened(asker)
    asker.turn = reduce(asker.turn, TurnCompleted("t", "u", status="failed"))
    assert desk.answer("r", Answer("once"), YOU).kind == "late"
    assert asker.told == [] and record(asker) == []
    desk.withdraw_all(asker, "the turn has ended")
    assert asker.told == [Answer("decline")]
    assert [withdrawn.request_id for withdrawn in asker.turn.withdrawn] == ["r"]


def test_the_end_of_one_turn_leaves_the_requests_of_another() -> None:
    one, other = asking(), asking()
    desk = opened(one)
    desk.open(other, CommandRequest("s", "t2", "u2", command="ls", cwd="/"), other.told.append)
    desk.withdraw_all(one, "the turn ended")
    assert one.told == [Answer("decline")] and other.told == []


@pytest.mark.parametrize("end", ["answer", "withdraw", "cancel"])
def test_who_asks_for_our_own_code_hears_the_end(end: str) -> None:
    async def ask() -> tuple[str, Asking]:
        asker, desk = asking(), broker()
        waiting = asyncio.ensure_future(desk.ask(asker, KernelRequest("k", "t", "u", code="1")))
        await asyncio.sleep(0)
        if end == "answer":
            desk.answer("k", Answer("once"), YOU)
        elif end == "withdraw":
            desk.withdraw("k", "gone", still_waits=False)
        else:
            waiting.cancel()
        try:
            return (await waiting).choice, asker
        except asyncio.CancelledError:
            return "cancelled", asker

    said, asker = asyncio.run(ask())
    assert said == {"answer": "once", "withdraw": "decline", "cancel": "cancelled"}[end]
    assert asker.turn.requests == ()


def test_answers_of_old_requests_are_forgotten_one_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("codex_jupyter.session.broker.REMEMBERED_ANSWERS", 3)
    asker, desk = asking(), broker()
    for number in range(5):
        request = CommandRequest(f"r{number}", "t", "u", command="ls", cwd="/")
        desk.open(asker, request, asker.told.append)
        desk.answer(request.id, Answer("once"), YOU)
    assert [bool(desk.answered_by(f"r{n}")) for n in range(5)] == [False, False, True, True, True]


def test_what_is_listed_and_recorded_is_clean_before_it_is_one_line() -> None:
    """Half a key at the end of a line that is cut would not be found any more; what is decided about is exact."""
    key = "ghp_" + "a1B2" * 9
    for before in range(70, 160):
        asker = asking()
        exact = CommandRequest("r", "t", "u", command=f"{'x' * before} {key}", cwd="/w")
        desk = opened(asker, exact)
        ((_, listed),) = desk.open_requests()
        assert "ghp_" not in repr(listed)
        desk.answer("r", Answer("once"), YOU)
        assert "ghp_" not in asker.turn.decisions[0].asked
