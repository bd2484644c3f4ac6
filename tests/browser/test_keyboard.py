"""Everything that a turn shows, by the keyboard alone: its keys are its own, whatever the notebook does with them elsewhere."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from codex_jupyter import offline
from codex_jupyter.offline import Rule, Script, run, say, wait
from tests.browser.conftest import OpenNotebook
from tests.browser.lab_notebook import LabNotebook

LOAD = "%load_ext codex_jupyter"
CELLS = [LOAD, "%codex -b look", "x = 1", "%codex login"]
#: What asks, of each kind: a command, questions, a form of an MCP server. The broker and the cards are real.
ASK = """
import json, codex_jupyter as cj
from codex_jupyter.core import requests as rq
session = cj.session(); live = session.last; turn = live.turn
of = dict(thread_id=turn.thread_id, turn_id=turn.turn_id)
colours = rq.Question("a", "Colour", "Which colour?", (("red", "warm"), ("blue", "cold")), free_text=False)
key = rq.Question("k", "Key", "Which key?", secret=True)
schema = {"type": "object", "properties": {"n": {"type": "integer", "title": "Count"}, "ok": {"type": "boolean"},
          "kind": {"type": "string", "enum": ["u", "v"]}, "many": {"type": "array", "items": {"type": "string", "enum": ["y", "z"]}}}}
given = {}
for request in (
    rq.CommandRequest("c", command="rm -rf build", cwd="/tmp", rule=("rm",), **of),
    rq.QuestionsRequest("q", questions=(colours, key), **of),
    rq.FormRequest("f", server="tickets", message="Which one?", schema=json.dumps(schema), **of),
):
    deliver = lambda answer, id=request.id: given.update({id: answer and (answer.choice, dict(answer.values).get("a"))})
    session.engine.thread.run(lambda: session.engine.broker.open(live, request, deliver))
