"""The arrays that columns of pandas are made of, each read by its parts. Private to ``pandas_tables``."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from codex_jupyter.objects import statics
from codex_jupyter.objects.arrays import (
    dtype_text,
    is_dtype,
    plain_array,
    readable,
    rows_within_reach,
)
from codex_jupyter.objects.arrow_values import arrow_reader, foreign_types
from codex_jupyter.objects.columns import Column, InUTC
from codex_jupyter.objects.shortening import cut

#: What a period of each offset counts, as numpy names it.
_PERIODS = {
    "YearEnd": "Y", "MonthEnd": "M", "Day": "D", "Hour": "h", "Minute": "m", "Second": "s", "Milli": "ms",
    "Micro": "us", "Nano": "ns",
}  # fmt: skip
_CLOSED = {"left": "[)", "right": "(]", "both": "[]", "neither": "()"}


def array_column(name: str, values: Any, row: int | None, rows: int | None) -> Column | None:
    """A column from the array that holds it.

    Args:
        name: its label.
        values: the array of a block, a series or an index.
        row: which row of it, where it holds several columns.
        rows: how many values there have to be, or None.

    Returns:
        None where the array is in pieces, as another thread may leave it for a moment. A column without a reader where it
        is of a type that is not looked into.
    """
    column = _column(name, values, row)
    return None if rows is not None and column.rows not in (None, rows) else column


def _column(name: str, values: Any, row: int | None) -> Column:
    array = plain_array(values)
    if array is not None:
        return _of_array(name, dtype_text(array.dtype), array, row)
    cls = type(values)
    for kind, read in _KINDS.items():
        if any(statics.is_class(cls, home, kind) for home in ("pandas.arrays", "pandas")):
            return read(name, values, row)
    dtype = statics.type_title(cls)
    return Column(name, cut(dtype, 40))


def _of_array(
    name: str, dtype: str, array: Any, row: int | None, wrap: Callable[[Any], Any] | None = None
) -> Column:
    """A column of a plain array, each value as ``wrap`` makes it."""
    if array.ndim == 2:
        array = array[row or 0]
    if array.ndim != 1 or not readable(array.dtype):
        return Column(
            name, dtype, None, int(array.nbytes), rows=array.shape[0] if array.ndim else None
        )

    numbers = array.dtype.kind in "biufc"

    def read(start: int, stop: int, step: int) -> list[Any]:
        part = array[start:stop:step]
        found = part.tolist() if numbers else list(part)
        return found if wrap is None else [wrap(value) for value in found]

    return Column(
        name, dtype, read, int(array.nbytes), rows_within_reach(array), array.shape[0]
    )  # fmt: skip


def _backed(values: Any) -> Any:
    """The plain array that an array of pandas is a coat of, or None."""
    return plain_array(statics.member(values, "_ndarray"))


def _moments(name: str, values: Any, row: int | None) -> Column:
    array, dtype = _backed(values), statics.member(values, "_dtype")
    if array is None:
        return Column(name, "datetime64")
    if is_dtype(dtype):
        return _of_array(name, dtype_text(array.dtype), array, row)
    zone = zone_name((statics.instance_dict(dtype) or {}).get("_tz"))
    told = dtype_text(array.dtype).removesuffix("]")
    return _of_array(name, cut(f"{told}, {zone}]", 60), array, row, InUTC)


def zone_name(zone: Any) -> str:
    """A time zone's name where that runs nothing of it, else its type's."""
    if statics.is_type(zone, "zoneinfo", "ZoneInfo"):
        return statics.text(statics.member(zone, "key")) or "ZoneInfo"
    if statics.is_type(zone, "datetime", "timezone"):
        return str(zone)
    return statics.type_title(type(zone))


def _periods(name: str, values: Any, row: int | None) -> Column:
    array = _backed(values)
    freq = (statics.instance_dict(statics.member(values, "_dtype")) or {}).get("_freq")
    unit = _PERIODS.get(statics.class_name(type(freq)))
    if array is None or not statics.genuine(type(freq), "pandas") or unit is None:
        return Column(name, "period")
    moment = statics.loaded("numpy", "datetime64")
    low = -(2**63)
    return _of_array(
        name, f"period[{unit}]", array, row,
        lambda ordinal: moment("NaT", unit) if int(ordinal) == low else moment(int(ordinal), unit),
    )  # fmt: skip


def _categories(name: str, values: Any, row: int | None) -> Column:
    codes, held = _backed(values), statics.instance_dict(statics.member(values, "_dtype")) or {}
    parts = statics.instance_dict(held.get("_categories")) or {}
    numbers = parts.get("_range")
    if type(numbers) is range:
        known = Column("", "int64", lambda *rows: list(numbers[slice(*rows)]))
    else:
        known = _column("", parts.get("_data"), None)
    read = known.read
    if codes is None or read is None:
        return Column(name, "category", rows=None if codes is None else codes.shape[-1])
    seen: dict[int, Any] = {}

    def category(code: Any) -> Any:
        at = int(code)
        if at < 0:
            return None
        if at not in seen:
            seen[at] = read(at, at + 1, 1)[0]
        return seen[at]

    column = _of_array(name, "category", codes, row, category)
    total = None if column.size is None else column.size + (known.size or 0)
    return Column(name, "category", column.read, total, column.reach, column.rows)


def _masked(name: str, values: Any, row: int | None) -> Column:
    held = statics.instance_dict(values) or {}
    data, mask = plain_array(held.get("_data")), plain_array(held.get("_mask"))
    if data is None or mask is None or data.shape != mask.shape or data.ndim != 1:
        return Column(name, statics.class_name(type(values)))
    kind = statics.class_name(type(values)).removesuffix("Array").lower()
    told = dtype_text(data.dtype)
    dtype = (
        "boolean"
        if kind == "boolean"
        else told[:1].upper() + told[1:].replace("int", "Int", told[:1] == "u")
    )
    plain = _of_array(name, dtype, data, None)
    read = plain.read
    if read is None:
        return Column(name, dtype)
    missing = statics.loaded("pandas", "NA")

    def masked(start: int, stop: int, step: int) -> list[Any]:
        pairs = zip(read(start, stop, step), mask[start:stop:step].tolist(), strict=True)
        return [missing if gone else value for value, gone in pairs]

    return Column(
        name, dtype, masked, int(data.nbytes + mask.nbytes), plain.reach, data.shape[0]
    )  # fmt: skip


def _text(name: str, values: Any, row: int | None) -> Column:
    dtype = _text_dtype(statics.member(values, "_dtype"))
    array = _backed(values)
    return Column(name, dtype) if array is None else _of_array(name, dtype, array, row)


def _text_dtype(dtype: Any) -> str:
    """Since pandas 3 text whose gaps are NaN is ``str``, and ``string`` is the one with ``<NA>``."""
    held = statics.instance_dict(dtype) or {}
    return "str" if type(held.get("_na_value")) is float else "string"


def _arrow(name: str, values: Any, row: int | None) -> Column:
    held = statics.instance_dict(values) or {}
    chunks: Any = held.get("_pa_array", held.get("_data"))
    if not statics.is_type(chunks, "pyarrow.lib", "ChunkedArray"):
        return Column(name, statics.class_name(type(values)))
    rows, text = len(chunks), statics.class_name(type(values)).startswith("ArrowString")
    if foreign_types() and not text:
        return Column(name, "ArrowDtype", rows=rows)
    kind = chunks.type
    dtype = _text_dtype(held.get("_dtype")) if text else cut(f"{kind}[pyarrow]", 40)
    reader = arrow_reader(kind, lambda: chunks)
    if reader is None:
        return Column(name, dtype, None, int(chunks.nbytes), rows=rows)
    read, gap = reader, math.nan if dtype == "str" else statics.loaded("pandas", "NA")

    def with_gaps(start: int, stop: int, step: int) -> list[Any]:
        return [gap if value is None else value for value in read(start, stop, step)]

    return Column(name, dtype, with_gaps, int(chunks.nbytes), rows=rows)


def _intervals(name: str, values: Any, row: int | None) -> Column:
    held = statics.instance_dict(values) or {}
    left, right = plain_array(held.get("_left")), plain_array(held.get("_right"))
    closed = statics.text((statics.instance_dict(held.get("_dtype")) or {}).get("_closed"))
    if left is None or right is None or closed not in _CLOSED:
        return Column(name, "interval")
    lower, upper = _of_array("", "", left, None), _of_array("", "", right, None)
    opening, closing = _CLOSED[closed]
    dtype, below, above = f"interval[{dtype_text(left.dtype)}, {closed}]", lower.read, upper.read
    if below is None or above is None:
        return Column(name, dtype, rows=left.shape[0])

    def read(start: int, stop: int, step: int) -> list[Any]:
        pairs = zip(below(start, stop, step), above(start, stop, step), strict=True)
        return [f"{opening}{one}, {other}{closing}" for one, other in pairs]

    return Column(name, dtype, read, int(left.nbytes + right.nbytes), rows=left.shape[0])


_KINDS: dict[str, Callable[[str, Any, int | None], Column]] = {
    "DatetimeArray": _moments, "TimedeltaArray": _moments, "PeriodArray": _periods, "Categorical": _categories,
    "IntegerArray": _masked, "FloatingArray": _masked, "BooleanArray": _masked,
    "NumpyExtensionArray": _text, "StringArray": _text,
    "ArrowStringArray": _arrow, "ArrowStringArrayNumpySemantics": _arrow, "ArrowExtensionArray": _arrow,
    "IntervalArray": _intervals,
}  # fmt: skip
