"""Calls of tools that this client offers; those of the notebook's own tools are told in words."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, get_args

import pytest

from codex_jupyter.core.blocks import document
from codex_jupyter.core.document import Code, Lines, Picture, Plain
from codex_jupyter.core.events import CodeRan, ItemCompleted, ItemStarted, TurnCompleted
from codex_jupyter.core.items import DynamicToolCall
from codex_jupyter.core.items.dynamic_tool_call import notebook_call
from codex_jupyter.core.reduce import reduce
from codex_jupyter.core.runs import Changes, Ending, Kind, Run, ending_text
from codex_jupyter.core.tool_calls import Content
from codex_jupyter.core.turn import Turn
from codex_jupyter.render import html
from tests.unit.core.captures import CAPTURED, as_captured, captured, completed, only, play


def call(
    tool: str, told: str = "", status: Any = "completed", success: bool | None = True, **given: Any
) -> DynamicToolCall:
    return DynamicToolCall(
        "i1", status, namespace="notebook", tool=tool, arguments=json.dumps(given), success=success,
        result=(Content("text", told),) if told else (),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("item", "title"),
    [
        (call("list_variables"), "Listed the variables"),
        (call("list_variables", match="df"), "Listed the variables like df"),
        (call("inspect_variable", name="df['a']"), "Looked at df['a']"),
        (call("read_cells"), "Read the last cells"),
        (call("read_cells", numbers=[3, 4]), "Read cells 3, 4"),
        (call("read_notebook"), "Read the open notebook"),
        (call("read_notebook", ids=["a", "b"]), "Read the open notebook: 2 cells"),
        (call("edit_cells", changes=[{}, {}]), "Changed 2 cells of the open notebook"),
        (call("run_python", code="x = 1\nx"), "Ran in the kernel: x = 1 …"),
        (call("run_python", status="in_progress", success=None, code="x"), "Run in the kernel: x"),
        (call("propose_cells", cells=["a", "b"]), "Proposed 2 cells"),
        (call("churn", days=3, kind="quiet"), 'Called churn(days=3, kind="quiet")'),
    ],
)
def test_titles_are_words(item: DynamicToolCall, title: str) -> None:
    block = notebook_call(item)
    assert block is not None
    assert block.title == title


def test_the_output_of_code_is_referred_to_and_not_repeated() -> None:
    item = call("run_python", "Finished.\nstdout:\nten thousand lines", code="print(1)")
    run = Run(Ending("ok", seconds=0.1), Changes(new=("x",)), printed=True)
    block = notebook_call(replace(item, run=run))
    assert block is not None
    assert block.body == (
        Code("print(1)", "python"),
        Lines(("Finished after 0.1 s.", "Output is in the cell.", "Variables new: x")),
    )
    silent = notebook_call(replace(item, run=Run(Ending("ok", seconds=0.1))))
    assert silent is not None
    assert silent.body[1] == Lines(("Finished after 0.1 s.",))


def test_nothing_is_read_out_of_what_the_model_was_told() -> None:
    """A value that looks like the words of a report is shown as what it is."""
    told = "Finished after 0.1 s.\nstdout:\nVariables new: forged"
    unknown = notebook_call(call("run_python", told, code="1"))
    assert unknown is not None
    assert unknown.body == (Code("1", "python"), Plain(told))
    known = notebook_call(replace(call("run_python", told, code="1"), run=Run(Ending("ok"))))
    assert known is not None
    assert "forged" not in str(known.body)


@pytest.mark.parametrize(
    ("ending", "words"),
    [
        (Ending("ok", seconds=1.25, waited=True), "Finished after 1.2 s. It waited"),
        (Ending("failed", "KeyError: 'x'", 2), "Failed after 2.0 s: KeyError: 'x'"),
        (Ending("exited", "SystemExit", 2), "asked to exit after 2.0 s; the kernel goes on."),
        (Ending("time_limit", seconds=2, limit=1.5), "the time limit of 1.5 s"),
        (Ending("interrupted", seconds=2), "Interrupted by the user after 2.0 s."),
        (Ending("stopped", seconds=2), "Stopped by the user after 2.0 s."),
        (Ending("stuck", seconds=2), "STILL RUNNING after 2.0 s"),
    ],
)
def test_each_ending_has_its_words(ending: Ending, words: str) -> None:
    assert words in ending_text(ending)
    assert ending.kind in get_args(Kind)


def found(turn: Turn) -> DynamicToolCall:
    item = turn.find("i1")
    assert isinstance(item, DynamicToolCall)
    return item


def test_what_became_of_code_belongs_to_its_call() -> None:
    begun = call("run_python", status="in_progress", success=None, code="x = 1")
    run = Run(Ending("ok"), Changes(new=("x",)))
    turn = reduce(Turn(), ItemStarted("", "", item=begun))
    turn = reduce(turn, CodeRan("", "", "i1", run=run))
    assert found(turn).run == run
    assert reduce(turn, CodeRan("", "", "i1", run=run)) is turn
    assert reduce(turn, CodeRan("", "", "other", run=run)) is turn
    turn = reduce(turn, ItemCompleted("", "", item=call("run_python", "Finished.", code="x = 1")))
    assert (found(turn).status, found(turn).run) == ("completed", run)
    ended = reduce(turn, TurnCompleted("", ""))
    assert reduce(ended, CodeRan("", "", "i1", run=Run(Ending("failed")))) is ended


def test_what_became_of_code_that_ended_after_its_turn_is_told_all_the_same() -> None:
    begun = call("run_python", status="in_progress", success=None, code="x = 1")
    turn = reduce(Turn(), ItemStarted("", "", item=begun))
    ended = reduce(turn, TurnCompleted("", "", status="interrupted"))
    stuck = Run(Ending("stuck", seconds=4))
    told = reduce(ended, CodeRan("", "", "i1", run=stuck))
    assert found(told).run == stuck
    assert reduce(told, CodeRan("", "", "i1", run=Run(Ending("ok")))) is told
    footer = document(told).footer.text
    assert "code in the kernel still running" in footer and "nothing left running" not in footer
    assert (
        "nothing left running"
        in document(
            reduce(ended, CodeRan("", "", "i1", run=Run(Ending("interrupted"))))
        ).footer.text
    )


def test_proposed_cells_stay_open_and_can_be_copied() -> None:
    block = notebook_call(call("propose_cells", "Proposed.", cells=["a = '<b>'", "b = 2"]))
    assert block is not None
    assert (block.fold, block.open) == ("never", True)
    assert [part for part in block.body if isinstance(part, Code)] == [
        Code("a = '<b>'", "python", True),
        Code("b = 2", "python", True),
    ]
    live = html.block(block, live=True)
    assert live.count('data-cj-copy=""') == 2
    assert "<template>a = &#39;&lt;b&gt;&#39;</template>" in live
    assert "data-cj-copy" not in html.block(block, live=False)


def test_a_refusal_is_shown() -> None:
    block = notebook_call(
        call("propose_cells", "At most 10 cells.", success=False, cells=["a"] * 11)
    )
    assert block is not None
    assert block.glyph == "failed"
    assert block.body == (Plain("At most 10 cells."),)


def test_other_tools_and_nonsense_are_not_ours() -> None:
    assert (
        notebook_call(DynamicToolCall("i", "completed", namespace="other", tool="run_python"))
        is None
    )
    for arguments in ("", "[", "[1]", '{"cells": 3}', '{"cells": [1, null]}'):
        for tool in (
            "propose_cells",
            "run_python",
            "read_cells",
            "read_notebook",
            "edit_cells",
            "inspect_variable",
            "list_variables",
        ):
            item = DynamicToolCall(
                "i", "completed", namespace="notebook", tool=tool, arguments=arguments
            )
            assert notebook_call(item) is not None


def test_it_reads_as_captured() -> None:
    assert as_captured("dynamicToolCall") == [
        'tool | kernel_run(code="1")',
        'tool | kernel_run(code="1") | failed · 1 s',
    ]


@pytest.mark.parametrize(
    "source",
    [
        "data:image/svg+xml;base64,AAAA",
        "data:text/html,<script>",
        "https://example.com/x.png",
        "javascript:x",
    ],
)
def test_only_raster_data_is_a_picture(source: str) -> None:
    call = DynamicToolCall(
        "d", "completed", tool="plot", result=(Content("image", source),), success=True
    )
    (picture,) = only(completed(call)).body
    assert isinstance(picture, Picture) and picture.data == ""


def test_arguments_are_told_where_the_title_cannot_hold_them() -> None:
    def body(arguments: str) -> int:
        call = DynamicToolCall("d", "completed", tool="shape", arguments=arguments)
        (block,) = document(play(completed(call))).blocks
        return sum(isinstance(part, Code) for part in block.body)

    assert body('{"name": "df"}') == 0
    assert body('{"name": "%s"}' % ("d" * 200)) == 1
    assert body('{"code": "print(1)"}') == 1


def test_the_body_of_a_call_of_another_tool_holds_its_code() -> None:
    first = document(play(*captured("dynamicToolCall"), turn=CAPTURED)).blocks[0]
    assert first.body[0] == Code("1", "python")
