"""One object in detail, as the model is told, within a budget and without running code of the object.

``needs_own_code`` says whether only the object's own code could say more: whoever wants that asks the user first.
"""

from __future__ import annotations

import enum
import math
import types
from collections.abc import Callable
from itertools import islice
from typing import Any

from codex_jupyter import journal
from codex_jupyter.core.secrets import HIDDEN, Cleaner, secret_value
from codex_jupyter.objects import statics
from codex_jupyter.objects.arrays import dtype_text, may_be_read_anywhere, plain_array, readable
from codex_jupyter.objects.figures import is_figure, is_image
from codex_jupyter.objects.preview import full_of_gaps, hidden, key_name, preview
from codex_jupyter.objects.shortening import bounded, cut
from codex_jupyter.objects.sources import class_doc, class_text, function_text, methods
from codex_jupyter.objects.summary import MODELS, summarize
from codex_jupyter.objects.table import TableColumn
from codex_jupyter.objects.tables import rows_text, statistics_text, table_of
from codex_jupyter.objects.variables import row_text

log = journal.logger("objects")

#: Characters of one inspection; entries of a container and attributes of an object that are shown.
ROOM, ENTRIES = 8_000, 30
HEAD = 5
#: Values of an array that statistics are made from.
SAMPLE = 10_000

#: What looks like a secret; values of the environment are taken out of all that is told.
_CLEANER = Cleaner()
SECRET = (
    "It looks like a secret, so it is not shown. If the value is needed, use the variable by its name in run_python "
    "and do not print it."
)


def describe(value: Any, name: str = "", *, room: int = ROOM) -> str:
    """What there is to know about a value without running its code.

    Args:
        value: anything.
        name: the name it is known by.
        room: characters.

    Example:
        >>> print(describe({"a": 1, "b": [2]}, "d"))
        d: dict, 2 entries, 184 B
          'a': 1
          'b': [2]
    """
    title = name or "value"
    if name and hidden(name, value):
        return f"{title}: {statics.type_title(type(value))}. {SECRET}"
    facts = summarize(value, room=160)
    for told in _DETAILS:
        try:
            body = told(value)
        except Exception as error:  # in pieces, or changed by another thread meanwhile
            log.debug("%s told nothing of a value: %s", told.__name__, type(error).__name__)
            continue
        if body:
            head = (
                row_text(title, facts).partition(";")[0]
                if told not in (_attributes,)
                else row_text(title, facts)
            )
            return bounded(f"{head}\n{body}", room)
    return bounded(row_text(title, facts), room)


def needs_own_code(value: Any) -> bool:
    """Whether the object's repr is somebody's code, and what is known without it may not be all.

    Example:
        >>> class Point:
        ...     def __repr__(self): return "here"
        >>> needs_own_code(Point()), needs_own_code(object()), needs_own_code([Point()])
        (True, False, False)
    """
    cls = type(value)
    if (
        statics.derives(cls, type)
        or statics.derives(cls, enum.Enum)
        or statics.genuine(cls, *MODELS)
    ):
        return False
    if _known(value):
        return False
    found = statics.class_attribute(cls, "__repr__")
    if type(found) is types.WrapperDescriptorType:
        home = statics.module_of(found.__objclass__)
        return home.partition(".")[0] not in _STANDARD
    return not _generated(cls, found)


#: C code of these homes is Python's own.
_STANDARD = frozenset(
    [
        "builtins",
        "_io",
        "_thread",
        "_collections",
        "collections",
        "functools",
        "_functools",
        "itertools",
        "datetime",
        "decimal",
        "_asyncio",
        "re",
        "types",
        "_contextvars",
        "contextvars",
        "weakref",
        "_struct",
        "_socket",
        "array",
        "mmap",
        "operator",
        "_operator",
        "_random",
        "zoneinfo",
    ]
)


