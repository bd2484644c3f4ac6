"""Requests answered in real JupyterLab: by click, key, second tab and over stdin, blocking and in the background."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from codex_jupyter import offline
from codex_jupyter.offline import Rule, Script, patch, run, say, wait
from tests.browser.conftest import OpenNotebook
from tests.browser.lab_notebook import LabNotebook
from tests.environments import KERNELS
from tests.waiting import until

LOAD = "%load_ext codex_jupyter"
NEWEST, OLDEST = KERNELS


@pytest.fixture
def outside(scratch: Path, model: offline.Offline) -> Path:
    """A file that only a command outside the sandbox can write; the script asks for that."""
    path = scratch / "outside.txt"
    command = run(f"echo allowed >> {path}", escalate=True, justification="to keep a record")
    model.server.script = Script.of(
        Rule(
            "told no",
            [[say("Then I leave it.", phase="final_answer")]],
            when={"output": "rejected"},
        ),
        Rule("ask", [[command], [say("Recorded.", phase="final_answer")]]),
    )
    return path


def card(notebook: LabNotebook, number: int = 1) -> Locator:
    return notebook.output(number).locator("form[data-cj-request]")


@pytest.mark.parametrize(("kernel", "mode"), [(NEWEST, ""), (NEWEST, "-b "), (OLDEST, "-b ")])
def test_a_click_answers(
    open_notebook: OpenNotebook, outside: Path, kernel: str, mode: str
) -> None:
    notebook = open_notebook([LOAD, f"%codex {mode}keep a record"], kernel=kernel)
    notebook.run(0)
    notebook.begin(1)
    expect(card(notebook)).to_contain_text("OUTSIDE the sandbox")
    expect(card(notebook)).to_contain_text("to keep a record")
    assert not outside.exists()
    assert "Codex asks" in notebook.page.title()
    notebook.screenshot(f"card-{kernel}{mode.strip()}", 1)
    card(notebook).get_by_role("button", name="Allow once").click()
    expect(notebook.output(1)).to_contain_text("Recorded.")
    expect(notebook.output(1)).to_contain_text("You allowed once")
    notebook.wait_idle(1)
    assert outside.read_text() == "allowed\n"
    assert "Codex asks" not in notebook.page.title()


@pytest.mark.parametrize(("kernel", "mode"), [(NEWEST, ""), (NEWEST, "-b "), (OLDEST, "-b ")])
def test_a_key_declines(open_notebook: OpenNotebook, outside: Path, kernel: str, mode: str) -> None:
    notebook = open_notebook([LOAD, f"%codex {mode}keep a record"], kernel=kernel)
    notebook.run(0)
    notebook.begin(1)
    decline = card(notebook).get_by_role("button", name="Decline", exact=True)
    # What has just appeared takes no key, and a script that moves the focus is no person.
    expect(card(notebook)).not_to_have_attribute("aria-disabled", "true")
    card(notebook).get_by_role("button", name="Allow once").focus()
    notebook.page.keyboard.press("Tab")
    key = decline.get_attribute("data-cj-key-hint")
    assert key
    notebook.page.keyboard.press(key)
    expect(notebook.output(1)).to_contain_text("Then I leave it.")
    notebook.wait_idle(1)
    expect(notebook.output(1)).to_contain_text("You declined")
    assert not outside.exists()


@pytest.mark.parametrize(("kernel", "mode"), [(NEWEST, ""), (NEWEST, "-b "), (OLDEST, "-b ")])
def test_a_second_tab_answers(
    open_notebook: OpenNotebook, outside: Path, kernel: str, mode: str
) -> None:
    notebook = open_notebook([LOAD, f"%codex {mode}keep a record"], kernel=kernel)
    notebook.run(0)
    notebook.begin(1)
    expect(card(notebook)).to_be_visible()
    notebook.page.evaluate("window.jupyterapp.commands.execute('notebook:create-output-view')")
    second = notebook.page.locator(".jp-LinkedOutputView form[data-cj-request]")
    expect(second.last).to_be_visible()
    second.last.get_by_role("button", name="Allow once").click()
    until(outside.exists, "the command to run")
    expect(notebook.output(1)).to_contain_text("Recorded.")
    assert outside.read_text() == "allowed\n"


def test_stdin_answers_where_clicks_cannot_arrive(
    open_notebook: OpenNotebook, outside: Path
) -> None:
    notebook = open_notebook([LOAD, "%codex keep a record"], kernel=OLDEST)
    notebook.run(0)
    notebook.begin(1)
    box = notebook.output(1).locator(".jp-Stdin-input")
    expect(box).to_be_visible()
    expect(notebook.output(1)).to_contain_text("OUTSIDE the sandbox")
    notebook.screenshot("card-stdin", 1)
    box.fill("y")
    box.press("Enter")
    notebook.wait_idle(1)
    expect(notebook.output(1)).to_contain_text("Recorded.")
    assert outside.read_text() == "allowed\n"


@pytest.mark.parametrize("kernel", KERNELS)
def test_a_reload_keeps_a_background_request(
    open_notebook: OpenNotebook, outside: Path, kernel: str
) -> None:
    notebook = open_notebook([LOAD, "%codex -b keep a record"], kernel=kernel)
    notebook.run(0)
    notebook.run(1)
    expect(card(notebook)).to_be_visible()
    notebook.save()
    notebook.reload()
    expect(card(notebook)).to_be_visible()
    card(notebook).get_by_role("button", name="Allow once").click()
    expect(notebook.output(1)).to_contain_text("Recorded.")
    assert outside.read_text() == "allowed\n"


def test_a_blocking_cell_lets_go_of_a_reloaded_page(
    open_notebook: OpenNotebook, outside: Path, scratch: Path
) -> None:
    queued = scratch / "queued.txt"
    cells = [LOAD, "%codex keep a record", f"open({str(queued)!r}, 'w').close()"]
    notebook = open_notebook(cells)
    notebook.run(0)
    notebook.begin(1)
    expect(card(notebook)).to_be_visible()
    notebook.begin(2)
    notebook.save()
    notebook.reload()
    expect(card(notebook)).to_be_visible()
    card(notebook).get_by_role("button", name="Allow once").click()
    expect(notebook.output(1)).to_contain_text("Recorded.")
    assert outside.read_text() == "allowed\n"
    notebook.run_in_kernel("1")  # whatever was queued has had its turn
    assert not queued.exists(), "the cell failed, so that queued ones stopped"


def test_a_click_overrules_the_automatic_reviewer(
    open_notebook: OpenNotebook, model: offline.Offline, scratch: Path
) -> None:
    path = scratch / "outside.txt"
    command = run(f"echo allowed >> {path}", escalate=True, justification="to keep a record")

    def review(request: offline.Request) -> list[Any]:
        """Allows what the runtime says that the user approved."""
        outcome = "allow" if "manually approved a specific action" in request.text else "deny"
        told = {"outcome": outcome, "risk_level": "high", "user_authorization": "low"}
        return [say(json.dumps({**told, "rationale": "It writes outside."}))]

    model.server.script = Script.of(
        Rule("review", [review], when={"subagent": "guardian"}),
        Rule(
            "go",
            [
                [command],
                [wait("go"), run("true")],  # what the user overruled is told with the next request
                [command],
                [say("Recorded.", phase="final_answer")],
            ],
        ),
    )
    notebook = open_notebook([LOAD, "%codex -a auto-review keep a record"])
    notebook.run(0)
    notebook.begin(1)
    panel = notebook.output(1)
    expect(panel).to_contain_text("The automatic reviewer refused")
    expect(panel).to_contain_text("It writes outside.")
    assert not path.exists()
    notebook.screenshot("review-refused", 1)
    button = panel.get_by_role("button", name="Allow it and try again")
    button.click()
    expect(panel).to_contain_text("You overruled this")
    expect(button).to_have_count(0)
    model.server.release("go")
    expect(panel).to_contain_text("Recorded.")
    notebook.wait_idle(1)
    assert path.read_text() == "allowed\n"
    expect(panel).to_contain_text("You allowed once")


@pytest.mark.parametrize("front_end", ["lab", "notebook"])
def test_a_patch_of_many_files_is_answered_in_a_narrow_window(
    open_notebook: OpenNotebook, model: offline.Offline, front_end: str
) -> None:
    lines = "".join(f"+value_{n} = {n}\n" for n in range(40))
    files = "".join(f"*** Add File: module_{n:02}.py\n{lines}" for n in range(17))
    model.server.script = Script.of(
        Rule(
            "write",
            [
                [patch(f"*** Begin Patch\n{files}*** End Patch")],
                [say("Written.", phase="final_answer")],
            ],
        )
    )
    notebook = open_notebook([LOAD, "%codex write them"], front_end=front_end)
    notebook.run(0)
    notebook.viewport(420, 900)
    try:
        notebook.begin(1)
        asked = card(notebook)
        expect(asked).to_contain_text("17 files")
        expect(notebook.output(1).locator(".cj-is-edit details[open]")).to_have_count(0)
        asked.scroll_into_view_if_needed()
        for button in asked.locator(".cj-options button").all():
            expect(button).to_be_in_viewport(ratio=1)
        box = asked.bounding_box()
        assert box is not None and box["height"] < 800, "the card fits into the window"
        expect(notebook.output(1)).to_contain_text("waiting for you")
        # A file of it opens where it is, in the box that scrolls.
        file = asked.locator("details", has_text="module_03.py")
        file.locator("summary").click()
        expect(file.locator(".cj-plus")).to_be_visible()
        after = asked.bounding_box()
        assert after is not None and after["height"] == box["height"]
        notebook.screenshot("patch-of-17-narrow", 1)
        # By the keyboard alone: the file folds again, and the next stop after the files is what answers.
        page = notebook.page
        file.locator("summary").focus()
        page.keyboard.press("Enter")
        expect(file.locator(".cj-plus").first).to_be_hidden()
        asked.locator("details", has_text="module_16.py").locator("summary").focus()
        page.keyboard.press("Tab")
        expect(asked.get_by_role("button", name="Allow once")).to_be_focused()
        page.keyboard.press("d")
        notebook.wait_idle(1)
        assert not list(notebook.file.parent.glob("module_*.py"))
    finally:
        notebook.viewport(1100, 900)


@pytest.mark.parametrize("kernel", KERNELS)
def test_a_cell_that_waits_behind_a_turn_names_it_and_the_answer_is_given_there_and_then(
    open_notebook: OpenNotebook, model: offline.Offline, scratch: Path, kernel: str
) -> None:
    made = scratch / "made"
    asks = run(f"touch {made}", escalate=True, justification="to keep a record")
    done = [say("Recorded.", phase="final_answer")]
    model.server.script = Script.of(
        Rule("ahead", [[asks], done], when={"contains": "keep a record"}),
        Rule("behind", [[say("Nothing asked.", phase="final_answer")]]),
    )
    cells = [LOAD, "%codex -b keep a record", "%codex go on"]
    notebook = open_notebook(cells, kernel=kernel)
    notebook.run(0)
    notebook.run(1)
    expect(card(notebook)).to_contain_text("to keep a record")
    notebook.begin(2)
    if kernel == NEWEST:  # a click is heard while a cell waits
        waits = "waiting for turn 1 (“keep a record”), which waits for your answer"
        expect(notebook.output(2)).to_contain_text(waits)
        notebook.screenshot("waits-behind", 2)
        card(notebook).get_by_role("button", name="Allow once").click()
    else:
        asked = "Turn 1 (“keep a record”), which comes before this one, asks:"
        expect(notebook.output(2)).to_contain_text(asked)
        notebook.screenshot("waits-behind-stdin", 2)
        box = notebook.output(2).locator(".jp-Stdin-input")
        box.fill("y")
        box.press("Enter")
    notebook.wait_idle(2)
    assert made.exists()
    expect(notebook.output(2)).to_contain_text("Nothing asked.")
    expect(notebook.output(2)).not_to_contain_text("waiting for turn")
    expect(notebook.output(1)).to_contain_text("You allowed once")
