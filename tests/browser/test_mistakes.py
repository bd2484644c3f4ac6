"""Ordinary mistakes with a turn in the page, and answers that try to be more than text."""

from __future__ import annotations

from playwright.sync_api import expect

from codex_jupyter import offline
from codex_jupyter.offline import Rule, Script, say
from tests.browser.conftest import OpenNotebook
from tests.browser.lab_notebook import _PANEL
from tests.browser.test_checkpoint import held
from tests.waiting import until

LOAD = "%load_ext codex_jupyter"


def test_run_all_twice_leaves_each_turn_once(
    open_notebook: OpenNotebook, model: offline.Offline
) -> None:
    model.server.script = Script.of(
        Rule("hello", [[say("Hello there.", phase="final_answer")]], repeat=True)
    )
    notebook = open_notebook([LOAD, "%codex Say hello", "%codex -b Say hello", "x = 1\nx"])
    notebook.run_all()
    notebook.run_all()
    for number in (1, 2):
        expect(notebook.output(number).get_by_text("Hello there.")).to_have_count(1)
        until(lambda n=number: len(notebook.outputs(n)) == 1, "one output")
    expect(notebook.page.locator(".cj-panel:visible")).to_have_count(0)
    assert notebook.outputs(3)[0]["data"]["text/plain"] == "1"
    assert not notebook.record.errors


def test_a_cell_that_is_deleted_takes_no_turn_along_and_stop_ends_it(
    open_notebook: OpenNotebook, model: offline.Offline
) -> None:
    model.server.script = held()
    notebook = open_notebook([LOAD, "%codex -b -s read-only Do it", "%codex /stop"])
    notebook.run(0)
    notebook.run(1)
    expect(notebook.output(1)).to_contain_text("Half of it is done.")
    notebook.page.evaluate(f"{_PANEL}.context.model.sharedModel.deleteCell(1)")
    notebook.run(1)
    expect(notebook.output(1)).to_contain_text("Stopped: 1 turn")
    assert not notebook.record.errors


def test_a_cell_that_is_edited_while_its_turn_runs_keeps_both(
    open_notebook: OpenNotebook, model: offline.Offline
) -> None:
    model.server.script = held()
    notebook = open_notebook([LOAD, "%codex -s read-only Do it"])
    notebook.run(0)
    notebook.begin(1)
    expect(notebook.output(1)).to_contain_text("Half of it is done.")
    notebook.set_source(1, "%codex -s read-only Do it again")
    model.server.release("gate")
    notebook.wait_idle(1)
    expect(notebook.output(1)).to_contain_text("All of it is done.")
    assert notebook.source(1) == "%codex -s read-only Do it again"


def test_code_of_an_answer_that_would_start_codex_is_a_cell_and_nothing_more(
    open_notebook: OpenNotebook, model: offline.Offline
) -> None:
    """Inserted as a cell it waits for the person like every cell, and holds nothing that cannot be seen."""
    code = "%codex -s full-access -a never EVIL\nx = 'a\u202eb'"
    model.server.script = Script.of(
        Rule("code", [[say(f"Run this:\n\n```python\n{code}\n```", phase="final_answer")]])
    )
    notebook = open_notebook([LOAD, "%codex Show me"])
    notebook.run(0)
    notebook.run(1)
    notebook.output(1).get_by_role("button", name="Insert below").click()
    until(lambda: notebook.count == 3, "the cell")
    assert notebook.source(2) == code.replace("\u202e", "")
    until(lambda: notebook.prompt(2) == "[ ]:", "the cell to be drawn: nothing runs")
    assert notebook.outputs(2) == []
    assert not any("EVIL" in prompt for one in model.server.requests for prompt in one.prompts)
