"""Looking at anything runs not one frame of anybody's code: a tracer sees all of them."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pandas as pd
import pytest

from codex_jupyter.objects.drawing import drawable
from tests.environments import ROOT
from tests.unit.objects import hostile, kinds
from tests.unit.objects.foreign import MAKERS, Hook
from tests.unit.objects.looking import LET_IN, RAN, look
from tests.unit.objects.only_ours import only_ours


@pytest.mark.parametrize("name", MAKERS)
def test_code_inside_a_librarys_object_is_left_alone(name: str) -> None:
    value = MAKERS[name]()
    with only_ours(*LET_IN, of=look.__code__) as noted:
        told = look(value)
    assert noted == []
    assert RAN not in told


CASES = kinds.objects()


@pytest.mark.parametrize(("kind", "name", "value"), CASES, ids=[case[0] for case in CASES])
def test_no_common_object_runs_code_that_is_not_let_in(kind: str, name: str, value: Any) -> None:
    with only_ours(*LET_IN, of=look.__code__) as noted:
        look(value)
    assert noted == []


@pytest.mark.parametrize("name", hostile.all_of_them())
def test_hostile_objects_run_nothing(name: str) -> None:
    value = hostile.all_of_them()[name]
    with only_ours(of=look.__code__) as noted:
        look(value)
    assert noted == []


def test_the_tracer_sees_foreign_code_and_imports(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "this_is_imported", raising=False)
    with only_ours() as noted:
        repr(Hook())
        sys.modules["this_is_imported"] = sys
    assert [line.split(" in ")[0] for line in noted] == [
        "Hook.__repr__",
        "import of this_is_imported",
    ]
    with only_ours() as noted:
        pd.DataFrame({"a": [1]}).head()
    assert noted != []


@pytest.mark.parametrize(
    "name", [name for name in MAKERS if name.startswith(("figure_", "image_"))]
)
def test_nothing_with_foreign_code_in_it_is_drawn(name: str) -> None:
    assert not drawable(MAKERS[name]())


def test_while_there_is_a_foreign_type_of_arrow_no_table_is_asked_for_its_types() -> None:
    """Brought to life by its own code wherever Arrow names it, in lists and structs as well."""
    module = "tests.unit.objects.foreign_arrow"
    made = subprocess.run(
        [sys.executable, "-m", module], cwd=ROOT, capture_output=True, text=True, check=True
    )
    lines = made.stdout.splitlines()
    assert len(lines) == 4
    assert [line.split(" ", 1)[1] for line in lines] == ["[] False True"] * 4
