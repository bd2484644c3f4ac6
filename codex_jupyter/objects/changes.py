"""Which names a piece of code made, changed and deleted, told from before and after. Runs no code of the objects.

A name has changed when it stands for another object, or for the same one with other contents as far as a few samples
show: rows and columns of a table, values of an array, the beginning of a container.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from codex_jupyter.objects import statics
from codex_jupyter.objects.summary import summarize
from codex_jupyter.objects.tables import rows_text, table_of
from codex_jupyter.objects.variables import list_names

#: Names that are looked into, and values of an array or table that are compared.
NAMES, SAMPLES = 400, 16


@dataclass(frozen=True, slots=True)
class Changes:
    """Names, in the order in which they stand in the namespace."""

    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.new or self.changed or self.deleted)

    def __str__(self) -> str:
        parts = [
            f"{word} {', '.join(names[:20])}"
            + (f" and {len(names) - 20} more" if len(names) > 20 else "")
            for word, names in (
                ("new:", self.new),
                ("changed:", self.changed),
                ("deleted:", self.deleted),
            )
            if names
        ]
        return "; ".join(parts)


class Snapshot:
    """The user's names at one moment."""

    def __init__(
        self, namespace: Mapping[str, Any], hidden: Mapping[str, Any] | None = None
    ) -> None:
        listing = list_names(namespace, hidden)
        self._marks = {
            name: _mark(value, look=i < NAMES) for i, (name, value) in enumerate(listing.variables)
        }
        self._marks |= dict(listing.modules)
        self._marks |= dict.fromkeys(listing.imported, "")

    def until(self, later: Snapshot) -> Changes:
        """What happened between this moment and a later one."""
        before, after = self._marks, later._marks
        return Changes(
            tuple(name for name in after if name not in before),
            tuple(name for name in after if name in before and after[name] != before[name]),
            tuple(name for name in before if name not in after),
        )


def _mark(value: Any, *, look: bool) -> tuple[Any, ...]:
    if not look:
        return (id(value),)
    facts = summarize(value, room=300)
    try:
        samples = _samples(value)
    except Exception:  # in pieces, or changed by another thread meanwhile
        samples = ""
    return (id(value), facts.type, facts.shape, facts.size, facts.preview, samples)


def _samples(value: Any) -> str:
    if statics.is_type(value, "numpy", "ndarray") and value.dtype.kind in "iufbcmMSU":
        step = max(1, int(value.size) // SAMPLES)
        return repr([entry.item() for entry in islice(value.flat[::step], SAMPLES)])
    table = table_of(value)
    if table is None or not table.rows:
        return ""
    step = max(1, table.rows // SAMPLES)
    spread = [
        str(column.read(0, table.rows, step)[:SAMPLES])
        for column in table.columns
        if _plain(column.dtype)
    ]
    return "\n".join([rows_text(table, 2), *spread])


def _plain(dtype: str) -> bool:
    return dtype.lower().startswith(("int", "uint", "float", "bool", "datetime", "str"))
