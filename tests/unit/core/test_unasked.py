"""What nobody was asked about stands in one row once the turn has ended."""

from __future__ import annotations

from dataclasses import replace

from codex_jupyter.core.answerers import Answerer, person, policy, rule
from codex_jupyter.core.blocks import document
from codex_jupyter.core.document import Lines
from codex_jupyter.core.requests import Decision
from codex_jupyter.core.turn import Turn
from codex_jupyter.render import text

RUN = policy("kernel code runs without asking", "-k run")


def turn(*records: Decision) -> Turn:
    return replace(Turn(), state="completed", decisions=records)


def titles(*records: Decision) -> list[str]:
    return [block.title for block in document(turn(*records)).blocks]


def allowed(n: int, by: Answerer = RUN, choice: str = "once") -> Decision:
    at = f"2026-05-04T14:0{n}:31+02:00"
    return Decision(f"r{n}", choice, f"x = {n}", by, at, why=f"reason {n}")  # type: ignore[arg-type]


def test_one_row_for_what_one_policy_allowed_with_each_record_in_it() -> None:
    records = [allowed(n) for n in range(1, 9)]
    (row,) = document(turn(*records)).blocks
    assert row.title == (
        "Allowed 8 times by policy (kernel code runs without asking, -k run), 14:01 to 14:08"
    )
    assert row.glyph == "allowed"
    assert not row.open
    said = text.document(document(turn(*records)))
    for n in range(1, 9):
        assert Lines((f"14:0{n} x = {n}",)) in row.body
        assert f"reason {n}" in said


def test_what_was_refused_or_answered_by_hand_keeps_its_row() -> None:
    declined = allowed(3, policy("nobody is asked", "-a never"), "decline")
    made = titles(allowed(1), allowed(2, person()), declined, allowed(4))
    assert len(made) == 3
    assert made[0].startswith("Allowed 2 times by policy")
    assert made[1].startswith("You allowed once")
    assert made[2].startswith("Declined by policy")


def test_two_policies_or_rules_are_two_rows_and_one_alone_is_itself() -> None:
    made = titles(allowed(1), allowed(2, rule("run pytest")), allowed(3), allowed(4, rule("edit")))
    assert len(made) == 3
    assert made[0].startswith("Allowed 2 times by policy")
    assert made[1] == "Allowed by your rule for this session (run pytest), 14:02: x = 2"


def test_while_the_turn_runs_each_stands_where_it_was_allowed() -> None:
    running = replace(turn(allowed(1), allowed(2)), state="running")
    assert len(document(running).blocks) == 2
