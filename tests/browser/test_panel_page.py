"""The page half of the panel in real front ends, spoken to by a few lines in the kernel instead of a turn."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenNotebook
from tests.browser.lab_notebook import LabNotebook
from tests.waiting import until

_CARD = """
<div data-cj-key="card"><form class="cj-card" data-cj-request="r1" method="dialog">
  <div class="cj-cardtitle">Codex asks: run ls</div>
  <label>Why <input class="cj-input" name="why"></label>
  <div class="cj-options">
    <button class="cj-button" type="button" data-cj-choice="once" data-cj-key-hint="a">Allow</button>
    <button class="cj-button" type="button" data-cj-choice="decline" data-cj-key-hint="d">Decline</button>
  </div></form></div>
"""

_PANEL = f"""
from codex_jupyter.notebook.panel.widget import PanelWidget
panel, heard = PanelWidget(), []
card = {_CARD!r}
def hear(widget, message, buffers):
    heard.append(message)
    if message["type"] == "hello":
        state = {{"running": True, "waiting": 1, "ended": False}}
        panel.send({{"type": "welcome", "view": message["view"], "seq": 0}})
        panel.send({{"type": "snapshot", "seq": 0, "header": "<b>Codex</b>", "footer": "",
                    "blocks": [{{"key": "card", "html": card}}], "state": state}})
panel.on_msg(hear)
panel
"""


def _heard(notebook: LabNotebook, kind: str) -> list[dict]:
    """What the kernel heard of one kind."""
    said = notebook.run_in_kernel("import json; print(json.dumps(heard))")
    return [message for message in json.loads(said) if message["type"] == kind]


@pytest.mark.parametrize("front_end", ["lab", "notebook"])
def test_keys_pressed_in_a_card_are_the_cards_and_not_the_notebooks(
    open_notebook: OpenNotebook, front_end: str
) -> None:
    notebook = open_notebook([_PANEL, "2"], front_end=front_end)
    notebook.run(0)
    output = notebook.output(0)
    field = output.get_by_label("Why")

    # In command mode `a` and `b` insert cells, `x` cuts one, Shift+Enter runs one.
    field.click()
    notebook.page.keyboard.type("abx")
    notebook.page.keyboard.press("Shift+Enter")
    expect(field).to_have_value("abx")
    assert _heard(notebook, "intent") == []

    # A letter answers from the card's own buttons, and from nowhere else.
    allow = output.get_by_role("button", name="Allow", exact=True)
    field.press("a")
    field.press("Backspace")
    assert _heard(notebook, "intent") == []
    expect(output.locator("form[data-cj-request]")).not_to_have_attribute("aria-disabled", "true")
    field.press("Tab")
    expect(allow).to_be_focused()
    notebook.page.keyboard.press("a")
    expect(output.get_by_role("button", name="Sent…")).to_be_visible()
    (sent,) = until(lambda: _heard(notebook, "intent")[:1], "the answer to reach the kernel")
    assert sent["intent"]["choice"] == "once"
    assert sent["intent"]["values"] == {"why": ["abx"]}
    assert notebook.count == 2
    assert notebook.prompt(1) == "[ ]:"


def test_the_tab_says_that_something_waits_until_it_does_not(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([_PANEL])
    before = notebook.page.title()
    notebook.run(0)
    waiting = "● Codex asks – "
    until(lambda: notebook.page.title().startswith(waiting), "the mark in the tab's title")
    ended = {"op": "state", "running": False, "waiting": 0, "ended": True, "announce": ""}
    notebook.run_in_kernel(f"panel.send({{'type': 'batch', 'seq': 1, 'ops': [{ended!r}]}})")
    until(lambda: notebook.page.title() == before, "the tab's own title")


def test_two_views_of_one_panel_live_and_go_by_themselves(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([_PANEL, "panel", "'replaced'"])
    notebook.run(0)
    notebook.run(1)
    grown = {"op": "insert", "key": "b", "before": None, "html": "<p data-cj-key='b'>more</p>"}
    for number in (0, 1):
        expect(notebook.output(number).get_by_text("Codex asks")).to_be_visible()
    notebook.run_in_kernel(f"panel.send({{'type': 'batch', 'seq': 1, 'ops': [{grown!r}]}})")
    for number in (0, 1):
        expect(notebook.output(number).get_by_text("more")).to_be_visible()

    notebook.set_source(1, "'gone'")
    notebook.run(1)
    (bye,) = until(lambda: _heard(notebook, "bye"), "the bye of the second view")
    first, second = {hello["view"]: None for hello in _heard(notebook, "hello")}
    assert bye["view"] == second != first
    expect(notebook.output(0).get_by_text("more")).to_be_visible()


def test_a_reloaded_page_shows_the_panel_again(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([_PANEL])
    notebook.run(0)
    expect(notebook.output(0).get_by_text("Codex asks")).to_be_visible()
    notebook.save()
    notebook.reload()
    expect(notebook.output(0).get_by_text("Codex asks")).to_be_visible()
    assert len({hello["view"] for hello in _heard(notebook, "hello")}) == 2


def test_a_panel_whose_kernel_restarted_says_that_it_is_not_connected(
    open_notebook: OpenNotebook,
) -> None:
    notebook = open_notebook([_PANEL])
    notebook.run(0)
    expect(notebook.output(0).get_by_text("Codex asks")).to_be_visible()
    notebook.restart()
    expect(notebook.output(0).get_by_text("The kernel was restarted or has ended")).to_be_visible()
