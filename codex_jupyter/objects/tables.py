"""Tables of pandas, polars and pyarrow in words: columns, a few rows, statistics of a sample.

Only the libraries' own exact types count; anything else is no table here and told by its type. Nothing is ever scanned: at
most ``SAMPLE`` rows are read, evenly spaced, or from the top where the rest may have to come from a file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from codex_jupyter import journal
from codex_jupyter.core.secrets import HIDDEN, secret_value
from codex_jupyter.objects import statics
from codex_jupyter.objects.arrow_tables import arrow_table
from codex_jupyter.objects.columns import Column, InUTC
from codex_jupyter.objects.pandas_tables import pandas_table
from codex_jupyter.objects.polars_tables import polars_table
from codex_jupyter.objects.preview import preview
from codex_jupyter.objects.shortening import cut
from codex_jupyter.objects.table import COLUMNS, Table, TableColumn

log = journal.logger("objects")

__all__ = [
    "COLUMNS",
    "SAMPLE",
    "Table",
    "column_of",
    "columns_text",
    "rows_text",
    "shape_text",
    "statistics_text",
    "table_of",
]

#: Rows that statistics are made from, at most.
SAMPLE = 5_000


def table_of(obj: Any) -> Table | None:
    """The table that an object is, or None."""
    if type(obj) is TableColumn:
        return obj.table
    library = statics.module_of(type(obj)).partition(".")[0]
    read = {"pandas": pandas_table, "polars": polars_table, "pyarrow": arrow_table}.get(library)
    if read is None:
        return None
    try:
        return read(obj)
    except (
        Exception
    ) as error:  # in pieces, or changed by another thread meanwhile: told by its type
        log.debug("a table could not be read: %s", type(error).__name__)
        return None


def column_of(obj: Any, name: str) -> TableColumn | None:
    """A column of a table by its label as text, the first of several, or None."""
    table = table_of(obj)
    if table is None or table.single:
        return None
    column = next((c for c in table.columns if c.name == name), None)
    if column is None:
        return None
    library = statics.module_of(type(obj)).partition(".")[0]
    title = {"pandas": "pandas.Series", "polars": "polars.Series"}.get(library, f"{library} column")
    return TableColumn(
        Table(table.rows, (column,), 1, column.size, table.index, table.labels, True, title)
    )


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
        labels = [cell(value, room) for value in table.labels(0, count, 1)]
        body.insert(0, labels + ["…"] * (count - len(labels)))
    if table.width > len(shown):
        header.append("…")
        body.append(["…"] * count)
    lines = [" | ".join(header), *(" | ".join(row) for row in zip(*body, strict=True))]
    return "\n".join(lines)


def statistics_text(table: Table) -> str:
    """A line for each column, from a bounded sample, which the first line names."""
    if not table.rows:
        return ""
    reach = min((c.reach for c in table.columns if c.reach is not None), default=table.rows)
    within = min(table.rows, reach)
    step = -(-within // SAMPLE) if within == table.rows else 1
    stop = within if within == table.rows else min(within, SAMPLE)
    taken = len(range(0, stop, step))
    over = (
        f"all {taken:,}"
        if taken == table.rows
        else f"the first {taken:,} of {table.rows:,}"
        if within < table.rows
        else f"a sample of {taken:,} of {table.rows:,}"
    )
    lines = [f"Statistics of {over} rows:"]
    for column in table.columns:
        if column.secret:
            told = HIDDEN
        elif column.read is None:
            told = "not looked into"
        else:
            told = _statistics(column.read(0, stop, step))
        lines.append(f"  {cut(column.name, 40)}: {told}")
    return "\n".join(lines)


def cell(value: Any, room: int) -> str:
    """One value of a table; text stands without quotes."""
    if type(value) is str:
        return HIDDEN if secret_value(value[: room + 400]) else cut(value[: room + 1], room)
    if type(value) is float:
        told = f"{value:.6g}"
        return f"{told}.0" if told.lstrip("-").isdigit() else told
    if type(value) is InUTC:
        return cut(f"{preview(value.moment, room)}+00:00", room)
    return preview(value, room, depth=1)


def _cells(column: Column, count: int, room: int) -> list[str]:
    if column.secret:
        return [HIDDEN] * count
    if column.read is None:
        return ["…"] * count
    shown = [cell(value, room) for value in column.read(0, count, 1)]
    return shown + ["…"] * (count - len(shown))


def _statistics(values: Sequence[Any]) -> str:
    if not values:
        return "too large to be sampled"
    zone = "+00:00" if any(type(v) is InUTC for v in values) else ""
    values = [v.moment if type(v) is InUTC else v for v in values]
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
        "numpy.datetime64",
        "datetime.datetime",
        "datetime.date",
    ):
        try:
            low, high = min(known), max(known)
        except TypeError:
            return f"dates{gaps}"
        return f"from {preview(low, 40)}{zone} to {preview(high, 40)}{zone}{gaps}"
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
        statics.genuine(cls, "numpy")
        and statics.class_name(cls).startswith(("float", "datetime64", "timedelta64"))
    ):
        return bool(value != value)
    return statics.genuine(cls, "pandas") and statics.class_name(cls) in ("NAType", "NaTType")


def _percent(part: int, whole: int) -> str:
    share = 100 * part / whole
    return "<1%" if 0 < share < 1 else f"{share:.0f}%"
