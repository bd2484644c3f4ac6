"""The gallery: every item type and what is around them, played in JupyterLab, saved, exported, and photographed.

Only ``make gallery`` runs this, and says where the pictures, the notebook and its html are; a person looks at them. What
can be told without looking is a test elsewhere: ``tests/kernel/test_saved_notebook.py``, ``tests/browser/test_under_way.py``.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import nbformat
import pytest
from nbconvert import HTMLExporter
from playwright.sync_api import Browser, Locator, expect

from codex_jupyter import offline
from codex_jupyter.offline import Offline
from tests import gallery_plays
from tests.browser.conftest import OpenNotebook
from tests.browser.lab_notebook import LabNotebook
from tests.browser.states import THEMES, WIDTHS, Look, sheet, states
from tests.contract.items import every_item
from tests.environments import ROOT
from tests.gallery_plays import AROUND, ITEMS, LIVE, SHAPE, SIGN_IN, Shown
from tests.login_ports import login_ports

NARROW = 420
PANEL = "window.jupyterapp.shell.currentWidget"
ADD_HEADING = f"""source => {PANEL}.content.model.sharedModel.addCell(
    {{cell_type: "markdown", source}})"""
#: Resolves once what changed is laid out.
DRAWN = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
UNFOLD = f"""() => {{
    document.querySelectorAll(".cj details").forEach(d => {{ d.open = true; }});
    return ({DRAWN})();
}}"""


@pytest.fixture
def model(scratch: Path) -> Iterator[Offline]:
    """An offline model of the class that can produce every item, behind a sign-in."""
    with offline.start(
        gallery_plays.script(),
        model=gallery_plays.MODEL,
        config=gallery_plays.settings(),
        codex_home=scratch / "codex",
        needs_account=True,
    ) as running:
        yield running


@pytest.fixture
def gallery() -> Path:
    """Where notebooks, html and pictures go."""
    folder = ROOT / "build" / "gallery"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


class Photographer:
    """Takes the pictures of one notebook's cells, in both themes."""

    def __init__(self, notebook: LabNotebook, folder: Path) -> None:
        self._notebook = notebook
        self._folder = folder
        self.theme = "light"

    def themes(self) -> Iterator[str]:
        """Both, beginning with the one that is on."""
        for theme in (self.theme, "dark" if self.theme == "light" else "light"):
            if theme != self.theme:
                self._notebook.theme(theme)
                self.theme = theme
            yield theme

    def take(self, name: str, cell: int) -> None:
        """One picture, named after the theme that is on."""
        what = self._notebook.cell(cell)
        what.screenshot(path=self._folder / f"{name}-{self.theme}.png", animations="disabled")

    def document(self, name: str, cell: int) -> None:
        """A picture for the documentation, which is light."""
        if self.theme != "light":
            self._notebook.theme("light")
            self.theme = "light"
        self._notebook.screenshot(name, cell)

    def both(self, name: str, cell: int) -> None:
        """A picture in each theme."""
        for _ in self.themes():
            self.take(name, cell)


class Stage:
    """One notebook in which everything is played, a cell after the other."""

    def __init__(self, open_notebook: OpenNotebook, model: Offline, folder: Path) -> None:
        self.model = model
        self.notebook = open_notebook([*SIGN_IN.cells, SHAPE])
        every_item.write_project(self.notebook.file.parent / "churn")
        self.photographer = Photographer(self.notebook, folder)
        self.at: dict[str, int] = {}

    def sign_in(self) -> None:
        notebook = self.notebook
        for number in range(3):
            notebook.run(number)
        panel = notebook.output(1)
        issuer = self.model.issuer
        assert issuer is not None
        with login_ports():
            panel.get_by_role("button", name="ChatGPT", exact=True).click()
            link = panel.get_by_role("link").first
            expect(link).to_be_visible()
            issuer.visit(link.get_attribute("href") or "")
            expect(panel).to_contain_text("Signed in with ChatGPT")

    def add(self, shown: Shown) -> Locator:
        """Write its cells; returns the output of the first."""
        self.notebook.page.evaluate(ADD_HEADING, f"## {shown.title}")
        first = self.notebook.count
        for number, cell in enumerate(shown.cells):
            self.notebook.set_source(first + number, cell)
        self.at[shown.name] = first
        return self.notebook.output(first)

    def play(self, shown: Shown) -> None:
        """Play it to its end; what needs a hand in the middle is driven by the function of its name."""
        output = self.add(shown)
        step: Callable[[Stage, Locator, int], None] = STEPS.get(shown.name, _run)
        step(self, output, self.at[shown.name])

    def release(self, gate: str) -> None:
        self.model.server.release(gate)


def _run(stage: Stage, output: Locator, number: int) -> None:
    stage.notebook.run(number)


def _steer(stage: Stage, output: Locator, number: int) -> None:
    stage.notebook.run(number)
    expect(output).to_contain_text("I read all of it.")
    stage.notebook.run(number + 1)
    stage.release("steered")
    expect(output).to_contain_text("Only the last month, then.")


def _tool_output(stage: Stage, output: Locator, number: int) -> None:
    stage.notebook.run(number)
    expect(output).to_contain_text("I wait for the cell.")
    stage.notebook.run(number + 1)
    stage.release("told")
    expect(output).to_contain_text("I see the error.")


def _job(stage: Stage, output: Locator, number: int) -> None:
    stage.notebook.begin(number)
    expect(output).to_contain_text("7 passed")
    expect(output).to_contain_text("3 of 3 done")
    stage.photographer.both("job-live", number)
    stage.release("job")
    stage.notebook.wait_idle(number)


