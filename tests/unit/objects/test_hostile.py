"""Looking runs none of the user's code, whatever an object does to be touched."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from codex_jupyter.objects import statics
from codex_jupyter.objects.changes import Snapshot
from codex_jupyter.objects.details import describe, needs_own_code
from codex_jupyter.objects.drawing import drawable
from codex_jupyter.objects.lookup import UnreadableNameError, resolve
from codex_jupyter.objects.preview import preview
from codex_jupyter.objects.summary import summarize
from codex_jupyter.objects.variables import list_names, listing_text
from tests.unit.objects import hostile
from tests.unit.objects.hostile import TOUCHED, Key, all_of_them

NAMES = sorted(all_of_them())


@pytest.fixture(autouse=True)
def untouched() -> Iterator[None]:
    TOUCHED.clear()
    yield
    assert TOUCHED == []


@pytest.mark.parametrize("name", NAMES)
def test_listing_inspecting_and_comparing_touch_nothing(name: str) -> None:
    value = all_of_them()[name]
    namespace = {name: value}
    assert name in listing_text(list_names(namespace))
    assert len(describe(value, name)) <= 8_100
    assert len(preview(value, 80)) <= 80
    needs_own_code(value)
    assert not Snapshot(namespace).until(Snapshot(namespace))


#: Libraries whose objects are told by what they hold, and classes of theirs that are asked something.
CLAIMS = (
    ("numpy", "float64"), ("numpy", "ndarray"), ("numpy", "datetime64"), ("pandas", "DataFrame"),
    ("pandas._libs.tslibs.timestamps", "Timestamp"), ("pandas._libs.tslibs.timedeltas", "Timedelta"),
    ("pandas._libs.tslibs.offsets", "Day"), ("polars.dataframe.frame", "DataFrame"), ("pyarrow.lib", "Table"),
    ("scipy.sparse._csr", "csr_matrix"), ("sklearn.linear_model._base", "LinearRegression"), ("torch", "Tensor"),
    ("matplotlib.figure", "Figure"), ("matplotlib.axes._axes", "Axes"), ("PIL.Image", "Image"), ("plotly.graph_objs._figure", "Figure"),
    ("xgboost.sklearn", "XGBModel"),
)  # fmt: skip


@pytest.mark.parametrize(("module", "name"), CLAIMS)
def test_a_class_that_says_it_is_of_a_library_is_not_believed(module: str, name: str) -> None:
    """It is told by its type, and nothing of it runs: only what the library itself holds under the name is the library's."""

    def loud(*_: Any, **__: Any) -> Any:
        return hostile.touched(f"{module}.{name}")

    asked = "shape dtype size index columns tzinfo value isoformat freq axes T device _data"
    members = {"__module__": module, **dict.fromkeys(asked.split(), property(loud))}
    members |= dict.fromkeys(("__repr__", "__str__", "__len__", "__iter__", "__array__"), loud)
    for base in (object, float, str, dict):
        cls: Any = type(name, (base,), members)
        value = base.__new__(cls)
        assert not statics.genuine(cls, module.partition(".")[0])
        assert not statics.is_class(cls, module, name)
        namespace = {"x": value, "held": [value, {"key": value}]}
        assert f"x: {statics.type_title(cls)}" in listing_text(list_names(namespace))
        told = [describe(value, "x"), preview(value), preview([value]), str(summarize(value))]
        assert "fitted" not in "".join(told)
        needs_own_code(value)
        assert not drawable(value)
        assert not Snapshot(namespace).until(Snapshot(namespace))


class Quiet:
    """Touchy without a metaclass: libraries may store it, and may not ask it anything."""

    def __repr__(self) -> str:
        hostile.touched("__repr__")
        return ""

    __str__ = __len__ = __eq__ = __format__ = __repr__  # type: ignore[assignment]

    def __hash__(self) -> int:
        return hostile.touched("__hash__") or 0


def test_objects_inside_tables_and_arrays_are_not_touched() -> None:
    array = np.empty(3, dtype=object)
    array[:] = [Quiet(), Quiet(), Quiet()]
    frame = pd.DataFrame({"o": array, "n": [1, 2, 3]})
    objects = pl.DataFrame({"o": pl.Series("o", [Quiet(), Quiet()], dtype=pl.Object)})
    TOUCHED.clear()  # what the libraries themselves did to take them in is theirs
    for value in (array, frame, frame["o"], objects, SimpleNamespace(a=[Quiet()])):
        assert "Qui" in describe(value, "value")
        listing_text(list_names({"value": value}))


