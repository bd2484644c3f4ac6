"""The cells of an open notebook as a page tells them: checked, frozen, each with the hash of its source. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, Literal

from codex_jupyter.errors import UserError

Kind = Literal["code", "markdown", "raw"]
#: Hex digits of a hash.
DIGITS = 8
#: The question for every cell, without outputs.
ALL = {"kind": "read", "from": 0, "count": 1_000_000, "brief": True}


@dataclass(frozen=True, slots=True)
class DocumentCell:
    """One cell of the open notebook.

    Attributes:
        index: its place, from 0.
        id: as in the file (nbformat 4.5).
        kind: code, markdown or raw.
        source: its text; whole, unless ``left_out`` characters at its end are not there.
        count: its execution number, 0 for none.
        outputs: as in the file, long texts cut.
        left_out: how much of the source the page did not send.
    """

    index: int
    id: str
    kind: Kind
    source: str
    count: int = 0
    outputs: tuple[dict[str, Any], ...] = ()
    left_out: int = 0

    @property
    def hash(self) -> str:
        """See ``hash_of``; ``""`` where the source is not whole."""
        return "" if self.left_out else hash_of(self.source)


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A part of an open notebook.

    Attributes:
        path: of the file, as the server has it.
        total: how many cells the notebook has.
        active: the index of the cell that the person is at, -1 where that is not known.
        selected: the indexes of the selected cells.
        cells: those that were asked for, in order.
    """

    path: str
    total: int
    active: int
    selected: tuple[int, ...]
    cells: tuple[DocumentCell, ...]


def hash_of(source: str) -> str:
    """The first digits of the SHA-256 of a source in UTF-8: what a change of it is made from.

    Example:
        >>> hash_of("1 + 1")
        '72fce594'
    """
    return hashlib.sha256(source.encode("utf-8", "surrogatepass")).hexdigest()[:DIGITS]


def read_excerpt(reply: dict[str, Any]) -> Excerpt:
    """What a page told of its notebook.

    Raises:
        UserError: it is no such thing: the page is of another version.
    """
    cells = reply.get("cells")
    try:
        return Excerpt(
            path=_text(reply.get("path")),
            total=_count(reply.get("total")),
            active=_index(reply.get("active")),
            selected=tuple(map(_count, reply.get("selected") or ())),
            cells=tuple(_cell(cell) for cell in cells or ()),
        )
    except (TypeError, ValueError, AttributeError):
        raise UserError("The page gave no readable notebook.", "Reload the page.") from None


def _cell(told: Any) -> DocumentCell:
    kind = told.get("kind")
    outputs = told.get("outputs") or ()
    return DocumentCell(
        index=_count(told.get("index")),
        id=_text(told.get("id")),
        kind=kind if kind in ("code", "markdown") else "raw",
        source=_text(told.get("source")),
        count=_count(told.get("count") or 0),
        outputs=tuple(output for output in outputs if isinstance(output, dict)),
        left_out=_count(told.get("left_out") or 0),
    )


def _text(value: Any) -> str:
    if type(value) is not str:
        raise TypeError
    return value


def _count(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise TypeError
    return value


def _index(value: Any) -> int:
    return value if type(value) is int and value >= 0 else -1
