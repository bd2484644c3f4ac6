"""What is hidden, and what is not hidden by mistake."""

from __future__ import annotations

import pytest

from codex_jupyter.core.secrets import HIDDEN as MARK
from codex_jupyter.core.secrets import Cleaner
from tests.unit.core.secret_corpus import HIDDEN, KEPT

CLEANER = Cleaner()


@pytest.mark.parametrize(("text", "parts"), HIDDEN, ids=[text[:50] for text, _ in HIDDEN])
def test_secrets_are_hidden(text: str, parts: tuple[str, ...]) -> None:
    shown = CLEANER.text(text)
    assert MARK in shown
    assert not [part for part in parts if part in shown], shown


@pytest.mark.parametrize("text", KEPT)
@pytest.mark.parametrize("around", ["{}", "x = 1\n{}\ny = 2\n", "({})"])
def test_everything_else_stays(text: str, around: str) -> None:
    whole = around.format(text) if around != "({})" else f"({text})"
    assert CLEANER.text(whole) == whole
