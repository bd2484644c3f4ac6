"""A value in one short line, without running any code of it: what a listing and a cell of a table show.

Exact types only; whatever else is told by its type. Containers are looked into a little and never walked. A value that
looks like a secret, or stands under a name that does, is hidden.
"""

from __future__ import annotations

import datetime
import decimal
import enum
import fractions
import functools
import pathlib
import re
import sys
import types
import uuid
from collections import Counter, OrderedDict, deque
from collections.abc import Iterable
from itertools import islice
from typing import Any

from codex_jupyter import journal
from codex_jupyter.core.secrets import HIDDEN, any_secret, secret_name, secret_value
from codex_jupyter.objects import statics
from codex_jupyter.objects.shortening import cut

log = journal.logger("objects")

#: How many entries of a container are looked at, and how deep.
ENTRIES, DEPTH = 8, 3
#: Integers of more bits are told by their size: turning them into text is slow, and refused by Python from 4300 digits.
BITS = 256
#: How far beyond the shown part of a text a secret is looked for, so that half a key is not shown either.
BEYOND = 400

_STEPS = re.compile(r"[.\[\]'\"]+")
_PLAIN = statics.ByType(dict.fromkeys((type(None), bool, float, complex, type(NotImplemented), type(Ellipsis)), True))  # fmt: skip
_SECRET_FREE = (type(None), bool, int, float, complex)
_CALENDAR = (datetime.date, datetime.timedelta)
_PATHS = (pathlib.PurePosixPath, pathlib.PureWindowsPath, pathlib.PosixPath, pathlib.WindowsPath)
#: Offsets of pandas that hold nothing but a number.
OFFSETS = (
    "YearEnd", "QuarterEnd", "MonthEnd", "Week", "Day", "Hour", "Minute", "Second", "Milli", "Micro", "Nano",
)  # fmt: skip
_SEQUENCES = statics.ByType({
    list: ("[", "]"), tuple: ("(", ")"), set: ("{", "}"), frozenset: ("frozenset({", "})"), deque: ("deque([", "])"),
})  # fmt: skip


def preview(value: Any, room: int = 80, *, name: str = "", depth: int = DEPTH) -> str:
    """One line of at most about ``room`` characters.

    Args:
        value: anything.
        room: characters.
        name: the name it is known by: a secret's value is not shown.
        depth: how many levels of containers are opened.

    Example:
        >>> preview({"a": [1, 2], "api_key": "s3cr3t-value"})
        "{'a': [1, 2], 'api_key': [hidden]}"
        >>> class Evil:
        ...     def __repr__(self): raise SystemExit
        >>> preview([1, Evil()])
        '[1, <Evil>]'
    """
    if name and hidden(name, value):
        return HIDDEN
    try:
        return cut(_preview(value, max(8, room), depth), room)
    except RecursionError:
        return "…"
    except Exception as error:  # an object in pieces, such as a memoryview that was released
        log.debug("a value was shown by its type alone: %s", type(error).__name__)
        return cut(f"<{statics.type_title(type(value))}>", room)


def hidden(name: str, value: Any) -> bool:
    """Whether a value is kept from sight because of the name it has; what lies in something hidden is hidden, too.

    Example:
        >>> hidden("secrets['name']", "x"), hidden("config['name']", "x")
        (True, False)
    """
    return (
        not statics.one_of(type(value), *_SECRET_FREE)
        and (secret_name(name) or any_secret(_STEPS.split(name[:200])))
        and _could_be_secret(value)
    )


def key_name(key: Any) -> str:
    """The name that an entry has by its key, ``""`` where that is no text."""
    if type(key) is bytes:
        return key[:200].decode("latin-1")
    return key if type(key) is str else ""


