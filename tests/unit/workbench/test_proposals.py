"""Which cell is a proposal that was run."""

from __future__ import annotations

import argparse
import difflib
import inspect
import json.decoder
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from codex_jupyter.notebook.workbench.proposals import Proposals
from codex_jupyter.notebook.workbench.record import Cell
from codex_jupyter.notebook.workbench.saved_cells import SavedCells, saved_cells

LONG = inspect.getsource(argparse)[:4_000]


def ran(proposed: str, source: str) -> tuple[bool, bool]:
    """Whether a cell was taken for the proposal, and for an edited one."""
    proposals = Proposals(SimpleNamespace(set_next_input=lambda text: None))
    (one,) = proposals.propose([proposed], batch=1, insertable=True)
    proposals.cell_finished(Cell(1, "%codex propose", ours=True))
    proposals.cell_finished(Cell(2, source))
    return one.state == "ran", one.edited


@pytest.mark.parametrize(
    ("proposed", "source", "found"),
    [
        ("df.describe()", "df.describe()\n", (True, False)),
        ("df.describe()", "df.describe(include='all')", (True, True)),
        ("a = 20\nprint('first')", "a = 20\nprint('first!')", (True, True)),
        ("a = 20\nprint('first')", "unrelated = 1", (False, False)),
        (LONG, LONG.replace("help", "text"), (True, True)),
        (LONG, inspect.getsource(json.decoder), (False, False)),
    ],
)
def test_an_edited_proposal_is_known_again(
    proposed: str, source: str, found: tuple[bool, bool]
) -> None:
    assert ran(proposed, source) == found


def test_every_cell_after_a_long_proposal_is_compared_cheaply(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sizes: list[int] = []
    plain = difflib.SequenceMatcher

    def counted(junk: None, a: list[str], b: list[str], **more: bool) -> difflib.SequenceMatcher:
        sizes.append(len(a) * len(b))
        return plain(junk, a, b, **more)

    monkeypatch.setattr(difflib, "SequenceMatcher", counted)
    ran(LONG, inspect.getsource(json.decoder))
    assert max(sizes) < 2_000_000  # character by character it is sixteen million, and takes seconds


class Notebook:
    """Proposals of a page, and what was inserted into it."""

    def __init__(self) -> None:
        self.inserted: list[str] = []
        self._proposals = Proposals(SimpleNamespace(set_next_input=self.inserted.append))
        self._turn = 0

    def ask(self, *codes: str, saved: SavedCells | None) -> None:
        """A turn proposes these, and its cell ends."""
        self._turn += 1
        self._proposals.propose(list(codes), batch=self._turn, insertable=True, saved=saved)
        self._proposals.cell_finished(Cell(self._turn, "%codex propose", ours=True))

    def run(self, source: str) -> None:
        self._proposals.cell_finished(Cell(90, source))


def test_what_the_file_holds_is_not_inserted_again_and_the_rest_is() -> None:
    notebook = Notebook()
    notebook.ask("a = 1", "b = 2", saved=SavedCells(frozenset({"a = 1"}), at=time.time()))
    assert notebook.inserted == []
    notebook.run("a = 1")
    assert notebook.inserted == ["b = 2"]


def test_what_was_inserted_since_the_file_was_saved_is_not_inserted_again() -> None:
    notebook = Notebook()
    for _ in range(2):
        notebook.ask("a = 1", saved=SavedCells())
        notebook.run("a = 1")
    assert notebook.inserted == ["a = 1"]


def test_what_the_user_changed_or_took_out_before_saving_is_inserted_again() -> None:
    changed, removed = Notebook(), Notebook()
    changed.ask("a = 1", saved=SavedCells())
    changed.run("a = 12")
    changed.ask("a = 1", saved=SavedCells())
    removed.ask("a = 1", saved=SavedCells())
    removed.ask("a = 1", saved=SavedCells(at=time.time() + 1))
    assert changed.inserted == removed.inserted == ["a = 1", "a = 1"]


def test_a_console_keeps_no_cells_and_gets_the_proposal_each_time() -> None:
    console = Notebook()
    for _ in range(2):
        console.ask("a = 1", saved=None)
        console.run("a = 1")
    assert console.inserted == ["a = 1", "a = 1"]


def test_the_saved_cells_are_the_code_of_a_notebook_and_nothing_of_anything_else(
    tmp_path: Path,
) -> None:
    file = tmp_path / "t.ipynb"
    cells = [
        {"cell_type": "code", "source": ["a = 1\n", "a\n"]},
        {"cell_type": "code", "source": "b = 2"},
        {"cell_type": "markdown", "source": "c = 3"},
    ]
    file.write_text(json.dumps({"cells": cells}))
    read = saved_cells(str(file))
    assert read == SavedCells(frozenset({"a = 1\na", "b = 2"}), file.stat().st_mtime)
    for text in ("", "{", "[]", '{"cells": 3}', '{"cells": [{"source": 1}]}', "[" * 100_000):
        file.write_text(text)
        assert saved_cells(str(file)) == SavedCells()
    other = tmp_path / "t.json"
    other.write_text(json.dumps({"cells": cells}))
    for path in ("", str(tmp_path), str(other), str(tmp_path / "gone.ipynb"), "\0.ipynb"):
        assert saved_cells(path) == SavedCells()
