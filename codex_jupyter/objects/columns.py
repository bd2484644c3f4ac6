"""A column of a table, whatever library it is of: its label, its type in words, and how some of its rows are read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from codex_jupyter.core.secrets import secret_name

#: Gives the values of rows ``range(start, stop, step)``; fewer where they are too large to be read.
Reader = Callable[[int, int, int], list[Any]]


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        name: its label as text.
        dtype: its type as text.
        read: reads some rows; None where the values are of a type that is not looked into.
        size: bytes in memory, or None where that is not known cheaply.
        reach: how many rows from the top may be read; None means any row.
        rows: how many values there are, where the array says so.
    """

    name: str
    dtype: str
    read: Reader | None = field(default=None, repr=False, compare=False)
    size: int | None = None
    reach: int | None = None
    rows: int | None = None

    @property
    def secret(self) -> bool:
        """Whether its values stay hidden."""
        return secret_name(self.name)


class InUTC:
    """A moment of a column with a time zone, which is kept as UTC."""

    __slots__ = ("moment",)

    def __init__(self, moment: Any) -> None:
        self.moment = moment
