"""The pages about options and commands say what is declared."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

import pytest

from codex_jupyter.notebook.commands import commands
from codex_jupyter.settings import ALL_OPTIONS
from tests.environments import ROOT


@pytest.fixture
def reference(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    return importlib.import_module("reference")


def test_the_pages_are_as_declared(reference: ModuleType) -> None:
    assert reference.outdated() == [], "`make reference` writes them"


def test_a_page_that_says_otherwise_is_outdated(
    reference: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reference, "DOCS", tmp_path)
    assert reference.outdated() == ["options.md", "commands.md"]
    monkeypatch.setattr("sys.argv", ["reference.py"])
    assert reference.main() == 0
    assert reference.outdated() == []
    (tmp_path / "options.md").write_text("# Options\n")
    assert reference.outdated() == ["options.md"]


def test_every_declaration_is_on_its_page(reference: ModuleType) -> None:
    options = reference.options_page()
    for option in ALL_OPTIONS:
        assert all(f"`{name}`" in options for name in option.names or (option.field,))
        assert all(
            f"| `{choice.value}` | {choice.meaning} |" in options for choice in option.choices
        )
    page = reference.commands_page()
    for command in commands():
        assert f"### `/{command.name}" in page
