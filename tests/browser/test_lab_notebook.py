"""The harness itself, in real JupyterLab: what other tests build on must tell the truth."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenNotebook
from tests.browser.lab_notebook import THEMES
from tests.browser.lab_server import LabServer
from tests.environments import KERNELS


@pytest.mark.parametrize("kernel", KERNELS)
def test_cells_print_fail_and_are_interrupted(open_notebook: OpenNotebook, kernel: str) -> None:
    cells = [
        "print(1 + 1)",
        "import ipykernel; ipykernel.__version__",
        "1 / 0",
        "import time\nprint('started', flush=True)\ntime.sleep(600)",
    ]
    notebook = open_notebook(cells, kernel=kernel)
    notebook.run_all()
    expect(notebook.output(0)).to_have_text("2")
    assert [notebook.prompt(n) for n in range(4)] == ["[1]:", "[2]:", "[3]:", "[ ]:"]
    (version,) = notebook.outputs(1)
    assert version["data"]["text/plain"].startswith("'6.29.5" if "6" in kernel else "'7.")
    assert notebook.outputs(2)[0]["ename"] == "ZeroDivisionError"
    assert notebook.outputs(3) == []

    notebook.begin(3)
    expect(notebook.output(3)).to_contain_text("started")
    assert notebook.prompt(3) == "[*]:"
    notebook.interrupt()
    notebook.wait_idle(3)
    assert notebook.outputs(3)[-1]["ename"] == "KeyboardInterrupt"


def test_a_page_that_lost_its_kernel_while_it_opened_finds_one(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook(["1 + 1"])
    context = "window.jupyterapp.shell.currentWidget.sessionContext"
    notebook.page.evaluate(f"{context}.session.kernel.handleShutdown()")
    notebook.find_kernel(patience=0.1)
    assert notebook.run(0)[0]["data"]["text/plain"] == "2"


@pytest.mark.parametrize("front_end", ["lab", "notebook"])
def test_a_click_in_an_output_reaches_the_kernel(
    open_notebook: OpenNotebook, front_end: str
) -> None:
    cells = [
        "import ipywidgets\n"
        "button = ipywidgets.Button(description='Press')\n"
        "pressed = []\n"
        "button.on_click(lambda _: pressed.append(1))\n"
        "button",
        "pressed",
    ]
    notebook = open_notebook(cells, front_end=front_end)
    notebook.run(0)
    notebook.output(0).get_by_role("button", name="Press").click()

    assert notebook.run(1)[0]["data"]["text/plain"] == "[1]"


def test_themes_are_seen_and_what_is_saved_outlives_a_reload_and_a_restart(
    open_notebook: OpenNotebook,
) -> None:
    notebook = open_notebook(["x = 1\nprint('kept')", "x"])
    notebook.run(0)
    pictures = {}
    try:
        for name in THEMES:
            notebook.theme(name)
            pictures[name] = notebook.page.screenshot(animations="disabled")
    finally:
        notebook.theme("light")
    assert len(set(pictures.values())) == len(THEMES)

    saved = notebook.save()
    assert saved["cells"][0]["outputs"][0]["text"] == ["kept\n"]
    notebook.reload()
    expect(notebook.output(0)).to_have_text("kept")
    assert notebook.run(1)[0]["data"]["text/plain"] == "1"

    notebook.restart()
    assert notebook.run(1)[0]["ename"] == "NameError"

    before = notebook.run_in_kernel("import os; print(os.getpid())")
    notebook.close()
    again = open_notebook(path=notebook.path)
    expect(again.output(0)).to_have_text("kept")
    assert again.run_in_kernel("import os; print(os.getpid())") != before


def test_the_record_counts_messages_and_sees_what_a_page_must_not_do(
    open_notebook: OpenNotebook,
) -> None:
    notebook = open_notebook(
        [
            "h = display('0', display_id=True)\nfor n in range(50): h.update(str(n))",
            "from IPython.display import Javascript\n"
            'Javascript(\'setTimeout(() => { throw new Error("thrown") }); alert("hi");'
            'fetch("http://outside.invalid/x").catch(() => 0)\')',
        ]
    )
    notebook.record.forget()
    notebook.run(0)
    assert notebook.record.count()["update_display_data"] == 50
    assert 50 <= notebook.record.most_in_a_second("update_display_data", "display_data") <= 51
    assert notebook.record.size > 50 * 100
    assert not notebook.record.outside

    notebook.run(1)
    notebook.page.wait_for_function("true")
    assert notebook.record.dialogs == ["alert: hi"]
    assert notebook.record.errors == ["thrown"]
    assert notebook.record.outside == ["http://outside.invalid/x"]
    notebook.record.forget()


def test_a_lab_without_anywidget_says_so(
    open_notebook: OpenNotebook, lab_without_anywidget: LabServer
) -> None:
    cells = [
        "import ipywidgets; ipywidgets.Label('a label')",
        "import anywidget\n"
        "class W(anywidget.AnyWidget): _esm = 'export default {render({el}) {el.append(\"drawn\")}}'\n"
        "W()",
    ]
    bare = open_notebook(cells, server=lab_without_anywidget)
    bare.run(0)
    bare.run(1)
    expect(bare.output(0)).to_contain_text("a label")
    expect(bare.output(1)).to_contain_text("Click to show javascript error")
