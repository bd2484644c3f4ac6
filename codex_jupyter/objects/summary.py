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

from codex_jupyter import journal
from codex_jupyter.core.secrets import HIDDEN
from codex_jupyter.objects import statics
from codex_jupyter.objects.arrays import dtype_text, first_values, plain_array
from codex_jupyter.objects.arrays import shape_text as array_shape_text
from codex_jupyter.objects.figures import axes_title, figure_parts, image_parts, is_figure, is_image
from codex_jupyter.objects.preview import hidden, preview
from codex_jupyter.objects.tables import columns_text, shape_text, table_of

log = journal.logger("objects")

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
        except (
            Exception
        ) as error:  # a library's object in pieces, or changed by another thread meanwhile
            log.debug("%s told nothing of a value: %s", known.__name__, type(error).__name__)
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


def _table(value: Any, room: int) -> Summary | None:
    table = table_of(value)
    if table is None:
        return None
    index = f"; index: {table.index}" if table.index else ""
    if table.single:
        told = f"{table.columns[0].dtype}{index}"
    elif table.rows is None:
        told = "not collected"
    else:
        empty = "no columns" if table.width == 0 else "columns not looked at"
        told = (columns_text(table, room) if table.columns else empty) + index
    title = table.title or statics.type_title(type(value))
    return Summary(title, shape_text(table), table.size, told)


def _array(value: Any, room: int) -> Summary | None:
    array = plain_array(value)
    if array is None:
        return None
    return Summary(
        statics.type_title(type(value)),
        array_shape_text(array.shape),
        int(array.nbytes),
        f"{dtype_text(array.dtype)}: {first_values(array, room)}",
    )


def _tensor(value: Any, room: int) -> Summary | None:
    if not (
        statics.is_type(value, "torch", "Tensor")
        or statics.is_type(value, "torch.nn.parameter", "Parameter")
    ):
        return None
    # A mode that somebody entered is asked about every operation, also about a shape.
    for name in ("_len_torch_function_stack", "_len_torch_dispatch_stack"):
        entered = statics.loaded("torch._C", name)
        if type(entered) is not types.BuiltinFunctionType or entered():
            return Summary(statics.type_title(type(value)))
    told = f"{str(value.dtype).removeprefix('torch.')} on {value.device}"
    if value.requires_grad:
        told += ", requires grad"
    if value.device.type == "cpu" and value.numel() and str(value.layout) == "torch.strided":
        row = value.detach()
        while row.dim() > 1:
            row = row[0]
        values = row[:6].tolist() if row.dim() else [row.item()]
        shown = ", ".join(preview(v, 20) for v in values)
        told += f": [{shown}{', …' if value.numel() > len(values) else ''}]"
    size = int(value.numel() * value.element_size())
    return Summary(statics.type_title(type(value)), array_shape_text(value.shape), size, told)


def _sparse(value: Any, room: int) -> Summary | None:
    cls = type(value)
    if not statics.genuine(cls, "scipy") or not statics.module_of(cls).startswith("scipy.sparse"):
        return None
    held = statics.instance_dict(value) or {}
    shape, data = held.get("_shape"), plain_array(held.get("data"))
    if type(shape) is not tuple or not all(type(n) is int for n in shape) or data is None:
        return Summary(f"scipy.sparse.{statics.class_name(cls)}")
    told = f"{dtype_text(data.dtype)}, {int(data.size):,} stored values"
    return Summary(f"scipy.sparse.{statics.class_name(cls)}", array_shape_text(shape), None, told)


def _picture(value: Any, room: int) -> Summary | None:
    image = image_parts(value)
    if image is None:
        return None if not is_image(value) else Summary("PIL.Image")
    width, height = image.size
    told = f"mode {image.mode}, {image.format or 'made here'}"
    return Summary("PIL.Image", f"{width:,} × {height:,} pixels", None, told)


def _drawing(value: Any, room: int) -> Summary | None:
    if is_figure(value):
        parts = figure_parts(value)
        if parts is None:
            return Summary("matplotlib.figure.Figure")
        titles = [title for title in map(axes_title, parts.axes[:4]) if title]
        told = f"{len(parts.axes)} axes" + (f": {', '.join(titles)}" if titles else "")
        shape = f"{parts.width:g} × {parts.height:g} inches"
        return Summary("matplotlib.figure.Figure", shape, None, told)
    if statics.genuine(type(value), "matplotlib", "mpl_toolkits") and statics.class_name(
        type(value)
    ) in ("Axes", "Axes3D"):
        return Summary("matplotlib.axes.Axes", preview=axes_title(value) or "no title")
    return None


def _plotly(value: Any, room: int) -> Summary | None:
    if not statics.genuine(type(value), "plotly") or statics.class_name(type(value)) not in (
        "Figure",
        "FigureWidget",
    ):
        return None
    traces = (statics.instance_dict(value) or {}).get("_data")
    if type(traces) is not list:
        return Summary("plotly.Figure")
    kinds = [statics.plain_keys(t).get("type", "scatter") for t in traces[:6] if type(t) is dict]
    shown = ", ".join(k for k in kinds if type(k) is str)
    count = f"{len(traces)} trace{'' if len(traces) == 1 else 's'}"
    return Summary("plotly.Figure", preview=f"{count}: {shown}")


def _model(value: Any, room: int) -> Summary | None:
    if not statics.genuine(type(value), *MODELS):
        return None
    attributes = statics.attributes(value)
    held = {
        key: part
        for key, part in attributes.items()
        if not key.startswith("_") and statics.one_of(type(part), int, float, str, bool)
    }
    parts = [f"{key}={preview(part, 24, name=key)}" for key, part in islice(held.items(), 8)]
    fitted = any(key.endswith("_") and not key.startswith("_") for key in attributes)
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
    return f"{statics.text(code.co_name)}, {state}"


def _function(value: Any) -> str:
    return preview(value, 120)


_STANDARD: statics.ByType[Callable[[Any], str]] = statics.ByType(
    {
        types.GeneratorType: _generator,
        types.FunctionType: _function,
        types.CoroutineType: lambda value: (
            f"{statics.text(value.cr_code.co_name)}, not awaited" if value.cr_frame else "finished"
        ),
    }
)
