"""Codex runs cells of the open notebook: what they put out is in those cells, and they count as the user's."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from codex_jupyter import offline
from tests.browser.conftest import OpenNotebook
from tests.browser.lab_notebook import LabNotebook
from tests.browser.test_edit_cells import ids, press, script, sources
from tests.kernel.workbench_script import LOAD, hash_of, last, tool
from tests.waiting import until

CELLS = [
    LOAD,
    "x = 20\nprint('hello')\nx + 1",
    "%codex -k run Run them.",
    "import sys\nfor n in range(3): print(n, file=sys.stderr)\n1 / 0",
    "print('never')",
    "after = 1\nafter",
]


def run_cells(notebook: LabNotebook, *numbers: int) -> Any:
    """A call that runs these cells as they are now."""
    at, texts = ids(notebook), sources(notebook)
    cells = [{"id": at[n], "hash": hash_of(texts[n][1])} for n in numbers]
    return tool("run_cells", cells=cells)


@pytest.mark.parametrize("front_end", ["lab", "notebook"])
@pytest.mark.parametrize("model_name", ["gpt-5.5", "gpt-6-astra"])  # direct calls, and code mode
def test_cells_run_where_they_stand_up_to_the_first_that_fails(
    open_notebook: OpenNotebook, model: offline.Offline, front_end: str, model_name: str
) -> None:
    cells = [cell.replace("-k run", f"-k run -m {model_name}") for cell in CELLS]
    notebook = open_notebook(cells, front_end=front_end)
    script(model, run_cells(notebook, 1, 3, 4))
    notebook.run(0)
    notebook.run(2)
    printed, value = notebook.outputs(1)
    assert (printed["output_type"], printed["text"]) == ("stream", "hello\n")
    assert (value["output_type"], value["data"]["text/plain"]) == ("execute_result", "21")
    warned, failed = notebook.outputs(3)
    assert (warned["name"], warned["text"]) == ("stderr", "0\n1\n2\n")
    assert (failed["output_type"], failed["ename"]) == ("error", "ZeroDivisionError")
    assert "In[4]" in "".join(failed["traceback"]) or "In [4]" in "".join(failed["traceback"])
    assert notebook.outputs(4) == []
    told = last(model)
    assert "hello" in told and "ZeroDivisionError" in told and "1 cell after it did not run" in told
    until(lambda: [notebook.prompt(n) for n in (1, 2, 3, 4)] == ["[3]:", "[2]:", "[4]:", "[ ]:"], "each to have its own number")  # fmt: skip
    (next_one,) = notebook.run(5)
    assert (notebook.prompt(5), next_one["execution_count"]) == ("[5]:", 5)
    kept = notebook.run_in_kernel(
        "print(In[3] == 'x = 20\\nprint(\\'hello\\')\\nx + 1', Out[3], _3, x)"
    )
    assert kept.strip() == "True 21 21 20"
    saved = notebook.save()["cells"]
    assert saved[1]["execution_count"] == 3 and saved[1]["outputs"][1]["execution_count"] == 3


def test_a_person_sees_what_would_run_and_may_decline(
    open_notebook: OpenNotebook, model: offline.Offline
) -> None:
    notebook = open_notebook([LOAD, "print('hello')", "%codex Run it."])
    script(model, run_cells(notebook, 1))
    notebook.run(0)
    notebook.begin(2)
    card = notebook.output(2).locator("form.cj-card")
    expect(card).to_contain_text("YOUR KERNEL")
    expect(card).to_contain_text("# code cell 2")
    expect(card).to_contain_text("print('hello')")
    press(card, "Decline")
    notebook.wait_idle(2)
    assert notebook.outputs(1) == []
    assert "Nothing was run: the user declined" in last(model)


def test_a_cell_that_could_start_codex_is_asked_about_and_another_one_by_now_does_not_run(
    open_notebook: OpenNotebook, model: offline.Offline
) -> None:
    cells = [
        LOAD,
        "%codex -s full-access -a never go",
        "%codex -k run -a never Go",
        "y = 1",
        "%codex Go",
    ]
    notebook = open_notebook(cells)
    script(model, run_cells(notebook, 1))
    notebook.run(0)
    notebook.run(2)
    assert "Nothing was run" in last(model) and "nobody is asked" in last(model)
    assert notebook.outputs(1) == []

    script(model, run_cells(notebook, 3))
    notebook.begin(4)
    card = notebook.output(4).locator("form.cj-card")
    expect(card).to_be_visible()
    notebook.set_source(3, "y = 'mine'")
    press(card, "Allow once")
    notebook.wait_idle(4)
    assert "It was not run" in last(model) and "y = 'mine'" in last(model)
    assert notebook.run_in_kernel("print('y' in globals())").strip() == "False"


def test_in_the_background_figures_displays_and_what_streams_are_in_the_cell(
    open_notebook: OpenNotebook, model: offline.Offline
) -> None:
    shows = (
        "import asyncio\nfrom IPython.display import display, HTML, clear_output\n"
        "print('gone'); clear_output(); shown = display('first', display_id=True)\n"
        "for n in range(5):\n    print(n); await asyncio.sleep(0.05)\nshown.update('second')\n"
        "import matplotlib.pyplot as plt\nplt.plot([1, 3, 2]);"
    )
    notebook = open_notebook([LOAD, shows, "%codex -b -k run Run it."])
    script(model, run_cells(notebook, 1))
    notebook.run(0)
    notebook.run(2)
    until(lambda: notebook.prompt(1) == "[3]:", "the cell to have run")
    display, printed, figure = notebook.outputs(1)
    assert figure["output_type"] == "display_data" and "image/png" in figure["data"]
    assert display["data"]["text/plain"] == "'second'"
    assert printed["text"] == "0\n1\n2\n3\n4\n"
    expect(notebook.output(2)).to_contain_text("Ran 1 cell of the open notebook")


@pytest.mark.parametrize("how", ["Interrupt", "Stop"])
def test_stop_and_interrupt_end_them(
    open_notebook: OpenNotebook, model: offline.Offline, how: str
) -> None:
    sleeps = "import time\nprint('sleeping', flush=True)\ntime.sleep(600)"
    notebook = open_notebook([LOAD, sleeps, "%codex -k run Run them.", "after = 1"])
    script(model, run_cells(notebook, 1, 3))
    notebook.run(0)
    notebook.begin(2)
    expect(notebook.output(1)).to_contain_text("sleeping")
    if how == "Stop":
        notebook.output(2).get_by_role("button", name="Stop", exact=True).click()
    else:
        notebook.interrupt()
    notebook.wait_idle(2)
    expect(notebook.output(1)).to_contain_text("KeyboardInterrupt")
    until(lambda: notebook.prompt(1) == "[3]:", "the cell to be shown as over")
    assert notebook.outputs(3) == []
    assert notebook.run_in_kernel("print('after' in globals())").strip() == "False"
