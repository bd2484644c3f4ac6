"""Public corpora of hostile strings in every field, live and saved, in a real browser: nothing runs, loads or leaves."""

from __future__ import annotations

import json
import pickle
from collections import Counter
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbconvert import HTMLExporter
from playwright.sync_api import Page, expect

from codex_jupyter.notebook import display
from tests.browser import hostile
from tests.browser.conftest import OpenNotebook
from tests.browser.page_record import PageRecord
from tests.browser.tabs import Tabs
from tests.waiting import GENEROUS

#: What could have run or been loaded, in what we drew; our own controls are buttons and inputs.
AUDIT = """roots => {
    const found = [];
    for (const root of roots) {
        if (root.querySelector("script, iframe, object, embed, link, meta, base, audio, video, animate, foreignObject"))
            found.push("element: " + root.querySelector("script, iframe, object, embed, link, meta, base, audio, video, animate, foreignObject").outerHTML.slice(0, 200));
        for (const element of root.querySelectorAll("*")) {
            for (const { name, value } of element.attributes)
                if (/^on/i.test(name) || (/^(href|src|action|formaction|srcdoc)$/i.test(name)
                    && !/^(https?:|mailto:|data:image\\/(png|jpeg|gif|webp);base64,|#)/i.test(value)))
                    found.push(`attribute: ${element.localName} ${name}=${value}`.slice(0, 200));
            if (element.localName === "img" && !element.src.startsWith("data:"))
                found.push("image: " + element.src);
        }
    }
    return found;
}"""
#: As a reader who passes over everything.
STIR = """roots => {
    for (const root of roots) for (const element of root.querySelectorAll("*"))
        for (const name of ["mouseover", "pointerover", "focus", "toggle"])
            element.dispatchEvent(new Event(name));
}"""
LOADED = (
    "image",
    "script",
    "document",
    "media",
    "font",
    "stylesheet",
    "object",
    "ping",
    "manifest",
    "texttrack",
)

PREPARE = """
import pickle, time
from IPython.display import publish_display_data
from codex_jupyter.notebook import display
from codex_jupyter.notebook.panel.comm import PanelComm
from codex_jupyter.notebook.panel.content import TurnContent
from codex_jupyter.notebook.panel.live_feed import LiveFeed
documents, stages = pickle.load(open({file!r}, "rb"))
current, sent = stages[:1], []
class AtOnce:
    time = time.monotonic
    def later(self, seconds, work):
        work()
def send(message):
    sent.append(message)
    comm.send(message)
def advance(document):
    current[0], before = document, len(sent)
    feed.changed()
    return len(sent) - before
comm = PanelComm(lambda run, *args: run(*args))
feed = LiveFeed(
    send, TurnContent(lambda: current[0]), lambda intent: ("refused", ""), AtOnce()
)
comm.listen(feed.receive)
"""
SHOW = 'publish_display_data({**comm.view, "text/plain": "panel"})'
SAVED = "for document in documents:\n    publish_display_data(display.bundle(document))"


class Watch:
    """What a page loads, beyond JupyterLab's own parts, while hostile text is shown."""

    def __init__(self, page: Page, record: PageRecord) -> None:
        self.loaded: list[str] = []
        self.record = record
        self.page = page
        page.on("request", self._requested)
        record.forget()
        page.evaluate("window.cjCanary = 0")

    def _requested(self, request: Any) -> None:
        ours = ("/static/", "/lab/extensions/", "/nbextensions/", "/lab/api/")
        inside = request.url.startswith(("data:", "blob:"))
        ours = inside or any(part in request.url for part in ours)
        if request.resource_type in LOADED and not ours:
            self.loaded.append(f"{request.resource_type} {request.url}")

    def nothing_happened(self, roots: str) -> None:
        """Look at every root, stir it, and see that nothing ran, was asked for, or went elsewhere."""
        self.page.eval_on_selector_all(roots, STIR)
        assert self.page.eval_on_selector_all(roots, AUDIT) == []
        assert self.page.evaluate("window.cjCanary") == 0
        record = self.record
        assert (record.dialogs, record.navigations, record.popups) == ([], [], [])
        assert (record.outside, self.loaded) == ([], [])


@pytest.fixture(scope="module")
def documents() -> list[Any]:
    """All documents of a finished turn."""
    return hostile.documents(ended=True)


