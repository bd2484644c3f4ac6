"""The first turn in real JupyterLab: the panel streams, Stop works while the cell blocks, the saved file reads well."""

from __future__ import annotations

import json
import re

import nbformat
import psutil
from nbconvert import HTMLExporter
from playwright.sync_api import expect

from codex_jupyter import offline
from codex_jupyter.offline import Rule, Script, burst, run, say, wait
from tests.browser.conftest import OpenNotebook
from tests.browser.lab_server import LabServer
from tests.waiting import until

LOAD = "%load_ext codex_jupyter"


def commands(marker: str) -> list[psutil.Process]:
    """Living processes whose command line ends with this marker."""
    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        line = process.info["cmdline"] or []
        if line[-1:] == [marker] and process.info["status"] != psutil.STATUS_ZOMBIE:
            found.append(process)
    return found


def test_gallery_a_job_streams_and_is_kept(
    open_notebook: OpenNotebook, model: offline.Offline
) -> None:
    cells = [
        LOAD,
        "import codex_jupyter as cj\ncj.offline.write_project('churn').name",
        "%%codex -s workspace-write -C churn\nFix the failing check.",
        "%codex What did you change?",
    ]
    notebook = open_notebook(cells)
    for number in (0, 1):
        notebook.run(number)
    notebook.begin(2)
    panel = notebook.output(2)
    expect(panel).to_contain_text("Fixed: the dates were naive.")
    notebook.wait_idle(2)
    folder = notebook.file.parent / "churn"
    assert "timezone.utc" in (folder / "load.py").read_text()
    expect(panel).to_contain_text("Worked")
    expect(panel).to_contain_text("load.py")
    notebook.screenshot("gallery-first-turn", 2)
    outputs = notebook.outputs(2)
    assert [set(o["data"]) for o in outputs] == [{"text/html", "text/markdown", "text/plain"}]

    notebook.save()
    notebook.close()
    again = open_notebook(path=notebook.path)
    expect(again.output(2)).to_contain_text("Fixed: the dates were naive.")
    assert "model not found" not in again.page.content()
    assert not again.record.errors


def test_stop_ends_a_blocking_cell_and_its_command(
    open_notebook: OpenNotebook, model: offline.Offline
) -> None:
    seconds = "98761"
    model.server.script = Script.of(
        Rule(
            "sleep",
            [
                [say("I start it now.", phase="commentary"), run(f"sleep {seconds}", yield_ms=500)],
                [wait("never")],
            ],
            when={"contains": "sleep"},
        ),
        Rule("again", [[say("Here again.", phase="final_answer")]], when={"contains": "again"}),
    )
    notebook = open_notebook(
        [LOAD, "%codex -s read-only Please sleep", "%codex and again", "print('not reached')"]
    )
    notebook.run(0)
    notebook.begin(1)
    until(lambda: commands(seconds), "the command to run")
    expect(notebook.output(1)).to_contain_text("I start it now.")
    notebook.screenshot("first-turn-live", 1)
    notebook.output(1).get_by_role("button", name="Stop").click()
    notebook.wait_idle(1)
    assert not commands(seconds)
    expect(notebook.output(1)).to_contain_text("Stopped by you")
    assert notebook.outputs(1)[-1]["ename"] == "TurnInterruptedError"
    notebook.screenshot("first-turn-stopped", 1)
    notebook.save()
    exported, _ = HTMLExporter().from_notebook_node(nbformat.read(notebook.file, as_version=4))
    assert "Stopped by you" in re.sub(r"<[^>]*>", " ", exported)
    notebook.run(2)
    expect(notebook.output(2)).to_contain_text("Here again.")


def test_a_burst_arrives_whole_within_the_rate_limit(
    open_notebook: OpenNotebook, model: offline.Offline
) -> None:
    model.server.script = Script.of(
        Rule(
            "burst",
            [
                [
                    burst(20_000, "word "),
                ]
            ],
            when={"contains": "burst"},
        )
    )
    notebook = open_notebook([LOAD, "r = %codex burst", "len(str(r))"])
    notebook.run(0)
    notebook.record.forget()
    notebook.begin(1)
    notebook.wait_idle(1)
    assert notebook.record.most_in_a_second("comm_msg", "update_display_data", "display_data") <= 35
    # Before the next cell runs: JupyterLab may take what is scrolled out of sight from the page.
    until(lambda: notebook.output(1).inner_text().count("word") >= 20_000, "the whole burst")
    length = int(notebook.run(2)[0]["data"]["text/plain"])
    assert length >= 100_000


