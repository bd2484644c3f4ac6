"""The way back from changes of cells, played on the model of what a page does."""

from __future__ import annotations

from typing import Any

import pytest

from codex_jupyter.notebook.document.cells import DocumentCell, hash_of
from codex_jupyter.notebook.document.changes import changed, plan, read_changes
from codex_jupyter.notebook.document.inverse import CellEdit, conflicts, inverse

CELLS = [DocumentCell(n, f"c{n}", "code", f"x = {n}", n + 1) for n in range(6)]


def h(number: int) -> str:
    return hash_of(CELLS[number].source)


def stood(cells: list[DocumentCell], changes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the page says of cells that go or move (``placesOf`` in js/src/document.js)."""
    gone = {one["id"] for one in changes if one["op"] == "delete"}
    moved = {one["id"] for one in changes if one["op"] == "move"}
    found = []
    for at, cell in enumerate(cells):
        place = {"id": cell.id, "after": cells[at - 1].id if at else None}
        if cell.id in moved:
            found.append(place)
        if cell.id in gone:
            found.append({**place, "cell": {"id": cell.id, "source": cell.source}})
    return found


def made_back(cells: list[DocumentCell], edit: CellEdit) -> list[tuple[str, str]]:
    """What a page makes of the way back."""
    order = [(cell.id, cell.source) for cell in cells]
    for one in edit.back:
        ids = [cell_id for cell_id, _ in order]
        at = ids.index(one["id"]) if one["id"] in ids else -1
        if one["op"] == "replace":
            assert order[at][1] == one["was"]
            order[at] = (one["id"], one["source"])
            continue
        source = order.pop(at)[1] if at >= 0 else one["cell"]["source"]
        if one["op"] == "delete":
            assert source == one["was"]
            continue
        ids = [cell_id for cell_id, _ in order]
        order.insert(
            0 if one["after"] is None else ids.index(one["after"]) + 1, (one["id"], source)
        )
    return order


@pytest.mark.parametrize(
    "changes",
    [
        [{"op": "replace", "id": "c1", "source": "y", "hash": h(1)}],
        [{"op": "insert", "after": None, "kind": "markdown", "source": "# A"}, {"op": "insert", "after": "c5", "kind": "code", "source": "z"}],
        [{"op": "delete", "id": "c0", "hash": h(0)}, {"op": "delete", "id": "c1", "hash": h(1)}, {"op": "delete", "id": "c5", "hash": h(5)}],
        [{"op": "move", "id": "c0", "after": "c3"}, {"op": "move", "id": "c4", "after": None}],
        [{"op": "move", "id": "c1", "after": "c5"}, {"op": "delete", "id": "c2", "hash": h(2)}, {"op": "insert", "after": "c1", "kind": "code", "source": "n"}, {"op": "replace", "id": "c3", "source": "", "hash": h(3)}],
    ],
)  # fmt: skip
def test_every_change_leads_back(changes: list[dict[str, Any]]) -> None:
    planned = plan(CELLS, read_changes(changes))
    after = changed(CELLS, planned)
    new = [cell.id for cell in after if cell.id.startswith("new-")]
    new.sort(key=lambda cell_id: int(cell_id[4:]))
    edit = inverse("n.ipynb", planned, ["a"], new, stood(CELLS, changes))
    assert conflicts([edit], after) == []
    assert made_back(after, edit) == [(cell.id, cell.source) for cell in CELLS]


def test_what_is_not_as_it_was_left_is_named() -> None:
    changes = [
        {"op": "replace", "id": "c1", "source": "y", "hash": h(1)},
        {"op": "delete", "id": "c2", "hash": h(2)},
        {"op": "insert", "after": None, "kind": "code", "source": "n"},
    ]
    planned = plan(CELLS, read_changes(changes))
    edit = inverse("n.ipynb", planned, ["a"], ["new-1"], stood(CELLS, changes))
    assert conflicts([edit], CELLS) == [
        "cell [2]: it was changed since",
        "the cell c2: it is there again",
        "the cell new-1: it is gone",
    ]


def test_of_several_edits_the_newest_says_what_was_left() -> None:
    first = plan(CELLS, read_changes([{"op": "replace", "id": "c1", "source": "y", "hash": h(1)}]))
    between = changed(CELLS, first)
    then = plan(between, read_changes([{"op": "delete", "id": "c1", "hash": hash_of("y")}]))
    edits = [inverse("n", one, [], [], []) for one in (first, then)]
    assert conflicts(edits, changed(between, then)) == []
    assert conflicts(edits, between) == ["the cell c1: it is there again"]


def test_a_new_cell_that_the_page_did_not_name_is_left() -> None:
    planned = plan(CELLS, read_changes([{"op": "insert", "after": None, "kind": "code", "source": "n"}]))  # fmt: skip
    assert inverse("n", planned, [], [], []).back == ()