def _preview(value: Any, room: int, depth: int) -> str:
    cls = type(value)
    if cls is int:
        return repr(value) if value.bit_length() <= BITS else f"<int of {value.bit_length()} bits>"
    if _PLAIN.of(cls):
        return repr(value)
    if cls is str:
        return _text(value, room)
    if cls is bytes or cls is bytearray:
        return _bytes(value, room)
    brackets = _SEQUENCES.of(cls)
    if (brackets is not None or cls is dict) and full_of_gaps(value):
        return f"<{statics.class_name(cls)}, {len(value):,} entries>"
    if brackets is not None:
        return _sequence(value, *brackets, room, depth)
    if cls is dict:
        return _mapping(
            statics.snapshot(value) if len(value) <= 64 else _first(value), len(value), room, depth
        )
    for known in (_scalar, _mapping_like, _callable, _library_scalar, _member):
        told = known(value, cls, room, depth)
        if told:
            return told
    return f"<{statics.type_title(cls)}>"


def full_of_gaps(value: Any) -> bool:
    """Whether an exact container was so much larger once that its first entry may be behind millions of gaps."""
    return sys.getsizeof(value) > 1_000_000 + 400 * len(value)


def _text(value: str, room: int) -> str:
    window = value[: room + BEYOND]
    if secret_value(window):
        return HIDDEN
    if len(value) <= room:
        return repr(value)
    return repr(value[:room]) + "…"


