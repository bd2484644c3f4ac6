"""What is looked at is bounded before it is touched: by size and by count, never by a clock."""

from __future__ import annotations

import mmap
import os
import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from codex_jupyter.core.runs import Changes
from codex_jupyter.objects import arrays, arrow_values, changes, details, sources, variables
from codex_jupyter.objects.changes import Snapshot
from codex_jupyter.objects.details import describe
from codex_jupyter.objects.lookup import UnknownNameError, resolve
from codex_jupyter.objects.preview import preview
from codex_jupyter.objects.summary import summarize
from codex_jupyter.objects.tables import table_of
from codex_jupyter.objects.variables import list_names, listing_text


@contextmanager
def steps() -> Iterator[list[int]]:
    """Counts the calls of Python functions, which a slower machine does not change."""
    count = [0]

    def profile(frame: Any, event: str, _: Any) -> None:
        count[0] += event == "call"

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        yield count
    finally:
        sys.setprofile(before)


# --- memory that may be a file ----------------------------------------------------------------------------------------


@pytest.fixture
def large(tmp_path: Path) -> Any:
    """40 GB that take no room on the disk."""
    path = tmp_path / "large.dat"
    try:
        with path.open("wb") as file:
            file.truncate(40_000_000_000)
    except OSError:
        pytest.fail("this file system has no sparse files")
    return np.memmap(path, dtype="f8", mode="r")


def resident() -> int:
    """Pages that this process had to get from a file or have made, in all."""
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_majflt + used.ru_minflt


def test_of_a_map_of_a_large_file_only_the_beginning_is_read(large: Any) -> None:
    assert not arrays.may_be_read_anywhere(arrays.plain_array(large))
    told = describe(large, "large")
    assert f"the first {details.SAMPLE:,} of 5,000,000,000 values" in told
    assert summarize(large).shape == "5,000,000,000"
    assert not Snapshot({"large": large}).until(Snapshot({"large": large}))


@pytest.mark.parametrize("of", ["frame", "series", "view"])
def test_a_table_over_a_map_of_a_large_file_is_read_from_its_top(large: Any, of: str) -> None:
    array = np.asarray(large).reshape(-1, 50)
    made: Any = {
        "frame": lambda: pd.DataFrame(array, copy=False),
        "series": lambda: pd.Series(array[:, 3], copy=False),
        "view": lambda: pd.DataFrame(array[10:], copy=False),
    }[of]()
    table = table_of(made)
    assert table is not None
    reached = [c.reach * array.strides[0] for c in table.columns if c.reach is not None]
    assert len(reached) == len(table.columns)
    assert max(reached) <= arrays.NEAR
    assert "Statistics of the first" in describe(made, "made")
    before = resident()
    Snapshot({"made": made})
    describe(made, "made")
    assert resident() - before < 3 * arrays.NEAR / mmap.PAGESIZE


def test_memory_of_its_own_is_sampled_all_over() -> None:
    assert "a sample of 10,000 of 3,000,000 values" in describe(np.arange(3_000_000.0), "array")
    frame = pd.DataFrame({"a": np.arange(3_000_000)})
    assert "a sample of 5,000 of 3,000,000 rows" in describe(frame, "frame")
    assert "max 2.9994e+06" in describe(frame, "frame")


def test_elements_that_are_too_large_are_not_taken_out() -> None:
    array = np.zeros(3, dtype="U5000000")
    assert "[…]" in summarize(array).preview
    assert "First row" not in describe(array, "array")


def test_a_cell_of_a_table_that_is_too_large_is_not_taken_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = "x" * 3_000_000
    monkeypatch.setattr(arrow_values, "SAMPLED", 1_000_000)
    arrow = pa.table({"a": pa.array([text, "short"]), "n": [[1] * 1_000_000, [2]]})
    for made in (arrow, pl.DataFrame({"a": [text, "short"], "n": [[1] * 1_000_000, [2]]})):
        told = describe(made, "made")
        assert "too large to be sampled" in told
        assert len(told) < 2_000


# --- sources ----------------------------------------------------------------------------------------------------------


