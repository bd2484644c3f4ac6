"""Which cells a call of ``run_cells`` runs, and what a person is shown of them."""

from __future__ import annotations

import pytest

from codex_jupyter.errors import UserError
from codex_jupyter.notebook.document.cells import DocumentCell, hash_of
from codex_jupyter.notebook.workbench.cell_runs import read_asked, shown, to_run

CELLS = [
    DocumentCell(0, "a", "code", "x = 1", 3),
    DocumentCell(1, "b", "markdown", "# B"),
    DocumentCell(2, "c", "code", "y = 2"),
    DocumentCell(3, "d", "code", "z", left_out=7),
]


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (None, "list of cells"),
        ([], "list of cells"),
        ({"id": "a", "hash": "1"}, "list of cells"),
        (["a"], "Cell 1"),
        ([{"id": "a"}], "Cell 1"),
        ([{"id": "a", "hash": "1"}, {"id": 7, "hash": "1"}], "Cell 2"),
        ([{"id": "a", "hash": ""}], "Cell 1"),
        ([{"id": "a", "hash": "1"}, {"id": "a", "hash": "2"}], "there twice"),
        ([{"id": str(n), "hash": "1"} for n in range(51)], "At most 50"),
    ],
)
def test_a_call_that_is_none_is_told_what_is_wrong(given: object, why: str) -> None:
    with pytest.raises(UserError, match=why):
        read_asked(given)


def test_cells_run_in_the_order_of_the_call() -> None:
    asked = {"c": hash_of("y = 2"), "a": hash_of("x = 1")}
    assert [cell.id for cell in to_run(asked, CELLS, "")] == ["c", "a"]


@pytest.mark.parametrize(
    ("asked", "own", "why"),
    [
        ({"a": hash_of("x = 2")}, "", "x = 1"),
        ({"e": "1"}, "", "no cell e"),
        ({"b": hash_of("# B")}, "", "Markdown"),
        ({"d": hash_of("z")}, "", "too long"),
        ({"a": hash_of("x = 1")}, "a", "runs this turn"),
    ],
)
def test_one_that_is_another_by_now_or_does_not_run_stops_the_whole_call(
    asked: dict[str, str], own: str, why: str
) -> None:
    with pytest.raises(UserError, match=why) as raised:
        to_run({"c": hash_of("y = 2"), **asked}, CELLS, own)
    assert "Nothing was run." in str(raised.value)


def test_each_cell_is_shown_whole_under_its_name() -> None:
    assert shown([CELLS[0], CELLS[2]]) == "# cell [3]\nx = 1\n\n# code cell 3\ny = 2"
