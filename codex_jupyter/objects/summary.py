"""What one variable is, in a row of a listing: type, shape, size, a short preview. No code of the object runs.

Known objects of known libraries (exact types only) say what their kind is about; everything else is told by its type.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Any

from codex_jupyter.core.secret_shapes import HIDDEN
from codex_jupyter.objects import statics
from codex_jupyter.objects.preview import hidden, preview
from codex_jupyter.objects.tables import columns_text, shape_text, table_of

#: Libraries whose objects are told by their attributes; their own reprs are not needed.
MODELS = (
    "sklearn",
    "xgboost",
    "lightgbm",
    "catboost",
    "statsmodels",
    "torch",
    "keras",
    "transformers",
)


@dataclass(frozen=True, slots=True)
class Summary:
    """One variable. ``size`` is in bytes, or None where it is not known cheaply."""

    type: str
    shape: str = ""
    size: int | None = None
    preview: str = ""


def summarize(value: Any, *, name: str = "", room: int = 120) -> Summary:
    """The facts of a value.

    Args:
        value: anything; no code of it runs.
        name: the name it is known by, for hiding secrets.
        room: characters for the preview.

    Example:
        >>> summarize([1, 2, 3])
        Summary(type='list', shape='3 entries', size=88, preview='[1, 2, 3]')
    """
    if name and hidden(name, value):
        return Summary(statics.type_title(type(value)), preview=HIDDEN)
    for known in (_table, _array, _tensor, _sparse, _picture, _drawing, _plotly, _model, _standard):
        try:
            found = known(value, room)
        except Exception:  # a library's object in pieces, or changed by another thread meanwhile
            continue
        if found is not None:
            return found
    return Summary(statics.type_title(type(value)), preview=preview(value, room, name=name))


def bytes_text(size: int | None) -> str:
    """``1.2 MB``, or ``""``.

    Example:
        >>> bytes_text(1_234_567)
        '1.2 MB'
    """
    if size is None:
        return ""
    amount = float(size)
    for unit in ("B", "KB", "MB", "GB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "B" or amount >= 10 else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} TB"


def times(shape: Any) -> str:
    """``3 × 4`` from a shape."""
    parts = [f"{int(n):,}" for n in shape]
    return " × ".join(parts) or "a single value"


def _table(value: Any, room: int) -> Summary | None:
    table = table_of(value)
    if table is None:
        return None
    index = f"; index: {table.index}" if table.index else ""
    if table.single:
        told = f"{table.columns[0].dtype}{index}"
    else:
        told = (columns_text(table, room) + index) if table.columns else "not collected"
    return Summary(statics.type_title(type(value)), shape_text(table), table.size, told)


def _array(value: Any, room: int) -> Summary | None:
    if not (
        statics.is_type(value, "numpy", "ndarray") or statics.is_type(value, "numpy", "memmap")
    ):
        return None
    return Summary(
        statics.type_title(type(value)),
        times(value.shape),
        int(value.nbytes),
        f"{value.dtype.name}: {first_values(value, room)}",
    )


def first_values(array: Any, room: int) -> str:
    """The first values of a numpy array."""
    size = int(array.size)
    values = list(islice(array.flat, 6)) if size else []
    if array.dtype.names:
        values = [tuple(value.item()) for value in values]
    shown = ", ".join(preview(v, max(12, room // 6), depth=1) for v in values)
    return f"[{shown}{', …' if size > len(values) else ''}]"


def _tensor(value: Any, room: int) -> Summary | None:
    if not (
        statics.is_type(value, "torch", "Tensor") or statics.is_type(value, "torch.nn", "Parameter")
    ):
        return None
    told = f"{str(value.dtype).removeprefix('torch.')} on {value.device}"
    if value.requires_grad:
        told += ", requires grad"
    if value.device.type == "cpu" and value.numel() and str(value.layout) == "torch.strided":
        row = value.detach()
        while row.dim() > 1:
            row = row[0]
        values = row.reshape(-1)[:6].tolist()
        told += (
            ": ["
            + ", ".join(preview(v, 20) for v in values)
            + (", …]" if value.numel() > len(values) else "]")
        )
    return Summary(
        statics.type_title(type(value)),
        times(value.shape),
        int(value.numel() * value.element_size()),
        told,
    )


def _sparse(value: Any, room: int) -> Summary | None:
    cls = type(value)
    if not statics.genuine(cls, "scipy") or not statics.module_of(cls).startswith("scipy.sparse"):
        return None
    try:
        return Summary(
            f"scipy.sparse.{statics.class_name(cls)}",
            times(value.shape),
            None,
            f"{value.dtype.name}, {int(value.nnz):,} stored values",
        )
    except AttributeError:
        return None


def _picture(value: Any, room: int) -> Summary | None:
    image = statics.loaded("PIL.Image", "Image")
    if (
        image is statics.MISSING
        or not statics.derives(type(value), image)
        or not statics.genuine(type(value), "PIL")
    ):
        return None
    width, height = value.size
    return Summary(
        "PIL.Image",
        f"{width:,} × {height:,} pixels",
        None,
        f"mode {value.mode}, {value.format or 'made here'}",
    )


def _drawing(value: Any, room: int) -> Summary | None:
    if statics.is_type(value, "matplotlib.figure", "Figure"):
        axes = list(value.axes)
        titles = [t for t in (_axes_title(a) for a in axes[:4]) if t]
        width, height = (float(n) for n in value.get_size_inches())
        told = f"{len(axes)} axes" + (f": {', '.join(titles)}" if titles else "")
        return Summary("matplotlib.figure.Figure", f"{width:g} × {height:g} inches", None, told)
    if statics.genuine(type(value), "matplotlib") and statics.class_name(type(value)) in (
        "Axes",
        "Axes3D",
    ):
        return Summary("matplotlib.axes.Axes", preview=_axes_title(value) or "no title")
    return None


def _axes_title(axes: Any) -> str:
    """An axes' title and labels, if matplotlib made it; what was set as text is text."""
    if not statics.genuine(type(axes), "matplotlib"):
        return ""
    parts = [
        axes.get_title(),
        *(f"{n}: {t}" for n, t in (("x", axes.get_xlabel()), ("y", axes.get_ylabel())) if t),
    ]
    told = ", ".join(p for p in parts if type(p) is str and p)
    return preview(told, 80) if told else ""


