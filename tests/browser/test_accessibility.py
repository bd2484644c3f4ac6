"""axe-core over everything that a turn can show, live and saved, light and dark: no violation, contrast included."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import Browser

from codex_jupyter.core.document import Document, Footer, Header
from codex_jupyter.render import html, style_sheet
from tests.environments import ROOT
from tests.unit.render import samples

AXE = ROOT / "js" / "node_modules" / "axe-core" / "axe.min.js"
#: What a part of a page cannot be held to: a page's own landmarks and headings.
PAGES_OWN = [
    "region",
    "page-has-heading-one",
    "landmark-one-main",
    "html-has-lang",
    "document-title",
]
#: The colours of JupyterLab's pages.
PAGES = {
    "light": ("true", "#fff", "rgba(0,0,0,.87)"),
    "dark": ("false", "#111", "rgba(255,255,255,.87)"),
}


def documents() -> list[Document]:
    header, footer = (
        Header(parts=(("model", "gpt-5.5"),), offline="offline model"),
        Footer("ok", "4 s"),
    )
    return [
        *(
            Document(header, (replace(block, fold="never", open=True),), footer, ended=True)
            for block in samples.BLOCKS.values()
        ),
        samples.running(),
        samples.finished(),
    ]


@pytest.mark.parametrize("theme", PAGES)
@pytest.mark.parametrize("live", [True, False], ids=["live", "saved"])
def test_nothing_is_in_the_way_of_anybody(chromium: Browser, theme: str, live: bool) -> None:
    light, back, fore = PAGES[theme]
    sheet = style_sheet.whole() if live else ""
    # Every fold open, so that all of it is looked at.
    shown = "".join(html.document(each, live=live) for each in documents()).replace(
        "<details ", "<details open "
    )
    page = chromium.new_page(viewport={"width": 900, "height": 900})
    try:
        page.set_content(
            f'<style>{sheet}</style><body data-jp-theme-light="{light}" style="background:{back};color:{fore}">{shown}'
        )
        page.add_script_tag(path=AXE)
        found = page.evaluate(
            "async (off) => (await axe.run(document, { rules: Object.fromEntries(off.map((id) => [id, { enabled: false }])) }))"
            ".violations.map((v) => [v.id, v.nodes.map((n) => n.html.slice(0, 160) + ' | ' + n.any.map((a) => a.message).join(' '))])",
            PAGES_OWN,
        )
    finally:
        page.close()
    said = [f"{rule}: {node}" for rule, nodes in found for node in nodes]
    assert not said, "\n".join(said)
