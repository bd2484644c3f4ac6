"""Common figures and images may be drawn unasked; what they are told by is what their libraries say of them."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import PIL.Image
import pytest
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from codex_jupyter.objects.drawing import drawable
from codex_jupyter.objects.figures import axes_title, figure_parts, image_parts

matplotlib.use("agg")


def lines() -> Any:
    figure, axes = plt.subplots()
    axes.plot([1, 2, 3], label="x")
    axes.legend()
    axes.set(title="Orders", xlabel="week", ylabel="count")
    return figure


def kinds() -> Any:
    figure, axes = plt.subplots(2, 2)
    axes[0, 0].scatter(np.arange(9.0), np.arange(9.0), c=np.arange(9.0))
    axes[0, 1].hist(np.arange(50.0))
    image = axes[1, 0].imshow(np.zeros((5, 5)))
    figure.colorbar(image)
    axes[1, 1].bar(["a", "b"], [1, 2])
    return figure


def dates() -> Any:
    figure, axes = plt.subplots()
    axes.plot(pd.date_range("2026", periods=5), range(5))
    figure.autofmt_xdate()
    return figure


def pandas_dates() -> Any:
    figure, axes = plt.subplots()
    pd.Series(range(5), index=pd.date_range("2026", periods=5)).plot(ax=axes)
    return figure


def pandas_bars() -> Any:
    figure, axes = plt.subplots()
    pd.DataFrame({"a": [1, 2], "b": [3, 4]}).plot.bar(ax=axes)
    return figure


def space() -> Any:
    figure = plt.figure()
    figure.add_subplot(projection="3d").plot([1, 2], [1, 2], [1, 2])
    return figure


def contours() -> Any:
    figure, axes = plt.subplots()
    axes.contourf(np.arange(25.0).reshape(5, 5))
    axes.set_yscale("log")
    axes.annotate("here", (1, 1), arrowprops={})
    return figure


def statistics() -> Any:
    figure, axes = plt.subplots()
    axes.boxplot([[1, 2, 3], [2, 3]])
    axes.twinx().fill_between([1, 2], [1, 2])
    axes.errorbar([1], [1], [1])
    return figure


PLOTS = [lines, kinds, dates, pandas_dates, pandas_bars, space, contours, statistics]


@pytest.mark.parametrize("plot", PLOTS, ids=lambda plot: plot.__name__)
def test_a_common_figure_may_be_drawn_before_and_after_it_was(plot: Callable[[], Any]) -> None:
    figure = plot()
    try:
        assert drawable(figure)
        figure.savefig(io.BytesIO())
        assert drawable(figure)
    finally:
        plt.close("all")


def test_a_figure_is_told_by_its_parts() -> None:
    figure = lines()
    parts = figure_parts(figure)
    assert parts is not None
    assert (parts.width, parts.height) == tuple(figure.get_size_inches())
    assert list(parts.axes) == figure.axes
    assert axes_title(parts.axes[0]) == "'Orders, x: week, y: count'"
    plt.close("all")


def test_a_method_that_was_replaced_is_somebodys(monkeypatch: pytest.MonkeyPatch) -> None:
    figure = lines()
    assert drawable(figure)
    monkeypatch.setattr(Line2D, "draw", lambda self, renderer: None)
    assert not drawable(figure)
    monkeypatch.undo()
    assert drawable(figure)
    plt.close("all")


def test_a_figure_with_more_than_is_counted_is_not_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    from codex_jupyter.objects import drawing

    figure = Figure()
    figure.add_subplot().imshow(np.zeros((100, 100)))
    assert drawable(figure)
    monkeypatch.setattr(drawing, "ARRAYS", 50_000)
    assert not drawable(figure)
    monkeypatch.setattr(drawing, "ARRAYS", 10**9)
    monkeypatch.setattr(drawing, "MOST", 500)
    assert not drawable(figure)


def test_an_image_may_be_drawn_where_its_pixels_are_at_hand(tmp_path: Path) -> None:
    made = PIL.Image.new("RGB", (4, 3))
    made.save(tmp_path / "made.png")
    made.save(tmp_path / "made.jpg")
    assert drawable(made)
    for name in ("made.png", "made.jpg"):
        with PIL.Image.open(tmp_path / name) as opened:
            assert drawable(opened)
            parts = image_parts(opened)
            assert parts is not None
            assert (parts.size, parts.mode, parts.format) == ((4, 3), "RGB", opened.format)
            opened.load()
            assert drawable(opened)
    with PIL.Image.open(io.BytesIO((tmp_path / "made.png").read_bytes())) as opened:
        assert drawable(opened)
    assert not drawable(PIL.Image.new("1", (100_000, 600)))


def test_anything_else_is_not_drawn() -> None:
    for value in (1, "x", None, Line2D([0], [0]), [Figure()], pd.DataFrame()):
        assert not drawable(value)
