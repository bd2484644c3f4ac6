"""What a page tells of its notebook: checked, and told to the model in bounded parts."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codex_jupyter.errors import UserError
from codex_jupyter.notebook.document.cells import DocumentCell, Excerpt, hash_of, read_excerpt
from codex_jupyter.notebook.workbench import document_tools
from codex_jupyter.notebook.workbench.cells import Reading
from codex_jupyter.notebook.workbench.figures import Figures

CELL = {"index": 0, "id": "a", "kind": "code", "source": "1", "count": 2, "outputs": []}
REPLY: dict[str, Any] = {"path": "n.ipynb", "total": 1, "active": 0, "selected": [0], "cells": [CELL]}  # fmt: skip


def text(cell: DocumentCell, *ran: str, room: int = 4_000) -> str:
    return document_tools.cell_text(cell, ("", *ran), Figures(), Reading(""), room)


def reply(cells: list[DocumentCell], total: int) -> document_tools.Reply:
    excerpt = Excerpt("n.ipynb", total, -1, (), tuple(cells))
    return document_tools._reply(excerpt, (), Figures(), 4_000)


def test_a_whole_reply() -> None:
    excerpt = read_excerpt(REPLY)
    assert excerpt == Excerpt("n.ipynb", 1, 0, (0,), (DocumentCell(0, "a", "code", "1", 2),))
    assert excerpt.cells[0].hash == hash_of("1")


@pytest.mark.parametrize(
    "spoilt",
    [
        {"path": None}, {"total": -1}, {"total": "1"}, {"total": True}, {"cells": 3}, {"cells": [3]}, {"selected": 4},
        {"selected": ["a"]}, *({"cells": [CELL | {name: value}]} for name, value in (
            ("index", -1), ("id", 3), ("source", None), ("count", "3"), ("count", -1), ("left_out", "x"), ("outputs", 3),
        )),
    ],
)  # fmt: skip
def test_what_is_no_notebook_is_refused(spoilt: dict[str, Any]) -> None:
    with pytest.raises(UserError, match="no readable notebook"):
        read_excerpt(REPLY | spoilt)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*REPLY, *CELL, "data", "text", "output_type"]), inner, max_size=6),
    max_leaves=12,
)  # fmt: skip


@given(
    st.dictionaries(st.sampled_from([*REPLY]), _JSON),
    st.dictionaries(st.sampled_from([*CELL]), _JSON),
)
def test_any_reply_is_read_or_refused(spoilt: dict[str, Any], cell: dict[str, Any]) -> None:
    try:
        excerpt = read_excerpt(REPLY | {"cells": [CELL | cell]} | spoilt)
    except UserError:
        return
    for one in excerpt.cells:
        assert text(one)


def test_the_first_line_names_the_cell() -> None:
    cell = DocumentCell(3, "id-3", "code", "x = 1\n", 2)
    assert text(cell, "", "x = 1").split("\n")[0] == f"cell 3 | id id-3 | code | [2] | hash {hash_of('x = 1' + chr(10))}"  # fmt: skip
    changed = "edited since it ran, or ran in an earlier kernel"
    assert text(cell, "", "x = 2").split("\n")[0].endswith(changed)
    assert text(cell).split("\n")[0].endswith(changed)
    assert "| [ ] |" in text(DocumentCell(0, "a", "code", ""))
    assert text(DocumentCell(0, "a", "markdown", "# A")).startswith(
        "cell 0 | id a | markdown | hash "
    )


def test_a_source_that_the_page_cut_has_no_hash() -> None:
    told = text(DocumentCell(0, "a", "code", "x" * 10, left_out=90))
    assert "hash" not in told.replace("too long for a hash", "") and "(90 more characters)" in told


def test_outputs_of_a_file_are_told_like_those_of_a_cell_that_ran() -> None:
    outputs: tuple[dict[str, Any], ...] = (
        {"output_type": "stream", "name": "stdout", "text": ["a\n", "b\n"]},
        {"output_type": "stream", "name": "stderr", "text": "late"},
        {"output_type": "execute_result", "data": {"text/plain": "3", "text/html": "<b>3</b>"}},
        {"output_type": "display_data", "data": {"text/plain": "a figure", "image/svg+xml": ""}},
        {"output_type": "error", "ename": "ValueError", "evalue": "no", "traceback": ["\x1b[31mTr", "ValueError: no"]},
        {"output_type": "new"}, {},
    )  # fmt: skip
    told = text(DocumentCell(0, "a", "code", "f()", 1, outputs))
    for part in (
        "stdout:\na\nb",
        "stderr:\nlate",
        "value:\n3",
        "display:\na figure",
        "Tr\nValueError: no",
    ):
        assert part in told
    assert "\x1b" not in told and "<b>" not in told


def test_what_a_turn_showed_is_left_out() -> None:
    output = {"output_type": "display_data", "data": {"text/plain": "Codex said much"}}
    told = text(DocumentCell(0, "a", "code", "%codex why?", 1, (output,)))
    assert "Codex said" not in told and "a turn of Codex" in told


def test_a_long_notebook_comes_in_parts() -> None:
    cells = [DocumentCell(n, f"c{n}", "code", "x = 1\n" * 300) for n in range(50)]
    part = reply(cells, 300)
    shown = part.text.count("\ncell ")
    assert 5 < shown < 50 and len(part.text) < document_tools.ROOM + 4_000
    assert f"go on with from={shown}.)" in part.text
    assert part.sent == [f"{shown} cells of the open notebook"]
    assert "(Go on with from=1.)" in reply(cells[:1], 300).text
    assert "o on with" not in reply(cells[:1], 1).text
    assert reply([], 0).sent == [] and "0 cells." in reply([], 0).text


def test_a_cell_that_is_larger_than_all_the_room_is_told_with_its_middle_left_out() -> None:
    told = text(DocumentCell(0, "a", "markdown", "word " * 20_000), room=4_000)
    assert len(told) < 5_000 and "left out" in told and "| hash " in told


@pytest.mark.parametrize(
    "given_", [{"ids": []}, {"ids": "a"}, {"ids": [1]}, {"from": -1}, {"from": "2"}, {"count": 1.5}, {"from": True}]
)  # fmt: skip
def test_arguments_that_are_none_are_refused(given_: dict[str, Any]) -> None:
    with pytest.raises(UserError, match="has to be"):
        document_tools._question(given_)


def test_what_a_page_is_asked() -> None:
    assert document_tools._question({}) == {"kind": "read", "from": 0, "count": 50}
    assert document_tools._question({"from": 7, "count": 900}) == {"kind": "read", "from": 7, "count": 50}  # fmt: skip
    assert document_tools._question({"ids": ["a"], "from": 3}) == {"kind": "read", "ids": ["a"]}