def _plotly(value: Any, room: int) -> Summary | None:
    if not statics.genuine(type(value), "plotly") or statics.class_name(type(value)) not in (
        "Figure",
        "FigureWidget",
    ):
        return None
    traces = (statics.instance_dict(value) or {}).get("_data")
    if type(traces) is not list:
        return Summary("plotly.Figure")
    kinds = [t.get("type", "scatter") for t in traces if type(t) is dict]
    shown = ", ".join(k for k in kinds[:6] if type(k) is str)
    return Summary(
        "plotly.Figure", preview=f"{len(traces)} trace{'' if len(traces) == 1 else 's'}: {shown}"
    )


def _model(value: Any, room: int) -> Summary | None:
    if not statics.genuine(type(value), *MODELS):
        return None
    held = {
        key: part
        for key, part in statics.attributes(value).items()
        if not key.startswith("_") and statics.one_of(type(part), int, float, str, bool)
    }
    parts = [f"{key}={preview(part, 24, name=key)}" for key, part in islice(held.items(), 8)]
    fitted = any(key.endswith("_") and not key.startswith("_") for key in statics.attributes(value))
    return Summary(
        statics.type_title(type(value)), "fitted" if fitted else "", None, ", ".join(parts)
    )


_SIZED = statics.ByType({
    list: "entries", tuple: "entries", set: "entries", frozenset: "entries", dict: "entries", str: "characters",
    bytes: "bytes", bytearray: "bytes",
})  # fmt: skip


def _standard(value: Any, room: int) -> Summary | None:
    cls = type(value)
    counted = _SIZED.of(cls)
    if counted is not None:
        size = cls.__len__(value)
        unit = counted if size != 1 else {"entries": "entry"}.get(counted, counted[:-1])
        return (
            None
            if (cls is str or cls is bytes) and size < 200
            else Summary(
                cls.__name__, f"{size:,} {unit}", sys.getsizeof(value), preview(value, room)
            )
        )
    shown = _STANDARD.of(cls)
    return Summary(statics.type_title(cls), preview=shown(value)) if shown else None


def _generator(value: Any) -> str:
    code = value.gi_code
    state = (
        "running" if value.gi_running else "finished" if value.gi_frame is None else "not exhausted"
    )
    return f"{code.co_name}, {state}"


def _function(value: Any) -> str:
    return preview(value, 120)


_STANDARD: statics.ByType[Callable[[Any], str]] = statics.ByType(
    {
        types.GeneratorType: _generator,
        types.FunctionType: _function,
        types.CoroutineType: lambda value: (
            f"{value.cr_code.co_name}, not awaited" if value.cr_frame else "finished"
        ),
    }
)
