"""Objects of well-known libraries with somebody's code inside: looking at them has to leave that code alone.

Each is made by a function, so that what a library does to take it in is over before anybody looks.
"""

from __future__ import annotations

import collections
import datetime
import decimal
import functools
import io
import pathlib
import types
import uuid
import zoneinfo
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import PIL.Image
import plotly.graph_objects as go
import polars as pl
from matplotlib.colors import FuncNorm
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator
from pandas.api.extensions import ExtensionArray, ExtensionDtype
from pandas.tseries.offsets import DateOffset, MonthEnd

from tests.unit.objects.looking import RAN

MAKERS: dict[str, Callable[[], Any]] = {}


def maker(make: Callable[[], Any]) -> Callable[[], Any]:
    MAKERS[make.__name__] = make
    return make


class Hook:
    """Every method of it is somebody's code."""

    def __repr__(self) -> str:
        return RAN

    def __bool__(self) -> bool:
        return True

    def __len__(self) -> int:
        return 1

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return RAN

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __deepcopy__(self, memo: Any) -> Hook:
        return self

    def __copy__(self) -> Hook:
        return self

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        return np.zeros(3)


class Text(str):
    """A text whose methods are somebody's."""

    __slots__ = ()

    def __contains__(self, other: object) -> bool:
        return str.__contains__(self, str(other))

    def __len__(self) -> int:
        return str.__len__(self)

    def __getitem__(self, key: Any) -> str:
        return str.__getitem__(self, key)

    def __eq__(self, other: object) -> bool:
        return str.__eq__(self, other)

    def __hash__(self) -> int:
        return str.__hash__(self)

    def startswith(self, *args: Any) -> bool:  # type: ignore[override]
        return str.startswith(self, *args)

    def split(self, *args: Any, **kwargs: Any) -> list[str]:  # type: ignore[override]
        return str.split(self, *args, **kwargs)

    def __str__(self) -> str:
        return "a text of its own"

    __repr__ = __format__ = __str__  # type: ignore[assignment]


class Zone(datetime.tzinfo):
    def utcoffset(self, moment: Any) -> datetime.timedelta:
        return datetime.timedelta(hours=1)

    def dst(self, moment: Any) -> datetime.timedelta:
        return datetime.timedelta(0)

    def tzname(self, moment: Any) -> str:
        return RAN

    def __str__(self) -> str:
        return RAN


def function() -> int:
    return 1


# --- Python's own -----------------------------------------------------------------------------------------------------


@maker
def function_with_a_name_of_its_own() -> Any:
    def inner(a: int = 1) -> int:
        return a

    inner.__qualname__ = inner.__name__ = Text("inner")
    inner.__doc__ = Text("doc")
    return inner


@maker
def function_with_defaults_of_its_own() -> Any:
    class Defaults(tuple):
        __slots__ = ()

        def __len__(self) -> int:
            return 1

        def __getitem__(self, key: Any) -> Any:
            return RAN

        def __bool__(self) -> bool:
            return True

    class Keywords(dict):  # type: ignore[type-arg]
        def __bool__(self) -> bool:
            return True

        def items(self) -> Any:
            return []

        def __getitem__(self, key: Any) -> Any:
            return RAN

    def inner(a: Any = 1, *, b: Any = 2) -> Any:
        return a, b

    inner.__defaults__ = Defaults([1])
    inner.__kwdefaults__ = Keywords(b=Hook())
    return inner


@maker
def function_with_globals_of_its_own() -> Any:
    class Globals(dict):  # type: ignore[type-arg]
        def get(self, *args: Any) -> Any:
            return RAN

        def __getitem__(self, key: Any) -> Any:
            return dict.__getitem__(self, key)

    return types.FunctionType(function.__code__, Globals(__name__="__main__"))


@maker
def method_of_a_stranger() -> Any:
    return Hook().__repr__


@maker
def partial_of_a_stranger() -> Any:
    return functools.partial(Hook(), Hook(), key=Hook())


@maker
def path_of_a_text_of_its_own() -> Any:
    return pathlib.Path(Text("a/b"), Text("c"))


