"""A notebook open in a tab, used as a person uses it; what has no button is asked of JupyterLab's own commands."""

from __future__ import annotations

import json
import os
import re
import uuid
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, TimeoutError, expect

from tests.browser.lab_server import LabServer
from tests.browser.page_record import PageRecord
from tests.environments import ROOT
from tests.waiting import GENEROUS

SCREENSHOTS = ROOT / "build" / "screenshots"
PICTURES = bool(os.environ.get("CODEX_JUPYTER_PICTURES"))
"""Whether tests take pictures: `make gallery` and `make browser ARGS=...` with this variable do, `make test` does not."""

THEMES = {
    "light": "JupyterLab Light",
    "dark": "JupyterLab Dark",
    "high-contrast": "JupyterLab Dark High Contrast",
}

VIEWPORT = (1100, 900)
"""A tab's width and height, in CSS pixels."""

_PANEL = "window.jupyterapp.shell.currentWidget"
_KERNEL = f"{_PANEL}.sessionContext.session?.kernel"
_MS = GENEROUS * 1000


class LabNotebook:
    """One notebook in one tab. Cells are numbered from 0.

    Attributes:
        page: Playwright's page, for what this class has no word for.
        record: what the page did so far.
        file: the notebook on disk.
    """

    def __init__(
        self,
        page: Page,
        server: LabServer,
        path: str,
        front_end: str = "lab",
        *,
        loaded: bool = False,
    ) -> None:
        """Open it: `loaded` says that the page is one that `leave` gave back, with JupyterLab in it."""
        self.page = page
        self.server = server
        self.path = path
        self.file: Path = server.root / path
        self.record = PageRecord(page)
        self._front_end = front_end
        #: Since a reload JupyterLab opens by itself what was open before, also later than the tests think.
        self._restores = False
        page.set_default_timeout(_MS)
        if loaded:
            self._open_in_lab()
        else:
            self._open()

    def _open(self) -> None:
        if self._front_end == "lab":
            # A workspace of its own: what another tab has open does not open here.
            workspace = uuid.uuid4().hex
            place = f"/lab/workspaces/{workspace}/tree/{self.path}?token={self.server.token}"
        else:
            place = f"/notebooks/{self.path}?token={self.server.token}"
        self.page.goto(self.server.url + place)
        self._ready()
        self.find_kernel()

    def _open_in_lab(self) -> None:
        """Open it as a click in the file browser does."""
        self.viewport(*VIEWPORT)
        self.page.evaluate(
            """async path => {
                const app = window.jupyterapp;
                // The list of kernels is asked for once a minute, and this one's is new.
                await app.serviceManager.kernelspecs.refreshSpecs();
                await app.commands.execute("docmanager:open", {path, factory: "Notebook"});
            }""",
            self.path,
        )
        self._ready()
        self.find_kernel()

    def _ready(self) -> None:
        """Wait until the notebook is drawn."""
        self.page.wait_for_function("window.jupyterapp !== undefined")
        self.page.evaluate("window.jupyterapp.restored.then(() => true)")
        name = json.dumps(self.path)
        self.page.wait_for_function(f"{_PANEL}?.context?.path === {name}")
        self.page.evaluate(f"{_PANEL}.revealed.then(() => {_PANEL}.context.ready).then(() => true)")
        if self._front_end == "lab":
            self.page.evaluate(
                "window.jupyterapp.shell.collapseLeft(); window.jupyterapp.shell.collapseRight()"
            )

    def find_kernel(self, *, patience: float = GENEROUS / 2) -> None:
        """Wait until the kernel answers, and do what a person does where the page has lost it: choose it again.

        JupyterLab asks for the list of kernels now and then. An answer that was written before this kernel was started
        and comes after it lets the page think that the kernel is gone.
        """
        self.page.evaluate(f"{_PANEL}.sessionContext.ready.then(() => true)")
        try:
            self.page.wait_for_function(f"{_KERNEL}?.status === 'idle'", timeout=patience * 1000)
        except TimeoutError:
            self.page.evaluate(
                """context => {
                    const kernel = context.session?.kernel;
                    if (!kernel || kernel.status === "dead")
                        context.changeKernel({name: context.prevKernelName});
                    else kernel.requestKernelInfo();  // its answer to the first one was lost
                }""",
                self.page.evaluate_handle(f"{_PANEL}.sessionContext"),
            )
        self.wait_for_kernel()

    def wait_for_kernel(self) -> None:
        """Wait until the kernel is connected and idle, as the indicator in the toolbar says."""
        self.page.evaluate(f"{_PANEL}.sessionContext.ready.then(() => true)")
        try:
            self.page.wait_for_function(
                f"(k => k?.connectionStatus === 'connected' && k.status === 'idle')({_KERNEL})"
            )
        except TimeoutError as error:
            raise AssertionError(f"no idle kernel: {self._kernel_state()}") from error

    def _kernel_state(self) -> str:
        """What the page knows of the kernel, and what the server wrote of it."""
        state = self.page.evaluate(
            f"(k => k && [k.id, k.connectionStatus, k.status, k.isDisposed])({_KERNEL})"
        )
        dialogs = self.page.locator(".jp-Dialog").all_inner_texts()
        log = self.server.log.read_text(errors="replace").splitlines()
        of_kernel = [line for line in log if state and state[0] in line]
        return "\n".join([f"{state}, dialogs: {dialogs}", *of_kernel[-20:], "...", *log[-20:]])

    # -- cells ---------------------------------------------------------------------------------

    def cell(self, number: int) -> Locator:
        """A whole cell: input, prompt and output."""
        return self.page.locator(".jp-Notebook .jp-Cell").nth(number)

    def output(self, number: int) -> Locator:
        """A cell's output area. Look inside it, click inside it."""
        return self.cell(number).locator(".jp-Cell-outputArea")

    def prompt(self, number: int) -> str:
        """A cell's prompt as it is drawn: ``[ ]:``, ``[*]:`` or ``[3]:``."""
        return self.cell(number).locator(".jp-InputPrompt").inner_text().strip()

    def outputs(self, number: int) -> list[dict[str, Any]]:
        """A cell's outputs as JupyterLab would save them now."""
        return self.page.evaluate(
            f"n => {_PANEL}.content.widgets[n].model.outputs.toJSON()", number
        )

    def source(self, number: int) -> str:
        """A cell's text."""
        return self.page.evaluate(
            f"n => {_PANEL}.content.widgets[n].model.sharedModel.getSource()", number
        )

    def set_source(self, number: int, text: str) -> None:
        """Replace a cell's text, or add the cell after the last."""
        self.page.evaluate(
            f"""([n, text]) => {{
                const notebook = {_PANEL}.content;
                if (n >= notebook.widgets.length) {{
                    notebook.model.sharedModel.addCell({{cell_type: "code", source: text}});
                }} else {{
                    notebook.widgets[n].model.sharedModel.setSource(text);
                }}
            }}""",
            [number, text],
        )

    @property
    def count(self) -> int:
        """How many cells the notebook has."""
        return self.page.evaluate(f"{_PANEL}.content.widgets.length")

    # -- running -------------------------------------------------------------------------------

    def begin(self, number: int) -> None:
        """Run a cell and return once the front end has asked for it."""
        self.page.evaluate(
            f"""n => {{
                const notebook = {_PANEL}.content;
                notebook.deselectAll();
                notebook.activeCellIndex = n;
                window.jupyterapp.commands.execute("notebook:run-cell");
            }}""",
            number,
        )
        expect(self.cell(number).locator(".jp-InputPrompt")).not_to_have_text(
            re.compile(r"\[ \]"), timeout=_MS
        )

    def run(self, number: int, *, deadline: float = GENEROUS) -> list[dict[str, Any]]:
        """Run a cell, wait until its prompt shows a number, and return its outputs."""
        self.begin(number)
        self.wait_idle(number, deadline=deadline)
        return self.outputs(number)

    def run_all(self, *, deadline: float = GENEROUS) -> None:
        """Run All, as the menu does; returns when it ended, also when a cell failed."""
        self.page.evaluate(
            """() => {
                window.cjRanAll = false;
                window.jupyterapp.commands.execute("notebook:run-all-cells")
                    .finally(() => { window.cjRanAll = true; });
            }"""
        )
        self.page.wait_for_function("window.cjRanAll", timeout=deadline * 1000)
        self.wait_for_kernel()

    def wait_idle(self, number: int, *, deadline: float = GENEROUS) -> None:
        """Wait until a cell's prompt shows no star any more, and the kernel is idle."""
        expect(self.cell(number).locator(".jp-InputPrompt")).to_have_text(
            re.compile(r"\[\d+\]"), timeout=deadline * 1000
        )
        self.wait_for_kernel()

    def run_in_kernel(self, code: str) -> str:
        """Run code in the kernel beside the cells, and return what it printed."""
        return self.page.evaluate(
            f"""code => {{
                const kernel = {_PANEL}.sessionContext.session.kernel;
                const future = kernel.requestExecute({{code, store_history: false}});
                let text = "";
                future.onIOPub = message => {{
                    if (message.header.msg_type === "stream") text += message.content.text;
                    if (message.header.msg_type === "error") text += message.content.traceback.join("\\n");
                }};
                return future.done.then(() => text);
            }}""",
            code,
        )

    # -- the notebook as a whole ---------------------------------------------------------------

    def save(self) -> dict[str, Any]:
        """Save, and return what is on disk then."""
        self.page.evaluate(f"{_PANEL}.context.save()")
        return json.loads(self.file.read_text())

    def reload(self) -> None:
        """Reload the page; the kernel goes on."""
        self._restores = True
        self.page.reload()
        self._ready()
        self.wait_for_kernel()

    def interrupt(self) -> None:
        """Press the toolbar's interrupt button."""
        self.page.locator('[data-command="notebook:interrupt-kernel"]').first.click()

    def restart(self) -> None:
        """Restart the kernel; the outputs stay."""
        self.page.evaluate(f"{_PANEL}.sessionContext.session.kernel.restart()")
        self.wait_for_kernel()

    def theme(self, name: str) -> None:
        """Switch to ``light``, ``dark`` or ``high-contrast`` and wait until it is there."""
        wanted = THEMES[name]
        self.page.evaluate(
            "theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})", wanted
        )
        self.page.wait_for_function(
            "theme => document.body.dataset.jpThemeName === theme", arg=wanted
        )

    def viewport(self, width: int, height: int) -> None:
        """Resize the window, in CSS pixels."""
        self.page.set_viewport_size({"width": width, "height": height})

    def screenshot(self, name: str, number: int | None = None) -> None:
        """Take a picture of the window, or of one cell, into build/screenshots/NAME.png, if pictures are wanted."""
        if not PICTURES:
            return
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        what = self.page if number is None else self.cell(number)
        what.screenshot(path=SCREENSHOTS / f"{name}.png", animations="disabled")

    def close(self) -> None:
        """Shut the kernel down and close the tab; reopened, the notebook gets a new kernel."""
        if self.page.is_closed():
            return
        try:
            self.page.evaluate(f"{_PANEL}?.sessionContext?.shutdown()")
        finally:
            self.page.close(run_before_unload=False)

    def leave(self, *, keep: bool = False) -> bool:
        """End with the notebook; the kernel takes its time to end, and nobody waits for it.

        The tab is closed, unless `keep` asks for it to serve another notebook and it is as good as a new one.
        Returns whether it was kept.
        """
        if self.page.is_closed():
            return False
        kept = False
        try:
            # What is in front may be another view of the notebook, or of one of its outputs.
            kernel = self.page.evaluate(
                """path => [...window.jupyterapp.shell.widgets("main")]
                    .find(widget => widget.context?.path === path && widget.sessionContext)
                    ?.sessionContext.session?.kernel?.id""",
                self.path,
            )
            kept = keep and self._put_away()
            if kernel:
                self.server.shut_down(kernel)
        finally:
            if kept:
                self.record.end()
            else:
                self.page.close(run_before_unload=False)
        return kept

    def _put_away(self) -> bool:
        """Close what is open in JupyterLab; whether nothing of it stays."""
        record = self.record
        if self._front_end != "lab" or record.errors or record.dialogs or record.popups:
            return False
        if self._restores:
            return False
        return self.page.evaluate(
            """async () => {
                const shell = window.jupyterapp.shell;
                for (const widget of [...shell.widgets("main")]) {
                    // An unsaved notebook would ask whether to save it.
                    if (widget.context) widget.context.model.dirty = false;
                    widget.close();
                }
                await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
                return !document.querySelector(".jp-Notebook, .jp-LinkedOutputView, .jp-Dialog");
            }"""
        )
