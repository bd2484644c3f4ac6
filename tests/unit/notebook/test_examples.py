"""The examples in the docstrings run."""

from __future__ import annotations

import doctest
import importlib

import pytest

MODULES = (
    "cell_text",
    "completer",
    "line_words",
    "login_ways",
    "parser",
    "redacted_history",
    "traits",
    "typed_keys",
)


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_run(name: str) -> None:
    outcome = doctest.testmod(importlib.import_module(f"codex_jupyter.notebook.{name}"))
    assert outcome.attempted
    assert not outcome.failed
