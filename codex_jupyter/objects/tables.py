"""Tables of pandas, polars and pyarrow as data: columns, types, a few rows and statistics of a sample.

Only the libraries' own exact types count, with their own column types and indexes; anything else is ``None`` here and
told as a stranger. Nothing is ever scanned: at most ``SAMPLE`` evenly spaced rows are read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from codex_jupyter.core.secret_shapes import HIDDEN, any_secret, secret_name, secret_value
from codex_jupyter.objects import statics
from codex_jupyter.objects.preview import known_zone, preview
from codex_jupyter.objects.shortening import cut

#: Rows that statistics are made from, and columns that are looked at, at most.
SAMPLE, COLUMNS = 5_000, 60

#: Gives the values of rows ``range(start, stop, step)``.
Reader = Callable[[int, int, int], list[Any]]


@dataclass(frozen=True)
class Column:
    """One column: its label and type as text, and how to read some rows of it."""

    name: str
    dtype: str
    read: Reader = field(repr=False, compare=False)

    @property
    def secret(self) -> bool:
        """Whether its values stay hidden."""
        return secret_name(self.name)


@dataclass(frozen=True)
class Table:
    """A table, or a single column of one.

    Attributes:
        rows: how many, or None for a lazy one.
        columns: the first ``COLUMNS`` of them.
        width: how many there are.
        size: bytes in memory as the library counts them, or None.
        index: the row labels as text, or ``""`` when they are just numbers.
        labels: reads row labels, or None.
        single: a series rather than a frame.
    """

    rows: int | None
    columns: tuple[Column, ...]
    width: int
    size: int | None = None
    index: str = ""
    labels: Reader | None = field(default=None, repr=False, compare=False)
    single: bool = False


def table_of(obj: Any) -> Table | None:
    """The table that an object is, or None."""
    for read in (
        _pandas_frame,
        _pandas_series,
        _pandas_index,
        _polars_frame,
        _polars_series,
        _polars_lazy,
        _arrow,
    ):
        try:
            found = read(obj)
        except Exception:  # in pieces, or changed by another thread meanwhile: told as a stranger
            continue
        if found is not None:
            return found
    return None


# --- words ------------------------------------------------------------------------------------------------------------


def shape_text(table: Table) -> str:
    """``1,234 rows × 5 columns``."""
    if table.rows is None:
        return "lazy"
    rows = f"{table.rows:,} row{'' if table.rows == 1 else 's'}"
    if table.single:
        return rows
    return f"{rows} × {table.width:,} column{'' if table.width == 1 else 's'}"


def columns_text(table: Table, room: int) -> str:
    """``id int64, price float64, … 3 more``."""
    shown: list[str] = []
    length = 0
    for column in table.columns:
        part = f"{cut(column.name, 40)} {column.dtype}"
        length += len(part) + 2
        if shown and length > room:
            break
        shown.append(part)
    left = table.width - len(shown)
    return ", ".join(shown) + (f", … {left:,} more" if left else "")


def rows_text(table: Table, count: int, *, columns: int = 20, room: int = 28) -> str:
    """The first rows, one a line, values parted by `` | ``."""
    if not table.rows:
        return ""
    count = min(count, table.rows)
    shown = table.columns[:columns]
    header = [cut(column.name, room) for column in shown]
    body = [_cells(column, count, room) for column in shown]
    if table.labels is not None:
        header.insert(0, "")
        body.insert(0, [cell(value, room) for value in table.labels(0, count, 1)])
    if table.width > len(shown):
        header.append("…")
        body.append(["…"] * count)
    lines = [" | ".join(header), *(" | ".join(row) for row in zip(*body, strict=True))]
    return "\n".join(lines)


def statistics_text(table: Table) -> str:
    """A line for each column, from a bounded sample, which the first line names."""
    if not table.rows:
        return ""
    step = -(-table.rows // SAMPLE)
    taken = -(-table.rows // step)
    over = f"all {taken:,}" if step == 1 else f"a sample of {taken:,} of {table.rows:,}"
    lines = [f"Statistics of {over} rows:"]
    for column in table.columns:
        told = HIDDEN if column.secret else _statistics(column.read(0, table.rows, step))
        lines.append(f"  {cut(column.name, 40)}: {told}")
    return "\n".join(lines)


def cell(value: Any, room: int) -> str:
    """One value of a table; text stands without quotes."""
    if type(value) is str:
        return HIDDEN if secret_value(value[: room + 400]) else cut(value[: room + 1], room)
    if type(value) is float:
        return f"{value:.6g}"
    return preview(value, room, depth=1)


def _cells(column: Column, count: int, room: int) -> list[str]:
    if column.secret:
        return [HIDDEN] * count
    return [cell(value, room) for value in column.read(0, count, 1)]


def _statistics(values: Sequence[Any]) -> str:
    known = [v for v in values if not _missing(v)]
    gaps = (
        f", {_percent(len(values) - len(known), len(values))} missing"
        if len(known) < len(values)
        else ""
    )
    if not known:
        return "nothing but missing values"
    numbers = [n for n in (_number(v) for v in known) if n is not None]
    if len(numbers) == len(known):
        mean = sum(numbers) / len(numbers)
        return f"min {min(numbers):.6g}, mean {mean:.6g}, max {max(numbers):.6g}{gaps}"
    if all(type(v) is str for v in known):
        counts = Counter(known)
        value, times = counts.most_common(1)[0]
        most = (
            f", most often {cell(value, 30)!r} ({_percent(times, len(values))})"
            if times > 1
            else ""
        )
        return f"{len(counts):,} distinct{most}{gaps}"
    kinds = Counter(statics.type_title(type(v)) for v in known)
    if len(kinds) == 1 and next(iter(kinds)) in (
        "pandas.Timestamp",
        "datetime.datetime",
        "datetime.date",
    ):
        try:
            low, high = min(known), max(known)
        except TypeError:
            return f"dates{gaps}"
        return f"from {preview(low, 40)} to {preview(high, 40)}{gaps}"
    return ", ".join(f"{count:,} {kind}" for kind, count in kinds.most_common(4)) + gaps


def _number(value: Any) -> float | None:
    cls = type(value)
    if cls is bool or cls is int or cls is float:
        return float(value) if cls is not int or value.bit_length() < 1000 else None
    if statics.genuine(cls, "numpy") and statics.class_name(cls).startswith(
        ("int", "uint", "float", "bool")
    ):
        return float(value)
    return None


def _missing(value: Any) -> bool:
    if value is None:
        return True
    cls = type(value)
    if cls is float or (
        statics.genuine(cls, "numpy") and statics.class_name(cls).startswith("float")
    ):
        return bool(value != value)
    return statics.genuine(cls, "pandas") and statics.class_name(cls) in ("NAType", "NaTType")


def _percent(part: int, whole: int) -> str:
    share = 100 * part / whole
    return "<1%" if 0 < share < 1 else f"{share:.0f}%"


# --- pandas -----------------------------------------------------------------------------------------------------------


def _pandas_frame(obj: Any) -> Table | None:
    if not statics.is_type(obj, "pandas", "DataFrame"):
        return None
    index, columns = obj.index, obj.columns
    if not (_own_index(index) and _own_index(columns)):
        return None
    width = len(columns)
    dtypes = list(obj.dtypes.to_numpy()[:COLUMNS]) if width else []
    if not all(_own_dtype(dtype) for dtype in obj.dtypes.to_numpy()):
        return None
    names = [_label(label) for label in columns[:COLUMNS]]
    size = int(obj.memory_usage(index=False, deep=False).sum()) if width <= 1_000 else None
    read = [_pandas_reader(lambda i=i: obj.iloc[:, i]) for i in range(len(names))]
    return Table(
        rows=len(index),
        columns=tuple(
            Column(name, _dtype_text(dtype), reader)
            for name, dtype, reader in zip(names, dtypes, read, strict=True)
        ),
        width=width,
        size=size,
        **_row_labels(index),
    )


def _pandas_series(obj: Any) -> Table | None:
    if not statics.is_type(obj, "pandas", "Series"):
        return None
    if not _own_index(obj.index) or not _own_dtype(obj.dtype):
        return None
    column = Column(
        _label(obj.name) if obj.name is not None else "value",
        _dtype_text(obj.dtype),
        _pandas_reader(lambda: obj),
    )
    return Table(
        len(obj.index),
        (column,),
        1,
        int(obj.memory_usage(index=False, deep=False)),
        single=True,
        **_row_labels(obj.index),
    )


def _pandas_index(obj: Any) -> Table | None:
    index = statics.loaded("pandas", "Index")
    if index is statics.MISSING or not statics.derives(type(obj), index) or not _own_index(obj):
        return None
    title = ", ".join(_label(name) for name in obj.names if name is not None) or "label"
    column = Column(title, _dtype_text(obj.dtype), _index_reader(obj))
    return Table(len(obj), (column,), 1, single=True)


def _pandas_reader(series: Callable[[], Any]) -> Reader:
    return lambda start, stop, step: list(series().iloc[start:stop:step].array)


def _index_reader(index: Any) -> Reader:
    return lambda start, stop, step: list(index[start:stop:step])


def _row_labels(index: Any) -> dict[str, Any]:
    if statics.class_name(type(index)) == "RangeIndex":
        return {}
    names = [_label(name) for name in index.names if name is not None]
    title = f"{statics.class_name(type(index))}" + (f" {', '.join(names)}" if names else "")
    if any_secret(names):
        return {"index": title, "labels": lambda *rows: [HIDDEN] * len(range(*rows))}
    return {"index": title, "labels": _index_reader(index)}


def _own_index(index: Any) -> bool:
    if not statics.genuine(type(index), "pandas"):
        return False
    if statics.class_name(type(index)) == "MultiIndex":
        return all(_own_index(level) for level in index.levels)
    return _own_dtype(index.dtype)


def _own_dtype(dtype: Any) -> bool:
    """Whether a column type is numpy's or pandas' own, all the way down; another's is an array of foreign code."""
    cls = type(dtype)
    if statics.genuine(cls, "numpy"):
        return True
    if not statics.genuine(cls, "pandas"):
        return False
    match statics.class_name(cls):
        case "DatetimeTZDtype":
            return known_zone(dtype.tz)
        case "ArrowDtype":
            return statics.genuine(type(dtype.pyarrow_dtype), "pyarrow")
        case "CategoricalDtype":
            return dtype.categories is None or _own_index(dtype.categories)
    return True


