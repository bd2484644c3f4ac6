"""The tutorials in real JupyterLab. The first as a reader goes through it: a card, a proposed cell, a picture, a repaired cell."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenNotebook
from tests.environments import ROOT

QUICKSTART, *OTHERS = sorted((ROOT / "notebooks").glob("0*.ipynb"))
LOAD, TABLE, ASK, ACCEPTED, PLOT, FAILS, FIX, TYPED, REPORT, TRANSCRIPT = range(10)


def code(notebook: Path) -> list[Any]:
    """Its code cells, with what they showed when it was saved."""
    cells = nbformat.read(notebook, as_version=4).cells
    return [cell for cell in cells if cell.cell_type == "code"]


def sources() -> list[str]:
    return [cell.source for cell in code(QUICKSTART)]


def test_gallery_the_first_tutorial_cell_by_cell(open_notebook: OpenNotebook) -> None:
    cells = sources()
    assert len(cells) == 10
    notebook = open_notebook(cells)
    for number in (LOAD, TABLE, ASK):
        notebook.run(number)
    asked = notebook.output(ASK)
    expect(asked).to_contain_text("Proposed 1 cell")
    expect(asked).to_contain_text("The damage is not missing")
    notebook.screenshot("gallery-proposed-cell", ASK)

    # The cell below is the proposed one already, so nothing is inserted.
    assert notebook.count == len(cells)
    (accepted,) = notebook.run(ACCEPTED)
    assert accepted["data"]["text/plain"] == "'4,976 strikes, 10.8% with damage'"

    # Without `-k run` a card shows the code first.
    notebook.set_source(PLOT, cells[PLOT].replace(" -k run", ""))
    notebook.begin(PLOT)
    card = notebook.output(PLOT).get_by_role("group", name="request, waits for an answer")
    expect(card).to_contain_text("YOUR KERNEL")
    expect(card).to_contain_text("plt.show()")
    notebook.screenshot("gallery-kernel-code", PLOT)
    card.get_by_role("button", name="Allow once").click()
    notebook.wait_idle(PLOT)
    panel, printed, figure = notebook.outputs(PLOT)
    assert "982" in printed["text"] and "image/png" in figure["data"]
    assert "18 % of its 982 strikes" in panel["data"]["text/plain"]
    picture = notebook.output(PLOT).locator("img")
    expect(picture).to_be_visible()
    picture.evaluate("image => image.decode()")
    notebook.screenshot("gallery-plot", PLOT)

    notebook.run(FAILS)
    expect(notebook.output(FAILS)).to_contain_text("ZeroDivisionError")
    notebook.run(FIX)
    expect(notebook.output(FIX)).to_contain_text("5 strikes of which none did damage")
    expect(notebook.page.locator(".jp-Notebook .jp-CodeCell")).to_have_count(len(cells) + 1)
    (repaired,) = notebook.run(FIX + 1)
    assert "Parked          no damage" in repaired["text"]

    # One cell more stands above the rest now; run once more, nothing is added.
    notebook.run(FAILS)
    notebook.run(FIX)
    assert notebook.count == len(cells) + 1
    *_, typed = notebook.run(TYPED + 1)
    assert typed["data"]["text/plain"] == "'18% of 982 (Climb)'"
    notebook.run(REPORT + 1)
    notebook.run(TRANSCRIPT + 1)
    expect(notebook.output(REPORT + 1)).to_contain_text("Canada goose is the worst: 58 of 91")
    expect(notebook.output(TRANSCRIPT + 1)).to_contain_text("turns to bird_strikes.html")
    page = (notebook.file.parent / "bird_strikes.html").read_text()
    assert "Canada goose" in page and "What would trip me up in @strikes?" in page
    assert not notebook.record.errors


@pytest.mark.parametrize("tutorial", OTHERS, ids=lambda path: path.stem)
def test_every_other_tutorial_goes_through_in_the_page_with_a_click_where_it_asks(
    open_notebook: OpenNotebook, tutorial: Path
) -> None:
    cells = code(tutorial)
    notebook = open_notebook([cell.source for cell in cells])
    for number, cell in enumerate(cells):
        notebook.begin(number)
        allow = notebook.output(number).get_by_role("button", name="Allow once", exact=True)
        done = notebook.cell(number).locator(".jp-InputPrompt", has_text=re.compile(r"\[\d+\]"))
        expect(allow.or_(done).first).to_be_visible()
        by_code = "turn.interactive" in cell.source  # the next cell answers
        if allow.count() and not by_code:  # a card takes presses once it has been there to be seen
            card = notebook.output(number).locator("form[data-cj-request]")
            expect(card).not_to_have_attribute("aria-disabled", "true")
            allow.click()
        notebook.wait_idle(number)
        shown = notebook.outputs(number)
        failed = [output["ename"] for output in shown if output["output_type"] == "error"]
        meant = [output.ename for output in cell.outputs if output.output_type == "error"]
        assert failed == meant, cell.source
        assert bool(shown) == bool(cell.outputs), cell.source
    assert notebook.count == len(cells)
    assert not notebook.record.errors
