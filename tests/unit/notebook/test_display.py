"""What a saved copy of a running turn has: all of what was printed, and that there was more to come."""

from __future__ import annotations

from codex_jupyter.core import events as ev
from codex_jupyter.core.blocks import document
from codex_jupyter.core.items import Command
from codex_jupyter.core.reduce import reduce
from codex_jupyter.core.turn import Turn
from codex_jupyter.notebook import display


def test_a_copy_has_of_a_running_command_what_a_finished_one_would_have() -> None:
    printed = "".join(f"line {number}\n" for number in range(200))
    turn = Turn()
    for event in (
        ev.TurnStarted("t", "u", 1),
        ev.ItemStarted("t", "u", item=Command("c", "in_progress", command="count")),
        ev.OutputAppended("t", "u", "c", printed),
    ):
        turn = reduce(turn, event)
    shown = document(turn)
    copy = display.covered_bundle(display.going_on(shown), "here", 1)
    for text in copy.values():
        assert "line 0\n" in text and "line 199" in text
        assert display.GOING_ON in text
    live = display.bundle(shown)["text/html"]
    assert "line 0\n" not in live and "line 199" in live, "the panel shows the end of it"


def test_what_stays_the_same_is_the_same_block() -> None:
    shown = document(reduce(Turn(), ev.MessageAppended("t", "u", "m", "Hello")))
    assert display.going_on(shown).blocks[0] is shown.blocks[0]
