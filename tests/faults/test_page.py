"""What happens to the page, and to the line between it and the kernel: said, nothing lost from the file, and it goes on."""

from __future__ import annotations

import os
import re
import signal
import time
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Locator, expect

from codex_jupyter import offline
from codex_jupyter.notebook.panel.live_feed import LOST
from codex_jupyter.offline import Rule, Script, run, say, wait
from tests.browser.conftest import OpenNotebook
from tests.browser.lab_notebook import LabNotebook
from tests.browser.lab_server import LabServer
from tests.browser.tabs import Tabs
from tests.faults.conftest import DONE, Clock
from tests.faults.rows import fault
from tests.processes import below
from tests.waiting import until

LOAD = "%load_ext codex_jupyter"
GOING_ON = "still going on when this was saved"
OVER = "The kernel was restarted or has ended"
SILENT = "Nothing heard from the kernel since"
SESSION = "window.jupyterapp.shell.currentWidget.sessionContext.session"
SLOWLY = " ".join(f"word{number}" for number in range(400))
COUNT = "for i in $(seq 1 400); do echo line-$i; sleep 0.1; done"
BEGIN = say("Half of it is done.", phase="commentary")
END = say("All of it is done.", phase="final_answer")
HELD = [[BEGIN, wait("gate"), END]]


def scripted(model: offline.Offline, *turns: list[list[dict]]) -> None:
    """The next prompts are answered so, and every later one with *Done.*"""
    rules = [
        Rule(f"turn {n}", turn, when={"contains": f"turn {n}"}) for n, turn in enumerate(turns)
    ]
    model.server.script = Script.of(*rules, Rule("any", DONE))


def begun(
    open_notebook: OpenNotebook, options: str = "", *, fresh: bool = False
) -> tuple[LabNotebook, Locator]:
    """A notebook whose second cell began turn 0, and its output."""
    notebook = open_notebook([LOAD, f"%codex {options}turn 0", "%codex hello"], fresh=fresh)
    notebook.run(0)
    notebook.begin(1)
    return notebook, notebook.output(1)


def pid_of(notebook: LabNotebook) -> int:
    return int(notebook.run_in_kernel("import os; print(os.getpid())"))


def card(output: Locator) -> Locator:
    return output.locator("form[data-cj-request]")


def stop_of(output: Locator) -> Locator:
    return output.get_by_role("button", name="Stop")


def nothing_works(output: Locator) -> None:
    """Nothing is shown that says that the turn goes on."""
    expect(output.get_by_text("working")).to_be_hidden()
    expect(stop_of(output)).to_be_hidden()


def numbers(word: str, text: str) -> list[int]:
    """The numbers that follow a word in a text."""
    return [int(number) for number in re.findall(rf"{word}(\d+)", text)]


def filed(notebook: LabNotebook, kind: str = "text/plain") -> str:
    """The turn's one output in the saved file."""
    (output,) = notebook.save()["cells"][1]["outputs"]
    return "".join(output["data"][kind])


def goes_on(notebook: LabNotebook, *, load: bool = False) -> None:
    """The next cell is answered."""
    if load:
        notebook.run(0)
    notebook.run(2)
    expect(notebook.output(2)).to_contain_text("Done.")


# --- the kernel -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "turn"),
    [
        pytest.param(
            word, turn, id=when,
            marks=fault(
                "page", f"the kernel killed while {when}", "that it is over; neither 'working' nor Stop",
                kept="in the file, what was there a second before", goes_on="the kernel that Jupyter starts in its place",
            ),
        )
        for when, word, turn in (
            ("text streams", "word", [[say(SLOWLY, phase="final_answer", delay=0.1)]]),
            ("a command prints", "line-", [[run(COUNT, yield_ms=60_000)], [END]]),
        )
    ],
)  # fmt: skip
def test_the_kernel_is_killed_while_something_grows(
    open_notebook: OpenNotebook, model: offline.Offline, clock: Clock, word: str, turn: list
) -> None:
    scripted(model, turn)
    notebook = open_notebook([LOAD, "%codex -s read-only turn 0", "%codex hello"])
    notebook.run(0)
    kernel = pid_of(notebook)
    notebook.begin(1)
    output = notebook.output(1)
    until(lambda: max(numbers(word, output.inner_text()), default=0) >= 60, "six seconds of it")
    seen = max(numbers(word, output.inner_text()))
    os.kill(kernel, signal.SIGKILL)
    with clock:
        expect(output).to_contain_text(OVER)
    nothing_works(output)
    notebook.screenshot(f"page-killed-{word.strip('-')}", 1)
    text = filed(notebook)
    # Ten a second: a second, and what it takes to draw and to send it on a busy machine.
    assert max(numbers(word, text)) >= seen - 25 and GOING_ON in text
    # From its beginning on; of a command the runtime may send the first words with the last ones only.
    assert min(numbers(word, filed(notebook, "text/html"))) <= 3
    notebook.wait_for_kernel()
    goes_on(notebook, load=True)


