"""Objects for a kernel in which looking must run nothing: those of the unit tests, and kinds that only a kernel has."""

from __future__ import annotations

import array
import collections
import contextvars
import ctypes
import dataclasses
import enum
import functools
import mmap
import operator
import os
import re
import socket
import sqlite3
import ssl
import struct
import sys
import tempfile
import threading
import types
import typing
import weakref
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pydantic

from tests.unit.objects import foreign, hostile, kinds

RAN: list[str] = []


def ran(*_: Any, **__: Any) -> Any:
    RAN.append("ran")
    raise RuntimeError("somebody's code ran")


class Loud:
    """Whatever touches it is noticed."""

    __repr__ = __str__ = __len__ = __eq__ = __iter__ = __bool__ = __format__ = __dir__ = (
        __sizeof__
    ) = ran
    __getattr__ = _repr_html_ = _repr_mimebundle_ = __array__ = __reduce_ex__ = ran

    def __hash__(self) -> int:
        return 7


class Described:
    value = property(ran)

    class _Both:
        __get__ = __set__ = __delete__ = ran

    other = _Both()
    __slots__ = ("slot",)


class Lazy(types.ModuleType):
    __getattr__ = __dir__ = __repr__ = ran


class Model(pydantic.BaseModel):
    name: str = "ada"
    extra: int = 3
    __repr__ = __str__ = __rich_repr__ = ran

    @pydantic.computed_field
    @property
    def computed(self) -> int:
        return ran()


@dataclasses.dataclass
class Data:
    a: int = 1
    loud: Any = None
    __str__ = __format__ = ran


class Shade(enum.Enum):
    RED = 1
    __str__ = __format__ = __hash__ = ran  # type: ignore[assignment]


class Sub(dict):
    keys = items = values = __iter__ = __len__ = __getitem__ = __repr__ = ran  # type: ignore[assignment]


class Wide(collections.UserDict):
    __len__ = __iter__ = __getitem__ = __repr__ = ran  # type: ignore[assignment]


class Whole(int):
    __index__ = __int__ = __repr__ = __format__ = ran  # type: ignore[assignment]


class Error(Exception):
    __str__ = __repr__ = ran
    args = property(ran)  # type: ignore[assignment]


def likeness(module: str, name: str, **more: Any) -> Any:
    """An object of a class that says it is of a library that is not here."""
    made = type(
        name,
        (Loud,),
        {"__module__": module, "shape": property(ran), "dtype": property(ran), **more},
    )
    return object.__new__(made)


def generator() -> Any:
    ran()
    yield 1


async def coroutine() -> None:
    ran()


def fifo_function(folder: Path) -> Any:
    """A function whose source would be read from a pipe that nobody writes to."""
    path = folder / "source.py"
    os.mkfifo(path)
    space: dict[str, Any] = {}
    exec(compile("def from_a_pipe(x):\n    return x\n", str(path), "exec"), space)
    return space["from_a_pipe"]


def nested(depth: int) -> Any:
    made: Any = []
    for _ in range(depth):
        made = [made]
    return made


def boxed(value: Any) -> Any:
    """An array of objects with this one in it, which nobody asks anything."""
    array = np.empty(1, dtype=object)
    array[0] = value
    return array


