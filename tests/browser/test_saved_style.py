"""Saved outputs beside each other in a page: each looks as with the whole style sheet, whatever the others leave out."""

from __future__ import annotations

import random
import re
from dataclasses import replace

import pytest
from playwright.sync_api import Browser

from codex_jupyter.core.document import Document, Footer, Header
from codex_jupyter.render import html, style_sheet
from tests.unit.render import samples
from tests.unit.render.parsed import without_sheet

#: Of each element of each output: what the sheet sets anywhere.
LOOKS = """(names) => [...document.querySelectorAll("section")].map((section) => {
  const seen = [...section.querySelectorAll(".cj, .cj *")].map((each) => {
    const style = getComputedStyle(each);
    return `${each.tagName} ${each.className}: ` + names.map((name) => name + ":" + style.getPropertyValue(name)).join(";");
  });
  return [section.id, seen];
})"""
#: The names of properties that the sheet sets.
NAMES = sorted(
    set(re.findall(r"[{;]([a-z][a-z-]*):", style_sheet.whole()))
    - {"animation", "content-visibility", "width", "height", "block-size"}
)


def outputs() -> dict[str, str]:
    """Saved html of every kind of row by itself, and of whole turns."""
    header, footer = Header(parts=(("model", "gpt-5.5"),)), Footer("ok", "4 s")
    documents = {
        name: Document(header, (replace(block, fold="never"),), footer, ended=True)
        for name, block in samples.BLOCKS.items()
    }
    documents["folded"] = samples.finished()
    documents["everything"] = samples.everything(ended=True)
    return {name: html.document(document) for name, document in documents.items()}


@pytest.mark.parametrize("light", ["true", "false"])
def test_a_part_of_the_sheet_is_as_good_as_the_whole(chromium: Browser, light: str) -> None:
    made = list(outputs().items())

    def looks(sections: list[tuple[str, str]], sheet: str = "") -> dict[str, list[str]]:
        page = chromium.new_page(viewport={"width": 900, "height": 600})
        try:
            shown = "".join(f'<section id="{name}">{each}</section>' for name, each in sections)
            head = f"<style>{sheet}</style>" if sheet else ""
            page.set_content(f'<body data-jp-theme-light="{light}">{head}{shown}')
            return dict(page.evaluate(LOOKS, NAMES))
        finally:
            page.close()

    right = looks([(name, without_sheet(each)) for name, each in made], style_sheet.whole())
    shuffler = random.Random(7)
    for _ in range(3):
        shuffler.shuffle(made)
        seen = looks(made)
        for name, each in right.items():
            for whole, part in zip(each, seen[name], strict=True):
                assert set(part.split(";")) == set(whole.split(";")), (name, whole[:80])