@fault(
    "page", "the kernel restarted under a card that waits", "that it is over; no button is left", kept="in the file, the question",
    goes_on="the new kernel; nothing has run", everywhere=True,
)  # fmt: skip
def test_the_kernel_is_restarted_under_a_card(
    open_notebook: OpenNotebook, model: offline.Offline, clock: Clock, scratch: Path
) -> None:
    made = scratch / "made"
    scripted(model, [[run(f"touch {made}", escalate=True, justification="a record")], [END]])
    notebook, output = begun(open_notebook)
    expect(card(output)).to_be_visible()
    until(lambda: "a record" in str(notebook.outputs(1)), "the copy with the question")
    with clock:
        notebook.restart()
        expect(output).to_contain_text(OVER)
    expect(card(output)).to_contain_text("a record")
    expect(output.get_by_role("button")).to_have_count(0)
    answers = output.get_by_text(re.compile("Always|until you answer"))
    expect(answers.locator("visible=true")).to_have_count(0)
    assert "Codex asks" not in notebook.page.title()
    notebook.screenshot("page-restarted", 1)
    assert "a record" in filed(notebook) and GOING_ON in filed(notebook)
    goes_on(notebook, load=True)
    assert not made.exists()


# --- the line ---------------------------------------------------------------------------------------------------------


@fault(
    "page", "the Jupyter server killed", "since when nothing is heard; neither 'working' nor Stop", kept="in the page, what was there",
    goes_on="nothing: JupyterLab says that it looks for the server", within=25,
)  # fmt: skip
def test_the_server_is_killed(
    open_notebook: OpenNotebook, model: offline.Offline, clock: Clock, tmp_path: Path
) -> None:
    scripted(model, HELD)
    server = LabServer("ipykernel-7", tmp_path / "lab")
    try:
        notebook = open_notebook([LOAD, "%codex turn 0"], server=server, fresh=True)
        notebook.run(0)
        notebook.begin(1)
        output = notebook.output(1)
        expect(output).to_contain_text("Half of it is done.")
        server.process.kill()
        with clock:
            expect(output).to_contain_text(SILENT)
        expect(output).to_contain_text("Half of it is done.")
        nothing_works(output)
        notebook.screenshot("page-silent", 1)
    finally:
        server.close()


@pytest.mark.parametrize("options", [
    pytest.param(options, id=how, marks=fault(
        "page", f"the browser offline for 12 s, the turn {how}", "since when nothing is heard; then the question that came meanwhile",
        kept="all of it, and in the file", goes_on="the turn, with the answer given then", within=25,
    ))
    for how, options in (("waited for", ""), ("in the background", "-b "))
])  # fmt: skip
def test_a_page_that_is_offline_for_a_while_goes_on(
    open_notebook: OpenNotebook, model: offline.Offline, clock: Clock, scratch: Path, tabs: Tabs, options: str,
) -> None:  # fmt: skip
    tabs.close_idle()
    made = scratch / "made"
    ask = run(f"touch {made}", escalate=True, justification="a record")
    scripted(model, [[BEGIN, wait("gate"), ask], [END]])
    notebook, output = begun(open_notebook, options, fresh=True)
    expect(output).to_contain_text("Half of it is done.")
    page = notebook.page
    # JupyterLab's own word about it, which covers the page.
    page.add_locator_handler(
        page.locator(".jp-Dialog"), lambda box: box.get_by_role("button").last.click()
    )
    page.context.set_offline(True)
    page.evaluate(f"{SESSION}.kernel._ws.close()")  # what is open already does not notice
    model.server.release("gate")
    with clock:
        expect(output).to_contain_text(SILENT)
    nothing_works(output)
    page.context.set_offline(False)
    page.evaluate(f"{SESSION}.kernel.reconnect()")  # by itself it tries after up to a minute
    expect(output).not_to_contain_text(SILENT)
    card(output).get_by_role("button", name="Allow once").click()
    expect(output).to_contain_text("All of it is done.")
    assert made.exists()
    until(lambda: GOING_ON not in filed(notebook), "the end in the file")
    assert "You allowed once" in filed(notebook) and "All of it is done." in filed(notebook)
    goes_on(notebook)


