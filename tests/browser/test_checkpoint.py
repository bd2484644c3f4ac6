"""A file saved in the middle of a turn: it reads well without its kernel, and the live page shows nothing twice."""

from __future__ import annotations

import json
import shutil
from typing import Any

import pytest
from playwright.sync_api import expect

from codex_jupyter import offline
from codex_jupyter.offline import Rule, Script, run, say, wait
from tests.browser.conftest import OpenNotebook
from tests.browser.lab_notebook import LabNotebook
from tests.waiting import until

LOAD = "%load_ext codex_jupyter"
VIEW = "application/vnd.jupyter.widget-view+json"
STATIC = {"text/html", "text/markdown", "text/plain"}
GOING_ON = "still going on when this was saved"


def held() -> Script:
    """A command, a message, and then nothing until the gate opens."""
    return Script.of(
        Rule(
            "held",
            [
                [run("printf 'counted-%d\\n' 17")],
                [
                    say("Half of it is done.", phase="commentary"),
                    wait("gate"),
                    say("All of it is done.", phase="final_answer"),
                ],
            ],
        )
    )


def texts(notebook: LabNotebook, number: int) -> dict[str, str]:
    """The one output of a cell as the notebook would save it, each format as text."""
    outputs = notebook.outputs(number)
    if len(outputs) != 1:
        return {}
    return {mime: "".join(data) for mime, data in outputs[0]["data"].items() if mime != VIEW}


def saved(notebook: LabNotebook, number: int) -> list[dict[str, Any]]:
    """The outputs of a cell in the file, after saving."""
    return notebook.save()["cells"][number]["outputs"]


@pytest.mark.parametrize(
    ("options", "front_end"),
    [("", "lab"), ("-b ", "lab"), ("", "notebook")],
    ids=["waiting", "background", "notebook 7"],
)
def test_a_file_saved_in_the_middle_reads_well(
    options: str, front_end: str, open_notebook: OpenNotebook, model: offline.Offline
) -> None:
    model.server.script = held()
    notebook = open_notebook([LOAD, f"%codex -s read-only {options}Do it"], front_end=front_end)
    notebook.run(0)
    notebook.begin(1)
    output = notebook.output(1)
    expect(output).to_contain_text("Half of it is done.")
    until(lambda: "Half of it is done." in texts(notebook, 1).get("text/plain", ""), "a copy")

    # Live: the panel with its buttons, once; nothing of the copy beside it.
    expect(output.get_by_text("Half of it is done.")).to_have_count(1)
    expect(output.get_by_role("button", name="Stop")).to_be_visible()
    expect(output).not_to_contain_text(GOING_ON)
    expect(output.locator(".cj-panel")).to_have_count(1)
    notebook.screenshot(f"checkpoint-live-{front_end}", 1)

    (kept,) = saved(notebook, 1)
    assert set(kept["data"]) == STATIC
    for text in map("".join, kept["data"].values()):
        assert "counted" in text
        assert "Half of it is done." in text
        assert GOING_ON in text
    copy = notebook.file.with_name("copied.ipynb")
    shutil.copy(notebook.file, copy)
    assert "widgets" not in json.loads(copy.read_text())["metadata"]
    again = open_notebook(path=str(copy.relative_to(notebook.server.root)))
    expect(again.output(1)).to_contain_text("Half of it is done.")
    expect(again.output(1)).to_contain_text(GOING_ON)
    assert "model not found" not in again.page.content()
    assert "Loading widget" not in again.page.content()
    again.screenshot("checkpoint-reopened", 1)
    again.close()

    model.server.release("gate")
    expect(output).to_contain_text("All of it is done.")
    notebook.wait_idle(1)
    expect(output.locator(".cj-panel")).to_have_count(0)
    expect(output.get_by_text("All of it is done.")).to_have_count(1)
    (kept,) = saved(notebook, 1)
    assert set(kept["data"]) == STATIC
    for text in map("".join, kept["data"].values()):
        assert "All of it is done." in text
        assert GOING_ON not in text
    assert "cj-copy-of" not in "".join(kept["data"]["text/html"])
    assert front_end == "notebook" or not notebook.record.errors  # it has errors of its own


def test_a_question_is_in_the_file_while_it_waits(
    open_notebook: OpenNotebook, model: offline.Offline
) -> None:
    target = "asked-for.txt"
    model.server.script = Script.of(
        Rule(
            "ask",
            [
                [run(f"touch ../{target}", escalate=True, justification="to keep a record")],
                [say("Asked and done.", phase="final_answer")],
            ],
        )
    )
    notebook = open_notebook([LOAD, "%codex -s read-only Do it"])
    notebook.run(0)
    notebook.begin(1)
    output = notebook.output(1)
    allow = output.get_by_role("button", name="Allow once")
    expect(allow).to_be_visible()
    until(lambda: "touch" in texts(notebook, 1).get("text/plain", ""), "a copy")
    for text in texts(notebook, 1).values():
        assert target in text
        assert "still going on" in text
    assert "<button" not in texts(notebook, 1)["text/html"]
    expect(allow).to_have_count(1)
    output.get_by_role("button", name="Decline", exact=True).click()
    notebook.wait_idle(1)
    (kept,) = saved(notebook, 1)
    for text in map("".join, kept["data"].values()):
        assert "You declined" in text
        assert GOING_ON not in text


def test_a_background_turn_is_live_again_after_a_reload(
    open_notebook: OpenNotebook, model: offline.Offline
) -> None:
    model.server.script = held()
    notebook = open_notebook([LOAD, "%codex -b -s read-only Do it"])
    notebook.run(0)
    notebook.run(1)
    until(lambda: "Half of it is done." in texts(notebook, 1).get("text/plain", ""), "a copy")
    notebook.save()
    notebook.reload()
    expect(notebook.output(1).get_by_role("button", name="Stop")).to_be_visible()
    expect(notebook.output(1)).not_to_contain_text(GOING_ON)
    model.server.release("gate")
    expect(notebook.output(1)).to_contain_text("All of it is done.")
    assert "model not found" not in notebook.page.content()


def test_a_kernel_that_hears_nothing_while_it_waits_keeps_a_copy_too(
    open_notebook: OpenNotebook, model: offline.Offline
) -> None:
    model.server.script = Script.of(
        Rule("quick", [[say("Quickly done.", phase="final_answer")]], when={"contains": "quick"}),
        *held().rules,
    )
    cells = [LOAD, "%codex -b quick", "%codex --new -s read-only Do it"]
    notebook = open_notebook(cells, kernel="ipykernel-6.29")
    notebook.run(0)
    notebook.run(1)
    expect(notebook.output(1)).to_contain_text("Quickly done.")
    until(lambda: VIEW not in str(notebook.outputs(1)), "the end of the first")
    notebook.begin(2)
    output = notebook.output(2)
    expect(output.locator(".cj-panel")).to_contain_text("Half of it is done.")
    until(lambda: "Half of it is done." in texts(notebook, 2).get("text/plain", ""), "a copy")
    (kept,) = saved(notebook, 2)
    assert set(kept["data"]) == STATIC
    expect(output.get_by_text("Half of it is done.")).to_have_count(1)
    model.server.release("gate")
    notebook.wait_idle(2)
    assert [set(each["data"]) for each in notebook.outputs(2)] == [STATIC]
    expect(output).to_contain_text("All of it is done.")
