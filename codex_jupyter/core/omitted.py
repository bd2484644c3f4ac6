"""The bound of a long document: which rows are left out of its middle, and the row that counts them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from codex_jupyter.core import records
from codex_jupyter.core.diffs import line_counts
from codex_jupyter.core.document import Block
from codex_jupyter.core.titles import count

#: Rows of folded work shown from the start and from the end; the same for file changes.
WORK_HEAD, WORK_TAIL = 100, 300
EDITS_HEAD, EDITS_TAIL = 50, 150


@dataclass(frozen=True, slots=True)
class Bounded:
    """The rows that remain, and for each cut (what was left out, the row that stands for it)."""

    blocks: tuple[Block, ...]
    cuts: tuple[tuple[tuple[Block, ...], Block], ...] = ()


def bounded(blocks: tuple[Block, ...], before: Bounded | None = None) -> Bounded:
    """At most so many rows of work and of file changes; one row stands for the middle of each.

    Args:
        blocks: all rows.
        before: the result for an earlier state of the same turn; what counts the same rows is used again.
    """
    known = before.cuts if before is not None else ()
    cuts: list[tuple[tuple[Block, ...], Block]] = []
    for chosen, head, tail, summary in _BOUNDS:
        places = [i for i, b in enumerate(blocks) if chosen(b)]
        middle = places[head : len(places) - tail]
        if len(places) <= head + tail or len(middle) < 2:
            continue
        left_out = tuple(blocks[i] for i in middle)
        row = next((r for was, r in known if was == left_out), None) or summary(left_out)
        cuts.append((left_out, row))
        gone = set(middle)
        kept = [b for i, b in enumerate(blocks) if i not in gone]
        kept.insert(middle[0], row)
        blocks = tuple(kept)
    return Bounded(blocks, tuple(cuts))


def _is_work(block: Block) -> bool:
    return block.fold == "work"


def _is_edit(block: Block) -> bool:
    return block.kind == "edit"


def _omitted_work(middle: Sequence[Block]) -> Block:
    number = sum(map(records.commands_in, middle))
    said = records.summary(middle)
    title = f"{count(number, 'more step')} not shown here" + (f": {said}" if said else "")
    return Block("omitted:work", "notice", title, "info", label="omitted", fold="work")


def _omitted_edits(middle: Sequence[Block]) -> Block:
    added = removed = 0
    for b in middle:
        for sign, number in _TOTAL.findall(b.meta):
            lines = int(number.replace(",", ""))
            added, removed = (added + lines, removed) if sign == "+" else (added, removed + lines)
    title = f"{count(len(middle), 'more file change')} not shown here"
    return Block(
        "omitted:edits", "edit", title, "edit", line_counts(added, removed), "omitted", fold="body"
    )


_TOTAL = re.compile(r"([+−])([\d,]+)")

_BOUNDS: tuple[
    tuple[Callable[[Block], bool], int, int, Callable[[Sequence[Block]], Block]], ...
] = (
    (_is_work, WORK_HEAD, WORK_TAIL, _omitted_work),
    (_is_edit, EDITS_HEAD, EDITS_TAIL, _omitted_edits),
)