def test_a_name_is_resolved_without_touching() -> None:
    touchy = object.__new__(hostile.Touchy)
    object.__setattr__(touchy, "held", 7)
    namespace: dict[Any, Any] = {"touchy": touchy, "d": {Key("k"): 1, "k2": 2}, Key("d2"): 3}
    assert resolve(namespace, "touchy.held") == 7
    assert resolve(namespace, "d['k2']") == 2
    with pytest.raises(UnreadableNameError, match="would run code"):
        resolve(namespace, "touchy['x']")
    with pytest.raises(UnreadableNameError):
        resolve(namespace, "touchy.__class__")
    assert list(list_names(namespace).variables) == ["touchy", "d"]


def test_a_property_is_not_read() -> None:
    class Account:
        @property
        def balance(self) -> int:
            hostile.touched("balance")
            return 1

    with pytest.raises(UnreadableNameError, match="Account"):
        resolve({"account": Account()}, "account.balance")
    assert "balance (property)" in describe(Account(), "account")


def test_subclasses_of_known_tables_are_strangers() -> None:
    class Frame(pd.DataFrame):
        def __repr__(self) -> str:
            hostile.touched("repr")
            return ""

        @property
        def columns(self) -> Any:
            hostile.touched("columns")

    frame = Frame.__new__(Frame)
    assert needs_own_code(frame)
    assert "Frame" in summarize(frame).type
    describe(frame, "frame")


def test_a_table_with_columns_of_a_foreign_type_is_a_stranger() -> None:
    class Labels(pd.Index):
        def __len__(self) -> int:
            hostile.touched("len")
            return 0

    frame = pd.DataFrame({"a": [1]})
    labels = pd.Index(["x"])
    labels.__class__ = Labels
    frame._mgr.axes[1] = labels  # pyright: ignore
    assert summarize(frame).shape == ""
    assert needs_own_code(frame)


def test_a_class_that_claims_to_be_of_a_library_is_not_believed() -> None:
    assert needs_own_code(object.__new__(hostile.Liar))
    assert summarize(object.__new__(hostile.Liar)).shape == ""


def test_a_table_too_large_to_scan_is_sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    from codex_jupyter.objects import tables

    rows = np.lib.stride_tricks.as_strided(
        np.ones(1), (2_000_000_000, 1), (0, 0)
    )  # takes no memory, unless copied
    frame = pd.DataFrame(rows, columns=["a"], copy=False)
    read: list[int] = []
    plain = tables._statistics
    monkeypatch.setattr(
        tables, "_statistics", lambda values: (read.append(len(values)), plain(values))[1]
    )
    told = describe(frame, "frame")
    assert "2,000,000,000 rows × 1 column" in told
    assert read == [tables.SAMPLE]
    assert f"a sample of {tables.SAMPLE:,} of 2,000,000,000 rows" in told
    assert Snapshot({"frame": frame}).until(Snapshot({"frame": frame})) == Snapshot({}).until(
        Snapshot({})
    )


def test_an_object_in_pieces_is_told_by_its_type_and_hides_no_other() -> None:
    view = memoryview(b"gone")
    view.release()
    frame = pd.DataFrame({"a": [1, 2]})
    frame._mgr.axes[1] = pd.Index(["a", "b"])  # pyright: ignore  # as another thread may leave it for a moment
    namespace = {"view": view, "frame": frame, "x": 1}
    told = listing_text(list_names(namespace))
    assert "view: memoryview; <memoryview>" in told
    assert "frame: pandas.DataFrame" in told
    assert "x: int; 1" in told
    assert not Snapshot(namespace).until(Snapshot(namespace))
    for name, value in namespace.items():
        assert describe(value, name)
        needs_own_code(value)


def test_the_source_of_a_function_is_found_without_asking_modules(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Lazy(ModuleType):
        def __getattr__(self, name: str) -> Any:
            hostile.touched(f"module {name}")

    monkeypatch.setitem(sys.modules, "imports_when_touched", Lazy("imports_when_touched"))
    monkeypatch.setattr(inspect, "modulesbyfile", {})  # what it found for others
    monkeypatch.setattr(inspect, "_filesbymodname", {})
    assert 'hostile.touched("__repr__")' in describe(Quiet.__repr__, "function")
