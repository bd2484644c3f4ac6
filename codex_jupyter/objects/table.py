"""A table as data, whatever library it is of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from codex_jupyter.objects.columns import Column, Reader

#: Columns that are looked at, at most.
COLUMNS = 60


@dataclass(frozen=True, slots=True)
class Table:
    """A table, or a single column of one.

    Attributes:
        rows: how many, or None for a lazy one.
        columns: the first ``COLUMNS`` of them.
        width: how many there are.
        size: bytes in memory, or None where that is not known cheaply.
        index: the row labels as text, or ``""`` when they are just numbers.
        labels: reads row labels, or None.
        single: a series rather than a frame.
        title: what the object is, where its own type does not say it.
    """

    rows: int | None
    columns: tuple[Column, ...]
    width: int
    size: int | None = None
    index: str = ""
    labels: Reader | None = field(default=None, repr=False, compare=False)
    single: bool = False
    title: str = ""


class TableColumn:
    """One column of a table as something to be described; iterating gives its values."""

    __slots__ = ("table",)

    def __init__(self, table: Table) -> None:
        self.table = table

    def __iter__(self) -> Iterator[Any]:
        read, rows = self.table.columns[0].read, self.table.rows
        return iter(read(0, rows, 1) if read is not None and rows else ())
