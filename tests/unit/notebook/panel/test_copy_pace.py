"""How often the saved copy of a running turn may be renewed: soon, at every question, and never at the square of the cost."""

from __future__ import annotations

import pytest

from codex_jupyter.notebook.panel.copy_pace import PACE, STEP, CopyPace

NOTHING: frozenset[str] = frozenset()
QUESTION = frozenset({"r"})


def test_the_first_copy_is_due_at_once_and_the_next_a_second_later() -> None:
    pace = CopyPace()
    assert pace.wait(NOTHING, now=10.0) == 0
    pace.copied(NOTHING, now=10.0, seconds=0.001, size=1000)
    assert pace.wait(NOTHING, now=10.2) == pytest.approx(STEP - 0.2)
    assert pace.wait(NOTHING, now=11.1) == 0


def test_a_question_does_not_wait_and_its_answer_does() -> None:
    pace = CopyPace()
    pace.copied(NOTHING, now=0.0, seconds=0.001, size=5_000_000)
    assert pace.wait(QUESTION, now=0.1) == 0
    pace.copied(QUESTION, now=0.1, seconds=0.001, size=5_000_000)
    assert pace.wait(QUESTION, now=0.2) == pytest.approx(5_000_000 / PACE - 0.1)
    assert pace.wait(NOTHING, now=0.2) == pytest.approx(5_000_000 / PACE - 0.1)


def test_a_copy_that_takes_long_to_make_is_made_seldom() -> None:
    pace = CopyPace()
    pace.copied(NOTHING, now=0.0, seconds=0.5, size=1000)
    assert pace.wait(NOTHING, now=0.0) == 10.0


@pytest.mark.parametrize("items", [500, 1000, 2000])
def test_many_items_cost_in_proportion_to_the_time_they_take(items: int) -> None:
    """Twenty items a second, each a kilobyte of the copy: what is sent is bounded by time, not by items squared."""
    pace = CopyPace()
    sent = copies = 0
    for number in range(items):
        now = number / 20
        if pace.wait(NOTHING, now=now) == 0:
            size = 1000 * (number + 1)
            pace.copied(NOTHING, now=now, seconds=0.001, size=size)
            sent, copies = sent + size, copies + 1
    seconds = items / 20
    assert sent <= PACE * seconds + 1000 * items
    assert 4 < copies <= seconds / STEP + 1
