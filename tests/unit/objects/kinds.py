"""One of each kind of object that a notebook may hold, made fresh; ``docs/objects.md`` shows what the model is told of each."""

from __future__ import annotations

import collections
import dataclasses
import datetime
import decimal
import enum
import fractions
import functools
import io
import pathlib
import re
import sys
import types
import uuid
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
import PIL.Image
import plotly.graph_objects as go
import polars as pl
import pyarrow as pa
from matplotlib.figure import Figure


def _at_home(cls: Any) -> Any:
    """As if the class had been written in a cell."""
    cls.__module__ = "__main__"
    cls.__qualname__ = cls.__name__
    return cls


@_at_home
@dataclasses.dataclass
class Point:
    """A place."""

    x: float
    y: float = 0.0


@_at_home
class Churn:
    """Predicts who leaves."""

    def __init__(self) -> None:
        self.rate = 0.25
        self.weights = np.array([0.5, -1.0])
        self.api_key = "not-to-be-shown"

    def predict(self, rows: int, *, threshold: float = 0.5) -> int:
        """Who leaves."""
        return rows

    def __repr__(self) -> str:
        return f"Churn(rate={self.rate})"


@_at_home
class Color(enum.Enum):
    RED = 1


Pair = _at_home(collections.namedtuple("Pair", "left right"))


def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "customer": ["c1", "c2", "c3", "c4"],
            "last_seen": pd.to_datetime(["2026-03-01", "2026-03-02", "2026-02-20", None]),
            "orders": [3, 1, 0, 7],
            "spent": [10.5, 2.25, float("nan"), 99.0],
            "password": ["a-b-c-1", "d-e-f-2", "g-h-i-3", "j-k-l-4"],
        }
    )


def plot() -> Figure:
    figure = Figure(figsize=(4, 3))
    axes = figure.add_subplot()
    axes.plot([1, 2, 3])
    axes.set_title("Orders")
    axes.set_xlabel("week")
    return figure


def failing() -> types.FunctionType:
    source = 'def churn_rate(rows, *, days=30, token="hunter2-hunter2"):\n    """Share of quiet customers."""\n    return len(rows) / days\n'
    import linecache

    lines: list[str] = list(source.splitlines(keepends=True))
    linecache.cache["<example>"] = (len(source), None, lines, "<example>")
    scope: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(source, "<example>", "exec"), scope)
    return scope["churn_rate"]


def generator() -> Any:
    def rows() -> Any:
        yield 1

    return rows()


def recursive() -> dict[str, Any]:
    tree: dict[str, Any] = {"name": "root"}
    tree["self"] = tree
    return tree


def objects() -> list[tuple[str, str, Any]]:
    """Kind, variable name, value."""
    matplotlib.use("agg")
    many = pd.MultiIndex.from_tuples([("a", 1), ("a", 2), ("b", 1)], names=["letter", "number"])
    return [
        ("pandas DataFrame", "df", frame()),
        (
            "pandas Series with row labels",
            "by_letter",
            pd.Series([1.0, 2.0, 3.0], index=many, name="total"),
        ),
        ("pandas Index", "days", pd.date_range("2026-03-01", periods=3)),
        ("polars DataFrame", "pl_df", pl.DataFrame({"a": [1, 2, None], "b": ["x", "y", "z"]})),
        ("polars Series", "pl_series", pl.Series("a", [1, 2, 3])),
        ("polars LazyFrame", "lazy", pl.LazyFrame({"a": [1]})),
        ("pyarrow Table", "arrow", pa.table({"a": [1, 2], "b": ["x", None]})),
        ("numpy array", "array", np.arange(12.0).reshape(3, 4)),
        ("numpy array of objects", "mixed", np.array([1, "a", None], dtype=object)),
        ("numpy scalar", "mean", np.float64(2.5)),
        ("matplotlib figure", "figure", plot()),
        (
            "plotly figure",
            "chart",
            go.Figure(go.Scatter(x=[1, 2], y=[3, 4]), layout={"title": "Orders"}),
        ),
        ("PIL image", "photo", PIL.Image.new("RGB", (640, 480))),
        (
            "dictionary",
            "config",
            {"paths": ["a.csv", "b.csv"], "depth": 3, "api_key": "s3cr3t-s3cr3t"},
        ),
        ("dictionary in itself", "tree", recursive()),
        ("list", "names", ["Ada", "Grace", "Edsger"] * 20),
        ("set", "tags", {"quiet"}),
        ("text", "note", "The data ends in March.\nAsk Ada."),
        ("long text", "log", "line of a log\n" * 10_000),
        ("key by its name", "OPENAI_API_KEY", "whatever-it-is"),
        ("key by its shape", "setting", "sk-proj-abcdefghijk0123456789"),
        ("huge integer", "factor", 10**5_000),
        ("date and time", "when", datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.UTC)),
        ("decimal and fraction", "exact", (decimal.Decimal("1.10"), fractions.Fraction(1, 3))),
        ("path", "path", pathlib.PurePosixPath("data/orders.csv")),
        ("regular expression", "pattern", re.compile(r"c\d+")),
        ("uuid", "run_id", uuid.UUID(int=7)),
        ("function", "churn_rate", failing()),
        ("partial", "by_month", functools.partial(failing(), days=30)),
        ("class", "Churn", Churn),
        ("object with a repr of its own", "model", Churn()),
        ("dataclass", "point", Point(1.5)),
        ("named tuple", "pair", Pair(1, "two")),
        ("enum member", "color", Color.RED),
        ("exception", "error", ValueError("no such column", 3)),
        ("generator", "rows", generator()),
        ("open file", "file", io.StringIO("text")),
        ("module", "system", sys),
    ]
