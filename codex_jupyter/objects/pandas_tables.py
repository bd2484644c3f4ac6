"""Tables, series and indexes of pandas as data, read from the arrays that they are made of.

Not one method of pandas is called: its frames ask the offset of a ``DatetimeIndex``, copy what somebody put into ``attrs``,
call what somebody set on the object. What pandas is made of is private to it; ``tests/unit/objects/test_pandas_parts.py``
names it and fails where it changed. A part that is not what is expected makes the object one that is told by its type.
"""

from __future__ import annotations

from itertools import islice
from typing import Any

from codex_jupyter.core.secrets import HIDDEN, any_secret
from codex_jupyter.objects import statics
from codex_jupyter.objects.arrays import plain_array
from codex_jupyter.objects.columns import Column, Reader
from codex_jupyter.objects.pandas_columns import array_column
from codex_jupyter.objects.preview import preview
from codex_jupyter.objects.shortening import cut
from codex_jupyter.objects.table import COLUMNS, Table

#: Blocks of a frame that are looked at; of a frame that has more, bytes are not added up.
BLOCKS = 240

_MANAGERS = "pandas.core.internals.managers"
_INDEXES = (
    "Index", "RangeIndex", "DatetimeIndex", "TimedeltaIndex", "PeriodIndex", "CategoricalIndex", "IntervalIndex",
)  # fmt: skip


def pandas_table(obj: Any) -> Table | None:
    """The table that a frame, a series or an index of pandas is, or None."""
    if statics.is_type(obj, "pandas", "DataFrame"):
        return _frame(obj)
    if statics.is_type(obj, "pandas", "Series"):
        return _series(obj)
    column = _index_column(obj)
    return None if column is None else Table(_index_length(obj), (column,), 1, single=True)


def pandas_names(frame: Any) -> list[str]:
    """The labels of the first columns of a frame, as text; empty for anything else."""
    table = pandas_table(frame) if statics.is_type(frame, "pandas", "DataFrame") else None
    return [column.name for column in table.columns] if table is not None else []


def _frame(obj: Any) -> Table | None:
    parts = _parts(obj, "BlockManager", 2)
    if parts is None:
        return None
    (columns, rows), blocks = parts
    labels, row_labels = _index_column(columns), _index_column(rows)
    if labels is None or row_labels is None:
        return None
    height, width = _index_length(rows), _index_length(columns)
    shown = min(width, COLUMNS)
    names = [_label(label) for label in _all_of(labels.read, shown)] if labels.read else []
    places = _places(obj, blocks, width, shown)
    if len(names) != shown:
        return None
    found = []
    for position, name in enumerate(names):
        block, row = places.get(position, (None, None))
        values = statics.member(block, "values")
        column = Column(name, "?") if block is None else array_column(name, values, row, height)
        if column is None:
            return None
        found.append(column)
    return Table(height, tuple(found), width, _size(blocks), **_row_labels(rows, row_labels))


def _series(obj: Any) -> Table | None:
    parts = _parts(obj, "SingleBlockManager", 1)
    if parts is None:
        return None
    (index,), blocks = parts
    row_labels = _index_column(index)
    if row_labels is None or len(blocks) != 1:
        return None
    name = (statics.instance_dict(obj) or {}).get("_name")
    label = "value" if name is None else _label(name)
    height = _index_length(index)
    column = array_column(label, statics.member(blocks[0], "values"), None, height)
    if column is None:
        return None
    return Table(
        height, (column,), 1, column.size, single=True, **_row_labels(index, row_labels)
    )  # fmt: skip


def _parts(obj: Any, kind: str, axes: int) -> tuple[list[Any], tuple[Any, ...]] | None:
    """The axes and the blocks of a frame or series, where all of it is pandas' own."""
    manager = (statics.instance_dict(obj) or {}).get("_mgr")
    if not statics.is_type(manager, _MANAGERS, kind):
        return None
    held, blocks = statics.member(manager, "axes"), statics.member(manager, "blocks")
    if type(held) is not list or len(held) != axes or type(blocks) is not tuple:
        return None
    return held, blocks


