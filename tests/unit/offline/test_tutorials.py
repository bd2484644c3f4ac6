"""The tutorials as a user gets them: with their pictures, and never over something of the user's."""

from __future__ import annotations

import json
import re
from pathlib import Path

from codex_jupyter.offline import write_tutorials
from tests.environments import ROOT

PICTURE = re.compile(r"!\[[^\]]+\]\(([^)]+)\)")


def test_every_picture_and_neighbour_that_a_tutorial_names_is_there(tmp_path: Path) -> None:
    folder = write_tutorials(tmp_path / "deep" / "tutorials")
    names = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
    assert folder.is_absolute() and sorted(p.name for p in folder.glob("*.ipynb")) == names
    pictures = set()
    for path in folder.glob("*.ipynb"):
        cells = json.loads(path.read_text())["cells"]
        prose = "".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")
        pictures.update(PICTURE.findall(prose))
        for name in re.findall(r"\]\((\w+\.ipynb)\)", prose):
            assert (folder / name).exists(), f"{path.name} leads to {name}"
    assert pictures == {f"images/{path.name}" for path in (folder / "images").iterdir()}
    assert all((folder / name).stat().st_size < 100_000 for name in pictures)


def test_what_is_there_stays_as_it_is(tmp_path: Path) -> None:
    folder = write_tutorials(tmp_path)
    (folder / "01_quickstart.ipynb").write_text("mine\n")
    (folder / "02_watching_a_turn.ipynb").unlink()
    write_tutorials(tmp_path)
    assert (folder / "01_quickstart.ipynb").read_text() == "mine\n"
    assert (folder / "02_watching_a_turn.ipynb").exists()
