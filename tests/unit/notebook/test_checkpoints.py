"""How often the saved copy of a running turn is renewed: soon, at every question, and never at the square of the cost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from codex_jupyter.core.item import Item
from codex_jupyter.core.items import AgentMessage, Command
from codex_jupyter.core.requests import CommandRequest
from codex_jupyter.core.text import Text
from codex_jupyter.core.turn import Turn
from codex_jupyter.notebook.checkpoints import PACE, STEP, Checkpoints


def done(number: int) -> Item:
    return Command(f"c{number}", "completed", command=f"step {number}", exit_code=0)


def copied(checkpoints: Checkpoints, turn: Turn, now: float, size: int = 1000) -> None:
    checkpoints.made(turn, now=now, seconds=0.001, size=size)


def test_the_last_item_is_copied_within_a_second_although_nothing_follows() -> None:
    checkpoints = Checkpoints()
    turn = Turn(entries=(done(0),))
    assert checkpoints.wait(turn, now=10.0) == 0
    copied(checkpoints, turn, 10.0)
    turn = replace(turn, entries=(*turn.entries, done(1)))
    assert checkpoints.wait(turn, now=10.2) == pytest.approx(STEP - 0.2)
    assert checkpoints.wait(turn, now=11.1) == 0


def test_a_text_that_grows_is_no_reason_for_a_copy() -> None:
    checkpoints = Checkpoints()
    turn = Turn(entries=(AgentMessage("m", text=Text.of("Hel")),))
    copied(checkpoints, turn, 0.0)
    grown = replace(turn, entries=(AgentMessage("m", text=Text.of("Hello")),))
    assert checkpoints.wait(grown, now=99.0) is None
    ended = replace(turn, entries=(AgentMessage("m", "completed", text=Text.of("Hello")),))
    assert checkpoints.wait(ended, now=99.0) == 0


def test_a_question_does_not_wait_and_its_answer_does() -> None:
    checkpoints = Checkpoints()
    turn = Turn(entries=(done(0),))
    copied(checkpoints, turn, 0.0, size=5_000_000)
    asking = replace(turn, requests=(CommandRequest("r", "t", "u", "c1", command="rm x"),))
    assert checkpoints.wait(asking, now=0.1) == 0
    copied(checkpoints, asking, 0.1, size=5_000_000)
    assert checkpoints.wait(turn, now=0.2) == pytest.approx(5_000_000 / PACE - 0.1)


def test_a_copy_that_takes_long_to_make_is_made_seldom() -> None:
    checkpoints = Checkpoints()
    checkpoints.made(Turn(), now=0.0, seconds=0.5, size=1000)
    assert checkpoints.wait(Turn(entries=(done(0),)), now=0.0) == 10.0


@pytest.mark.parametrize("items", [500, 1000, 2000])
def test_many_items_cost_in_proportion_to_the_time_they_take(items: int) -> None:
    """Twenty items a second, each a kilobyte of the copy: what is sent is bounded by time, not by items squared."""
    checkpoints = Checkpoints()
    sent = copies = 0
    entries: tuple[Item, ...] = ()
    for number in range(items):
        now = number / 20
        entries = (*entries, done(number))
        turn = Turn(entries=entries)
        if checkpoints.wait(turn, now=now) == 0:
            size = 1000 * len(entries)
            copied(checkpoints, turn, now, size)
            sent, copies = sent + size, copies + 1
    seconds = items / 20
    assert sent <= PACE * seconds + 1000 * items
    assert 4 < copies <= seconds / STEP + 1