@maker
def uuid_with_a_number_of_its_own() -> Any:
    class Number(int):
        def __index__(self) -> int:
            return 1

        def __format__(self, spec: str) -> str:
            return RAN

        def __repr__(self) -> str:
            return RAN

    made = uuid.uuid4()
    object.__setattr__(made, "int", Number(5))
    return made


@maker
def moment_in_a_zone_of_its_own() -> Any:
    return datetime.datetime(2026, 1, 1, tzinfo=Zone())


@maker
def time_in_a_zone_of_its_own() -> Any:
    return [datetime.time(1, tzinfo=Zone()), {"at": datetime.datetime(2026, 1, 1, tzinfo=Zone())}]


@maker
def decimal_of_a_class_of_its_own() -> Any:
    class Money(decimal.Decimal):
        def adjusted(self) -> int:
            return 1

        def __str__(self) -> str:
            return RAN

    return Money("1.5")


@maker
def containers_of_classes_of_its_own() -> Any:
    class Queue(collections.deque):  # type: ignore[type-arg]
        def __iter__(self) -> Any:
            return iter([RAN])

    class Counted(collections.Counter):  # type: ignore[type-arg]
        def __iter__(self) -> Any:
            return iter([RAN])

        def items(self) -> Any:
            return [(RAN, 1)]

    class Default(collections.defaultdict):  # type: ignore[type-arg]
        def __len__(self) -> int:
            return 1

    return [Queue([1]), Counted("ab"), Default(list, a=1), collections.OrderedDict(a=Hook())]


@maker
def namespace_with_strangers() -> Any:
    return types.SimpleNamespace(one=Hook(), **{Text("two"): Hook()})


@maker
def keys_that_compare() -> Any:
    return {Text("type"): 1, "type": 2, (Text("a"), 1): Hook(), frozenset([Text("x")]): 3}


@maker
def module_with_attributes_on_demand() -> Any:
    class Lazy(types.ModuleType):
        def __getattr__(self, name: str) -> Any:
            return RAN

    made = Lazy("lazy")
    made.__dict__["__name__"] = Text("lazy")
    return made


@maker
def exception_with_arguments_of_its_own() -> Any:
    class Error(Exception):
        def __str__(self) -> str:
            return RAN

    return Error(Text("why"), Hook())


@maker
def class_with_a_metaclass() -> Any:
    class Meta(type):
        def __repr__(cls) -> str:
            return RAN

        def __getattribute__(cls, name: str) -> Any:
            return type.__getattribute__(cls, name)

        def __subclasscheck__(cls, subclass: type) -> bool:
            return True

        def __instancecheck__(cls, instance: Any) -> bool:
            return True

    class Made(metaclass=Meta):
        pass

    return [Made, Made()]


@maker
def object_with_properties() -> Any:
    class Box:
        @property
        def shape(self) -> str:
            return RAN

        @property
        def __dict__(self) -> Any:  # type: ignore[override]
            return {RAN: 1}

        @property
        def __class__(self) -> type:  # type: ignore[override]
            return dict

    return Box()


# --- numpy ------------------------------------------------------------------------------------------------------------


@maker
def dtype_with_an_object_in_it() -> Any:
    return np.dtype("f8", metadata={"hook": Hook()})


@maker
def array_whose_dtype_has_an_object_in_it() -> Any:
    return np.zeros(5, dtype=np.dtype("f8", metadata={"hook": Hook()}))


@maker
def array_with_titles() -> Any:
    return np.zeros(3, dtype=np.dtype([((Text("title"), "a"), "f8"), ("b", "O")]))


@maker
def array_of_records_of_its_own() -> Any:
    class Row(np.record):
        def __repr__(self) -> str:
            return RAN

        def __str__(self) -> str:
            return RAN

        def __getattribute__(self, name: str) -> Any:
            return np.record.__getattribute__(self, name)

    return np.zeros(3, dtype=np.dtype((Row, [("a", "f8")])))


