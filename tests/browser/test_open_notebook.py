"""The open notebook as the agent reads it, over the page of its panel: in JupyterLab and Notebook 7."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from codex_jupyter import offline
from codex_jupyter.offline import Rule, Script, wait
from tests.browser.conftest import OpenNotebook
from tests.browser.lab_notebook import _PANEL, LabNotebook
from tests.kernel.workbench_script import DONE, LOAD, calls, hash_of, last, told, tool
from tests.waiting import until

DRAW = "import matplotlib.pyplot as plt\nplt.plot([1, 3, 2]);"


def to_markdown(notebook: LabNotebook, number: int) -> None:
    """Make a cell a Markdown cell, as the person does by `m`."""
    notebook.page.evaluate(
        f"n => {{ {_PANEL}.content.activeCellIndex = n; "
        'return window.jupyterapp.commands.execute("notebook:change-cell-to-markdown"); }',
        number,
    )


@pytest.mark.parametrize("front_end", ["lab", "notebook"])
@pytest.mark.parametrize("model_name", ["gpt-5.5", "gpt-6-astra"])  # direct calls, and code mode
def test_all_cells_are_read_in_order_as_they_are_now(
    open_notebook: OpenNotebook, model: offline.Offline, front_end: str, model_name: str
) -> None:
    model.server.script = calls(tool("read_notebook"))
    cells = ["# Sales\nof **2026**", LOAD, "x = 1\nprint(x)", f"%codex -m {model_name} Read", "never = 'ran'"]  # fmt: skip
    notebook = open_notebook(cells, front_end=front_end)
    to_markdown(notebook, 0)
    notebook.run(1)
    notebook.run(2)
    notebook.set_source(2, "x = 2\nprint(x)")
    notebook.run(3)
    text = last(model)
    saved = notebook.save()["cells"]
    ids = [cell["id"] for cell in saved]
    sources = ["".join(cell["source"]) for cell in saved]
    assert f"{notebook.path}: 5 cells; the user is at cell" in text
    places = []
    for index, (name, source) in enumerate(zip(ids, sources, strict=True)):
        kind = "markdown" if index == 0 else "code"
        places.append(text.index(f"cell {index} | id {name} | {kind}"))
        assert f"hash {hash_of(source)}" in text[places[-1] :].split("\n", 1)[0].replace(
            "\\n", "\n"
        )
        assert source.split("\n")[0] in text
    assert places == sorted(places)
    assert "| [2] |" in text and "edited since it ran" in text
    assert text.count("edited since it ran") == 1
    assert "5 cells of the open notebook" in notebook.output(3).inner_text()


def test_what_came_out_is_read_and_a_long_notebook_in_parts(
    open_notebook: OpenNotebook, model: offline.Offline
) -> None:
    model.server.script = calls(
        tool("read_notebook", count=5),
        tool("read_notebook", **{"from": 290}),
        tool("read_notebook", ids=["no-such-cell"]),
    )
    cells = [LOAD, DRAW, "1 / 0", "import os\nprint(os.environ['MY_TOKEN'])", "%codex Read", *(f"n = {n}" for n in range(295))]  # fmt: skip
    notebook = open_notebook(cells, environ={"MY_TOKEN": "correct-horse-battery"})
    for number in range(5):
        notebook.run(number)
    first, rest, missing = told(model)[-3:]
    assert "300 cells" in first and "(Go on with from=5.)" in first
    assert "ZeroDivisionError: division by zero" in first and "\x1b" not in first
    assert "correct-horse" not in first and "[hidden]" in first
    picture = first.split("image: ")[1].split(" (open it")[0]
    assert Path(picture).read_bytes().startswith(b"\x89PNG")
    assert "cell 290 |" in rest and "cell 299 |" in rest and "o on with" not in rest
    assert "no cell no-such-cell" in missing and "without ids" in missing
    footer = notebook.output(4).inner_text()
    assert "5 cells of the open notebook" in footer and "10 cells of the open notebook" in footer


def test_a_reloaded_page_is_asked_again_and_the_other_tab_when_it_is_closed(
    open_notebook: OpenNotebook, model: offline.Offline
) -> None:
    model.server.script = Script.of(
        Rule("any", [[wait("reloaded"), tool("read_notebook")], [wait("other"), tool("read_notebook")], DONE])
    )  # fmt: skip
    notebook = open_notebook([LOAD, "turn = %codex -b Read", "here = 1"], fresh=True)
    notebook.run(0)
    notebook.run(1)
    model.server.wait_until_held("reloaded")
    notebook.save()
    notebook.reload()
    expect(notebook.output(1).locator(".cj-panel")).to_be_visible()
    model.server.release("reloaded")
    model.server.wait_until_held("other")
    assert "cell 2 |" in last(model)
    model.server.release("other")
    notebook.run_in_kernel("turn.result(60)")
    assert "here = 1" in last(model)


@pytest.mark.parametrize("background", [False, True])
def test_a_kernel_that_hears_nothing_while_a_cell_waits_says_so(
    open_notebook: OpenNotebook, model: offline.Offline, background: bool
) -> None:
    model.server.script = calls(tool("read_notebook"))
    prompt = "turn = %codex -b Read" if background else "turn = %codex -k read Read"
    notebook = open_notebook([LOAD, prompt, "turn.result(60)"], kernel="ipykernel-6.29")
    notebook.run(0)
    notebook.run(1)
    if background:
        until(lambda: model.server.requests and "function_call_output" in str(model.server.requests[-1].body), "the call")  # fmt: skip
        assert "3 cells" in last(model)
    else:
        assert "hears nothing of the page" in last(model) and "read_cells" in last(model)
