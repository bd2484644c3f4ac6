"""Nothing of ordinary text is hidden: the project's own code, documents, notebooks, page and captured events."""

from __future__ import annotations

from pathlib import Path

from codex_jupyter.core.secrets import Cleaner
from tests.environments import ROOT

#: Examples of secrets, which are hidden rightly.
EXAMPLES = ("docs/secrets.md", "codex_jupyter/core/", "codex_jupyter/session/gate.py")
EXAMPLES += ("codex_jupyter/notebook/typed_keys.py", "codex_jupyter/notebook/redacted_history.py")
EXAMPLES += ("codex_jupyter/objects/preview.py",)
WHERE = ("docs/**/*.md", "*.md", "*.toml", "codex_jupyter/**/*.py", "js/src/*", "js/test/*", "js/package-lock.json",
         "notebooks/*.ipynb", "tests/data/**/*.json", "tests/data/**/*.html", "scripts/*.py", "bench/*.py")  # fmt: skip


def ordinary() -> list[Path]:
    files = sorted({file for pattern in WHERE for file in ROOT.glob(pattern) if file.is_file()})
    return [f for f in files if not str(f.relative_to(ROOT)).startswith(EXAMPLES)]


def test_nothing_of_two_million_characters_is_hidden() -> None:
    """Nothing of the project's own text is taken for a secret."""
    cleaner, looked_at, hidden = Cleaner(), 0, []
    for file in ordinary():
        text = file.read_text("utf-8")
        looked_at += len(text)
        hidden += [(file.name, each) for each in cleaner.secrets_in(text) if each]
    assert hidden == []
    assert looked_at > 1_500_000