@maker
def array_of_a_class_of_its_own() -> Any:
    class Mine(np.ndarray):
        def __array_finalize__(self, obj: Any) -> None:
            return None

        def __getitem__(self, key: Any) -> Any:
            return np.ndarray.__getitem__(self, key)

    return np.zeros(3).view(Mine)


@maker
def array_over_an_array_of_its_own() -> Any:
    return np.asarray(array_of_a_class_of_its_own())


@maker
def array_of_objects() -> Any:
    made = np.empty(4, dtype=object)
    made[:] = [Hook(), Text("x"), [Hook()], {"a": Hook()}]
    return made


@maker
def function_of_numpy_made_of_python() -> Any:
    return np.frompyfunc(function, 0, 1)


@maker
def vectorized_function() -> Any:
    return np.vectorize(function)


# --- pandas -----------------------------------------------------------------------------------------------------------


class Monthly(DateOffset):
    """An offset of its own."""

    def __add__(self, other: Any) -> Any:
        return other + pd.Timedelta(days=1)

    def __mul__(self, other: Any) -> Any:
        return self

    def __rmul__(self, other: Any) -> Any:
        return self

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 1

    def __repr__(self) -> str:
        return RAN

    def is_on_offset(self, dt: Any) -> bool:
        return True

    @property
    def freqstr(self) -> str:
        return RAN


def days() -> Any:
    index = pd.date_range("2026-01-01", periods=4)
    index._freq = index._data._freq = Monthly()  # pyright: ignore
    return index


@maker
def index_with_an_offset_of_its_own() -> Any:
    return days()


@maker
def frame_over_an_index_with_an_offset_of_its_own() -> Any:
    return pd.DataFrame({"a": [1, 2, 3, 4]}, index=days())


@maker
def series_over_an_index_with_an_offset_of_its_own() -> Any:
    return pd.Series([1, 2, 3, 4], index=days())


@maker
def frame_whose_columns_have_an_offset_of_its_own() -> Any:
    return pd.DataFrame([[1, 2, 3, 4]], columns=days())


@maker
def frame_of_levels_with_an_offset_of_its_own() -> Any:
    frame = pd.DataFrame(
        {"a": [1, 2, 3, 4]}, index=pd.MultiIndex.from_arrays([days(), list("abcd")])
    )
    frame.index._levels[0]._freq = Monthly()  # pyright: ignore
    return frame


@maker
def frame_in_a_zone_of_its_own() -> Any:
    return pd.DataFrame({"at": pd.date_range("2026-01-01", periods=3, tz=Zone())})


@maker
def moment_of_pandas_in_a_zone_of_its_own() -> Any:
    return pd.Timestamp("2026-01-01", tz=Zone())


@maker
def frame_with_attrs() -> Any:
    frame = pd.DataFrame({"a": [1, 2]})
    frame.attrs["hook"] = Hook()
    return frame


@maker
def frame_with_methods_of_its_own() -> Any:
    frame = pd.DataFrame({"a": [1, 2]})
    for name in ("iloc", "dtypes", "memory_usage", "_slice", "index", "columns", "_ixs", "__len__"):
        object.__setattr__(frame, "__dict__", {**frame.__dict__, name: Hook()})
    return frame


@maker
def frame_of_strangers() -> Any:
    return pd.DataFrame({"o": pd.Series([Hook(), Text("x")], dtype=object), "n": [1, 2]})


@maker
def frame_labelled_by_strangers() -> Any:
    frame = pd.DataFrame(
        [[1, 2]], columns=pd.Index([Text("a"), ("b", 1)], dtype=object, tupleize_cols=False)
    )
    frame.columns._name = Text("names")  # pyright: ignore
    return frame


class Money(ExtensionDtype):
    name = "money"  # type: ignore[assignment]
    type = float  # type: ignore[assignment]

    @classmethod
    def construct_array_type(cls) -> type:
        return MoneyArray

    def __str__(self) -> str:
        return RAN

    __repr__ = __str__


