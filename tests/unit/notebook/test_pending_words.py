"""The words behind ``/pending N``: an answer that the card offers, whole, or an error that answers nothing."""

from __future__ import annotations

import pytest

from codex_jupyter.core.cards import card
from codex_jupyter.core.requests import CommandRequest
from codex_jupyter.errors import OptionError
from codex_jupyter.notebook.commands.pending import _answer

CARD = card(CommandRequest("r", command="ls"))


@pytest.mark.parametrize(
    ("typed", "choice"),
    [
        ("allow", "once"),
        ("allow once", "once"),
        ("no", "decline"),
        ("Decline and stop", "stop"),
    ],
)
def test_a_choice_is_named_by_all_its_words(typed: str, choice: str) -> None:
    assert _answer(CARD, typed.split(), "1").choice == choice


@pytest.mark.parametrize("typed", ["decline, stop", "no more commands", "allow everything"])
def test_more_than_an_answer_answers_nothing(typed: str) -> None:
    with pytest.raises(OptionError, match="Nothing was answered"):
        _answer(CARD, typed.split(), "1")
