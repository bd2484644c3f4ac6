"""What pandas is made of: read from its arrays, it says what pandas says. Fails where a new pandas is made otherwise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from codex_jupyter.objects.columns import InUTC
from codex_jupyter.objects.tables import cell, statistics_text, table_of

COLUMNS: dict[str, tuple[Any, str, list[str]]] = {
    "ints": (pd.Series([1, 2, 3]), "int64", ["1", "2", "3"]),
    "small": (pd.Series([1, 2, 3], dtype="uint8"), "uint8", ["1", "2", "3"]),
    "floats": (pd.Series([1.5, None, 3.0]), "float64", ["1.5", "nan", "3.0"]),
    "bools": (pd.Series([True, False, True]), "bool", ["True", "False", "True"]),
    "texts": (pd.Series(["a", None, "c"], dtype="str"), "str", ["a", "nan", "c"]),
    "strings": (pd.Series(["a", None, "c"], dtype="string[python]"), "string", ["a", "<NA>", "c"]),
    "objects": (pd.Series([1, "b", [3]], dtype=object), "object", ["1", "b", "[3]"]),
    "moments": (
        pd.Series(pd.to_datetime(["2026-01-02T03:04:05.5", None, "2026-01-03T00:00:00.0"])), "datetime64[us]",
        ["2026-01-02T03:04:05.5", "NaT", "2026-01-03T00:00:00"],
    ),
    "zoned": (
        pd.Series(pd.to_datetime(["2026-01-02", "2026-07-02", None])).dt.tz_localize("Europe/Berlin"),
        "datetime64[us, Europe/Berlin]",
        ["2026-01-01T23:00:00+00:00", "2026-07-01T22:00:00+00:00", "NaT+00:00"],
    ),
    "spans": (
        pd.Series(pd.to_timedelta(["1D", "90min", None])), "timedelta64[ns]", ["1 day, 0:00:00", "1:30:00", "NaT"],
    ),
    "months": (
        pd.Series(pd.PeriodIndex(["2026-01", "2026-02", None], freq="M")), "period[M]", ["2026-01", "2026-02", "NaT"],
    ),
    "categories": (pd.Series(["u", None, "v"], dtype="category"), "category", ["u", "None", "v"]),
    "numbered": (pd.Series(pd.Categorical.from_codes([0, 1, -1], categories=pd.RangeIndex(5, 7))), "category",
        ["5", "6", "None"]),
    "gaps": (pd.Series([1, None, 3], dtype="Int64"), "Int64", ["1", "<NA>", "3"]),
    "wide gaps": (pd.Series([1, None, 3], dtype="UInt32"), "UInt32", ["1", "<NA>", "3"]),
    "float gaps": (pd.Series([1.5, None, 3], dtype="Float64"), "Float64", ["1.5", "<NA>", "3.0"]),
    "maybe": (pd.Series([True, None, False], dtype="boolean"), "boolean", ["True", "<NA>", "False"]),
    "arrow": (pd.Series([1, None, 3], dtype="int64[pyarrow]"), "int64[pyarrow]", ["1", "<NA>", "3"]),
    "ranges": (pd.Series(pd.interval_range(0, 3)), "interval[int64, right]", ["(0, 1]", "(1, 2]", "(2, 3]"]),
}  # fmt: skip


def loosely(dtype: str) -> str:
    """Without the unit of moments, which is another one in each version of pandas."""
    return dtype.replace("[us", "[_").replace("[ns", "[_").replace("[s", "[_")


@pytest.mark.parametrize("name", COLUMNS)
def test_a_series_is_read_from_its_array(name: str) -> None:
    series, dtype, values = COLUMNS[name]
    table = table_of(series)
    assert table is not None
    (column,) = table.columns
    assert loosely(column.dtype) == loosely(dtype)
    assert column.read is not None
    assert [cell(value, 40) for value in column.read(0, 3, 1)] == values
    assert [cell(value, 40) for value in column.read(0, 3, 2)] == values[::2]
    assert table.rows == 3


def test_a_frame_is_read_column_by_column() -> None:
    frame = pd.DataFrame({name: series for name, (series, _, _) in COLUMNS.items()})
    frame["late"] = [7, 8, 9]
    frame.insert(1, "early", [4.0, 5.0, 6.0])
    for made in (frame, frame.copy(), frame[frame.columns[::-1]], frame.iloc[:, ::2]):
        table = table_of(made)
        assert table is not None
        assert [column.name for column in table.columns] == list(made.columns)
        assert table.size
        for column in table.columns:
            assert column.read is not None
            if column.name in COLUMNS:
                assert [cell(v, 40) for v in column.read(0, 3, 1)] == COLUMNS[column.name][2]
        assert statistics_text(table).count("\n") == len(made.columns)


@pytest.mark.parametrize(
    ("index", "labels"),
    [
        (pd.RangeIndex(2, 8, 3), None),
        (pd.Index([5, 6]), ["5", "6"]),
        (pd.Index(["a", "b"]), ["a", "b"]),
        (pd.DatetimeIndex(["2026-01-01", "2026-01-02"]), ["2026-01-01T00:00:00", "2026-01-02T00:00:00"]),
        (pd.CategoricalIndex(["x", "y"]), ["x", "y"]),
        (pd.PeriodIndex(["2026-01", "2026-02"], freq="M"), ["2026-01", "2026-02"]),
        (pd.MultiIndex.from_tuples([("a", 1), ("b", 2)]), ["('a', 1)", "('b', 2)"]),
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_row_labels_are_read_from_the_index(index: Any, labels: list[str] | None) -> None:
    table = table_of(pd.DataFrame({"n": [1, 2]}, index=index))
    assert table is not None
    assert table.rows == 2
    found = None if table.labels is None else [cell(v, 40) for v in table.labels(0, 2, 1)]
    assert found == labels
    itself = table_of(index)
    assert itself is not None
    assert itself.rows == 2


def test_a_column_in_a_zone_is_kept_as_utc() -> None:
    table = table_of(COLUMNS["zoned"][0])
    assert table is not None
    (column,) = table.columns
    assert column.read is not None
    assert {type(value) for value in column.read(0, 3, 1)} == {InUTC}
    assert "from 2026-01-01T23:00:00+00:00 to" in statistics_text(table)


def test_empty_tables_are_tables() -> None:
    for made in (
        pd.DataFrame(),
        pd.DataFrame({"a": []}),
        pd.Series([], dtype=float),
        pd.DataFrame(np.zeros((3, 0))),
    ):
        table = table_of(made)
        assert table is not None
        assert table.rows == len(made)
