"""Rows of cells as lines of text whose columns stand under each other: for terminals and plain text."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Sequence
from itertools import zip_longest

from codex_jupyter.render.cells import cells_of

#: Between two columns.
GAP = "  "
#: No column is made narrower than this, however narrow the page is.
LEAST = 16


def aligned(
    rows: Sequence[Sequence[str]], width: int, *, right: Collection[int] = ()
) -> list[list[str]]:
    """The lines of each row: columns as wide as their widest cell, the widest columns wrapped where all do not fit.

    A word that is wider than its column stays whole; what stands to its right is then set a line below.

    Args:
        rows: cells without control characters but newlines; all rows have as many.
        width: columns of the page.
        right: numbers of the columns that are set to the right.

    Returns:
        Of each row its lines, without blanks at their ends.

    Example:
        >>> aligned([("a", "one"), ("long", "2")], 40, right={1})
        [['a     one'], ['long    2']]
        >>> aligned([("1", "many words that have to be wrapped")], 24)
        [['1  many words that have', '   to be wrapped']]
    """
    if not rows:
        return []
    widths = [max(map(_widest, cells)) for cells in zip(*rows, strict=True)]
    room = width - len(GAP) * (len(widths) - 1)
    while sum(widths) > room:
        widest = max(range(len(widths)), key=widths.__getitem__)
        others = sorted(widths)[-2] if len(widths) > 1 else 0
        least = max(LEAST, min(others, widths[widest] - 1), widths[widest] - (sum(widths) - room))
        if least >= widths[widest]:
            break
        widths[widest] = least
    return [_lines(row, widths, right) for row in rows]


def _lines(row: Sequence[str], widths: Sequence[int], right: Collection[int]) -> list[str]:
    cells, below = [], 0
    for cell, width in zip(row, widths, strict=True):
        pieces = _wrapped(cell, width) if cell else []
        cells.append([""] * (below if pieces else 0) + pieces)
        wide = [at for at, piece in enumerate(pieces, below + 1) if cells_of(piece) > width]
        below = max(wide, default=below)
    return [
        GAP.join(
            _padded(piece, width, at in right)
            for at, (piece, width) in enumerate(zip(pieces, widths, strict=True))
        ).rstrip()
        for pieces in zip_longest(*cells, fillvalue="")
    ]


def _wrapped(cell: str, width: int) -> list[str]:
    """At words where there are some; a word that is too long stays whole, since it may be an address or a path."""
    if _widest(cell) <= width:
        return cell.split("\n")
    return [
        piece
        for line in cell.split("\n")
        for piece in textwrap.wrap(
            line,
            width,
            break_long_words=False,
            break_on_hyphens=False,
            expand_tabs=False,
            replace_whitespace=False,
        )
        or [""]
    ]


def _widest(cell: str) -> int:
    return max(map(cells_of, cell.split("\n")))


def _padded(piece: str, width: int, right: bool) -> str:
    blanks = " " * max(width - cells_of(piece), 0)
    return blanks + piece if right else piece + blanks
