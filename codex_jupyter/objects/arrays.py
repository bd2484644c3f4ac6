"""Arrays of numpy as data: their element type in words, and a bounded number of their values.

Only numpy's own arrays count. An element type is told from its numbers, never by its own ``repr``: it may carry objects.
An array may lie in a file (a memory map): of one whose memory is not its own, only the beginning is read.
"""

from __future__ import annotations

from itertools import islice
from typing import Any

from codex_jupyter.objects import statics
from codex_jupyter.objects.preview import preview
from codex_jupyter.objects.shortening import cut

#: Bytes of one element that is looked at; larger ones are told by their type.
ELEMENT = 16_384
#: Bytes that may be reached into where they may have to come from a file.
NEAR = 16_000_000
_SIZED_KINDS = {"i": "int", "u": "uint", "f": "float", "c": "complex"}


def plain_array(value: Any) -> Any:
    """A plain view of numpy's own array or memory map, or None for anything else."""
    if statics.is_type(value, "numpy", "ndarray"):
        return value
    if statics.is_type(value, "numpy", "memmap"):
        array = statics.loaded("numpy", "ndarray")
        return array.view(value, array)
    return None


def is_dtype(value: Any) -> bool:
    """Whether it is an element type of numpy's; Python code cannot derive from these."""
    base = statics.loaded("numpy", "dtype")
    return base is not statics.MISSING and statics.derives(type(value), base)


def dtype_text(dtype: Any) -> str:
    """An element type as numpy names it, from its numbers alone.

    Args:
        dtype: for which ``is_dtype`` holds.
    """
    kind, size = dtype.kind, dtype.itemsize
    if kind in _SIZED_KINDS:
        return f"{_SIZED_KINDS[kind]}{8 * size}"
    if kind in "mM":
        return ("datetime64" if kind == "M" else "timedelta64") + dtype.str[3:]
    if kind in "SU":
        return dtype.str.lstrip("|<>=")
    if kind == "V" and dtype.names:
        parts = [f"{name} {dtype_text(inner)}" for name, inner in _fields(dtype)]
        return cut(f"({', '.join(parts)})", 120)
    return {"b": "bool", "O": "object", "T": "StringDType", "V": f"void{8 * size}"}.get(
        kind, statics.class_name(type(dtype))
    )


def readable(dtype: Any) -> bool:
    """Whether elements of this type may be taken out of an array: numpy's own, and of bounded size."""
    if dtype.itemsize > ELEMENT or not statics.genuine(dtype.type, "numpy"):
        return False
    if dtype.subdtype is not None:
        return readable(dtype.subdtype[0])
    if dtype.names is not None:
        fields = _fields(dtype)
        return len(dtype.names) == len(fields) and all(readable(inner) for _, inner in fields)
    return dtype.kind in "biufcmMOSU"


def _fields(dtype: Any) -> list[tuple[str, Any]]:
    """The first fields of a structured type; a title, which may be any object, is no name."""
    names = [statics.text(name) for name in dtype.names[:40]]
    found: dict[str, Any] = {}
    for key, field in islice(dtype.fields.items(), 100):
        if type(key) is str and key in names:
            found[key] = field[0]
    return [(name, found[name]) for name in names if name in found]


def may_be_read_anywhere(array: Any) -> bool:
    """Whether any value of a plain array is near at hand: it has memory of its own, or does not reach far."""
    reach = sum(
        (size - 1) * abs(step) for size, step in zip(array.shape, array.strides, strict=True)
    )
    if reach + array.itemsize <= NEAR:
        return True
    for _ in range(32):
        base = array.base
        if base is None or type(base) is bytes or type(base) is bytearray:
            return True
        array = plain_array(base)
        if array is None:
            return False
    return False


def rows_within_reach(array: Any) -> int | None:
    """How many rows (of the first axis) from the beginning may be read; None means that any row may."""
    if not array.ndim or may_be_read_anywhere(array):
        return None
    row = sum((n - 1) * abs(s) for n, s in zip(array.shape[1:], array.strides[1:], strict=True))
    return max(1, NEAR // max(1, abs(array.strides[0]), row))


def first_values(array: Any, room: int, count: int = 6) -> str:
    """The first values of a plain array, in brackets."""
    size = int(array.size)
    if not readable(array.dtype):
        return "[…]" if size else "[]"
    values = list(islice(array.flat, count)) if size else []
    if array.dtype.names:
        values = [tuple(value.item()) for value in values]
    shown = ", ".join(preview(v, max(12, room // 6), depth=1) for v in values)
    return f"[{shown}{', …' if size > len(values) else ''}]"


def shape_text(shape: Any) -> str:
    """``3 × 4`` from a shape."""
    parts = [f"{n:,}" for n in shape]
    return " × ".join(parts) or "a single value"