def _approval(stage: Stage, output: Locator, number: int) -> None:
    stage.notebook.begin(number)
    button = output.get_by_role("button", name="Allow once")
    expect(button).to_be_visible()
    stage.photographer.document("gallery-approval", number)
    stage.photographer.both("approval-live", number)
    stage.notebook.viewport(NARROW, 900)
    stage.photographer.take("approval-narrow", number)
    stage.notebook.viewport(1100, 900)
    button.click()
    stage.notebook.wait_idle(number)


def _question(stage: Stage, output: Locator, number: int) -> None:
    stage.notebook.begin(number)
    choice = output.get_by_label("Orange")
    expect(choice).to_be_visible()
    stage.photographer.both("question-live", number)
    choice.check()
    output.get_by_role("button", name=re.compile("Answer|Send|Submit")).click()
    stage.notebook.wait_idle(number)


def _retry(stage: Stage, output: Locator, number: int) -> None:
    stage.notebook.begin(number)
    expect(output).to_contain_text("Reconnecting")
    stage.photographer.both("retry-live", number)
    stage.release("retried")
    stage.notebook.wait_idle(number)


def _stopped(stage: Stage, output: Locator, number: int) -> None:
    stage.notebook.begin(number)
    expect(output).to_contain_text("The loader reads")
    stage.photographer.both("stopped-live", number)
    stage.notebook.viewport(NARROW, 900)
    stage.photographer.take("stopped-narrow-live", number)
    stage.notebook.viewport(1100, 900)
    output.get_by_role("button", name="Stop").click()
    stage.notebook.wait_idle(number)


STEPS = {
    "userMessage": _steer,
    "functionCallOutput": _tool_output,
    "job": _job,
    "approval": _approval,
    "question": _question,
    "retry": _retry,
    "stopped": _stopped,
}


def _play(
    open_notebook: OpenNotebook, model: Offline, gallery: Path, name: str, shown: Sequence[Shown]
) -> Stage:
    """Play, photograph and save; returns the stage."""
    folder = gallery / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    stage = Stage(open_notebook, model, folder)
    stage.sign_in()
    for each in shown:
        stage.play(each)
    _photograph(stage)
    stage.notebook.save()
    shutil.copy(stage.notebook.file, gallery / f"{name}.ipynb")
    return stage


def _photograph(stage: Stage) -> None:
    """Everything that was played, unfolded: in both themes, and in a narrow column. The html shows it folded."""
    notebook, camera = stage.notebook, stage.photographer
    notebook.page.evaluate(f"{PANEL}.content.activeCellIndex = 0")
    notebook.page.evaluate(UNFOLD)
    for _ in camera.themes():
        for name, number in stage.at.items():
            camera.take(name, number)
    notebook.viewport(NARROW, 2000)
    notebook.page.evaluate(DRAWN)
    for name, number in stage.at.items():
        camera.take(f"{name}-narrow", number)
    notebook.viewport(1100, 900)
    notebook.theme("light")


def _export(chromium: Browser, gallery: Path, name: str) -> str:
    """The saved notebook as nbconvert exports it, photographed as a trusted page; returns all its text."""
    notebook = nbformat.read(gallery / f"{name}.ipynb", as_version=4)
    text = ""
    for theme in ("light", "dark"):
        html, _ = HTMLExporter(template_name="lab", theme=theme).from_notebook_node(notebook)
        file = gallery / (f"{name}.html" if theme == "light" else f"{name}-dark.html")
        file.write_text(html)
        window = chromium.new_context(viewport={"width": 1000, "height": 900})
        window.route(re.compile("^https?:"), lambda route: route.abort())
        page = window.new_page()
        page.goto(file.as_uri())
        page.screenshot(path=gallery / f"{name}-html-{theme}.png", full_page=True)
        text = page.locator("main").text_content() or ""
        window.close()
    return text


def test_gallery_of_every_item(
    open_notebook: OpenNotebook, model: Offline, chromium: Browser, gallery: Path
) -> None:
    stage = _play(open_notebook, model, gallery, "items", ITEMS)
    exported = _export(chromium, gallery, "items")
    bundles = [
        output["data"]
        for number in stage.at.values()
        for output in stage.notebook.outputs(number)
        if "data" in output
    ]
    for kind in ("text/markdown", "text/plain"):
        saved = "\n".join("".join(bundle[kind]) for bundle in bundles)
        for play in every_item.PLAYS:
            for words in play.words:
                assert words in exported, f"{play.type}: {words!r} is missing in the html"
                assert words in saved, f"{play.type}: {words!r} is missing in {kind}"
    # Pictures are shown: one attached, one of a tool, one looked at, one generated.
    assert json.dumps(bundles).count("data:image/png;base64,") == 4


def test_gallery_of_turns_under_way(
    open_notebook: OpenNotebook, model: Offline, chromium: Browser, gallery: Path
) -> None:
    _play(open_notebook, model, gallery, "live", LIVE)
    assert "Stopped by you" in _export(chromium, gallery, "live")


def test_gallery_of_what_is_around(
    open_notebook: OpenNotebook, model: Offline, chromium: Browser, gallery: Path
) -> None:
    _play(open_notebook, model, gallery, "around", AROUND)
    assert "The model `nope` does not exist." in _export(chromium, gallery, "around")


@pytest.mark.parametrize(
    "look", [Look(w, t, live) for t in THEMES for w in WIDTHS for live in (True, False)], ids=str
)
def test_gallery_of_states(chromium: Browser, gallery: Path, look: Look) -> None:
    """Each state by itself, in each theme, at each width, live and saved: without JupyterLab, so all there in a minute."""
    folder = gallery / "states" / str(look)
    folder.mkdir(parents=True, exist_ok=True)
    shown = states()
    with sheet(chromium, look, shown) as page:
        for name in shown:
            page.locator(f"#{name}").screenshot(path=folder / f"{name}.png", animations="disabled")