"""
FOCUSABLE = ":is(a[href], button, input, select, textarea, summary):visible"
#: Keys that do something to a notebook in command mode. What Enter, the space bar and a card's letters do, they do here.
KEYS = [
    "b",
    "j",
    "k",
    "z",
    "c",
    "v",
    "m",
    "y",
    "1",
    "ArrowDown",
    "ArrowUp",
    "ArrowLeft",
    "ArrowRight",
    "Home",
    "End",
    "PageDown",
    "0",
    "0",
    "i",
    "i",
]
#: Besides, where no letter answers and Enter sends nothing.
ENTER = ["Shift+Enter", "Control+Enter", "Alt+Enter"]
MORE = ["a", "x", "d", "d"]
#: The notebook's commands are noted, not carried out, so that each wrong one is told.
NOTE = """() => {
    const commands = window.jupyterapp.commands;
    window.cjTaken = [];
    window.cjExecute = commands.execute;
    // JupyterLab itself looks now and then which kernels its help menu should have.
    commands.execute = id => { if (!id.startsWith('helpmenu:')) window.cjTaken.push(`${window.cjHeld?.key}: ${id}`); return Promise.resolve(); };
}"""
#: A control has the focus before each key, wherever the one before led. What the notebook takes is noted with its key.
HOLD = """control => {
    const end = new AbortController(), at = { capture: true, signal: end.signal };
    window.cjHeld = { end, told: 0, key: "" };
    window.cjTaken = [];
    control.focus();
    window.addEventListener("keydown", event => {
        window.cjHeld.key = event.key;
        if (event.target === control && !["Shift", "Control", "Alt"].includes(event.key)) window.cjHeld.told += 1;
    }, at);
    window.addEventListener("keyup", () => control.focus(), at);
}"""
LET_GO = """control => {
    window.cjHeld.end.abort();
    const name = `${control.tagName} ${control.name ?? ""} ${control.textContent}`.slice(0, 60);
    return [name, window.cjHeld.told, window.cjTaken.splice(0)];
}"""
CARRY_OUT = "() => { window.jupyterapp.commands.execute = window.cjExecute; }"


def taken(output: Locator) -> dict[str, list[str]]:
    """What the notebook takes of the keys on each control: nothing, if all is well."""
    page = output.page
    found: dict[str, list[str]] = {}
    controls = output.locator(".cj").locator(FOCUSABLE)
    for control in [controls.nth(at) for at in range(controls.count())]:
        in_card, folds = control.evaluate("e => [!!e.closest('form'), e.matches('summary')]")
        keys = [*KEYS, *(() if in_card else MORE), *(ENTER if folds else ())]
        control.evaluate(HOLD)
        for key in keys:
            page.keyboard.press(key)
        name, told, noted = control.evaluate(LET_GO)
        assert told == len(keys), f"{name} was told of {told} of {len(keys)} keys"
        if noted:
            found[name] = noted
    return found


def order(notebook: LabNotebook, output: Locator) -> list[str]:
    """The controls in the order in which Tab reaches them, from the first one on, with a visible focus each."""
    page = notebook.page
    output.locator(".cj").locator(FOCUSABLE).first.focus()
    names: list[str] = []
    while True:
        inside, name, outline = output.evaluate(
            """o => { const e = document.activeElement, s = getComputedStyle(e);
            return [o.contains(e), `${e.type ?? e.tagName} ${e.name || e.textContent}`.trim(),
                    s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0]; }"""
        )
        if not inside:
            return names
        assert outline, f"nothing shows that {name} has the focus"
        names.append(name)
        assert len(names) < 60, names
        page.keyboard.press("Tab")


@pytest.mark.parametrize("front_end", ["lab", "notebook"])
def test_keys_on_what_a_turn_shows_do_nothing_to_the_notebook(
    open_notebook: OpenNotebook, model: offline.Offline, front_end: str
) -> None:
    said = "See [this](https://example.org):\n\n```python\nx = 1\n```"
    done = [say(said, phase="final_answer"), wait("a person")]
    model.server.script = Script.of(Rule("look", [[run("echo one; echo two")], done]))
    notebook = open_notebook(CELLS, front_end=front_end)
    notebook.run(0)
    notebook.run(1)
    output, page = notebook.output(1), notebook.page
    expect(output).to_contain_text("See this")
    notebook.run_in_kernel(ASK)
    expect(output).to_contain_text("Which one?")
    notebook.run(3)
    expect(notebook.output(3).get_by_role("button").first).to_be_visible()
    before = [notebook.source(n) for n in range(notebook.count)]

    page.evaluate(NOTE)
    assert taken(output) == {}
    assert taken(notebook.output(3)) == {}
    page.evaluate(CARRY_OUT)

    # Really: nothing is inserted, deleted, moved or run.
    for control in (
        output.locator("summary").first,
        output.get_by_role("button", name="Stop", exact=True),
    ):
        control.focus()
        for key in ("b", "a", "d", "d", "x", "ArrowDown", "ArrowUp", "Escape"):
            control.focus()
            page.keyboard.press(key)
    assert [notebook.source(n) for n in range(notebook.count)] == before
    assert page.evaluate("document.activeElement.classList.contains('jp-Cell')"), "Escape leads out"
    assert notebook.cell(1).evaluate("e => e.contains(document.activeElement)")
    assert page.evaluate("window.jupyterapp.shell.currentWidget.content.activeCellIndex") == 1

    names = order(notebook, output)
    kinds = [name.split()[0] for name in names]
    assert names[0].startswith("SUMMARY") and "this" in names[1] and names[-1] == "button Stop"
    assert kinds.count("radio") == 2, "one stop for each group"
    assert names.index("password k") > names.index("radio a")

    answer_by_keys(notebook, output)


def answer_by_keys(notebook: LabNotebook, output: Locator) -> None:
    """All three cards: the focus goes from each to the next, and from the last stays with the turn."""
    page = notebook.page
    cards = output.locator("form[data-cj-request]")
    expect(cards.first).not_to_have_attribute("aria-disabled", "true")
    focused = "document.activeElement.getAttribute('data-cj-request')"

    output.locator(".cj a[href]").first.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("d")
    expect(cards).to_have_count(2)
    page.wait_for_function(f"{focused} === 'q'")
    page.keyboard.press("d")  # once too often: it answers nothing and deletes nothing
    page.keyboard.press("d")

    page.keyboard.press("Tab")
    chosen = {}
    for key in ("ArrowDown", "ArrowUp", "ArrowDown"):  # each of the two, both ways
        page.keyboard.press(key)
        chosen[page.evaluate("document.activeElement.value")] = key
        assert page.evaluate("document.activeElement.checked")
    assert chosen.keys() == {"red", "blue"}
    if page.evaluate("document.activeElement.value") == "red":
        page.keyboard.press("ArrowDown")
    expect(output.get_by_role("radio", name="blue")).to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.type("ddb")
    page.keyboard.press("Enter")
    expect(cards).to_have_count(1)
    page.wait_for_function(f"{focused} === 'f'")

    output.get_by_role("button", name="Decline", exact=True).focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(cards).to_have_count(0)
    page.wait_for_function("document.activeElement.classList.contains('cj-panel')")
    for key in ("d", "d", "x"):
        page.keyboard.press(key)
    assert notebook.count == len(CELLS)
    given = notebook.run_in_kernel("print(sorted(given.items()))")
    assert "('c', ('decline', None))" in given and "('q', ('submit', ('blue',)))" in given


def test_keys_on_what_stays_do_nothing_to_the_notebook_and_the_focus_is_not_lost_at_the_end(
    open_notebook: OpenNotebook, model: offline.Offline
) -> None:
    said: Any = say(
        "See [this](https://example.org):\n\n```python\nx = 1\n```", phase="final_answer"
    )
    model.server.script = Script.of(Rule("look", [[run("echo one")], [wait("me"), said]]))
    notebook = open_notebook([*CELLS[:2], "x = 1"])
    notebook.run(0)
    notebook.begin(1)
    output, page = notebook.output(1), notebook.page
    output.get_by_role("button", name="Stop", exact=True).focus()
    model.server.release("me")
    expect(output.locator(".cj-panel")).to_have_count(0)
    page.wait_for_function("document.activeElement.classList.contains('jp-Cell')")
    assert notebook.cell(1).evaluate("e => e === document.activeElement")

    expect(output.get_by_role("button", name="Copy", exact=True).first).to_be_visible()
    page.evaluate(NOTE)
    assert taken(output) == {}
    page.evaluate(CARRY_OUT)
    assert notebook.count == 3