def _dtype_text(dtype: Any) -> str:
    name = statics.class_name(type(dtype))
    if name == "CategoricalDtype":
        return "category"
    return cut(str(dtype), 40)


def _label(label: Any) -> str:
    return cut(label, 60) if type(label) is str else preview(label, 60, depth=1)


# --- polars and pyarrow -------------------------------------------------------------------------------------------------


def _polars_frame(obj: Any) -> Table | None:
    if not statics.is_type(obj, "polars", "DataFrame"):
        return None
    names, dtypes = obj.columns, obj.dtypes
    columns = tuple(
        Column(name, cut(str(dtype), 40), _polars_reader(lambda i=i: obj.to_series(i)))
        for i, (name, dtype) in enumerate(zip(names[:COLUMNS], dtypes, strict=False))
    )
    return Table(obj.height, columns, len(names), int(obj.estimated_size()))


def _polars_series(obj: Any) -> Table | None:
    if not statics.is_type(obj, "polars", "Series"):
        return None
    column = Column(obj.name or "value", cut(str(obj.dtype), 40), _polars_reader(lambda: obj))
    return Table(len(obj), (column,), 1, int(obj.estimated_size()), single=True)


def _polars_lazy(obj: Any) -> Table | None:
    # Its schema may have to be read from a file or over the network: not asked for.
    return Table(None, (), 0) if statics.is_type(obj, "polars", "LazyFrame") else None


def _polars_reader(series: Callable[[], Any]) -> Reader:
    def read(start: int, stop: int, step: int) -> list[Any]:
        part = series().slice(start, stop - start)
        return (part if step == 1 else part.gather_every(step)).to_list()

    return read


def _arrow(obj: Any) -> Table | None:
    if not (
        statics.is_type(obj, "pyarrow", "Table") or statics.is_type(obj, "pyarrow", "RecordBatch")
    ):
        return None
    schema = obj.schema
    kinds = [schema.field(i).type for i in range(min(len(schema), COLUMNS))]
    if not all(statics.genuine(type(kind), "pyarrow") for kind in kinds):
        return None
    columns = tuple(
        Column(schema.field(i).name, cut(str(kind), 40), _arrow_reader(lambda i=i: obj.column(i)))
        for i, kind in enumerate(kinds)
    )
    return Table(obj.num_rows, columns, obj.num_columns, int(obj.nbytes))


def _arrow_reader(column: Callable[[], Any]) -> Reader:
    def read(start: int, stop: int, step: int) -> list[Any]:
        whole = column()
        if step == 1:
            return whole.slice(start, stop - start).to_pylist()
        return [whole[i].as_py() for i in range(start, stop, step)]

    return read