def _bytes(value: bytes | bytearray, room: int) -> str:
    if secret_value(bytes(value[: room + BEYOND]).decode("latin-1")):
        return HIDDEN
    return repr(bytes(value[: room // 2])) + ("…" if len(value) > room // 2 else "")


def _sequence(value: Any, start: str, end: str, room: int, depth: int) -> str:
    cls = type(value)
    size = cls.__len__(value)
    if depth <= 0 and size:
        return f"{start}… {size:,}{end}"
    try:
        entries = list(islice(cls.__iter__(value), ENTRIES))
    except RuntimeError:  # another thread writes to it
        return f"{start}… {size:,}{end}"
    return start + _joined((_entry(e, room, depth) for e in entries), size, room) + end


def _mapping(entries: list[tuple[Any, Any]], size: int, room: int, depth: int) -> str:
    if depth <= 0 and size:
        return f"{{… {size:,}}}"
    parts = []
    for key, value in entries[:ENTRIES]:
        shown = preview(value, max(12, room // 2), name=key_name(key), depth=depth - 1)
        parts.append(f"{preview(key, 40, depth=0)}: {shown}")
    return "{" + _joined(parts, size, room) + "}"


def _first(mapping: Any) -> list[tuple[Any, Any]]:
    try:
        return list(islice(dict.items(mapping), ENTRIES))
    except RuntimeError:
        return []


def _entry(value: Any, room: int, depth: int) -> str:
    return preview(value, max(12, room // 2), depth=depth - 1)


def _joined(parts: Iterable[str], size: int, room: int) -> str:
    shown: list[str] = []
    length = 0
    for part in parts:
        length += len(part) + 2
        if shown and length > room:
            break
        shown.append(part)
    left = size - len(shown)
    return ", ".join(shown) + (f", … {left:,} more" if left > 0 else "")


def _scalar(value: Any, cls: type, room: int, depth: int) -> str:
    """Values of the standard library that are one thing."""
    if statics.one_of(cls, *_CALENDAR):
        return str(value)
    if cls is datetime.datetime or cls is datetime.time:
        zone = value.tzinfo
        if zone is None or type(zone) is datetime.timezone:
            return value.isoformat()
        # Its offset is computed by the zone, which may be anybody's.
        return f"{value.replace(tzinfo=None).isoformat()} ({statics.type_title(type(zone))})"
    if cls is decimal.Decimal:
        short = cls.__sizeof__(value) < 2_000 and value.adjusted() < 1000
        return cut(str(value), room) if short else "<decimal.Decimal>"
    if cls is fractions.Fraction:
        parts = statics.slots(value)
        return f"{_preview(parts.get('_numerator'), 40, 0)}/{_preview(parts.get('_denominator'), 40, 0)}"
    if cls is uuid.UUID:
        number = statics.slots(value).get("int")
        return str(uuid.UUID(int=number)) if type(number) is int else ""
    if cls is range:
        return str(value) if _small_range(value) else "<range>"
    if cls is slice:
        return f"slice({', '.join(_preview(part, 20, 0) for part in (value.start, value.stop, value.step))})"
    if statics.one_of(cls, *_PATHS):
        if not _plain_path(value):
            return ""
        return _text(pathlib.PurePath.__str__(value)[: room + BEYOND], room)
    if cls is re.Pattern:
        return f"re.compile({_preview(value.pattern, room, 0)})"
    if cls is memoryview:
        return f"<memoryview, {value.nbytes:,} bytes>"
    return ""


def _plain_path(value: Any) -> bool:
    """Whether a path is made of exact texts; pathlib calls the methods of any other."""
    size = 0
    for part in statics.slots(value).values():
        for text in part if type(part) is list else [part]:
            if text is not None and type(text) is not str and type(text) is not int:
                return False
            size += len(text) if type(text) is str else 0
    return size < 100_000


def _small_range(value: range) -> bool:
    return all(part.bit_length() <= BITS for part in (value.start, value.stop, value.step))


def _mapping_like(value: Any, cls: type, room: int, depth: int) -> str:
    if statics.one_of(cls, OrderedDict, Counter) or statics.is_type(
        value, "collections", "defaultdict"
    ):
        size = dict.__len__(value)
        return f"{statics.class_name(cls)}({_mapping(_first(value), size, room, depth)})"
    if cls is types.SimpleNamespace:
        held = statics.instance_dict(value) or {}
        return f"namespace({_named(held, room, depth)})"
    return ""


def _callable(value: Any, cls: type, room: int, depth: int) -> str:
    if statics.derives(cls, type):
        return f"class {statics.type_title(value)}"
    if cls is types.FunctionType:
        return f"def {cut(statics.text(value.__qualname__), 60)}{parameters(value)}"
    if statics.one_of(
        cls, types.BuiltinFunctionType, types.MethodDescriptorType, types.WrapperDescriptorType
    ):
        return f"built-in function {statics.text(value.__name__)}"
    if cls is types.MethodType:
        inner = value.__func__
        name = statics.text(inner.__qualname__) if type(inner) is types.FunctionType else "?"
        return f"method {cut(name, 60)}"
    if cls is types.ModuleType:
        held = statics.instance_dict(value) or {}
        return f"module {_preview(held.get('__name__'), 60, 0)}"
    if cls is functools.partial:
        return f"partial of {_preview(value.func, room, 0)}"
    return ""


def _library_scalar(value: Any, cls: type, room: int, depth: int) -> str:
    if statics.genuine(cls, "numpy"):
        generic = statics.loaded("numpy", "generic")
        if generic is statics.MISSING or not statics.derives(cls, generic):
            return ""
        if statics.derives(cls, str):
            return _text(str.__str__(value)[: room + BEYOND], room)
        if statics.derives(cls, bytes):
            return _bytes(bytes.__getitem__(value, slice(0, room + BEYOND)), room)
        name = statics.class_name(cls)
        if name == "datetime64":
            told = str(value)
            return told.rstrip("0").rstrip(".") if "." in told else told
        if name == "timedelta64":
            span = value.astype("timedelta64[us]").item()
            return str(span) if type(span) is datetime.timedelta else str(value)
        return "" if name in ("void", "object_", "record") else str(value)
    if statics.genuine(cls, "pandas"):
        return _pandas_scalar(value, statics.class_name(cls))
    return ""


def _pandas_scalar(value: Any, name: str) -> str:
    if name in ("NAType", "NaTType"):
        return "<NA>" if name == "NAType" else "NaT"
    if name == "Timestamp":
        return value.isoformat() if _plain_zone(value.tzinfo) else "<pandas.Timestamp>"
    if name == "Timedelta":
        return str(value)
    if name == "Period":
        freq = statics.member(value, "freq")
        plain = statics.genuine(type(freq), "pandas") and statics.class_name(type(freq)) in OFFSETS
        return str(value) if plain else "<pandas.Period>"
    return ""


def _plain_zone(zone: Any) -> bool:
    """Whether a time zone is one of Python's own in C: the offset of any other is computed by what it holds."""
    return (
        zone is None
        or type(zone) is datetime.timezone
        or statics.is_type(zone, "zoneinfo", "ZoneInfo")
    )


def _member(value: Any, cls: type, room: int, depth: int) -> str:
    """Structured values: enum members, named tuples, dataclasses, exceptions, anything with plain attributes."""
    if statics.derives(cls, enum.Enum):
        held = statics.instance_dict(value) or {}
        return f"{statics.type_title(cls)}.{held.get('_name_') if type(held.get('_name_')) is str else '?'}"
    title = statics.type_title(cls)
    if statics.derives(cls, BaseException):
        return f"{title}{_sequence(_exception_args(value), '(', ')', room, depth)}"
    if statics.derives(cls, tuple):
        fields = statics.class_attribute(cls, "_fields")
        entries = list(islice(tuple.__iter__(value), ENTRIES))
        if type(fields) is tuple and all(type(f) is str for f in fields):
            return f"{title}({_named(dict(zip(fields, entries, strict=False)), room, depth)})"
        return f"<{title}, {tuple.__len__(value):,} entries>"
    for base in (dict, list, set, frozenset, str, bytes):
        if statics.derives(cls, base):
            return f"<{title}, {base.__len__(value):,} entries>"
    if depth > 0 and statics.module_of(cls) == "__main__":
        held = statics.attributes(value)
        return f"{title}({_named(held, room, min(depth, 2) - 1)})" if held else f"<{title}>"
    return ""


def _exception_args(value: BaseException) -> tuple[Any, ...]:
    args = BaseException.__dict__["args"].__get__(value)
    return args if type(args) is tuple else ()


def _named(held: dict[str, Any], room: int, depth: int) -> str:
    public = {key: value for key, value in held.items() if not key.startswith("_")}
    shown = (
        f"{cut(key, 40)}={preview(value, max(12, room // 3), name=key, depth=depth - 1)}"
        for key, value in list(public.items())[:ENTRIES]
    )
    return _joined(shown, len(public), room)


def _could_be_secret(value: Any) -> bool:
    """Numbers, tables, arrays and code are shown whatever they are called."""
    cls = type(value)
    if statics.one_of(cls, types.FunctionType, types.BuiltinFunctionType, types.ModuleType, type):
        return False
    return not statics.genuine(cls, "numpy", "pandas", "polars", "torch", "pyarrow")


def parameters(function: types.FunctionType) -> str:
    """A function's parameters as in its ``def``, from its code object alone; defaults are shown, annotations are not.

    Example:
        >>> def f(a, /, b=2, *args, c, **rest): ...
        >>> parameters(f)
        '(a, /, b=2, *args, c, **rest)'
    """
    code = function.__code__
    names = code.co_varnames
    count, only = code.co_argcount, code.co_kwonlyargcount
    held, more = function.__defaults__, function.__kwdefaults__
    defaults: tuple[Any, ...] = held if type(held) is tuple else ()
    keyword_defaults = statics.plain_keys(more) if type(more) is dict else {}
    parts = []
    for index, name in enumerate(names[:count]):
        missing = index - (count - len(defaults))
        default = f"={preview(defaults[missing], 24, name=name, depth=1)}" if missing >= 0 else ""
        parts.append(name + default)
        if index + 1 == code.co_posonlyargcount:
            parts.append("/")
    star = bool(code.co_flags & 0x04)
    after = count + only
    if star:
        parts.append(f"*{names[after]}")
    elif only:
        parts.append("*")
    for name in names[count : count + only]:
        default = (
            f"={preview(keyword_defaults[name], 24, name=name, depth=1)}"
            if name in keyword_defaults
            else ""
        )
        parts.append(name + default)
    if code.co_flags & 0x08:
        parts.append(f"**{names[after + star]}")
    return f"({', '.join(parts)})"