def test_a_lab_without_anywidget_reads_well_and_says_what_to_install(
    open_notebook: OpenNotebook, lab_without_anywidget: LabServer, model: offline.Offline
) -> None:
    model.server.script = Script.of(
        Rule(
            "slow",
            [
                [
                    say("First part.", phase="commentary"),
                    wait("go"),
                    say("All of it.", phase="final_answer"),
                ]
            ],
        ),
    )
    notebook = open_notebook([LOAD, "%codex slow"], server=lab_without_anywidget)
    notebook.run(0)
    notebook.begin(1)
    expect(notebook.output(1)).to_contain_text("Install anywidget where JupyterLab runs")
    expect(notebook.output(1)).to_contain_text("First part.")
    notebook.screenshot("first-turn-without-anywidget", 1)
    model.server.release("go")
    notebook.wait_idle(1)
    expect(notebook.output(1)).to_contain_text("All of it.")
    expect(notebook.output(1)).not_to_contain_text("Install anywidget")


#: Kernel and page hear nothing of each other until there is a file `let-through`: a page that takes its time.
LATE = """
import pathlib
from codex_jupyter.notebook.panel.comm import PanelComm
arrived, held = PanelComm._arrived, []
send = PanelComm.send
def hold(*message):
    held.append(message)
    while held and pathlib.Path('let-through').exists():
        arrived(*held.pop(0))
def drop(self, message):
    if pathlib.Path('let-through').exists():
        send(self, message)
PanelComm._arrived, PanelComm.send = hold, drop
"""


def test_a_page_that_is_late_shows_the_panel_all_the_same(
    open_notebook: OpenNotebook, model: offline.Offline
) -> None:
    model.server.script = Script.of(
        Rule(
            "slow",
            [
                [
                    say("First part.", phase="commentary"),
                    wait("go"),
                    say("All of it.", phase="final_answer"),
                ]
            ],
        ),
    )
    notebook = open_notebook([LOAD, LATE, "%codex slow"])
    notebook.run(0)
    notebook.run(1)
    notebook.begin(2)
    output = notebook.output(2)
    expect(output).to_contain_text("First part.")
    expect(output).to_contain_text("This page has shown no live panel yet")
    expect(output.get_by_role("button", name="Stop")).to_have_count(0)
    (notebook.file.parent / "let-through").touch()
    expect(output.get_by_role("button", name="Stop")).to_be_visible()
    expect(output).not_to_contain_text("no live panel")
    expect(output.get_by_text("First part.")).to_have_count(1)
    model.server.release("go")
    notebook.wait_idle(2)
    expect(output).to_contain_text("All of it.")
    assert [set(o["data"]) for o in notebook.outputs(2)] == [
        {"text/html", "text/markdown", "text/plain"}
    ]


def test_a_failing_turn_stops_run_all(open_notebook: OpenNotebook, model: offline.Offline) -> None:
    model.server.script = Script.of(
        Rule("bad", [[offline.fail(400, {"error": {"message": "no such model: nope"}})]]),
    )
    notebook = open_notebook([LOAD, "%codex hello", "print('never')"])
    notebook.run_all()
    assert notebook.outputs(2) == []
    expect(notebook.output(1)).to_contain_text("no such model: nope")
    shown = json.dumps(notebook.outputs(1))
    assert not re.search(r"codex_jupyter/\w+/\w+\.py", shown)


def test_notebook_7_shows_the_panel_too(
    open_notebook: OpenNotebook, model: offline.Offline
) -> None:
    notebook = open_notebook([LOAD, "%codex What is a naive datetime?"], front_end="notebook")
    notebook.run(0)
    notebook.run(1)
    expect(notebook.output(1)).to_contain_text("carries no time zone")