class MoneyArray(ExtensionArray):
    def __init__(self, values: Any) -> None:
        self._values = np.asarray(values)

    @property
    def dtype(self) -> Any:
        return Money()

    @property
    def nbytes(self) -> int:
        return 8

    def __len__(self) -> int:
        return len(self._values)

    def __getitem__(self, key: Any) -> Any:
        found = self._values[key]
        return MoneyArray(found) if isinstance(found, np.ndarray) else found

    def isna(self) -> Any:
        return np.zeros(len(self._values), dtype=bool)

    def copy(self) -> Any:
        return MoneyArray(self._values.copy())


@maker
def frame_with_an_extension_array() -> Any:
    return pd.DataFrame({"price": MoneyArray([1.0, 2.0]), "n": [1, 2]})


@maker
def series_of_an_extension_array() -> Any:
    return pd.Series(MoneyArray([1.0, 2.0]))


@maker
def categories_of_strangers() -> Any:
    return pd.Series(pd.Categorical([Text("a"), Text("b")]))


@maker
def frame_of_a_class_of_its_own() -> Any:
    class Frame(pd.DataFrame):
        @property
        def _constructor(self) -> Any:
            return Frame

        def __repr__(self) -> str:
            return RAN

    return Frame({"a": [1]})


@maker
def periods_with_an_offset_of_its_own() -> Any:
    index = pd.period_range("2026-01", periods=3, freq="M")
    index.dtype._freq = type("Ends", (Monthly,), {})()  # pyright: ignore
    return index


@maker
def group_of_a_frame() -> Any:
    return pd.DataFrame({"a": [1, 1]}).groupby(lambda row: function())


@maker
def an_offset_of_its_own() -> Any:
    return [Monthly(), MonthEnd()]


# --- pyarrow and polars -----------------------------------------------------------------------------------------------


@maker
def polars_of_strangers() -> Any:
    return pl.DataFrame({"o": pl.Series([Hook(), Text("x")], dtype=pl.Object)})


@maker
def polars_with_methods_of_its_own() -> Any:
    frame = pl.DataFrame({"a": [1, 2]})
    frame.__dict__["estimated_size"] = Hook()
    return frame


# --- figures and images -----------------------------------------------------------------------------------------------


def plot() -> Any:
    figure = Figure()
    axes = figure.add_subplot()
    axes.plot([1, 2, 3])
    return figure, axes


@maker
def figure_with_a_second_axis() -> Any:
    figure, axes = plot()
    axes.secondary_xaxis("top", functions=(lambda x: x, lambda x: x))
    return figure


@maker
def figure_with_a_callback() -> Any:
    figure, _ = plot()
    figure.canvas.mpl_connect("draw_event", lambda event: function())
    return figure


@maker
def figure_with_a_formatter() -> Any:
    figure, axes = plot()
    axes.xaxis.set_major_formatter(lambda x, position: RAN)
    return figure


@maker
def figure_with_a_formatter_of_a_builtin() -> Any:
    figure, axes = plot()
    axes.xaxis.set_major_formatter(FuncFormatter(exec))  # type: ignore[arg-type]
    return figure


@maker
def figure_with_a_scale_of_functions() -> Any:
    figure, axes = plot()
    axes.set_yscale("function", functions=(lambda y: y, lambda y: y))
    return figure


@maker
def figure_with_a_scale_of_a_made_function() -> Any:
    figure, axes = plot()
    numbers = np.frompyfunc(lambda y: y, 1, 1)
    axes.set_yscale("function", functions=(numbers, numbers))
    return figure


@maker
def figure_with_a_method_of_its_own() -> Any:
    figure, axes = plot()
    axes.get_title = Hook()
    axes.lines[0].draw = lambda renderer: function()
    return figure


@maker
def figure_with_a_stale_callback() -> Any:
    figure, axes = plot()
    axes.stale_callback = lambda artist, value: function()
    return figure


@maker
def figure_with_an_effect() -> Any:
    figure, axes = plot()
    axes.lines[0].set_path_effects([Hook()])
    return figure


@maker
def figure_with_a_filter() -> Any:
    figure, axes = plot()
    axes.lines[0].set_agg_filter(lambda image, dpi: (image, 0, 0))
    return figure


