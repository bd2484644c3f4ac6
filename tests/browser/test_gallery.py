"""The gallery: every item type and what is around them, played in JupyterLab, saved, exported, and photographed.

``make gallery`` runs this and says where the pictures, the notebook and its html are; a person looks at them.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from codex_jupyter import offline
from codex_jupyter.offline import Offline
from tests.browser import gallery_plays
from tests.browser.conftest import OpenNotebook
from tests.browser.gallery_plays import AROUND, ITEMS, SHAPE, SIGN_IN, Shown
from tests.browser.lab_notebook import LabNotebook
from tests.contract.items import every_item
from tests.environments import ROOT
from tests.login_ports import login_ports

GALLERY = ROOT / "build" / "gallery"
NARROW = 420


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


def _folder(name: str) -> Path:
    folder = GALLERY / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _finished(stage: Stage) -> None:
    """Pictures of everything that was played, folded and (narrow) unfolded."""
    camera = stage.photographer
    for _ in camera.themes():
        for name, number in stage.at.items():
            camera.take(name, number)
    stage.notebook.page.evaluate(
        "document.querySelectorAll('.cj details').forEach(d => { d.open = true; })"
    )
    for name, number in stage.at.items():
        camera.take(f"{name}-open", number)
    stage.notebook.viewport(NARROW, 900)
    for name, number in stage.at.items():
        camera.take(f"{name}-narrow", number)
    stage.notebook.viewport(1100, 900)
    stage.notebook.theme("light")


def test_gallery_of_every_item(open_notebook: OpenNotebook, model: Offline) -> None:
    stage = Stage(open_notebook, model, _folder("items"))
    stage.sign_in()
    for shown in ITEMS:
        stage.play(shown)
    _finished(stage)
    stage.notebook.save()
    shutil.copy(stage.notebook.file, GALLERY / "items.ipynb")


def test_gallery_of_what_is_around(open_notebook: OpenNotebook, model: Offline) -> None:
    stage = Stage(open_notebook, model, _folder("around"))
    stage.sign_in()
    for shown in AROUND:
        stage.play(shown)
    _finished(stage)
    stage.notebook.save()
    shutil.copy(stage.notebook.file, GALLERY / "around.ipynb")
