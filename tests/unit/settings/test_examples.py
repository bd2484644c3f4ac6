"""The examples in the docstrings run."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

from codex_jupyter import settings

MODULES = sorted(module.name for module in pkgutil.iter_modules(settings.__path__))


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_run(name: str) -> None:
    module = importlib.import_module(f"codex_jupyter.settings.{name}")
    assert doctest.testmod(module, optionflags=doctest.ELLIPSIS).failed == 0


def test_there_are_examples() -> None:
    assert doctest.testmod(importlib.import_module("codex_jupyter.settings.layers")).attempted > 2
