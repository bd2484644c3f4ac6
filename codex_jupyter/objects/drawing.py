"""Whether a figure or an image can be drawn without running anybody's code: only if all that it holds is on a list.

Drawing calls what a figure holds: formatters, callbacks, functions of a second axis, arrays of somebody's numbers. So
everything that can be reached from it is walked, by exact types: plain values, plain containers, arrays of numbers, and
objects of classes that matplotlib and its own libraries wrote, whose methods nobody has replaced. One stranger, or more
things than are counted, and the answer is no.
"""

from __future__ import annotations

import _thread
import datetime
import decimal
import itertools
import math
import os
import sys
import types
import weakref
from collections import OrderedDict, deque
from functools import partial
from typing import Any

from codex_jupyter import journal
from codex_jupyter.objects import statics
from codex_jupyter.objects.arrays import is_dtype, plain_array, readable
from codex_jupyter.objects.drawing_images import image_is_plain
from codex_jupyter.objects.figures import is_figure, is_image
from codex_jupyter.objects.preview import OFFSETS
from codex_jupyter.objects.tables import table_of

log = journal.logger("objects")

#: Things of one figure that are looked at; entries of one array of objects.
MOST, OBJECTS = 60_000, 20_000
#: Bytes of all arrays of a figure: drawing them takes its time, and cannot be stopped.
ARRAYS = 64_000_000

#: Whose classes and functions draw.
LIBRARIES = (
    "matplotlib", "mpl_toolkits", "matplotlib_inline", "cycler", "contourpy", "kiwisolver", "dateutil", "pandas.plotting",
)  # fmt: skip

_VALUES = statics.ByType(dict.fromkeys((
    type(None), bool, int, float, complex, str, bytes, bytearray, type(Ellipsis), type(NotImplemented), range,
    datetime.date, datetime.timedelta, decimal.Decimal, datetime.timezone, itertools.count, object,
    _thread.RLock, _thread.LockType,
), True))  # fmt: skip
_SEQUENCES = statics.ByType(dict.fromkeys((list, tuple, set, frozenset, deque), True))
_MAPPINGS = statics.ByType(dict.fromkeys((dict, OrderedDict, types.SimpleNamespace), True))


def drawable(obj: Any) -> bool:
    """Whether matplotlib's own figure, or one of PIL's images, can be drawn with nobody's code but theirs."""
    try:
        if is_figure(obj):
            return _Walk().through(obj)
        return is_image(obj) and image_is_plain(obj)
    except Exception as error:  # in pieces, or changed by another thread meanwhile
        log.debug("a picture could not be looked through: %s", type(error).__name__)
        return False


