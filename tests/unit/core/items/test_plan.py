"""A plan that the model proposes (plan mode)."""

from __future__ import annotations

from codex_jupyter.core import events as ev
from codex_jupyter.core.items import Plan
from codex_jupyter.core.text import Text
from tests.unit.core.captures import as_captured, ended, notified, play, shown, started, titles


def test_it_reads_as_captured() -> None:
    assert as_captured("plan") == ["plan | Proposed plan"]


def test_a_delta_is_read_and_grows_the_plan() -> None:
    event = notified("item/plan/delta", delta="a")
    assert event == ev.PlanAppended("t", "u", "i", "a")
    (plan,) = play(event, event).entries
    assert isinstance(plan, Plan) and str(plan.text) == "aa"


def test_an_empty_plan_is_no_row_and_an_aborted_one_is_unfinished() -> None:
    assert not shown(started(Plan("p"))).blocks
    page = shown(started(Plan("p", text=Text.of("1. Look"))), ended("interrupted"))
    assert titles(page) == ["plan | Proposed plan | unfinished"]