def _known(value: Any) -> bool:
    """Whether ``summarize`` knows this kind of object."""
    cls = type(value)
    if cls is types.FunctionType or cls is types.ModuleType or cls is TableColumn:
        return True
    if statics.genuine(
        cls, "numpy", "pandas", "polars", "pyarrow", "matplotlib", "plotly", "PIL", "scipy"
    ):
        facts = summarize(value)
        return bool(facts.shape or (facts.preview and not facts.preview.startswith("<")))
    told = preview(value, 60)
    # The first name only: a path's class is pathlib._local.PosixPath on Python 3.13.
    return statics.module_of(cls).partition(".")[0] in (
        "builtins",
        "pathlib",
        "uuid",
        "datetime",
        "re",
        "decimal",
        "fractions",
    ) and (not told.startswith("<") or cls is int)


def _generated(cls: type, found: Any) -> bool:
    """Whether ``__repr__`` was made by ``dataclass`` or ``namedtuple``, whose fields are shown anyway."""
    if type(found) is not types.FunctionType:
        return False
    inner = (statics.instance_dict(found) or {}).get("__wrapped__", found)
    if type(inner) is not types.FunctionType:
        return False
    if statics.class_attribute(cls, "__dataclass_fields__") is not statics.MISSING:
        return inner.__code__.co_filename == "<string>"
    return statics.derives(cls, tuple) and inner.__code__.co_filename.endswith(
        "collections/__init__.py"
    )


# --- what each kind is told by ------------------------------------------------------------------------------------------


def _table(value: Any) -> str:
    table = table_of(value)
    if table is None:
        return ""
    if table.rows is None:
        return "A lazy query: nothing was computed. Collect it with run_python."
    parts = []
    if table.index:
        parts.append(f"Index: {table.index}")
    if not table.single:
        parts.append("Columns: " + ", ".join(f"{cut(c.name, 60)} {c.dtype}" for c in table.columns))
        if table.width > len(table.columns):
            parts[-1] += f", … {table.width - len(table.columns):,} more"
    rows = rows_text(table, HEAD)
    if rows:
        parts.append(f"First {min(HEAD, table.rows)} rows:\n{rows}")
        parts.append(statistics_text(table))
    return "\n".join(parts)


def _array(value: Any) -> str:
    array = plain_array(value)
    if array is None:
        return ""
    order = "C" if array.flags.c_contiguous else "not C"
    lines = [f"dtype {dtype_text(array.dtype)}, {order}-contiguous"]
    size = int(array.size)
    if size and array.dtype.kind in "iufb":
        lines += _of_sample(array, size)
    row = array
    while row.ndim > 1 and row.shape[0]:
        row = row[0]
    if size and row.ndim and readable(array.dtype):
        shown = ", ".join(preview(entry, 40, depth=1) for entry in islice(row.flat, 12))
        lines.append(f"First row: [{shown}{', …' if row.size > 12 else ''}]")
    return "\n".join(lines)


