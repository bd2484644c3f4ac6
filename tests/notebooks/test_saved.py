"""The tutorials as they are saved: read on the web or in a diff by who never runs them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.environments import ROOT

TUTORIALS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", TUTORIALS, ids=lambda path: path.stem)
def test_a_tutorial_is_saved_as_it_ran(path: Path) -> None:
    notebook = json.loads(path.read_text())
    bundles = [o["data"] for c in notebook["cells"] for o in c.get("outputs", []) if "data" in o]
    turns = [b for b in bundles if "text/markdown" in b]
    assert turns and all({"text/html", "text/plain"} <= set(turn) for turn in turns)
    assert "offline model" in "".join(turns[0]["text/plain"])
    assert "widgets" not in notebook["metadata"]
    assert not [b for b in bundles if "application/vnd.jupyter.widget-view+json" in b]
    counts = [c["execution_count"] for c in notebook["cells"] if c["cell_type"] == "code"]
    assert counts == list(range(1, len(counts) + 1))
    assert not re.search(r"/(root|home|Users|tmp|var)/\w", path.read_text())
