"""Codex changes the open notebook: shown as a diff a cell, accepted or declined, made as one step that undo takes back."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from codex_jupyter import offline
from codex_jupyter.offline import Rule, Script
from tests.browser.conftest import OpenNotebook
from tests.browser.lab_notebook import _PANEL, LabNotebook
from tests.kernel.workbench_script import DONE, LOAD, hash_of, last, tool
from tests.waiting import until

PRICES = "prices=[1.5,2.5,4.0]\ntotal=sum(prices)"
TIDY = "prices = [1.5, 2.5, 4.0]\ntotal = sum(prices)\ntotal"
CELLS = [LOAD, PRICES, "%codex Tidy this notebook.", "print(total) # debug"]


def ids(notebook: LabNotebook) -> list[str]:
    return notebook.page.evaluate(
        f"() => {_PANEL}.context.model.sharedModel.cells.map(c => c.getId())"
    )


def sources(notebook: LabNotebook) -> list[tuple[str, str]]:
    return [
        tuple(pair)
        for pair in notebook.page.evaluate(
            f"() => {_PANEL}.context.model.sharedModel.cells.map(c => [c.cell_type, c.getSource()])"
        )
    ]


def changes(cells: list[str], at: list[str]) -> list[dict[str, Any]]:
    return [
        {"op": "replace", "id": at[1], "source": TIDY, "hash": hash_of(cells[1])},
        {"op": "insert", "after": None, "kind": "markdown", "source": "# Prices"},
        {"op": "delete", "id": at[3], "hash": hash_of(cells[3])},
    ]


def press(card: Locator, name: str) -> None:
    """Press a button of a card that has been there long enough to take presses."""
    button = card.get_by_role("button", name=name, exact=True)
    until(lambda: button.get_attribute("aria-disabled") != "true", "the card to take presses")
    button.click()


def script(model: offline.Offline, *calls: Any) -> None:
    model.server.script = Script.of(Rule("any", [*([one] for one in calls), DONE], repeat=True))


AFTER = [("markdown", "# Prices"), ("code", LOAD), ("code", TIDY), ("code", CELLS[2])]


@pytest.mark.parametrize("front_end", ["lab", "notebook"])
def test_changes_are_shown_as_in_the_gallery_accepted_and_undone(
    open_notebook: OpenNotebook, model: offline.Offline, front_end: str
) -> None:
    notebook = open_notebook(CELLS, front_end=front_end)
    script(model, tool("edit_cells", changes=changes(CELLS, ids(notebook)), why="A title, spaces, and no output that only helped to debug."))  # fmt: skip
    notebook.run(0)
    before = sources(notebook)
    notebook.begin(2)
    card = notebook.output(2).locator("form.cj-card")
    expect(card).to_contain_text("change 3 cells of YOUR NOTEBOOK")
    for part in ("code cell 2", "total=sum(prices)", "total = sum(prices)", "new Markdown cell", "# Prices", "code cell 4", "print(total) # debug", "A title, spaces"):  # fmt: skip
        expect(card).to_contain_text(part)
    assert sources(notebook) == before
    notebook.screenshot("gallery-edit-cells" if front_end == "lab" else "edit-cells-notebook", 2)
    press(card, "Accept all")
    notebook.wait_idle(3)
    assert sources(notebook) == AFTER
    assert "Changed. Nothing ran" in last(model) and hash_of("# Prices") in last(model)
    expect(notebook.output(3)).to_contain_text("Changed 3 cells of the open notebook")
    notebook.page.evaluate(f"() => {_PANEL}.context.model.sharedModel.undo()")
    assert sources(notebook) == before, "one step"


def test_declined_changes_change_nothing(
    open_notebook: OpenNotebook, model: offline.Offline
) -> None:
    notebook = open_notebook(CELLS)
    script(model, tool("edit_cells", changes=changes(CELLS, ids(notebook))))
    notebook.run(0)
    before = sources(notebook)
    notebook.begin(2)
    press(notebook.output(2), "Decline")
    notebook.wait_idle(2)
    assert sources(notebook) == before
    assert "Nothing was changed: the user declined" in last(model)


@pytest.mark.parametrize("front_end", ["lab", "notebook"])
def test_some_of_the_changes_are_accepted(
    open_notebook: OpenNotebook, model: offline.Offline, front_end: str
) -> None:
    notebook = open_notebook(CELLS, front_end=front_end)
    script(model, tool("edit_cells", changes=changes(CELLS, ids(notebook))))
    notebook.run(0)
    before = sources(notebook)
    notebook.begin(2)
    card = notebook.output(2).locator("form.cj-card")
    boxes = card.get_by_role("checkbox")
    expect(boxes).to_have_count(3)
    for number in range(3):
        expect(boxes.nth(number)).to_be_checked()
    card.get_by_role("checkbox", name="new Markdown cell").uncheck()
    card.get_by_role("checkbox", name="code cell 4").uncheck()
    notebook.screenshot(f"edit-cells-some-{front_end}", 2)
    press(card, "Accept the ticked")
    notebook.wait_idle(2)
    assert [source for _, source in sources(notebook)] == [LOAD, TIDY, *CELLS[2:]]
    assert "The user declined the rest" in last(model) and "code cell 4" in last(model)
    expect(notebook.output(2)).to_contain_text("You accepted in part")
    expect(notebook.output(2)).to_contain_text("Changed 1 cell of the open notebook")
    notebook.page.evaluate(f"() => {_PANEL}.context.model.sharedModel.undo()")
    assert sources(notebook) == before


def test_with_k_edit_cells_change_at_once_but_none_that_could_start_codex(
    open_notebook: OpenNotebook, model: offline.Offline
) -> None:
    cells = [LOAD, "x = 1", "%codex -k edit -a never Tidy"]
    notebook = open_notebook(cells)
    at = ids(notebook)
    gain = "%codex -s full-access -a never go"
    script(
        model,
        tool("edit_cells", changes=[{"op": "replace", "id": at[1], "source": "x = 2", "hash": hash_of("x = 1")}]),
        tool("edit_cells", changes=[{"op": "insert", "after": at[1], "kind": "code", "source": gain}]),
    )  # fmt: skip
    notebook.run(0)
    notebook.run(2)
    assert [source for _, source in sources(notebook)] == [LOAD, "x = 2", cells[2]]
    assert "Nothing was changed" in last(model) and "nobody is asked" in last(model)
    expect(notebook.output(2)).to_contain_text("cells change without asking, -k edit")


def test_what_a_person_typed_meanwhile_is_not_overwritten(
    open_notebook: OpenNotebook, model: offline.Offline
) -> None:
    notebook = open_notebook(CELLS)
    script(model, tool("edit_cells", changes=changes(CELLS, ids(notebook))))
    notebook.run(0)
    notebook.begin(2)
    card = notebook.output(2).locator("form.cj-card")
    expect(card).to_be_visible()
    notebook.set_source(1, "total = 'mine'")
    press(card, "Accept all")
    notebook.wait_idle(2)
    assert [source for _, source in sources(notebook)] == [LOAD, "total = 'mine'", *CELLS[2:]]
    assert "another one by now" in last(model) and "total = 'mine'" in last(model)
    assert hash_of("total = 'mine'") in last(model)
    expect(notebook.output(2)).to_contain_text("cells of the open notebook")  # it was sent
