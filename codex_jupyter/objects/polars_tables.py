"""Tables of polars as data.

A type that extends polars' is somebody's class, made anew whenever polars names it: while there is one, no column is looked
at. Values in a time zone are read as numbers: turned into Python's they import the zone.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

from codex_jupyter.objects import statics
from codex_jupyter.objects.columns import Column, InUTC, Reader
from codex_jupyter.objects.shortening import cut
from codex_jupyter.objects.table import COLUMNS, Table

#: Columns of a frame whose bytes are added up; bytes of a frame that may be sampled anywhere, of nested rows, of a text.
COUNTED, NEAR, NESTED, TEXT = 1_000, 256_000_000, 1_000_000, 20_000
#: Rows from the top that are read of a larger frame, which may lie in a file.
TOP = 5_000

_FIXED = frozenset(
    ["Int8", "Int16", "Int32", "Int64", "Int128", "UInt8", "UInt16", "UInt32", "UInt64", "Float32", "Float64", "Boolean",
     "Date", "Time", "Duration", "Decimal", "Categorical", "Enum", "Null", "Object"]
)  # fmt: skip
_PER_SECOND = {"ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}


def polars_table(obj: Any) -> Table | None:
    """The table that a frame or a series of polars is, or None."""
    if statics.is_type(obj, "polars", "LazyFrame"):
        # Its schema may have to be read from a file or over the network: not asked for.
        return Table(None, (), 0)
    series = statics.is_type(obj, "polars", "Series")
    if not (series or statics.is_type(obj, "polars", "DataFrame")):
        return None
    held = statics.instance_dict(obj) or {}
    if any(name not in ("_df", "_s") for name in held):
        return None
    if foreign_types():
        return (
            Table(len(obj), (Column("value", "?"),), 1, single=True)
            if series
            else Table(obj.height, (), obj.width)
        )
    if series:
        size = int(obj.estimated_size())
        column = _column(obj, lambda: obj, size)
        return Table(len(obj), (column,), 1, size, single=True)
    width = obj.width
    size = int(obj.estimated_size()) if width <= COUNTED else None
    shown = [obj.to_series(i) for i in range(min(width, COLUMNS))]
    return Table(obj.height, tuple(_column(s, lambda s=s: s, size) for s in shown), width, size)


def foreign_types() -> bool:
    """Whether the process knows a type of polars that is somebody's class."""
    for name in ("BaseExtension", "Extension"):
        base = statics.loaded("polars", name)
        if base is not statics.MISSING and any(
            not statics.genuine(cls, "polars") for cls in statics.subclasses(base)
        ):
            return True
    return False


def _column(series: Any, whole: Callable[[], Any], size: int | None) -> Column:
    dtype = series.dtype
    reach = None if size is not None and size <= NEAR else TOP
    name = statics.text(series.name) or "value"
    return Column(name, cut(str(dtype), 40), _reader(dtype, whole), None, reach, len(series))


def _reader(dtype: Any, whole: Callable[[], Any]) -> Reader | None:
    if not statics.genuine(type(dtype), "polars"):
        return None
    kind = statics.class_name(type(dtype))
    if kind in _FIXED:
        return lambda *rows: _rows(whole(), *rows).to_list()
    if kind == "Datetime":
        return _moments(dtype, whole)
    if kind == "String":

        def texts(start: int, stop: int, step: int) -> list[Any]:
            part = _rows(whole(), start, stop, step)
            return [] if (part.str.len_bytes().max() or 0) > TEXT else part.to_list()

        return texts
    if not _plain(dtype):
        return None

    def nested(start: int, stop: int, step: int) -> list[Any]:
        part = _rows(whole(), start, stop, step)
        return part.to_list() if part.estimated_size() <= NESTED else []

    return nested


def _plain(dtype: Any, depth: int = 4) -> bool:
    """Whether a type is nested from plain ones alone."""
    if depth == 0 or not statics.genuine(type(dtype), "polars"):
        return False
    kind = statics.class_name(type(dtype))
    if kind in ("List", "Array"):
        return _plain(dtype.inner, depth - 1)
    if kind == "Struct":
        return all(_plain(field.dtype, depth - 1) for field in dtype.fields[:50])
    return kind in _FIXED or kind in ("String", "Binary")


def _rows(series: Any, start: int, stop: int, step: int) -> Any:
    part = series.slice(start, stop - start)
    return part if step == 1 else part.gather_every(step)


def _moments(dtype: Any, whole: Callable[[], Any]) -> Reader:
    zoned, per_second = dtype.time_zone is not None, _PER_SECOND.get(dtype.time_unit, 1_000_000)
    start_of_time = datetime.datetime(1970, 1, 1)

    def moment(number: int | None) -> Any:
        if number is None:
            return None
        try:
            made = start_of_time + datetime.timedelta(seconds=number // per_second)
        except OverflowError:
            return f"{number} {dtype.time_unit}"
        made += datetime.timedelta(microseconds=number % per_second * 1_000_000 // per_second)
        return InUTC(made) if zoned else made

    def read(start: int, stop: int, step: int) -> list[Any]:
        return [moment(n) for n in _rows(whole(), start, stop, step).to_physical().to_list()]

    return read