def _places(
    obj: Any, blocks: tuple[Any, ...], width: int, shown: int
) -> dict[int, tuple[Any, int | None]]:
    """For the first columns, by position: the block, and the row of its array (None where it has but one)."""
    manager = (statics.instance_dict(obj) or {}).get("_mgr")
    numbers = plain_array(statics.member(manager, "_blknos"))
    rows = plain_array(statics.member(manager, "_blklocs"))
    found: dict[int, tuple[Any, int | None]] = {}
    if numbers is not None and rows is not None and numbers.shape == rows.shape == (width,):
        pairs = zip(numbers[:shown].tolist(), rows[:shown].tolist(), strict=True)
        for position, (number, row) in enumerate(pairs):
            if type(number) is int and 0 <= number < len(blocks):
                found[position] = (blocks[number], row)
        return found
    for block in blocks[:BLOCKS]:
        if len(found) == shown:
            break
        locations = statics.member(block, "_mgr_locs")
        if not statics.is_type(locations, "pandas._libs.internals", "BlockPlacement"):
            continue
        places = plain_array(locations.as_array)
        for row, position in enumerate([] if places is None else places[:shown].tolist()):
            if position < shown:
                found[position] = (block, row)
    return found


def _size(blocks: tuple[Any, ...]) -> int | None:
    if len(blocks) > BLOCKS:
        return None
    total = 0
    for block in blocks:
        values = statics.member(block, "values")
        array = plain_array(values)
        column = None if array is not None else array_column("", values, None, None)
        size = int(array.nbytes) if array is not None else column.size if column else None
        if size is None:
            return None
        total += size
    return total


# --- indexes ----------------------------------------------------------------------------------------------------------


def _index_column(index: Any) -> Column | None:
    """An index as a column, its name as the label; None where it is not pandas' own."""
    held = statics.instance_dict(index) or {}
    if statics.is_type(index, "pandas", "MultiIndex"):
        return _multi_column(held)
    if not any(statics.is_type(index, "pandas", name) for name in _INDEXES):
        return None
    name = held.get("_name")
    label = "label" if name is None else _label(name)
    numbers = held.get("_range")
    if type(numbers) is range:
        return Column(label, "int64", lambda *rows: list(numbers[slice(*rows)]))
    return array_column(label, held.get("_data"), None, None)


def _multi_column(held: dict[str, Any]) -> Column | None:
    levels, codes = _list(held.get("_levels")), _list(held.get("_codes"))
    arrays = [plain_array(code) for code in codes]
    columns = [_index_column(level) for level in levels]
    if not columns or len(arrays) != len(columns) or any(a is None for a in arrays):
        return None
    if any(column is None for column in columns):
        return None

    def read(start: int, stop: int, step: int) -> list[Any]:
        per_level = []
        for column, array in zip(columns, arrays, strict=True):
            if column is None or column.read is None:
                return []
            per_level.append(
                [
                    column.read(code, code + 1, 1)[0] if code >= 0 else None
                    for code in array[start:stop:step].tolist()
                ]
            )
        return list(zip(*per_level, strict=True))

    title = ", ".join(_index_names(held)) or "label"
    return Column(title, "object", read)


def _index_length(index: Any) -> int:
    held = statics.instance_dict(index) or {}
    if type(held.get("_range")) is range:
        return len(held["_range"])
    codes = _list(held.get("_codes"))
    values = codes[0] if codes else held.get("_data")
    array = plain_array(values)
    if array is not None:
        return array.shape[0]
    column = array_column("", values, None, None)
    return column.rows if column is not None and column.rows is not None else 0


def _index_names(held: dict[str, Any]) -> list[str]:
    if "_names" in held:
        return [_label(name) for name in _list(held["_names"]) if name is not None]
    return [] if held.get("_name") is None else [_label(held["_name"])]


def _list(value: Any) -> list[Any]:
    """The first entries of a list, also of pandas' own frozen one."""
    if type(value) is list or statics.genuine(type(value), "pandas"):
        return list(islice(list.__iter__(value), 50)) if statics.derives(type(value), list) else []
    return []


def _row_labels(index: Any, column: Column) -> dict[str, Any]:
    kind = statics.class_name(type(index))
    if kind == "RangeIndex":
        return {}
    names = _index_names(statics.instance_dict(index) or {})
    title = kind + (f" {', '.join(names)}" if names else "")
    labels: Reader | None = column.read
    if any_secret(names):
        labels = _hidden
    return {"index": title, "labels": labels}


def _hidden(start: int, stop: int, step: int) -> list[Any]:
    return [HIDDEN] * len(range(start, stop, step))


def _label(label: Any) -> str:
    return cut(label, 60) if type(label) is str else preview(label, 60, depth=1)


def _all_of(read: Reader, count: int) -> list[Any]:
    return read(0, count, 1)