@fault(
    "page", f"the machine asleep (kernel, server and browser stopped) for {LOST + 10:.0f} s while a card waits",
    "the card, as before", kept="the question, and the cell that waits", goes_on="the turn, with the answer given then",
)  # fmt: skip
def test_a_machine_that_slept_has_lost_no_page(
    open_notebook: OpenNotebook, model: offline.Offline, clock: Clock, scratch: Path
) -> None:
    made = scratch / "made"
    ask = run(f"touch {made}", escalate=True, justification="a record")
    scripted(model, [[ask], [END]])
    notebook, output = begun(open_notebook)
    expect(card(output)).not_to_have_attribute("aria-disabled", "true")
    machine = [each for each in below(os.getpid()) if "chrom" in each.name()]
    machine += [notebook.server.process, *below(notebook.server.process.pid)]
    machine = [psutil.Process(each.pid) for each in machine]
    for process in machine:
        process.suspend()
    wakes = time.monotonic() + LOST + 10
    try:
        until(lambda: time.monotonic() > wakes, "the night to pass", deadline=600, every=0.5)
    finally:
        for process in reversed(machine):
            process.resume()
    with clock:
        card(output).get_by_role("button", name="Allow once").click()
        expect(output).to_contain_text("All of it is done.")
    notebook.wait_idle(1)
    expect(output).not_to_contain_text("waits no longer")
    assert made.exists()
    assert "You allowed once" in filed(notebook)
    goes_on(notebook)


# --- the page ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [
    pytest.param(options, id=how, marks=fault(
        "page", f"the page reloaded at a card, the turn {how}", "the card again", kept="in the file, the decision and the record",
        goes_on="the turn, with the answer given then", within=20,
    ))
    for how, options in (("waited for", ""), ("in the background", "-b "))
])  # fmt: skip
def test_what_is_answered_after_a_reload_is_in_the_file(
    open_notebook: OpenNotebook, model: offline.Offline, clock: Clock, scratch: Path, options: str
) -> None:
    made = scratch / "made"
    ask = run(f"touch {made}", escalate=True, justification="a record")
    scripted(model, [[ask], [BEGIN, wait("gate"), END]])
    notebook, output = begun(open_notebook, options)
    expect(card(output)).to_be_visible()
    until(lambda: "a record" in str(notebook.outputs(1)), "the copy with the question")
    notebook.save()
    with clock:
        notebook.reload()
        expect(card(output)).to_be_visible()
    card(output).get_by_role("button", name="Allow once").click()
    expect(output).to_contain_text("Half of it is done.")
    until(lambda: "Half of it is done." in filed(notebook), "the copy in the file")
    assert "You allowed once" in filed(notebook) and GOING_ON in filed(notebook)
    model.server.release("gate")
    expect(output).to_contain_text("All of it is done.")
    until(lambda: GOING_ON not in filed(notebook), "the end in the file")
    text = filed(notebook)
    assert "You allowed once" in text and "All of it is done." in text and "in this tab" in text
    (kept,) = notebook.save()["cells"][1]["outputs"]
    assert "cj-copy-of" not in "".join(kept["data"]["text/html"])
    expect(output.locator(".cj-panel")).to_have_count(0)
    goes_on(notebook)


@fault(
    "page", "the page reloaded in the middle of a turn, and again after its end", "the turn as it is, then its end",
    kept="in the file, all of it", goes_on="the turn", within=20,
)  # fmt: skip
def test_a_page_reloaded_in_the_middle_has_the_end_in_its_file(
    open_notebook: OpenNotebook, model: offline.Offline, clock: Clock
) -> None:
    scripted(model, HELD)
    notebook, output = begun(open_notebook, "-b ")
    until(lambda: "Half of it is done." in str(notebook.outputs(1)), "a copy")
    notebook.save()
    with clock:
        notebook.reload()
        expect(stop_of(output)).to_be_visible()
    model.server.release("gate")
    until(lambda: "All of it is done." in filed(notebook), "the end in the file")
    assert GOING_ON not in filed(notebook)
    notebook.reload()
    expect(output).to_contain_text("All of it is done.")
    expect(output.locator(".cj-panel")).to_have_count(0)
    goes_on(notebook)


@fault(
    "page", "two tabs of one notebook, of which the first is closed while a card waits", "the card in the second",
    kept="in the file, the decision and the end", goes_on="the turn, with the answer given there",
)  # fmt: skip
def test_of_two_tabs_the_one_that_stays_goes_on(
    open_notebook: OpenNotebook, model: offline.Offline, clock: Clock, scratch: Path
) -> None:
    made = scratch / "made"
    ask = run(f"touch {made}", escalate=True, justification="a record")
    scripted(model, [[ask], [END]])
    first, output = begun(open_notebook, "-b ", fresh=True)
    expect(card(output)).to_be_visible()
    until(lambda: "a record" in str(first.outputs(1)), "the copy with the question")
    first.save()
    second = open_notebook(path=first.path, fresh=True)
    output = second.output(1)
    expect(card(output)).to_be_visible()
    first.page.close(run_before_unload=True)
    with clock:
        card(output).get_by_role("button", name="Allow once").click()
        expect(output).to_contain_text("All of it is done.")
    until(lambda: GOING_ON not in filed(second), "the end in the file")
    assert "You allowed once" in filed(second) or "You, in another tab" in filed(second)
    assert made.exists()
    goes_on(second)


