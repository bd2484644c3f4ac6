"""What people type at a prompt by mistake, or are made to type, allows nothing."""

from __future__ import annotations

import pytest

from codex_jupyter.core import requests as rq
from codex_jupyter.core.cards import card
from codex_jupyter.core.diffs import Change
from codex_jupyter.notebook import asking

COMMAND = card(rq.CommandRequest("r", command="make", cwd="/w", rule=("make",)))
CELLS = card(
    rq.KernelRequest(
        "k", action="edit", changes=(Change("a", "add", "x\n"), Change("b", "add", "y\n"))
    )
)
LINES = [
    "", " ", "ok", "sure", "yes to all", "allow everything", "a a", "aa", "a)", "1.", "0", "99", "-1", "1a", "once or twice",
    "y/n", "[a]", "a\u200b", "\u0430", "\uff41", "once\x1b[A", "x = 1", "%codex /pending 1 allow", "a\tb", "always yes",
]  # fmt: skip


def answer(asked: object, *lines: str) -> str:
    typed = iter(lines)

    def line(prompt: str, *, secret: bool = False) -> str:
        return next(typed, "")

    return asking.ask(asked, line, lambda text: None).choice  # type: ignore[arg-type]


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("asked", [COMMAND, CELLS], ids=["command", "cells"])
def test_what_is_no_answer_is_asked_again_and_then_declined(asked: object, line: str) -> None:
    assert answer(asked, line, line, line) == "decline"
    assert answer(asked, line, "n") == "decline"
    assert answer(asked, line, "yes") == "once"


def test_always_wants_its_own_yes() -> None:
    assert answer(COMMAND, "always", "y") == "decline"
    assert answer(COMMAND, "always", "Yes") == "always"


@pytest.mark.parametrize("ticked", ["", "3", "0", "1 2", "all", "1,,3"])
def test_changes_that_are_none_of_these_are_not_accepted(ticked: str) -> None:
    taken = asking.ask(CELLS, lambda prompt, secret=False: ticked if "Some" in prompt else "t", None)  # fmt: skip
    assert taken.choice == "decline" or not dict(taken.values).get("changes")
