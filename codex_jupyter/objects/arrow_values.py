"""Columns of pyarrow as data: values of plain types only, and never more bytes than a bound.

An extension type of somebody is brought to life by that somebody's code wherever Arrow names it, in however deep a list. So
while the process knows any such type, no type of Arrow is asked for, and columns are told by their names. ``as_py`` of a
moment in time imports time zones and pandas: its number is read instead.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from typing import Any

from codex_jupyter.objects import statics
from codex_jupyter.objects.columns import Column, InUTC, Reader
from codex_jupyter.objects.shortening import cut

#: Bytes of the rows that are shown, of one value, and of what a sample is taken from.
SHOWN, VALUE, SAMPLED = 1_000_000, 20_000, 64_000_000

_PLAIN = re.compile(
    r"null|bool|u?int(8|16|32|64)|float|double|(large_)?string(_view)?|(large_)?binary(_view)?"
    r"|date32\[day\]|date64\[ms\]|decimal\d+\(-?\d+, -?\d+\)"
)
_MOMENT = re.compile(r"timestamp\[(s|ms|us|ns)(, tz=[\w/+:-]{1,60})?\]")
_SIZED = re.compile(r"(large_)?(string|binary)(_view)?")
_PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}


def foreign_types() -> bool:
    """Whether the process knows a type of Arrow that is somebody's Python class."""
    base = statics.loaded("pyarrow.lib", "BaseExtensionType")
    return base is not statics.MISSING and any(
        not statics.genuine(cls, "pyarrow", "pandas") for cls in statics.subclasses(base)
    )


def arrow_column(name: str, kind: Any, whole: Callable[[], Any]) -> Column:
    """A column of a table.

    Args:
        name: its label.
        kind: its type; one of pyarrow's own.
        whole: gives its values.
    """
    return Column(name, cut(str(kind), 40), arrow_reader(kind, whole))


def arrow_reader(kind: Any, whole: Callable[[], Any]) -> Reader | None:
    """What reads values of this type, or None for a type whose values are not looked at."""
    told = str(kind)
    moment = _MOMENT.fullmatch(told)
    if moment:
        unit, zoned = moment[1], bool(moment[2])
        return lambda *rows: [_moment(v, unit, zoned) for v in _scalars(whole(), *rows)]
    if not _is_plain(kind):
        return None
    sized = _SIZED.fullmatch(told)

    def read(start: int, stop: int, step: int) -> list[Any]:
        values = whole()
        if step == 1 and values.slice(start, stop - start).nbytes <= SHOWN:
            return values.slice(start, stop - start).to_pylist()
        if sized and values.nbytes <= SAMPLED:
            return [_short(scalar) for scalar in _scalars(values, start, stop, step)]
        if sized or kind.num_fields:
            return []
        return [scalar.as_py() for scalar in _scalars(values, start, stop, step)]

    return read


def _is_plain(kind: Any, depth: int = 4) -> bool:
    if not statics.genuine(type(kind), "pyarrow") or depth == 0:
        return False
    if _PLAIN.fullmatch(str(kind)):
        return True
    if statics.is_type(kind, "pyarrow.lib", "DictionaryType"):
        return _is_plain(kind.value_type, depth - 1)
    nested = ("ListType", "LargeListType", "FixedSizeListType", "StructType", "MapType")
    if not any(statics.is_type(kind, "pyarrow.lib", name) for name in nested):
        return False
    return 0 < kind.num_fields <= 50 and all(
        _is_plain(kind.field(i).type, depth - 1) for i in range(kind.num_fields)
    )


def _scalars(values: Any, start: int, stop: int, step: int) -> list[Any]:
    return [values[i] for i in range(start, stop, step)]


def _short(scalar: Any) -> Any:
    buffer = scalar.as_buffer()
    return scalar.as_py() if buffer is None or buffer.size <= VALUE else f"<{buffer.size:,} bytes>"


def _moment(scalar: Any, unit: str, zoned: bool) -> Any:
    number = scalar.value
    if number is None:
        return None
    try:
        seconds = number // _PER_SECOND[unit]
        made = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds)
    except OverflowError:
        return f"{number} {unit}"
    rest = number % _PER_SECOND[unit] * 1_000_000 // _PER_SECOND[unit]
    made += datetime.timedelta(microseconds=rest)
    return InUTC(made) if zoned else made
