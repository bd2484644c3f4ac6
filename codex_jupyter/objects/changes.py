"""Which names a piece of code made, changed and deleted, told from before and after. Runs no code of the objects.

A name has changed when it stands for another object, or for the same one with other contents as far as a few samples
show: rows and columns of a table, values of an array, the beginning of a container. How much is looked into is counted, not
timed: a turn begins with a snapshot, on the main thread.
"""

from __future__ import annotations

from typing import Any

from codex_jupyter import journal
from codex_jupyter.core.runs import Changes
from codex_jupyter.objects import statics
from codex_jupyter.objects.arrays import may_be_read_anywhere, plain_array, readable
from codex_jupyter.objects.columns import Column
from codex_jupyter.objects.preview import preview
from codex_jupyter.objects.tables import table_of
from codex_jupyter.objects.variables import list_names

log = journal.logger("objects")

#: What one snapshot may look into, in units of one container: an array counts as two, a table as its columns. Values of an
#: array or a column that are compared.
EFFORT, SAMPLES = 250, 16


class Snapshot:
    """The user's names at one moment.

    Args:
        namespace: a kernel's ``user_ns``.
        hidden: its ``user_ns_hidden``.
        effort: how much is looked into; with 0 objects are told apart by their identity alone.
    """

    def __init__(
        self,
        namespace: dict[str, Any],
        hidden: dict[str, Any] | None = None,
        *,
        effort: int = EFFORT,
    ) -> None:
        listing = list_names(namespace, hidden)
        self._marks = listing.marks
        #: Held, so that their place in memory does not become another's.
        self._small = listing.small
        #: What was seen of some of the others.
        self._seen: dict[str, str] = {}
        left = effort
        # The latest are the likeliest to be worked on.
        for name, mark in reversed(listing.marks.items()):
            if left <= 0:
                break
            if mark < 0:
                continue
            cost, seen = _seen(listing.variables[name])
            left -= cost
            if seen is not None:
                self._seen[name] = seen
        self._others = {**listing.modules, **dict.fromkeys(listing.imported, "")}
        #: All names, in the order of the namespace, imported ones last. No object is held that is not small.
        self.names = (*self._marks, *self._others)

    def until(self, later: Snapshot) -> Changes:
        """What happened between this moment and a later one."""
        mark, other = self._marks.get, self._others.get
        differ = [name for name, now in later._marks.items() if mark(name) != now]
        differ += [name for name, now in later._others.items() if other(name) != now]
        new = [name for name in differ if name not in self._marks and name not in self._others]
        fresh = set(new)
        changed = [name for name in differ if name not in fresh]
        others = [n for n, s in later._seen.items() if self._seen.get(n, s) != s]
        if others:
            both = {*changed, *others}
            changed = [name for name in later.names if name in both]
        gone: list[str] = []
        if len(later.names) - len(new) < len(self.names):
            gone = [n for n in self.names if n not in later._marks and n not in later._others]
        return Changes(tuple(new), tuple(changed), tuple(gone))


def _seen(value: Any) -> tuple[int, str | None]:
    """What is seen of a value, and how much that counts."""
    cls = type(value)
    if statics.one_of(cls, list, dict, set, tuple, frozenset, bytearray):
        return 1, f"{cls.__len__(value)} {preview(value, 300)}"
    try:
        array = plain_array(value)
        if array is not None:
            return 2, _array(array)
        table = table_of(value)
    except Exception as error:  # in pieces, or changed by another thread meanwhile
        log.debug("a value gave no samples: %s", type(error).__name__)
        return 1, None
    if table is None:
        held = statics.attributes(value) if statics.module_of(cls) == "__main__" else {}
        return (1, preview(value, 300)) if held else (0, None)
    columns = [f"{table.rows} {table.width} {table.index}"]
    columns += [f"{c.name} {c.dtype} {_column(c, table.rows)}" for c in table.columns]
    return len(table.columns), "\n".join(columns)


def _array(array: Any) -> str:
    told = f"{array.shape}"
    size = int(array.size)
    if not size or array.dtype.names or not readable(array.dtype):
        return told
    step = max(1, size // SAMPLES)
    spread = array.flat[::step] if may_be_read_anywhere(array) else array.flat[:SAMPLES]
    return f"{told} {_short(spread[:SAMPLES].tolist())}"


def _column(column: Column, rows: int | None) -> str:
    if column.read is None or not rows:
        return ""
    reach = min(rows, column.reach or rows)
    step = max(1, reach // SAMPLES)
    try:
        values = column.read(0, min(reach, SAMPLES * step), step)
    except Exception as error:
        log.debug("a column gave no samples: %s", type(error).__name__)
        return ""
    return _short(values)


def _short(values: list[Any]) -> str:
    plain = (int, float)
    return ", ".join(
        repr(v) if statics.one_of(type(v), *plain) else preview(v, 40, depth=1) for v in values
    )
