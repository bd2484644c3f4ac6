"""Names as people write them, and what is said of those that are none."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from codex_jupyter.errors import UserError
from codex_jupyter.objects.lookup import UnknownNameError, UnreadableNameError, resolve

NAMESPACE: dict[str, Any] = {
    "df": pd.DataFrame({"price": [1.5, 2.5], "a b": [1, 2]}),
    "pl_df": pl.DataFrame({"price": [1, 2]}),
    "config": {"paths": ["a", {"deep": 7}], 3: "three"},
    "array": np.arange(6).reshape(2, 3),
    "box": SimpleNamespace(inner=SimpleNamespace(value=9)),
}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("config['paths'][1]['deep']", 7),
        ("config[3]", "three"),
        ('config["paths"][-2]', "a"),
        ("box.inner.value", 9),
        ("array[1][2]", 5),
        (" config ", NAMESPACE["config"]),
    ],
)
def test_names_are_found(name: str, value: Any) -> None:
    assert resolve(NAMESPACE, name) == value


@pytest.mark.parametrize("name", ["df['price']", "df.price", "pl_df['price']"])
def test_columns_are_found(name: str) -> None:
    assert list(resolve(NAMESPACE, name)) in ([1.5, 2.5], [1, 2])


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("dff", "Did you mean df?"),
        ("df['pirce']", "Did you mean price?"),
        ("box.iner", "It holds: inner."),
        ("nothing_like_it", "There are: df, pl_df, config, array, box."),
    ],
)
def test_a_wrong_name_gets_the_nearest(name: str, hint: str) -> None:
    with pytest.raises(UnknownNameError) as error:
        resolve(NAMESPACE, name)
    assert hint in error.value.hint


@pytest.mark.parametrize(
    "name",
    [
        "df.head()",
        "1 + 1",
        "df[x]",
        "",
        "print('x')",
        "df.values",
        "a; b",
        "(" * 500,
        "config[[1]]",
        "[i for i in config]",
    ],
)
def test_what_would_run_is_refused(name: str) -> None:
    with pytest.raises(UserError) as error:
        resolve(NAMESPACE, name)
    assert isinstance(error.value, (UnreadableNameError, UnknownNameError))
