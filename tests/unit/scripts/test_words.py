"""The list of all texts is the one that was reviewed."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def words(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    return importlib.import_module("words")


def test_every_text_was_reviewed(words: ModuleType) -> None:
    reviewed = words.WORDS.read_text("utf-8").splitlines()
    now = words.words().splitlines()
    added = [line for line in now if line not in reviewed]
    gone = [line for line in reviewed if line not in now]
    assert (added, gone) == ([], []), "read each aloud, then: make words"
    assert now == reviewed


def test_what_is_read_and_what_is_not(words: ModuleType) -> None:
    for text in ("Not signed in. Nothing was sent.", "{...} takes no value."):
        assert words.read(text)
    for text in ("sandbox", '<div class="x y">', "cj-button cj-primary", "{...}: {...}"):
        assert not words.read(text)
