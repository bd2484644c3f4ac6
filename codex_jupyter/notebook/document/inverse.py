"""What takes back one call's changes of an open notebook: made of what was planned and what the page told. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from codex_jupyter.notebook.document.cells import DocumentCell
from codex_jupyter.notebook.document.changes import Delete, Insert, Move, Planned, Replace, named


@dataclass(frozen=True, slots=True)
class CellEdit:
    """What one call did to cells.

    Attributes:
        notebook: its path.
        names: the cells as a person was shown them.
        left: by its id, the source that each was left with; None: it was taken out.
        back: changes for the page that take all of it back, in order (``docs/protocol.md``).
        lost: what they do not bring back, in words.
    """

    notebook: str
    names: tuple[str, ...]
    left: Mapping[str, str | None]
    back: tuple[dict[str, Any], ...]
    lost: tuple[str, ...] = ()


def inverse(
    notebook: str,
    planned: Sequence[Planned],
    names: Sequence[str],
    made: Sequence[str],
    stood: Sequence[Mapping[str, Any]],
) -> CellEdit:
    """The way back.

    Args:
        notebook: its path.
        planned: the changes that were made.
        names: of their cells.
        made: the ids of new cells, in the order of the call.
        stood: of each cell that was deleted or moved, in the order of the notebook: ``id``, ``after`` (the cell before it,
            None at the top), and of a deleted one the whole ``cell`` and whether its outputs were ``cut``.
    """
    new = iter(made)
    left: dict[str, str | None] = {}
    first: list[dict[str, Any]] = []
    moved: set[str] = set()
    for one in planned:
        match one.change, one.cell:
            case Replace(id=cell_id, source=source), DocumentCell() as cell:
                left[cell_id] = source
                first.append({"op": "replace", "id": cell_id, "source": cell.source, "was": source})
            case Insert(source=source), _ if cell_id := next(new, ""):
                left[cell_id] = source
                first.append({"op": "delete", "id": cell_id, "was": source})
            case Delete(id=cell_id), _:
                left[cell_id] = None
            case Move(id=cell_id), DocumentCell() as cell:
                left[cell_id] = cell.source
                moved.add(cell_id)
    then: list[dict[str, Any]] = []
    lost: list[str] = []
    for one in stood:
        cell_id, after = one.get("id"), one.get("after")
        if cell_id in moved:
            then.append({"op": "move", "id": cell_id, "after": after})
        elif isinstance(one.get("cell"), dict):
            then.append({"op": "restore", "id": cell_id, "after": after, "cell": one["cell"]})
            if one.get("cut"):
                lost.append(
                    f"the outputs of the deleted cell {cell_id}, which were too large to keep"
                )
    return CellEdit(notebook, tuple(names), left, (*first, *then), tuple(lost))


def conflicts(edits: Sequence[CellEdit], cells: Sequence[DocumentCell]) -> list[str]:
    """Why these edits cannot be taken back, a line a cell; none where they can.

    Args:
        edits: oldest first.
        cells: every cell of the notebook, as it is now.
    """
    there = {cell.id: cell for cell in cells}
    newest: dict[str, str | None] = {}
    for edit in edits:
        newest |= edit.left
    found = []
    for cell_id, source in newest.items():
        cell = there.get(cell_id)
        if source is None and cell is not None:
            found.append(f"the cell {cell_id}: it is there again")
        elif source is not None and cell is None:
            found.append(f"the cell {cell_id}: it is gone")
        elif cell is not None and (cell.source != source or cell.left_out):
            found.append(f"{named(cell)}: it was changed since")
    return found