class _Walk:
    """One walk through all that can be reached from a figure."""

    def __init__(self) -> None:
        self._seen: set[int] = set()
        #: Kept, so that no address is given to something else meanwhile.
        self._held: list[Any] = []
        self._classes: dict[int, tuple[type, bool]] = {}
        self._waiting: list[Any] = []
        #: Dictionaries of modules, with the module's name and folder.
        self._modules: dict[int, tuple[dict[str, Any], str, str]] = {}
        self._bytes = 0

    def through(self, figure: Any) -> bool:
        settings = statics.loaded("matplotlib", "rcParams")
        self._waiting = [figure] if settings is statics.MISSING else [figure, settings]
        while self._waiting:
            value = self._waiting.pop()
            if id(value) in self._seen or _VALUES.of(type(value)):
                continue
            if len(self._held) >= MOST:
                return False
            self._seen.add(id(value))
            self._held.append(value)
            if not self._plain(value):
                return False
        return True

    def _plain(self, value: Any) -> bool:
        """Whether a thing itself is on the list; what it holds is put in line."""
        cls = type(value)
        if _SEQUENCES.of(cls):
            return self._enqueue(list(cls.__iter__(value)) if cls.__len__(value) <= MOST else None)
        if _MAPPINGS.of(cls):
            return self._mapping(value)
        if cls is datetime.datetime or cls is datetime.time:
            return self._enqueue([value.tzinfo])
        array = plain_array(value)
        if array is not None:
            return self._array(array)
        if statics.one_of(cls, slice, types.MethodWrapperType):
            parts = [value.start, value.stop, value.step] if cls is slice else [value.__self__]
            return self._enqueue(parts)
        if cls is types.BuiltinFunctionType:
            return self._builtin(value, value.__self__)
        if statics.genuine(cls, "numpy"):
            return self._of_numpy(value, cls)
        if statics.derives(cls, type):
            return self._class(value)
        if cls is types.FunctionType:
            return self._function(value)
        if cls is types.MethodType:
            return self._enqueue([value.__func__, value.__self__])
        if statics.is_class(cls, "functools", "_lru_cache_wrapper"):
            return self._enqueue([(statics.instance_dict(value) or {}).get("__wrapped__")])
        if cls is partial:
            return self._enqueue([value.func, value.args, value.keywords])
        if cls is weakref.ref or statics.derives(cls, weakref.ref):
            return self._reference(value, cls)
        if cls is types.CellType:
            try:
                return self._enqueue([value.cell_contents])
            except ValueError:  # empty
                return True
        if statics.derives(cls, weakref.WeakKeyDictionary) or cls is weakref.WeakValueDictionary:
            return self._weak_mapping(value, cls)
        if statics.genuine(cls, "pandas") and not _of(statics.module_of(cls), *LIBRARIES):
            return _pandas_is_plain(value)
        return self._object(value, cls)

    def _enqueue(self, values: list[Any] | None) -> bool:
        if values is None or len(self._waiting) + len(values) > 4 * MOST:
            return False
        self._waiting.extend(values)
        return True

    def _mapping(self, value: Any) -> bool:
        if type(value) is types.SimpleNamespace:
            return self._enqueue([statics.instance_dict(value) or {}])
        if dict.__len__(value) > MOST:
            return False
        pairs = statics.snapshot(value)
        return self._enqueue([key for key, _ in pairs]) and self._enqueue([v for _, v in pairs])

    def _of_numpy(self, value: Any, cls: type) -> bool:
        """A scalar, an element type, a function of numpy's own; a masked array by what it is made of."""
        scalar = statics.loaded("numpy", "generic")
        if is_dtype(value) or (statics.derives(cls, scalar) and statics.static(cls)):
            return statics.class_name(cls) not in ("void", "object_")
        if statics.is_class(cls, "numpy", "ufunc"):  # anybody can make one
            return statics.loaded("numpy", statics.text(value.__name__)) is value
        if statics.is_class(cls, "numpy.ma", "MaskedArray"):
            array = statics.loaded("numpy", "ndarray")
            held = list((statics.instance_dict(value) or {}).values())
            return self._class(cls) and self._enqueue([array.view(value, array), *held])
        return False

    def _array(self, array: Any) -> bool:
        self._bytes += int(array.nbytes)
        if self._bytes > ARRAYS:
            return False
        if array.dtype.kind != "O":
            return readable(array.dtype) or array.dtype.kind == "V"
        size = int(array.size)
        return size <= OBJECTS and self._enqueue(list(array.flat))

    def _reference(self, value: Any, cls: type) -> bool:
        if cls is not weakref.ref and not statics.genuine(cls, "weakref"):
            return False
        held: list[Any] = [weakref.ref.__call__(value), value.__callback__]
        return self._enqueue([*held, *statics.slots(value).values()])

    def _weak_mapping(self, value: Any, cls: type) -> bool:
        if cls is not weakref.WeakKeyDictionary and cls is not weakref.WeakValueDictionary:
            return False
        return self._enqueue([(statics.instance_dict(value) or {}).get("data")])

    def _builtin(self, function: Any, owner: Any) -> bool:
        """Methods in C of plain containers and of matplotlib's renderer, few functions; not ``exec`` and its like."""
        cls = type(owner)
        if any(function is known for known in _FUNCTIONS):
            return True
        if _SEQUENCES.of(cls) or _MAPPINGS.of(cls):
            return self._enqueue([owner])
        if statics.module_of(cls) != "pybind11_builtins" or statics.mro(cls)[1:] != (object,):
            return False
        return all(_of_c(part) for _, part in statics.class_items(cls))

    def _function(self, function: Any) -> bool:
        if not self._from_library(function, *LIBRARIES, "weakref"):
            return False
        held: list[Any] = [function.__defaults__, function.__kwdefaults__, function.__closure__]
        return self._enqueue([*held, statics.instance_dict(function)])

    def _from_library(self, function: Any, *libraries: str) -> bool:
        """Whether a function was written in one of these libraries: by its globals, and the folder of its code."""
        scope = function.__globals__
        if type(scope) is not dict:
            return False
        known = self._modules.get(id(scope))
        if known is None or known[0] is not scope:
            known = self._modules[id(scope)] = (scope, *_module_of(scope))
        _, module, folder = known
        if not module or not _of(module, *libraries):
            return False
        filename = function.__code__.co_filename
        if type(filename) is not str:
            return False
        return filename.startswith("<frozen ") or os.path.dirname(filename) == folder

    def _class(self, cls: type) -> bool:
        """Whether a class is one of the libraries' or Python's own, with the methods that these gave it."""
        known = self._classes.get(id(cls))
        if known is not None:
            return known[1]
        self._classes[id(cls)] = (cls, True)  # while it is looked at: its methods name it
        found = all(self._one_class(owner) for owner in statics.mro(cls))
        self._classes[id(cls)] = (cls, found)
        return found

    def _one_class(self, cls: type) -> bool:
        home = statics.module_of(cls)
        if statics.static(cls):
            return _of(home, *_METHODS_OF)
        if not _of(home, *_METHODS_OF):
            return False
        return all(self._body_is_plain(value) for _, value in statics.class_items(cls))

    def _body_is_plain(self, value: Any, depth: int = 4) -> bool:
        """Whether what stands in the body of a class is what its library put there."""
        cls = type(value)
        if cls is types.FunctionType:
            return self._from_library(value, *_METHODS_OF) or _generated(value)
        if depth and cls is property:
            parts = [value.fget, value.fset, value.fdel]
            return all(part is None or self._body_is_plain(part, depth - 1) for part in parts)
        if depth and statics.one_of(cls, staticmethod, classmethod):
            return self._body_is_plain(value.__func__, depth - 1)
        if depth and cls is partial:
            return self._body_is_plain(value.func, depth - 1)
        if depth and "__wrapped__" in (statics.instance_dict(value) or {}):
            inner = (statics.instance_dict(value) or {})["__wrapped__"]
            return self._body_is_plain(inner, depth - 1)
        return statics.static(cls) or _of(statics.module_of(cls), *_METHODS_OF)

    def _object(self, value: Any, cls: type) -> bool:
        """An object of one of the libraries, with what it holds; one that holds things in C is on a list of its own."""
        home = statics.module_of(cls)
        if home == "contourpy._contourpy" and statics.genuine(cls, "contourpy"):
            return True
        if any(statics.is_class(cls, home, name) for home, name in _IN_C):
            return True
        if not _of(home, *LIBRARIES) and not any(
            statics.is_class(cls, home, name) for home, name in _STANDARD_OBJECTS
        ):
            return False
        if not self._class(cls) or any(
            statics.static(owner)
            and owner is not object
            and not _MAPPINGS.of(owner)
            and not _SEQUENCES.of(owner)
            and not _VALUES.of(owner)
            for owner in statics.mro(cls)
        ):
            return False
        if not _draws_by_itself(statics.attributes(value)):
            return False
        if statics.derives(cls, dict):
            return self._mapping(value) and self._enqueue(list(statics.attributes(value).values()))
        if statics.derives(cls, list):
            return self._enqueue([*list.__iter__(value), *statics.attributes(value).values()])
        if statics.derives(cls, tuple):
            return self._enqueue([*tuple.__iter__(value), *statics.attributes(value).values()])
        return self._enqueue(list(statics.attributes(value).values()))


