"""The live kernel as a workbench in real JupyterLab: consent, output below the panel, figures, inserted cells."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect

from codex_jupyter import offline
from codex_jupyter.offline import Script, wait
from tests.browser.conftest import OpenNotebook
from tests.browser.lab_notebook import LabNotebook
from tests.environments import KERNELS
from tests.kernel.workbench_script import DONE, LOAD, calls, last, tool
from tests.waiting import until

DRAW = "import matplotlib.pyplot as plt\nprint('drawing', len(prices), 'prices')\nplt.plot(prices)\nplt.title('Prices');"


def answer(notebook: LabNotebook, number: int) -> None:
    """Allow code until the kernel ends: by a click, or where a busy kernel hears none in its prompt."""
    box = notebook.output(number).locator(".jp-Stdin-input")
    button = notebook.output(number).get_by_role("button", name="Allow in this notebook")
    expect(box.or_(button).first).to_be_visible()
    if button.is_visible():
        button.click()
    # A kernel that hears no clicks while its cell runs takes the card out of the page soon, and asks in a prompt.
    output = notebook.output(number)
    until(
        lambda: box.is_visible() or "Codex asks" not in output.inner_text(),
        "the answer to arrive, or a prompt",
    )
    if box.is_visible():
        box.fill("s")
        box.press("Enter")


def wait_for_cells(notebook: LabNotebook, count: int) -> None:
    expect(notebook.page.locator(".jp-Notebook .jp-CodeCell")).to_have_count(count)


@pytest.mark.parametrize("kernel", KERNELS)
def test_code_runs_after_consent_and_its_output_stands_below_the_panel(
    open_notebook: OpenNotebook, model: offline.Offline, kernel: str
) -> None:
    notebook = open_notebook(
        [LOAD, "prices = [1.5, 2.5, 4.0]", "%codex Draw my prices"], kernel=kernel
    )
    model.server.script = calls(
        tool("list_variables"), tool("run_python", code=DRAW), tool("run_python", code="1/0")
    )
    notebook.run(0)
    notebook.run(1)
    notebook.begin(2)
    asked = notebook.output(2).get_by_role("group", name="request, waits for an answer")
    expect(asked).to_contain_text("YOUR KERNEL")
    expect(asked).to_contain_text("plt.plot(prices)")
    assert all("drawing 3 prices" not in str(output) for output in notebook.outputs(2))
    notebook.screenshot(f"workbench-consent-{kernel}", 2)
    answer(notebook, 2)
    notebook.wait_idle(2)

    expect(asked).to_have_count(0)
    panel, *prompts, printed, figure, failure = notebook.outputs(2)
    # JupyterLab itself keeps what was typed into a prompt; a click leaves nothing.
    assert len(prompts) == (kernel != KERNELS[0])
    assert (printed["output_type"], printed["text"]) == ("stream", "drawing 3 prices\n")
    assert "image/png" in figure["data"]
    # A failure that the turn survives is no ``error`` output: papermill would stop there.
    assert failure["output_type"] == "display_data"
    assert "ZeroDivisionError" in failure["data"]["text/plain"]
    for words in ("drawing 3 prices", "Traceback"):
        assert words not in panel["data"]["text/plain"]
    output = notebook.output(2)
    expect(output.locator("img")).to_be_visible()
    expect(output).to_contain_text("Codex's code failed: ZeroDivisionError")
    expect(output).to_contain_text("Sent to the model: ")
    output.get_by_text("Worked").click()
    run = output.locator(".cj-is-tool", has_text="Ran in the kernel: import matplotlib")
    expect(run).to_contain_text("Output is in the cell.")
    notebook.screenshot(f"workbench-run-{kernel}", 2)
    saved = notebook.save()["cells"][2]["outputs"]
    assert [o["output_type"] for o in saved] == [o["output_type"] for o in notebook.outputs(2)]


@pytest.mark.parametrize("kernel", KERNELS)
def test_proposed_cells_appear_one_below_the_other(
    open_notebook: OpenNotebook, model: offline.Offline, kernel: str
) -> None:
    notebook = open_notebook([LOAD, "%codex Propose two cells"], kernel=kernel)
    model.server.script = calls(tool("propose_cells", cells=["a = 20\na", "b = a + 1\nb"]))
    notebook.run(0)
    notebook.run(1)
    wait_for_cells(notebook, 3)
    assert notebook.source(2) == "a = 20\na"
    notebook.screenshot(f"workbench-proposed-{kernel}")
    notebook.run(2)
    wait_for_cells(notebook, 4)
    assert notebook.source(3) == "b = a + 1\nb"
    assert notebook.outputs(2)[0]["data"]["text/plain"] == "20"
    notebook.run(3)
    wait_for_cells(notebook, 4)
    notebook.set_source(4, "%codex And now?")
    model.server.script = calls()
    notebook.run(4)
    told = str(model.server.requests[-1].body)
    assert "Your proposed cell 1 was run: [3] ok." in told
    assert "Your proposed cell 2 was run: [4] ok." in told


@pytest.mark.parametrize("front_end", ["lab", "notebook"])
def test_a_notebook_that_is_run_again_from_a_restart_gets_no_second_copy(
    open_notebook: OpenNotebook, model: offline.Offline, front_end: str
) -> None:
    notebook = open_notebook([LOAD, "%codex Propose two cells"], front_end=front_end)
    model.server.script = calls(tool("propose_cells", cells=["a = 20\na", "b = a + 1\nb"]))
    notebook.run(0)
    notebook.run(1)
    wait_for_cells(notebook, 3)
    notebook.run(2)
    wait_for_cells(notebook, 4)
    there = [notebook.source(number) for number in range(notebook.count)]
    on_disk = [cell["source"] for cell in json.loads(notebook.file.read_text())["cells"]]
    assert "b = a + 1\nb" not in map("".join, on_disk), "the file knows less than the page"
    notebook.restart()
    notebook.run_all()
    assert "has the same code in a cell already" in last(model)
    now = [notebook.source(number) for number in range(notebook.count)]
    assert [source for source in now if source] == [source for source in there if source]


def test_in_the_background_proposals_are_cards_and_output_goes_home(
    open_notebook: OpenNotebook, model: offline.Offline
) -> None:
    notebook = open_notebook([LOAD, "%codex -b -k run Go on without me", "x = 1"])
    model.server.script = Script.reply(
        [tool("run_python", code="print('from the background')")],
        [tool("propose_cells", cells=["a = 20"])],
        [wait("seen"), *DONE],
    )
    notebook.run(0)
    notebook.run(1)
    notebook.run(2)
    expect(notebook.output(1)).to_contain_text("from the background")
    proposed = notebook.output(1).locator(".cj-is-tool", has_text="Proposed 1 cell")
    expect(proposed).to_contain_text("a = 20")
    proposed.get_by_role("button", name="Copy").click()
    notebook.page.wait_for_function(
        "navigator.clipboard.readText().then(text => text === 'a = 20')"
    )
    model.server.release("seen")
    expect(notebook.output(1)).to_contain_text("Done.")
    notebook.screenshot("workbench-background", 1)
    assert notebook.outputs(2) == []
    assert notebook.count == 3
    assert "in the transcript" in last(model)