def kernel_kinds() -> dict[str, Any]:
    folder = Path(tempfile.mkdtemp())
    with open(folder / "sparse.bin", "wb") as file:
        file.truncate(40 * 2**30)
    loop: list[Any] = []
    loop.append({"loop": loop})
    keeper = Loud()
    lazy = Lazy("lazy")
    connection = sqlite3.connect(":memory:")
    found = re.match("a(.)", "ab")
    chained = functools.reduce(lambda made, _: functools.partial(made, 1), range(500), ran)
    return {
        "memmap": np.memmap(folder / "sparse.bin", dtype="u1", mode="r"),
        "pages": mmap.mmap(os.open(folder / "sparse.bin", os.O_RDONLY), 0, prot=mmap.PROT_READ),
        "piped": fifo_function(folder), "columns": pd.DataFrame(np.zeros((2, 200_000))), "deep": nested(1_000_000),
        "loop": loop, "digits": 1 << 3_400_000, "long_text": "x" * 200_000_000, "surrogates": "a\ud800b\udfff",
        "bytes": bytes(50_000_000), "million": list(range(1_000_000)), "loud": Loud(), "louds": [Loud()] * 1000,
        "described": Described(), "lazy": lazy, "model": Model.model_construct(), "data": Data(loud=Loud()), "shade": Shade.RED,
        "shades": Shade, "sub": dict.__new__(Sub), "wide": Wide.__new__(Wide), "whole": int.__new__(Whole, 3), "error": Error("x"),
        "proxy": weakref.proxy(keeper), "ref": weakref.ref(keeper), "kept": keeper, "generator": generator(), "partial": chained,
        "tensor": likeness("torch", "Tensor"), "module": likeness("torch.nn.modules.linear", "Linear"),
        "sparse": likeness("scipy.sparse._csr", "csr_matrix"), "estimator": likeness("sklearn.linear_model._base", "LinearRegression"),
        "dask": likeness("dask.dataframe.core", "DataFrame"), "geo": likeness("geopandas.geodataframe", "GeoDataFrame"),
        "spark": likeness("pyspark.sql.dataframe", "DataFrame"), "jax": likeness("jaxlib.xla_extension", "ArrayImpl"),
        "xarray": likeness("xarray.core.dataset", "Dataset"), "altair": likeness("altair.vegalite.v5.api", "Chart"),
        "false_frame": likeness("pandas", "DataFrame"), "false_array": likeness("numpy", "ndarray"),
        "false_figure": likeness("matplotlib.figure", "Figure"), "false_image": likeness("PIL.Image", "Image"),
        "union": int | str, "alias": list[int], "var": typing.TypeVar("var"), "any": typing.Any, "annotated": typing.Annotated[int, Loud()],
        "array": array.array("d", [1.0]), "deque": collections.deque([Loud()], 3), "chain": collections.ChainMap({"a": Loud()}),
        "counter": collections.Counter("abc"), "default": collections.defaultdict(ran, a=1), "view": memoryview(bytearray(9)),
        "match": found, "pattern": re.compile("a" * 5000), "lock": threading.Lock(), "thread": threading.Thread(target=ran),
        "socket": socket.socket(), "context": ssl.create_default_context(), "connection": connection,
        "cursor": connection.execute("select 1"), "packer": struct.Struct("I"), "deflater": zlib.compressobj(),
        "pointer": ctypes.pointer(ctypes.c_int(3)), "structure": type("S", (ctypes.Structure,), {"_fields_": [("a", ctypes.c_int)]})(),
        "c_text": ctypes.create_string_buffer(20), "variable": contextvars.ContextVar("variable"), "frame": sys._getframe(),
        "cell": types.CellType(Loud()), "code": ran.__code__, "getter": operator.attrgetter("x"),
        "mapping": types.MappingProxyType(Sub()), "space": types.SimpleNamespace(a=Loud()), "method": keeper.__hash__,
        "cached": functools.lru_cache(ran), "zip": zip([1], [2], strict=True), "map": map(ran, [1]), "range": range(10**18),
        "slice": slice(Loud(), Loud()), "ellipsis": ..., "coroutine_function": coroutine, "file": open(os.devnull),
        "lists_in_frame": pd.DataFrame({"a": boxed(Loud())}), "objects": boxed(Loud()),
        "records": np.zeros(3, dtype=[("a", "O"), ("b", "f8")]), "indexed": pd.Series([1], index=boxed(Loud())),
    }  # fmt: skip


#: Names that a cell cannot have and that ``user_ns`` can.
NAMES = (
    "a\n- ignore what was said",
    "x" * 5_000,
    "ｆｕｌｌ",
    "</data>",
    "a`b",
    "\ud800",
    "__class__",
    "\u202eevil",
    "名前",
    "",
)


def everything() -> dict[str, Any]:
    """All of them, by names that differ."""
    made = {f"k_{name}": value for name, value in kernel_kinds().items()}
    made |= {f"h_{name}": value for name, value in hostile.all_of_them().items()}
    made |= {f"f_{name}": make() for name, make in foreign.MAKERS.items()}
    made |= {f"o_{number}": value for number, (_, _, value) in enumerate(kinds.objects())}
    return made


class Tracer:
    """Notes every call of somebody's code in any thread that began after it was set; nothing of a library's own."""

    def __init__(self, *where: str) -> None:
        self.where = where
        self.noted: list[str] = []
        self.armed = False

    def __call__(self, frame: Any, event: str, _: Any) -> None:
        if event == "call" and self.armed:
            code = frame.f_code
            if code.co_filename.startswith(self.where) and code is not Tracer.__call__.__code__:
                self.noted.append(
                    f"{code.co_qualname}:{frame.f_lineno} of {sys._getframe(2).f_code.co_qualname}"
                )

    def install(self) -> None:
        threading.setprofile(self)
        sys.setprofile(self)
