"""Changes of an open notebook: read, checked against the cells as they are, carried out in thought, drawn whole."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codex_jupyter.core.diffs import Change as FileChange
from codex_jupyter.errors import UserError
from codex_jupyter.notebook.document.cells import DocumentCell, hash_of
from codex_jupyter.notebook.document.changes import (
    Change,
    Delete,
    Insert,
    Move,
    Replace,
    changed,
    diff,
    drawn,
    plan,
    read_changes,
    sent,
)
from tests.environments import ROOT

DATA = ROOT / "tests" / "data"

CELLS = [
    DocumentCell(0, "a", "markdown", "# A"),
    DocumentCell(1, "b", "code", "b = 1", 3),
    DocumentCell(2, "c", "code", ""),
]


def after(*changes: Change) -> list[str]:
    return [cell.id for cell in changed(CELLS, plan(CELLS, changes))]


def refused(*changes: Change) -> str:
    with pytest.raises(UserError) as told:
        plan(CELLS, changes)
    assert "Nothing was changed" in told.value.message
    return str(told.value)


@pytest.mark.parametrize(
    ("spoilt", "word"),
    [
        (None, "list"), ({}, "list"), ([], "list"), ([3], "object"), ([{}], "`op`"), ([{"op": "paint"}], "`op`"),
        ([{"op": "replace", "id": "a", "source": "x"}], "`hash`"), ([{"op": "replace", "id": 3, "source": "x", "hash": "h"}], "`id`"),
        ([{"op": "replace", "id": "a", "hash": "h"}], "`source`"), ([{"op": "insert", "kind": "code", "source": "x"}], "`after`"),
        ([{"op": "insert", "after": 3, "kind": "code", "source": "x"}], "`after`"), ([{"op": "insert", "after": None, "kind": "raw", "source": "x"}], "`kind`"),
        ([{"op": "delete", "id": "a"}], "`hash`"), ([{"op": "move", "id": "a"}], "`after`"), ([{"op": "move", "id": "", "after": None}], "`id`"),
        ([{"op": "delete", "id": "a", "hash": "h"}] * 101, "At most"), ([{"op": "insert", "after": None, "kind": "code", "source": "x" * 200_001}], "longer"),
    ],
)  # fmt: skip
def test_what_is_no_change_is_refused(spoilt: Any, word: str) -> None:
    with pytest.raises(UserError, match=word):
        read_changes(spoilt)


def test_all_four_kinds() -> None:
    changes = read_changes(
        [
            {"op": "replace", "id": "b", "source": "b = 2", "hash": hash_of("b = 1")},
            {"op": "insert", "after": None, "kind": "markdown", "source": "# Top"},
            {"op": "insert", "after": "b", "kind": "code", "source": ""},
            {"op": "delete", "id": "c", "hash": hash_of("")},
            {"op": "move", "id": "a", "after": "b"},
        ]
    )
    made = changed(CELLS, plan(CELLS, changes))
    assert [(c.index, c.id, c.source) for c in made] == [
        (0, "new-1", "# Top"), (1, "b", "b = 2"), (2, "new-2", ""), (3, "a", "# A"),
    ]  # fmt: skip


def test_several_behind_one_cell_stand_in_the_order_of_the_call() -> None:
    inserts = [Insert("a", "code", name) for name in "xyz"]
    assert after(*inserts) == ["a", "new-1", "new-2", "new-3", "b", "c"]
    assert after(Insert(None, "code", ""), Insert(None, "code", "")) == ["new-1", "new-2", "a", "b", "c"]  # fmt: skip
    assert after(Move("c", None), Insert(None, "code", "")) == ["c", "new-1", "a", "b"]


def test_a_cell_that_is_another_one_by_now_is_not_touched() -> None:
    told = refused(Insert(None, "code", "x"), Replace("b", "b = 3", hash_of("b = 0")))
    assert "Change 2" in told and "b = 1" in told and hash_of("b = 1") in told
    assert "read_notebook" in told
    assert "another one by now" in refused(Delete("c", hash_of("old")))


def test_what_cannot_be_done_is_refused() -> None:
    h = hash_of("b = 1")
    assert "no cell z" in refused(Replace("z", "", h))
    assert "no cell z" in refused(Insert("z", "code", ""))
    assert "no cell z" in refused(Move("a", "z"))
    assert "changed twice" in refused(Replace("b", "", h), Delete("b", h))
    assert "behind itself" in refused(Move("b", "b"))
    assert "deleted by another" in refused(Delete("b", h), Insert("b", "code", ""))
    assert "deleted by another" in refused(Move("a", "b"), Delete("b", h))


def test_what_a_person_is_shown_is_all_of_it() -> None:
    changes = [
        Replace("b", "b = 2\nb", hash_of("b = 1")), Insert("b", "code", "new"), Delete("c", hash_of("")), Move("a", None),
    ]  # fmt: skip
    assert drawn(plan(CELLS, changes), CELLS) == (
        FileChange("cell [3]", "update", "@@ -1 +1,2 @@\n-b = 1\n+b = 2\n+b"),
        FileChange("new code cell after cell [3]", "add", "new\n"),
        FileChange("code cell 3", "delete", "\n"),
        FileChange("Markdown cell 1", "update", "", "at the top"),
    )


def test_lines_that_look_like_a_head_are_lines() -> None:
    assert diff("--- x\n+++ y", "+++ y") == "@@ -1,2 +1 @@\n---- x\n +++ y"


_IDS = [f"c{n}" for n in range(6)]
_SIX = [DocumentCell(n, name, "code", f"{n}") for n, name in enumerate(_IDS)]
_PLACE = st.none() | st.sampled_from(_IDS)
_CHANGE: st.SearchStrategy[Change] = st.one_of(
    st.builds(lambda n: Replace(f"c{n}", "new", hash_of(f"{n}")), st.integers(0, 5)),
    st.builds(lambda n: Delete(f"c{n}", hash_of(f"{n}")), st.integers(0, 5)),
    st.builds(Move, st.sampled_from(_IDS), _PLACE),
    st.builds(Insert, _PLACE, st.just("code"), st.just("x")),
)


@given(st.lists(_CHANGE, min_size=1, max_size=8))
def test_any_call_is_refused_or_changes_only_what_it_names(changes: list[Change]) -> None:
    try:
        planned = plan(_SIX, changes)
    except UserError:
        return
    made = changed(_SIX, planned)
    names = [cell.id for cell in made]
    assert len(set(names)) == len(names)
    deleted = {change.id for change in changes if isinstance(change, Delete)}
    inserted = sum(isinstance(change, Insert) for change in changes)
    assert len(made) == len(_SIX) - len(deleted) + inserted and not deleted & set(names)
    moved = {change.id for change in changes if isinstance(change, Move)}
    still = [name for name in names if name in _IDS and name not in moved]
    assert still == [name for name in _IDS if name not in moved | deleted]
    replaced = {change.id for change in changes if isinstance(change, Replace)}
    for cell in made:
        if cell.id in _IDS:
            assert cell.source == ("new" if cell.id in replaced else cell.id[1:])
    assert len(drawn(planned, _SIX)) == len(changes)


# --- the page's half --------------------------------------------------------------------------------------------------

#: What the page is sent, and what has to come of it: ``js/test/document_changes.test.js`` plays it on JupyterLab's document.
CASES = DATA / "cell_changes.json"
_CALLS: dict[str, list[Change]] = {
    "a source": [Replace("b", "b = 2\nb", hash_of("b = 1"))],
    "an empty source": [Replace("a", "", hash_of("# A"))],
    "new cells at the top, in order": [Insert(None, "markdown", "# 1"), Insert(None, "code", "2")],
    "new cells behind one, in order": [Insert("b", "code", "1"), Insert("b", "markdown", "2")],
    "a cell less": [Delete("b", hash_of("b = 1"))],
    "every cell": [Delete("a", hash_of("# A")), Delete("b", hash_of("b = 1")), Delete("c", hash_of("")), Insert(None, "code", "new")],
    "a cell down": [Move("a", "b")],
    "a cell to the end": [Move("a", "c")],
    "a cell up": [Move("c", "a")],
    "a cell to the top": [Move("c", None)],
    "two cells behind one": [Move("c", "a"), Insert("a", "code", "x")],
    "a place behind a cell that moves": [Move("a", "c"), Insert("a", "code", "x")],
    "a place that is taken": [Move("b", "a")],
    "all at once": [
        Replace("b", "b = 2", hash_of("b = 1")), Insert(None, "markdown", "# Top"), Insert("b", "code", ""),
        Delete("c", hash_of("")), Move("a", "b"),
    ],
    "letters of every kind": [Replace("b", "é\u2028\U0001f600\t\r\n", hash_of("b = 1"))],
}  # fmt: skip


def _told(cells: Iterable[DocumentCell]) -> list[dict[str, str]]:
    return [{"id": cell.id, "kind": cell.kind, "source": cell.source} for cell in cells]


def test_the_page_is_held_to_the_same() -> None:
    cases = []
    for name, changes in _CALLS.items():
        planned = plan(CELLS, changes)
        cases.append(
            {
                "name": name,
                "cells": _told(CELLS),
                "changes": [sent(one) for one in planned],
                "after": _told(changed(CELLS, planned)),
            }
        )
    text = json.dumps(cases, indent=1) + "\n"
    if os.environ.get("GOLDEN_UPDATE"):
        CASES.write_text(text)
    assert CASES.read_text() == text