def _of_sample(array: Any, size: int) -> list[str]:
    """The line that statistics of some values make."""
    if may_be_read_anywhere(array):
        step = -(-size // SAMPLE)
        taken = [float(n) for n in array.flat[::step]]
        over = f"all {size:,}" if step == 1 else f"a sample of {len(taken):,} of {size:,}"
    else:
        taken = [float(n) for n in islice(array.flat, SAMPLE)]
        over = f"the first {len(taken):,} of {size:,}"
    finite = [n for n in taken if math.isfinite(n)]
    if not finite:
        return []
    gaps = f", {len(taken) - len(finite):,} not finite" if len(finite) < len(taken) else ""
    mean = sum(finite) / len(finite)
    return [
        f"Of {over} values: min {min(finite):.6g}, mean {mean:.6g}, max {max(finite):.6g}{gaps}"
    ]


def _text(value: Any) -> str:
    if type(value) is not str:
        return ""
    if secret_value(value[:20_000]):
        return SECRET
    room = ROOM - 400
    if len(value) <= room:
        return value
    # Clean, then cut: what tells of a secret may stand before the place of the cut.
    whole = len(value) <= 4 * ROOM
    head = _CLEANER.text(value if whole else value[: 2 * ROOM])
    tail = head if whole else _CLEANER.text(value[-2 * ROOM :])
    left = f"… {len(value) - room:,} left out …"
    return f"{head[: (room + 1) // 2]}{left}{tail[-(room // 2) :]}"


def _entries(value: Any) -> str:
    cls = type(value)
    if statics.one_of(cls, dict, list, tuple, set, frozenset) and full_of_gaps(value):
        return ""
    if (
        cls is dict
        or statics.is_type(value, "collections", "defaultdict")
        or statics.is_type(value, "collections", "OrderedDict")
    ):
        try:
            entries = list(islice(dict.items(value), ENTRIES))
        except RuntimeError:
            return ""
        lines = [
            f"  {preview(k, 60, depth=1)}: {preview(v, 200, name=key_name(k))}" for k, v in entries
        ]
    elif statics.one_of(cls, list, tuple, set, frozenset):
        try:
            entries = list(islice(cls.__iter__(value), ENTRIES))
        except RuntimeError:
            return ""
        ordered = statics.one_of(cls, list, tuple)
        lines = [f"  {f'{i}: ' if ordered else ''}{preview(v, 200)}" for i, v in enumerate(entries)]
    else:
        return ""
    left = cls.__len__(value) - len(lines)
    return "\n".join([*lines, *([f"  … {left:,} more"] if left > 0 else [])])


def _code(value: Any) -> str:
    if statics.derives(type(value), type):
        return class_text(value)
    if type(value) is types.FunctionType:
        return function_text(value)
    if type(value) is types.MethodType and type(value.__func__) is types.FunctionType:
        return function_text(value.__func__)
    if type(value) is types.BuiltinFunctionType:
        doc = value.__doc__
        return bounded(doc, 1_000) if type(doc) is str else ""
    return ""


def _plotly(value: Any) -> str:
    if not statics.genuine(type(value), "plotly"):
        return ""
    held = statics.instance_dict(value) or {}
    traces = held.get("_data")
    if type(traces) is not list:
        return ""
    lines = []
    for trace in traces[:ENTRIES]:
        if type(trace) is dict:
            entries = {
                k: v
                for k, v in statics.plain_keys(trace).items()
                if k in ("type", "name", "mode", "x", "y", "z")
            }
            lines.append(
                "  " + ", ".join(f"{k}={preview(v, 60, depth=1)}" for k, v in entries.items())
            )
    layout = held.get("_layout")
    title = statics.plain_keys(layout).get("title") if type(layout) is dict else None
    return "\n".join([f"Title: {preview(title, 120)}" if title else "", "Traces:", *lines]).lstrip(
        "\n"
    )


def _picture(value: Any) -> str:
    if is_figure(value) or is_image(value):
        return summarize(value).preview
    return ""


def _attributes(value: Any) -> str:
    """Any other object: where it is from, what it holds, what it can do."""
    cls = type(value)
    if _known(value) or statics.derives(cls, enum.Enum):
        return ""
    lines = []
    doc = class_doc(cls)
    if doc:
        lines.append(f"Docstring of its class: {bounded(doc, 600)}")
    held = {
        name: part for name, part in statics.attributes(value).items() if not name.startswith("__")
    }
    if held:
        lines.append("Attributes:")
        for name, part in list(held.items())[:ENTRIES]:
            facts = summarize(part, name=name)
            shown = HIDDEN if hidden(name, part) else facts.preview
            about = ", ".join(p for p in (facts.type, facts.shape) if p)
            lines.append(f"  {cut(name, 60)}: {about}" + (f"; {shown}" if shown else ""))
        if len(held) > ENTRIES:
            lines.append(f"  … {len(held) - ENTRIES:,} more")
    if statics.derives(cls, dict):
        lines += [
            f"  [{preview(k, 60, depth=1)}] {preview(v, 120, name=key_name(k))}"
            for k, v in islice(dict.items(value), 10)
        ]
    elif statics.derives(cls, list):
        lines += [
            f"  [{i}] {preview(v, 120)}" for i, v in enumerate(islice(list.__iter__(value), 10))
        ]
    return "\n".join([*lines, *methods(cls)])


_DETAILS: tuple[Callable[[Any], str], ...] = (
    _table, _array, _text, _entries, _code, _plotly, _picture, _attributes,
)  # fmt: skip