def test_live_and_in_the_running_notebook(
    open_notebook: OpenNotebook, documents: list[Any], tmp_path: Path
) -> None:
    """In the real panel, streamed and ended, and as the trusted outputs of a cell that ran."""
    live = hostile.whole(ended=False)
    stages = [hostile.streaming(live, 0.5), live, hostile.whole(ended=True)]
    file = tmp_path / "documents"
    file.write_bytes(pickle.dumps((documents, stages)))
    notebook = open_notebook([PREPARE.format(file=str(file)), SHOW, SAVED], fresh=True)
    notebook.run(0)
    assert notebook.outputs(0) == []
    watch = Watch(notebook.page, notebook.record)
    notebook.run(1)
    panel = notebook.output(1).locator(".cj").first
    expect(panel).to_be_visible()
    for number in range(1, len(stages)):
        assert int(notebook.run_in_kernel(f"print(advance(stages[{number}]))")) > 0
        watch.nothing_happened(".jp-OutputArea .cj")
    assert notebook.page.locator(".jp-OutputArea .cj").count() >= 1
    print(f"live: {len(hostile.words()):,} strings, {hostile.ROUNDS} fields each and as Markdown")

    notebook.run(2, deadline=5 * GENEROUS)  # every format of every document, in one cell
    assert len(notebook.outputs(2)) == len(documents)
    watch.nothing_happened(".jp-OutputArea-output")
    notebook.save()


def test_saved_and_reopened_untrusted(
    open_notebook: OpenNotebook, documents: list[Any], lab: Any, scratch: Path
) -> None:
    """A file that somebody sent: JupyterLab's sanitiser on top of our own."""
    notebook = open_notebook(["pass"], fresh=True)
    saved = json.loads(notebook.file.read_text())
    saved["cells"][0]["outputs"] = outputs(documents)
    saved["cells"][0]["execution_count"] = 1
    notebook.file.write_text(json.dumps(saved))
    notebook.page.evaluate("window.cjCanary = 0")
    watch = Watch(notebook.page, notebook.record)
    notebook.page.evaluate(
        "window.jupyterapp.shell.currentWidget.context.revert().then(() => true)"
    )
    expect(notebook.output(0).locator(".jp-RenderedHTMLCommon")).to_have_count(len(documents))
    watch.nothing_happened(".jp-OutputArea-output")
    print(f"untrusted: {len(hostile.words()):,} strings")


def test_exported(tabs: Tabs, documents: list[Any], tmp_path: Path) -> None:
    """nbconvert's html has no sanitiser: there our own locks alone hold."""
    asked: dict[str, Counter[str]] = {}
    for name, shown in (("empty", []), ("hostile", documents)):
        cell = nbformat.v4.new_code_cell("pass", outputs=outputs(shown), execution_count=1)
        book = nbformat.v4.new_notebook(cells=[cell])
        file = tmp_path / f"{name}.html"
        file.write_text(HTMLExporter().from_notebook_node(nbformat.from_dict(book))[0])
        page = tabs.new_page()
        page.set_default_timeout(GENEROUS * 1000)
        page.add_init_script("window.cjCanary = 0")
        page.route(
            "http*://**", lambda route: route.abort()
        )  # its template loads MathJax from a network
        record = PageRecord(page)
        page.goto(file.as_uri())
        record.navigations.clear()
        page.eval_on_selector_all(".jp-OutputArea-output", STIR)
        assert page.eval_on_selector_all(".jp-OutputArea-output", AUDIT) == []
        assert page.evaluate("window.cjCanary") == 0
        assert (record.dialogs, record.navigations, record.popups) == ([], [], [])
        assert page.locator(".jp-OutputArea-output").count() == len(shown)
        asked[name] = Counter(url for url in record.outside if url != file.as_uri())
        page.close()
    assert asked["hostile"] == asked["empty"]
    print(f"nbconvert: {len(hostile.words()):,} strings")


def outputs(documents: list[Any]) -> list[dict[str, Any]]:
    """The documents as a cell's saved outputs."""
    return [nbformat.v4.new_output("display_data", data=display.bundle(each)) for each in documents]


def test_the_audit_can_see(tabs: Tabs) -> None:
    """Each thing that the audit looks for is found when it is there."""
    page = tabs.new_page()
    for bad in (
        "<img src='data:image/svg+xml,x'>",
        "<a href='javascript:1'>x</a>",
        "<p onclick='x'>",
        "<iframe>",
    ):
        page.set_content(f"<div class=root>{bad}</div>")
        assert page.eval_on_selector_all(".root", AUDIT), bad
    page.close()