_FUNCTIONS = (
    sys.is_finalizing,
    *(f for f in vars(math).values() if type(f) is types.BuiltinFunctionType),
)
#: Objects of the libraries that are written in C and hold nothing of others.
_IN_C = (
    ("matplotlib.ft2font", "FT2Font"), ("matplotlib.backends._backend_agg", "RendererAgg"),
    ("PIL._imaging", "ImagingCore"), ("zoneinfo", "ZoneInfo"),
)  # fmt: skip
_STANDARD_OBJECTS = (
    ("pathlib", "PosixPath"), ("pathlib", "WindowsPath"), ("enum", "EnumType"), ("contextlib", "ExitStack"),
    ("inspect", "Signature"), ("inspect", "Parameter"), ("functools", "partialmethod"),
)  # fmt: skip
#: Modules of Python itself whose functions and classes stand in those of the libraries.
STANDARD = frozenset([
    "builtins", "abc", "_abc", "collections", "contextlib", "copy", "datetime", "enum", "functools", "inspect", "io",
    "itertools", "logging", "math", "numbers", "operator", "pathlib", "re", "threading", "types", "typing", "warnings",
    "weakref", "_weakref", "_thread", "_io", "os", "posixpath", "string", "textwrap", "uuid", "time", "random", "_collections",
    "dataclasses", "_collections_abc", "_operator", "_functools",
])  # fmt: skip


