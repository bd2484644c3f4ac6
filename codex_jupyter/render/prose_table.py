"""A Markdown table in a terminal: columns under each other where they fit, else each row as lines of ``head: value``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from codex_jupyter.render import cells
from codex_jupyter.render.ansi import PLAIN, Style
from codex_jupyter.render.cells import Runs
from codex_jupyter.render.paint import Paint

if TYPE_CHECKING:
    from markdown_it.token import Token

GAP = "  "
#: A column is made this narrow where that lets a table fit, if its words are no longer.
NARROW = 8
#: A column that is less wide than this holds no cell of so many lines: nobody likes to read that.
TEXT, TALL = 30, 6
_BOLD, _QUIET = Style(bold=True), Style(dim=True)

Inline = Callable[..., Runs]


def lines(tokens: Sequence[Token], width: int, paint: Paint, inline: Inline) -> list[Runs]:
    """The lines of a table.

    Args:
        tokens: from ``table_open`` on.
        width: cells of a line.
        paint: whether styles are shown.
        inline: makes the words of a cell.
    """
    rows: list[list[Runs]] = []
    sides: list[str] = []
    for token, content in pairwise(tokens):
        if token.type == "tr_open":
            rows.append([])
        elif token.type in ("th_open", "td_open"):
            head = token.type == "th_open"
            if head:
                sides.append(str(token.attrs.get("class", "")).removeprefix("cj-"))
            rows[-1].append(inline(content, _BOLD if head else PLAIN))
    head, *body = rows
    widths = _widths(rows, width)
    if widths is None:
        return _blocks(head, body, width)
    made = [*_row(head, widths, sides)]
    made.append([(GAP.join("─" * wide for wide in widths), _QUIET)])
    wraps = any(_wide(cell) > wide for row in body for cell, wide in zip(row, widths, strict=True))
    for at, row in enumerate(body):
        if at and wraps:
            made.append([])
        made += _row(row, widths, sides)
    return made


def _widths(rows: list[list[Runs]], width: int) -> list[int] | None:
    """The width of each column, or None where the table is not to be read as columns."""
    room = width - len(GAP) * (len(rows[0]) - 1)
    if room < len(rows[0]):
        return None
    columns = list(zip(*rows, strict=True))
    widths = [max(map(_wide, column)) for column in columns]
    if sum(widths) <= room:
        return widths
    longest = [max(map(_longest_word, column)) for column in columns]
    least = [max(word, min(wide, NARROW)) for word, wide in zip(longest, widths, strict=True)]
    if sum(least) > room:
        least = longest
    if sum(least) > room:
        return None
    # What is left over goes to those that want more, a cell each in turn: long columns end up alike.
    left = room - sum(least)
    made = list(least)
    while left > 0:
        wanting = [i for i, wide in enumerate(widths) if made[i] < wide]
        lowest = min(made[i] for i in wanting)
        for i in wanting:
            if made[i] == lowest and left > 0:
                made[i] += 1
                left -= 1
    if any(wide > TALL * got and got < TEXT for wide, got in zip(widths, made, strict=True)):
        return None
    return made


def _row(row: list[Runs], widths: list[int], sides: list[str]) -> Iterator[Runs]:
    wrapped = [cells.wrapped(cell, wide) for cell, wide in zip(row, widths, strict=True)]
    for at in range(max(map(len, wrapped))):
        line: Runs = []
        owed = ""  # blanks before the next words, so that none end a line
        for column, (cell, wide, side) in enumerate(zip(wrapped, widths, sides, strict=True)):
            piece = cell[at] if at < len(cell) else []
            spare = max(wide - _wide(piece), 0)
            before = {"right": spare, "center": spare // 2}.get(side, 0)
            owed += (GAP if column else "") + " " * before
            if cells.text_of(piece):
                line += [(owed, PLAIN), *piece]
                owed = ""
            owed += " " * (spare - before)
        yield line


def _blocks(head: list[Runs], body: list[list[Runs]], width: int) -> list[Runs]:
    made: list[Runs] = []
    for at, row in enumerate(body):
        if at:
            made.append([])
        for name, cell in zip(head, row, strict=True):
            if not cells.text_of(cell):
                continue
            label: Runs = [*name, (": ", _BOLD)] if cells.text_of(name) else []
            first, *more = cells.wrapped([*label, *cell], width, max(width - 2, 1))
            made += [first, *([("  ", PLAIN), *line] for line in more)]
    if not body:
        made = cells.wrapped([run for name in head for run in (*name, (GAP, PLAIN))], width)
    return made


def _wide(cell: Runs) -> int:
    return max(map(cells.cells_of, cells.text_of(cell).split("\n")))


def _longest_word(cell: Runs) -> int:
    return max(_wide(line) for line in cells.wrapped(cell, 1))
