"""The examples in the docstrings run."""

from __future__ import annotations

import doctest
import importlib

import pytest


@pytest.mark.parametrize("name", ["", ".moves", ".script", ".model"])
def test_examples(name, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    module = importlib.import_module(f"codex_jupyter.offline{name}")
    result = doctest.testmod(module)
    assert result.attempted
    assert not result.failed
