"""Every item type and what is around it in a saved notebook, in each of its formats, and in the html that nbconvert makes.

``make gallery`` plays the same in JupyterLab and takes pictures; here no page looks on.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbconvert import HTMLExporter

from codex_jupyter import offline
from codex_jupyter.offline import Offline
from tests import gallery_plays
from tests.contract.items import every_item
from tests.gallery_plays import AROUND, ITEMS, SHAPE, Shown
from tests.kernel.live_kernel import Execution, LiveKernel
from tests.kernel.test_approvals import in_a_page
from tests.login_ports import login_ports

STATIC = {"text/html", "text/markdown", "text/plain"}


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


class Played:
    """A notebook that a program runs, cell after cell."""

    def __init__(self, kernel: LiveKernel, model: Offline) -> None:
        self.kernel = kernel
        self.model = model
        self.cells: list[Execution] = []
        every_item.write_project(kernel.folder / "churn")
        kernel.run("%load_ext codex_jupyter")
        self._sign_in()
        assert kernel.run(SHAPE).ok

    def _sign_in(self) -> None:
        issuer = self.model.issuer
        assert issuer is not None
        with login_ports():
            begun = "import codex_jupyter as cj\nattempt = await cj.session().start_login()"
            assert self.kernel.run(begun).ok
            issuer.visit(self.kernel.value("attempt.url").strip("'"))
            done = self.kernel.run("print(await attempt.wait())")
            assert done.ok, done.traceback

    def play(self, shown: Shown) -> None:
        """Run its cells. Where a second one joins in, the first leaves its turn in the background."""
        if shown.name not in JOINED:
            self.cells += [self.kernel.run(cell) for cell in shown.cells]
            return
        words, gate = JOINED[shown.name]
        first = in_a_page(self.kernel, shown.cells[0])
        self.kernel.until(lambda: words in self.kernel.value(TEXTS), words)
        self.cells += [first, *(self.kernel.run(cell) for cell in shown.cells[1:])]
        self.model.server.release(gate)
        self.kernel.until(lambda: settled(first), "what the turn leaves in its cell")

    def bundles(self) -> list[dict[str, Any]]:
        """What the cells display, as it would be saved."""
        return [data for cell in self.cells for data in cell.displays]

    def exported(self) -> str:
        """The text of the notebook as nbconvert exports it to html."""
        made = nbformat.v4.new_notebook(cells=[self._saved(cell) for cell in self.cells])
        nbformat.validate(made)
        html, _ = HTMLExporter(template_name="lab").from_notebook_node(made)
        main = BeautifulSoup(html, "html.parser").find("main")
        assert main is not None
        return main.get_text()

    @staticmethod
    def _saved(cell: Execution) -> nbformat.NotebookNode:
        outputs = [nbformat.v4.new_output("display_data", data) for data in cell.displays]
        return nbformat.v4.new_code_cell(outputs=outputs)


def settled(cell: Execution) -> bool:
    """Whether what the cell displays is what stays of it, and no view of a running turn."""
    return bool(cell.displays) and all(set(data) == STATIC for data in cell.displays)


#: The plays with a second cell that joins in: after which words of the model, and the gate that it then waits at.
JOINED = {
    "userMessage": ("I read all of it.", "steered"),
    "functionCallOutput": ("I wait for the cell.", "told"),
}
TEXTS = "[str(getattr(entry, 'text', '')) for entry in cj.session().last.turn.entries]"


def test_every_item_reads_in_every_format(headless_kernel: LiveKernel, model: Offline) -> None:
    played = Played(headless_kernel, model)
    for shown in ITEMS:
        played.play(shown)
    bundles, exported = played.bundles(), played.exported()
    for play in every_item.PLAYS:
        for words in play.words:
            assert words in exported, f"{play.type}: {words!r} is missing in the html"
    for kind in ("text/markdown", "text/plain"):
        saved = "\n".join(data[kind] for data in bundles if kind in data)
        for play in every_item.PLAYS:
            for words in play.words:
                assert words in saved, f"{play.type}: {words!r} is missing in {kind}"
    # Pictures are shown: one attached, one of a tool, one looked at, one generated.
    assert json.dumps(bundles).count("data:image/png;base64,") == 4
    assert "Only the last month, then." in exported
    assert "I see the error." in exported


def test_what_is_around_reads_too(headless_kernel: LiveKernel, model: Offline) -> None:
    played = Played(headless_kernel, model)
    for shown in AROUND:
        played.play(shown)
    exported = played.exported()
    assert "The model `nope` does not exist." in exported
    for words in ("rows = [1, 2, 3]", "pip install pyarrow", "12 passed", "40000", "What I found"):
        assert words in exported
