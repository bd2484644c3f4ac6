"""Every kind of block in every format, as a person has seen it."""

from __future__ import annotations

import pytest

from codex_jupyter.render import html, markdown, text
from codex_jupyter.render.paint import Paint
from tests.unit.render import golden, samples
from tests.unit.render.parsed import read, without_sheet


@pytest.mark.parametrize("name", samples.BLOCKS)
def test_block(name: str) -> None:
    block = samples.BLOCKS[name]
    live = html.block(block, live=True)
    saved = html.block(block, live=False)
    sections = {
        "live html": golden.readable(live),
        "saved html": golden.readable(saved),
        "markdown": markdown.block(block),
        "text": text.block(block, 80, Paint()),
    }
    golden.check(f"{name}.txt", "".join(f"======== {n}\n{made}\n" for n, made in sections.items()))
    assert read(live, live=True).complaints == []
    assert read(saved).complaints == []
    assert not read(saved).controls


@pytest.mark.parametrize("name", ["running", "finished"])
def test_document(name: str) -> None:
    doc = getattr(samples, name)()
    golden.check(f"document-{name}.md", markdown.document(doc))
    golden.check(f"document-{name}.txt", text.document(doc) + "\n")
    golden.check(f"document-{name}-colour.txt", text.document(doc, color=True) + "\n")
    saved = without_sheet(html.document(doc))
    golden.check(f"document-{name}-saved.html", golden.readable(saved) + "\n")
    golden.check(
        f"document-{name}-live.html", golden.readable(html.document(doc, live=True)) + "\n"
    )


def test_everything_is_well_formed() -> None:
    for ended in (False, True):
        doc = samples.everything(ended=ended)
        assert read(html.document(doc, live=True), live=True).complaints == []
        saved = without_sheet(html.document(doc))
        assert read(saved).complaints == []
