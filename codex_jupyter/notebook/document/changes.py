"""Changes of an open notebook: read from a tool's call, checked against the cells as they are, and drawn as a patch. Pure.

Changes of one call are one step, all or nothing. Each that touches a cell carries the hash of the source that it was made
from, so that what a person typed meanwhile is never overwritten.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from codex_jupyter.core.diffs import Change as FileChange
from codex_jupyter.errors import UserError
from codex_jupyter.notebook.document.cells import DocumentCell, Kind

#: Changes of one call, characters of one source.
MOST, LONGEST = 100, 200_000

KIND_WORDS: dict[Kind, str] = {"code": "code", "markdown": "Markdown", "raw": "raw"}

READ_AGAIN = "Call read_notebook, then make the change from what the cells are now."
NOTHING = "Nothing was changed."


@dataclass(frozen=True, slots=True)
class Replace:
    """Another source for a cell."""

    id: str
    source: str
    hash: str


@dataclass(frozen=True, slots=True)
class Insert:
    """A new cell behind another one; ``after`` None: at the top. Several behind the same cell stand in the order of the call."""

    after: str | None
    kind: Kind
    source: str


@dataclass(frozen=True, slots=True)
class Delete:
    """A cell is taken out."""

    id: str
    hash: str


@dataclass(frozen=True, slots=True)
class Move:
    """A cell stands behind another one from now on; ``after`` None: at the top."""

    id: str
    after: str | None


Change = Replace | Insert | Delete | Move


@dataclass(frozen=True, slots=True)
class Planned:
    """A change with the cell that it changes, as that was when it was planned; None for a new one."""

    change: Change
    cell: DocumentCell | None = None


def read_changes(given: object) -> tuple[Change, ...]:
    """The changes of a call, in order.

    Args:
        given: ``changes`` of ``edit_cells``.

    Raises:
        UserError: they are none; the text says which one, and what is wrong with it.

    Example:
        >>> read_changes([{"op": "insert", "after": None, "kind": "markdown", "source": "# A"}])
        (Insert(after=None, kind='markdown', source='# A'),)
    """
    if type(given) is not list or not given:
        raise UserError("`changes` has to be a list of changes.")
    if len(given) > MOST:
        raise UserError(f"At most {MOST} changes in one call.")
    return tuple(_change(number, one) for number, one in enumerate(given, 1))


def _change(number: int, given: object) -> Change:
    if not isinstance(given, dict):
        raise UserError(f"Change {number} is no object.")

    def text(name: str) -> str:
        value = given.get(name)
        if type(value) is not str or (not value and name != "source"):
            raise UserError(f"Change {number}: `{name}` has to be a text.")
        if len(value) > LONGEST:
            raise UserError(f"Change {number}: `{name}` is longer than {LONGEST:,} characters.")
        return value

    def after() -> str | None:
        if "after" not in given:
            raise UserError(f"Change {number}: `after` has to be the id of a cell, or null for the top.")  # fmt: skip
        return None if given["after"] is None else text("after")

    match given.get("op"):
        case "replace":
            return Replace(text("id"), text("source"), text("hash"))
        case "insert":
            kind = given.get("kind")
            if kind not in ("code", "markdown"):
                raise UserError(f'Change {number}: `kind` has to be "code" or "markdown".')
            return Insert(after(), kind, text("source"))
        case "delete":
            return Delete(text("id"), text("hash"))
        case "move":
            return Move(text("id"), after())
    raise UserError(f'Change {number}: `op` has to be "replace", "insert", "delete" or "move".')


def plan(cells: Sequence[DocumentCell], changes: Sequence[Change]) -> tuple[Planned, ...]:
    """The changes with the cells that they change.

    Args:
        cells: every cell of the notebook, as it is now.
        changes: one call's.

    Raises:
        UserError: a cell is not there, is another one by now, or is changed twice; the text says which, and what the cell
            looks like now.
    """
    by_id = {cell.id: cell for cell in cells}
    touched: set[str] = set()
    gone = {change.id for change in changes if isinstance(change, Delete)}
    planned: list[Planned] = []
    for number, change in enumerate(changes, 1):
        if isinstance(change, Insert | Move):
            behind = change.after
            if behind is not None and behind not in by_id:
                raise _no_cell(number, behind)
            if behind in gone:
                raise UserError(f"Change {number}: the cell {behind} is deleted by another change. {NOTHING}")  # fmt: skip
        if isinstance(change, Insert):
            planned.append(Planned(change))
            continue
        cell = by_id.get(change.id)
        if cell is None:
            raise _no_cell(number, change.id)
        if change.id in touched:
            raise UserError(f"Change {number}: the cell {change.id} is changed twice in this call. {NOTHING}")  # fmt: skip
        touched.add(change.id)
        if isinstance(change, Move) and change.after == change.id:
            raise UserError(f"Change {number}: a cell cannot stand behind itself. {NOTHING}")
        if isinstance(change, Replace | Delete) and change.hash != cell.hash:
            raise UserError(
                f"Change {number}: the cell {cell.id} is another one by now (hash {cell.hash}). {NOTHING} It reads:\n"
                f"{cell.source}",
                READ_AGAIN,
            )
        planned.append(Planned(change, cell))
    return tuple(planned)


def _no_cell(number: int, cell_id: str) -> UserError:
    return UserError(f"Change {number}: the notebook has no cell {cell_id}. {NOTHING}", READ_AGAIN)


def changed(cells: Sequence[DocumentCell], planned: Sequence[Planned]) -> list[DocumentCell]:
    """The cells after the changes; new ones have ids ``new-1``, ``new-2`` in the order of the call.

    The same as the page does with its live document, so that it can be said, and tested, what comes of a call.
    """
    made = list(cells)
    new = 0
    last_behind: dict[str | None, str] = {}

    def place(after: str | None) -> int:
        """Behind the cell, and behind what this call put there before."""
        anchor = last_behind.get(after, after)
        if anchor is None:
            return 0
        return next(at for at, cell in enumerate(made) if cell.id == anchor) + 1

    for one in planned:
        match one.change:
            case Replace(id=cell_id, source=source):
                at = next(at for at, cell in enumerate(made) if cell.id == cell_id)
                made[at] = replace(made[at], source=source)
            case Delete(id=cell_id):
                made = [cell for cell in made if cell.id != cell_id]
            case Insert(after=after, kind=kind, source=source):
                new += 1
                cell = DocumentCell(0, f"new-{new}", kind, source)
                made.insert(place(after), cell)
                last_behind[after] = cell.id
            case Move(id=cell_id, after=after):
                moving = next(cell for cell in made if cell.id == cell_id)
                made.remove(moving)
                made.insert(place(after), moving)
                last_behind[after] = cell_id
    return [replace(cell, index=at) for at, cell in enumerate(made)]


def sent(planned: Planned) -> dict[str, Any]:
    """A change as the page is told it, with what its cell was: another one by now is not touched (``docs/protocol.md``)."""
    was = {} if planned.cell is None else {"was": planned.cell.source}
    match planned.change:
        case Replace(id=cell_id, source=source):
            return {"op": "replace", "id": cell_id, "source": source, **was}
        case Delete(id=cell_id):
            return {"op": "delete", "id": cell_id, **was}
        case Move(id=cell_id, after=after):
            return {"op": "move", "id": cell_id, "after": after}
        case Insert(after=after, kind=kind, source=source):
            return {"op": "insert", "after": after, "kind": kind, "source": source}


def drawn(planned: Sequence[Planned], cells: Sequence[DocumentCell]) -> tuple[FileChange, ...]:
    """What a person is shown of the changes: a patch with a part for each cell, whole."""
    names = {cell.id: named(cell) for cell in cells}

    def behind(after: str | None) -> str:
        return "at the top" if after is None else f"after {names[after]}"

    parts = []
    for one in planned:
        match one.change, one.cell:
            case Replace(source=source), DocumentCell() as cell:
                parts.append(FileChange(names[cell.id], "update", diff(cell.source, source)))
            case Delete(), DocumentCell() as cell:
                parts.append(FileChange(names[cell.id], "delete", f"{cell.source}\n"))
            case Move(after=after), DocumentCell() as cell:
                parts.append(FileChange(names[cell.id], "update", "", behind(after)))
            case Insert(after=after, kind=kind, source=source), _:
                parts.append(
                    FileChange(f"new {KIND_WORDS[kind]} cell {behind(after)}", "add", f"{source}\n")
                )
    return tuple(parts)


def named(cell: DocumentCell) -> str:
    """A cell as a person knows it: by its execution number, else by its place, from 1."""
    if cell.kind == "code" and cell.count:
        return f"cell [{cell.count}]"
    return f"{KIND_WORDS[cell.kind]} cell {cell.index + 1}"


def diff(old: str, new: str) -> str:
    """A unified diff of two sources, without names.

    Example:
        >>> diff("a\\nb", "a\\nc").split("\\n")
        ['@@ -1,2 +1,2 @@', ' a', '-b', '+c']
    """
    lines = difflib.unified_diff(old.split("\n"), new.split("\n"), lineterm="", n=3)
    return "\n".join(list(lines)[2:])