@fault(
    "page", "the notebook closed in the middle of a turn and opened again", "the turn as it is", kept="in the file, all of it",
    goes_on="the turn", within=20,
)  # fmt: skip
def test_a_notebook_that_is_closed_and_opened_again_has_its_turn(
    open_notebook: OpenNotebook, model: offline.Offline, clock: Clock
) -> None:
    scripted(model, HELD)
    notebook, output = begun(open_notebook, "-b ", fresh=True)
    until(lambda: "Half of it is done." in str(notebook.outputs(1)), "a copy")
    notebook.save()
    notebook.page.evaluate("window.jupyterapp.shell.currentWidget.close()")
    expect(notebook.page.locator(".jp-Notebook")).to_have_count(0)
    with clock:
        notebook._open_in_lab()
        expect(stop_of(output)).to_be_visible()
    model.server.release("gate")
    until(lambda: "All of it is done." in filed(notebook), "the end in the file")
    assert GOING_ON not in filed(notebook)
    goes_on(notebook)


@pytest.mark.parametrize("command", [
    pytest.param(command, id=what, marks=fault(
        "page", f"{what} while its turn runs", "nothing: a person took it away", kept="the answer, in the kernel",
        goes_on="the turn, and the next cell",
    ))
    for what, command in (
        ("the output cleared", "notebook:clear-cell-output"), ("the cell deleted", "notebook:delete-cell"),
    )
])  # fmt: skip
def test_a_turn_whose_place_is_gone_ends_as_ever(
    open_notebook: OpenNotebook, model: offline.Offline, clock: Clock, command: str
) -> None:
    scripted(model, HELD)
    notebook = open_notebook([LOAD, "%codex -o answer turn 0", "%codex hello", "print(answer)"])
    notebook.run(0)
    notebook.begin(1)
    expect(notebook.output(1)).to_contain_text("Half of it is done.")
    notebook.page.evaluate(f"window.jupyterapp.commands.execute('{command}')")
    expect(notebook.page.get_by_text("Half of it is done.")).to_have_count(0)
    model.server.release("gate")
    shift = notebook.count - 4
    with clock:
        notebook.run(2 + shift)
        expect(notebook.output(2 + shift)).to_contain_text("Done.")
    assert "All of it is done." in str(notebook.run(3 + shift))
    assert not notebook.record.errors


PLACES = {
    "inside a widgets.Output": "import ipywidgets\nout = ipywidgets.Output()\ndisplay(out)\nwith out:\n    %codex turn 0",
    "in a function that a widgets.Output decorates": (
        "import ipywidgets\nout = ipywidgets.Output()\ndisplay(out)\n@out.capture()\ndef ask():\n"
        "    get_ipython().run_line_magic('codex', 'turn 0')\nask()"
    ),
    "with a second view of its output": "%codex turn 0",
}  # fmt: skip


@pytest.mark.parametrize("place", [
    pytest.param(place, marks=fault(
        "page", f"a turn {place}, where its output is not replaced", "the end: nothing counts on, no Stop", kept="all of it, in the page",
        goes_on="the next cell",
    ))
    for place in PLACES
])  # fmt: skip
def test_the_end_arrives_where_the_output_is_not_replaced(
    open_notebook: OpenNotebook, model: offline.Offline, clock: Clock, place: str
) -> None:
    scripted(model, HELD)
    notebook = open_notebook([LOAD, PLACES[place], "%codex hello"], fresh="view" in place)
    notebook.run(0)
    notebook.begin(1)
    expect(notebook.output(1)).to_contain_text("Half of it is done.")
    shown = notebook.output(1)
    if "view" in place:
        notebook.page.evaluate("window.jupyterapp.commands.execute('notebook:create-output-view')")
        shown = notebook.page.locator(".jp-LinkedOutputView")
        expect(shown).to_contain_text("Half of it is done.")
    expect(stop_of(shown)).to_be_visible()
    with clock:
        model.server.release("gate")
        expect(shown).to_contain_text("All of it is done.")
        expect(stop_of(shown)).to_have_count(0)
    expect(shown).not_to_contain_text("working")
    notebook.wait_idle(1) if "view" not in place else expect(notebook.output(1)).to_contain_text(
        "All of it is done."
    )
