"""`docs/architecture.md` draws the machines as they are, and names only files that there are."""

from __future__ import annotations

import re
from typing import Any, get_args

import pytest

from codex_jupyter.notebook.panel import live_feed, saved_copy, static_fallback
from codex_jupyter.session.phases import TRANSITIONS, Phase
from tests.environments import ROOT
from tests.unit.structure.sources import PACKAGE

PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
GUIDE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
LINE = re.compile(r"\s*(\[\*\]|\w+) --> (\[\*\]|\w+)(?:: (.*))?")
FILE = re.compile(r"`([\w./-]+\.(?:py|js|mjs|css|md|toml|json))`")


def drawing(above: str) -> list[tuple[str, str, str]]:
    """The arrows of the first drawing below a text: (from, to, what is written on it)."""
    block = (
        PAGE[PAGE.index(above) :].split("```mermaid\nstateDiagram-v2\n", 1)[1].split("```", 1)[0]
    )
    arrows = [LINE.fullmatch(line) for line in block.splitlines()]
    assert all(arrows), block
    return [(a[1], a[2], a[3] or "") for a in arrows if a]


def test_a_turn_is_drawn_as_its_table_says() -> None:
    drawn: dict[tuple[str, str], str] = {}
    ends = []
    for before, after, steps in drawing("### A turn"):
        if "[*]" in (before, after):
            ends.append((before, after))
            continue
        for step in steps.split(", "):
            assert (before, step) not in drawn
            drawn[before, step] = after
    assert drawn == TRANSITIONS
    phases = get_args(Phase)
    assert ends == [("[*]", phases[0]), (phases[-1], "[*]")]


@pytest.mark.parametrize(
    ("above", "state"),
    [
        ("(`live_feed.py`)", live_feed.State),
        ("(`saved_copy.py`)", saved_copy.State),
        ("(`static_fallback.py`)", static_fallback.State),
    ],
)
def test_the_machines_of_a_panel_are_drawn_with_their_states(above: str, state: Any) -> None:
    names = {name for arrow in drawing(above) for name in arrow[:2]}
    assert names - {"[*]"} == set(get_args(state))


@pytest.mark.parametrize("page", [PAGE, GUIDE], ids=["architecture", "contributing"])
def test_every_file_that_a_page_names_is_there(page: str) -> None:
    names = {name for name in FILE.findall(page) if "NAME" not in name and "KIND" not in name}
    assert len(names) > 15
    for name in names:
        found = (ROOT / name).exists() or any(PACKAGE.rglob(name.rsplit("/", 1)[-1]))
        assert found, name
        if "/" in name:
            places = (ROOT, PACKAGE, PACKAGE / "notebook")
            assert any((place / name).exists() for place in places), name