def function_of(filename: str) -> types.FunctionType:
    scope: dict[str, Any] = {"__name__": "__main__"}
    exec(compile("def made():\n    return 1\n", filename, "exec"), scope)
    return scope["made"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.py"
    os.mkfifo(pipe)
    assert describe(function_of(str(pipe)), "made") == "made: function\ndef made()"
    assert "class" in describe(type("Made", (), {"run": function_of(str(pipe))}), "Made")


@pytest.mark.parametrize("name", ["/dev/zero", "/dev/stdin", "/proc/self/mem"])
def test_what_is_no_plain_file_is_no_source(name: str) -> None:
    assert describe(function_of(name), "made") == "made: function\ndef made()"


def test_a_source_that_is_too_long_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "long.py"
    path.write_text("def made():\n    return 1\n" + "#\n" * sources.FILE)
    assert "Source" not in describe(function_of(str(path)), "made")
    path.write_text("def made():\n    return 1\n")
    assert "Source:\ndef made():\n    return 1" in describe(function_of(str(path)), "made")


def test_a_loader_is_not_asked_for_a_source(monkeypatch: pytest.MonkeyPatch) -> None:
    import linecache

    def asked(*_: Any) -> str:
        raise AssertionError("a loader was asked")

    monkeypatch.setitem(linecache.cache, "lazy.py", (asked,))
    assert "Source" not in describe(function_of("lazy.py"), "made")


# --- many -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("library", ["one block", "a block each", "polars", "pyarrow"])
def test_a_table_of_very_many_columns_costs_what_a_small_one_costs(library: str) -> None:
    def made(width: int) -> Any:
        names = [f"c{i}" for i in range(width)]
        if library == "one block":
            return pd.DataFrame(np.zeros((3, width)), columns=names)
        if library == "a block each":
            return pd.concat([pd.Series([1.0], name=name) for name in names], axis=1)
        if library == "polars":
            return pl.DataFrame({name: [1] for name in names})
        return pa.table({name: [1] for name in names})

    many = 200_000 if library == "one block" else 5_000
    cost = []
    for width in (100, many):
        frame = made(width)
        table_of(frame)  # what a library does once
        with steps() as count:
            assert f"{width:,} columns" in describe(frame, "frame")
            Snapshot({"frame": frame})
        cost.append(count[0])
    assert cost[1] < 1.5 * cost[0]


def test_a_turn_begins_in_steps_that_do_not_grow_with_the_variables() -> None:
    """Nothing is called for each of many variables: 20,000 of them cost a few milliseconds of plain loops."""

    def begin(count: int) -> int:
        few = {f"t{i}": pd.DataFrame({"a": [i], "b": [i]}) for i in range(100)}
        many = {f"v{i}": i for i in range(count)} | {f"l{i}": [i] for i in range(count)}
        texts = {f"s{i}": "x" * 40 for i in range(count)}
        with steps() as counted:
            before = Snapshot(few | many | texts)
            assert not before.until(Snapshot(few | many | texts))
        return counted[0]

    assert begin(7_000) < 1.2 * begin(1_000)


def test_what_a_snapshot_looks_into_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []
    plain = changes.preview
    monkeypatch.setattr(changes, "preview", lambda *a, **k: (looked.append(1), plain(*a, **k))[1])
    Snapshot({f"l{i}": [i] for i in range(5_000)})
    assert len(looked) == changes.EFFORT


def test_a_snapshot_keeps_nothing_that_is_large() -> None:
    class Thing:
        pass

    import weakref

    thing = Thing()
    alive = weakref.ref(thing)
    held = Snapshot({"thing": thing, "text": "x" * 1_000, "n": 1})
    del thing
    assert alive() is None
    assert held.until(Snapshot({"n": 1})) == Changes(deleted=("thing", "text"))


def test_the_latest_variables_are_looked_into_first() -> None:
    names = {f"l{i}": [i] for i in range(changes.EFFORT + 10)}
    before = Snapshot(names)
    names[f"l{changes.EFFORT + 9}"].append(1)
    names["l0"].append(1)
    assert before.until(Snapshot(names)).changed == (f"l{changes.EFFORT + 9}",)


def test_changes_are_told_by_contents() -> None:
    import copy

    names: dict[str, Any] = {
        "rows": [1], "table": pd.DataFrame({"a": [1, 2]}), "array": np.zeros(3), "box": {"a": [1]}, "n": 1, "same": [0],
        "categories": pd.Series(["a", "b"], dtype="category"), "polars": pl.DataFrame({"a": [1]}),
    }  # fmt: skip
    before = Snapshot(names)
    names["rows"].append(2)
    names["table"].iloc[1, 0] = 5
    names["array"][2] = 7
    names["box"]["a"].append(2)
    names["n"] = 2
    names["categories"].iloc[0] = "b"
    names["polars"][0, "a"] = 3
    names["more"] = copy.copy(names["same"])
    after = before.until(Snapshot(names))
    assert after.new == ("more",)
    assert set(after.changed) == set(names) - {"same", "more"}


def test_a_listing_shows_a_bounded_number_of_rows() -> None:
    told = listing_text(list_names({f"v{i}": [i] for i in range(20_000)}))
    assert told.startswith("20000 variables")
    assert len(told) < variables.ROOM + 2_000


def test_a_misspelt_name_among_very_many_is_compared_with_few() -> None:
    names = {f"v{i}": i for i in range(50_000)}
    with steps() as count, pytest.raises(UnknownNameError) as error:
        resolve(names, "v49999x")
    assert "v49999" in error.value.hint
    assert count[0] < 200_000


def test_a_slice_of_a_long_list_is_not_copied_whole() -> None:
    assert len(resolve({"rows": list(range(300_000))}, "rows[0:299999]")) == 100_000
    assert resolve({"rows": list(range(10))}, "rows[2:8:2]") == [2, 4, 6]
    assert resolve({"rows": list(range(10))}, "rows[::-1]") == list(range(9, -1, -1))
    assert resolve({"rows": list(range(10))}, "rows[8:2:-3]") == [8, 5]


def test_a_container_that_was_emptied_is_not_searched_for_its_first_entry() -> None:
    numbers = dict.fromkeys(range(3_000_000))
    for key in range(2_999_999):
        del numbers[key]
    assert preview(numbers) == "<dict, 1 entries>"
    assert "dict" in describe(numbers, "numbers")


def test_a_number_with_very_many_digits_is_not_spelled_out() -> None:
    import decimal

    assert preview(decimal.Decimal("0." + "1" * 1_000_000)) == "<decimal.Decimal>"
    assert preview(10**100_000) == "<int of 332193 bits>"