@maker
def figure_of_numbers_of_its_own() -> Any:
    figure, axes = plot()
    axes.lines[0]._xorig = Hook()  # pyright: ignore
    axes.lines[0].stale = True
    return figure


@maker
def figure_with_an_artist_of_its_own() -> Any:
    from matplotlib.lines import Line2D

    class Line(Line2D):
        def draw(self, renderer: Any) -> None:
            function()

    figure, axes = plot()
    axes.add_line(Line([0, 1], [0, 1]))
    return figure


@maker
def figure_with_a_locator_of_its_own() -> Any:
    figure, axes = plot()
    axes.xaxis.set_major_locator(type("Mine", (MaxNLocator,), {"__call__": lambda self: [1]})())
    return figure


@maker
def figure_with_a_norm_of_its_own() -> Any:
    figure, axes = plot()
    axes.imshow(np.zeros((2, 2)), norm=FuncNorm((lambda x: x, lambda x: x), 0, 1))
    return figure


@maker
def figure_in_the_words_of_another() -> Any:
    figure, axes = plot()
    axes.title._text = Text("title")  # pyright: ignore
    axes.text(0, 0, "x")._text = Text("y")  # pyright: ignore
    return figure


@maker
def figure_with_a_layout_engine_of_its_own() -> Any:
    from matplotlib.layout_engine import LayoutEngine

    class Engine(LayoutEngine):
        _adjust_compatible = _colorbar_gridspec = True

        def execute(self, fig: Any) -> None:
            function()

    figure, _ = plot()
    figure.set_layout_engine(Engine())
    return figure


@maker
def figure_with_tex() -> Any:
    figure, axes = plot()
    axes.set_title("x", usetex=True)
    return figure


@maker
def figure_with_a_date_locator_in_a_zone_of_its_own() -> Any:
    from matplotlib.dates import AutoDateLocator

    figure, axes = plot()
    axes.xaxis.set_major_locator(AutoDateLocator(tz=Zone()))
    return figure


@maker
def axes_with_a_callback() -> Any:
    _, axes = plot()
    axes.callbacks.connect("xlim_changed", lambda axes: function())
    return axes


class Upload(io.RawIOBase):
    """A file object of the user's."""

    def __init__(self) -> None:
        kept = io.BytesIO()
        PIL.Image.new("RGB", (4, 4)).save(kept, "PNG")
        self._kept = kept
        kept.seek(0)

    def read(self, size: int = -1) -> bytes:
        return self._kept.read(size)

    def seek(self, *args: Any) -> int:
        return self._kept.seek(*args)

    def tell(self) -> int:
        return self._kept.tell()


@maker
def image_on_a_file_of_its_own() -> Any:
    return PIL.Image.open(Upload())  # type: ignore[arg-type]


@maker
def image_with_methods_of_its_own() -> Any:
    image = PIL.Image.new("RGB", (4, 4))
    image.load = image.copy = Hook()
    return image


@maker
def image_with_a_stranger_in_its_notes() -> Any:
    image = PIL.Image.new("RGB", (4, 4))
    image.info["icc_profile"] = Hook()
    return image


@maker
def image_of_a_class_of_its_own() -> Any:
    class Image(PIL.Image.Image):
        @property
        def size(self) -> Any:  # type: ignore[override]
            return (1, 1)

    return Image()


@maker
def chart_with_keys_of_its_own() -> Any:
    chart = go.Figure(go.Scatter(x=[1, 2], y=[3, 4]))
    chart._data[0][Text("type2")] = Hook()  # pyright: ignore
    chart._data[0]["x"] = Hook()  # pyright: ignore
    return chart


@maker
def moment_in_a_zone_from_a_file_of_its_own() -> Any:
    file = pathlib.Path("/usr/share/zoneinfo/Europe/Berlin")
    with file.open("rb") if file.exists() else io.BytesIO() as source:
        zone = (
            zoneinfo.ZoneInfo.from_file(source, "x") if file.exists() else zoneinfo.ZoneInfo("UTC")
        )
    return datetime.datetime(2026, 1, 1, tzinfo=zone)