#: Whose functions may stand in the bodies of the classes.
_METHODS_OF = (*LIBRARIES, "numpy", "PIL", "pandas", *STANDARD)


def _of(module: str, *libraries: str) -> bool:
    """Whether a module is one of these libraries', or one of these modules."""
    return any(module == name or module.startswith(f"{name}.") for name in libraries)


def _draws_by_itself(held: dict[str, Any]) -> bool:
    """Whether an artist needs no program besides (TeX), and no font from what may be no file."""
    if held.get("_usetex") not in (None, False):
        return False
    font = held.get("_file")
    return font is None or (type(font) is str and os.path.isfile(font))


def _of_c(part: Any) -> bool:
    """Whether an entry in the body of a class is text, or something in C."""
    return statics.one_of(
        type(part), str, type(None), types.BuiltinFunctionType, types.WrapperDescriptorType,
        types.MethodDescriptorType, types.GetSetDescriptorType, types.MemberDescriptorType,
    )  # fmt: skip


def _generated(function: Any) -> bool:
    """Whether a method was made by ``dataclass``, ``namedtuple`` or ``enum``, which write it as text."""
    return function.__code__.co_filename.startswith(("<string>", "<frozen "))


def _module_of(scope: dict[str, Any]) -> tuple[str, str]:
    """The name and the folder of the imported module whose dictionary this is; ``""`` where it is none's."""
    entries = statics.plain_keys(scope)
    module = statics.text(entries.get("__name__"))
    if statics.module_scope(module) is not scope:
        return "", ""
    file = entries.get("__file__")
    return module, os.path.dirname(file) if type(file) is str else ""


def _pandas_is_plain(value: Any) -> bool:
    """Dates that matplotlib was given by pandas."""
    name = statics.class_name(type(value))
    if name in ("Timestamp", "Timedelta", "NAType", "NaTType"):
        zone = value.tzinfo if name == "Timestamp" else None
        return zone is None or type(zone) is datetime.timezone
    if name in OFFSETS:
        return True
    if name == "Period":
        freq = statics.member(value, "freq")
        return statics.genuine(type(freq), "pandas") and statics.class_name(type(freq)) in OFFSETS
    table = table_of(value)
    if table is None or not table.single or table.columns[0].dtype == "object":
        return False
    held = statics.instance_dict(value) or {}
    freq = held.get("_freq")
    plain = freq is None or (
        statics.genuine(type(freq), "pandas") and statics.class_name(type(freq)) in OFFSETS
    )
    return plain and not held.get("_attrs") and table.columns[0].read is not None
