"""``/undo``: cells and files are as they were before the turn, to the byte, or nothing is touched."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import expect

from codex_jupyter import offline
from codex_jupyter.offline import Rule, Script, patch, say
from tests.browser.conftest import OpenNotebook
from tests.browser.lab_notebook import _PANEL, LabNotebook
from tests.browser.test_edit_cells import CELLS, LOAD, changes, ids, sources
from tests.kernel.workbench_script import DONE, hash_of, tool

ASK = "%codex -k edit -s workspace-write -C project Tidy this notebook."


def cells_of(notebook: LabNotebook) -> Any:
    """Every cell as it would be saved, without the ones that talk to Codex."""
    cells = notebook.page.evaluate(
        f"() => {_PANEL}.context.model.sharedModel.cells.map(c => c.toJSON())"
    )
    return [json.dumps(cell, sort_keys=True) for cell in cells if "%codex" not in cell["source"]]


@pytest.mark.parametrize("front_end", ["lab", "notebook"])
def test_cells_and_files_are_as_they_were(
    open_notebook: OpenNotebook, model: offline.Offline, front_end: str
) -> None:
    cells = [*CELLS[:2], ASK, CELLS[3], "%codex /undo", "%codex What now?"]
    notebook = open_notebook(cells, front_end=front_end)
    folder = notebook.file.parent / "project"
    folder.mkdir()
    (folder / "load.py").write_text("old\n")
    at = ids(notebook)
    move = {"op": "move", "id": at[1], "after": at[4]}
    edits = changes(cells, at)
    edits[0] = {"op": "insert", "after": at[1], "kind": "code", "source": "new = 1"}
    model.server.script = Script.of(
        Rule(
            "tidy",
            [
                [patch("*** Begin Patch\n*** Update File: load.py\n@@\n-old\n+new\n*** End Patch")],
                [tool("edit_cells", changes=[*edits, move])],
                DONE,
            ],
            when={"contains": "Tidy"},
        ),
        Rule("now", [[say("Nothing yet.", phase="final_answer")]], repeat=True),
    )
    notebook.run(0)
    notebook.run(1)
    notebook.run(3)
    before, order = cells_of(notebook), sources(notebook)
    notebook.begin(2)  # and stands elsewhere when it ends
    expect(notebook.page.locator(".jp-Notebook")).to_contain_text("Changed 4 cells")
    notebook.wait_for_kernel()
    assert cells_of(notebook) != before
    assert (folder / "load.py").read_text() == "new\n"

    undo = [source for _, source in sources(notebook)].index("%codex /undo")
    notebook.run(undo)
    assert sources(notebook) == order
    assert cells_of(notebook) == before
    assert (folder / "load.py").read_text() == "old\n"
    output = notebook.output(4)
    expect(output).to_contain_text("Took back what the newest turn changed: 4 cells and 1 file.")
    expect(output).to_contain_text("begins anew")
    assert all("widget-view" not in str(each["data"].keys()) for each in notebook.outputs(4))
    notebook.screenshot(f"undo-{front_end}", 4)

    # The conversation goes on as if the turn had not been.
    notebook.run(5)
    assert "Tidy this notebook" not in str(model.server.requests[-1].body["input"])
    notebook.page.evaluate(f"() => {_PANEL}.context.model.sharedModel.undo()")
    assert sources(notebook) != order, "one step of the notebook's own undo"


def test_what_changed_since_refuses_the_whole(
    open_notebook: OpenNotebook, model: offline.Offline
) -> None:
    cells = [LOAD, "x=1", "y=2", "%codex -k edit Tidy", "%codex /undo"]
    notebook = open_notebook(cells)
    at = ids(notebook)
    edits = [
        {"op": "replace", "id": at[n], "source": cells[n].replace("=", " = "), "hash": hash_of(cells[n])}
        for n in (1, 2)
    ]  # fmt: skip
    model.server.script = Script.of(
        Rule("tidy", [[tool("edit_cells", changes=edits)], DONE], repeat=True)
    )
    notebook.run(0)
    notebook.run(3)
    notebook.set_source(2, "y = 3  # mine")
    notebook.run(4)
    (output,) = [each for each in notebook.outputs(4) if each["output_type"] == "error"]
    assert "Nothing was taken back" in output["evalue"]
    expect(notebook.output(4)).to_contain_text("code cell 3: it was changed since")
    assert [source for _, source in sources(notebook)][1:3] == ["x = 1", "y = 3  # mine"]
    notebook.screenshot("undo-refused", 4)

    # Put as Codex left it, also after a reload, it is taken back.
    notebook.set_source(2, "y = 2")
    notebook.save()
    notebook.reload()
    notebook.run(4)
    assert [source for _, source in sources(notebook)][1:3] == ["x=1", "y=2"]


def test_on_a_kernel_that_hears_nothing_while_its_cell_waits(
    open_notebook: OpenNotebook, model: offline.Offline
) -> None:
    cells = [LOAD, "x=1", "%codex -b -k edit Tidy", "%codex /undo"]
    notebook = open_notebook(cells, kernel="ipykernel-6.29")
    change = {"op": "replace", "id": ids(notebook)[1], "source": "x = 1", "hash": hash_of("x=1")}
    model.server.script = Script.of(
        Rule("tidy", [[tool("edit_cells", changes=[change])], DONE], repeat=True)
    )
    notebook.run(0)
    notebook.run(2)
    expect(notebook.output(2)).to_contain_text("Changed 1 cell of the open notebook")
    expect(notebook.output(2)).to_contain_text("Done.")
    notebook.run(3)
    expect(notebook.output(3)).to_contain_text("Took back what the newest turn changed: 1 cell.")
    assert notebook.source(1) == "x=1"
