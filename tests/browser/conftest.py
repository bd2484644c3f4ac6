"""Fixtures of the browser tier: one JupyterLab and one Chromium for the whole run, a tab for each notebook."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright, expect, sync_playwright

from codex_jupyter import offline
from tests.browser.lab_notebook import PICTURES, SCREENSHOTS, VIEWPORT, LabNotebook
from tests.browser.lab_server import LabServer
from tests.browser.tabs import Tabs
from tests.environments import KERNELS, clean_environ
from tests.waiting import GENEROUS

expect.set_options(timeout=GENEROUS * 1000)

OpenNotebook = Callable[..., LabNotebook]

# Plays everything, to take pictures of it.
collect_ignore = [] if PICTURES else ["test_gallery.py"]

_PASSED = pytest.StashKey[bool]()

_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """What drives browsers."""
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The system's Chromium. CODEX_JUPYTER_CHROMIUM names another."""
    path = shutil.which(os.environ.get("CODEX_JUPYTER_CHROMIUM", "chromium"))
    assert path, "no Chromium on this machine: `make chromium` installs it"
    return path


@pytest.fixture(scope="session")
def chromium(playwright: Playwright, chromium_path: str) -> Iterator[Browser]:
    """A second browser, for windows that are not the notebook's."""
    browser = playwright.chromium.launch(executable_path=chromium_path, headless=True, args=_FLAGS)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def tabs(
    playwright: Playwright, chromium_path: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Tabs]:
    """The window that all notebooks open their tabs in; its profile keeps JupyterLab's code compiled."""
    context = playwright.chromium.launch_persistent_context(
        tmp_path_factory.mktemp("profile"),
        executable_path=chromium_path,
        headless=True,
        args=_FLAGS,
        viewport={"width": VIEWPORT[0], "height": VIEWPORT[1]},
        device_scale_factor=1,
        reduced_motion="reduce",
    )
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    yield Tabs(context)
    context.close()


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    """JupyterLab (and Notebook 7) where anywidget is installed."""
    server = LabServer("ipykernel-7", tmp_path_factory.mktemp("lab"))
    yield server
    server.close()


@pytest.fixture(scope="session")
def lab_without_anywidget(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    """JupyterLab with ipywidgets' front end and without anywidget's; its kernels have both."""
    server = LabServer("lab-without-anywidget", tmp_path_factory.mktemp("bare-lab"))
    yield server
    server.close()


@pytest.fixture
def model(scratch: Path) -> Iterator[offline.Offline]:
    """The offline model, with a CODEX_HOME of this test's own; `model.server.script` may be replaced."""
    with offline.start(codex_home=scratch / "codex") as running:
        yield running


@pytest.fixture
def open_notebook(
    request: pytest.FixtureRequest, tabs: Tabs, scratch: Path, model: offline.Offline
) -> Iterator[OpenNotebook]:
    """Open a notebook of these code cells in a tab for it alone, and wait until its kernel is idle.

    `open_notebook(cells, kernel="ipykernel-6.29", server=lab_without_anywidget, front_end="notebook",
    environ={...}, path="saved.ipynb", fresh=True)`: all but the cells may be left out. `path` reopens a notebook
    that is there already, with a new kernel. `fresh` loads JupyterLab for this notebook, and no other gets its tab;
    without it the tab may be one in which another test's notebook was open before, and was closed. The kernel's
    runtime finds the test's own offline model. Afterwards nothing may have asked for anything outside this machine.
    """
    with ExitStack() as stack:
        opened: list[LabNotebook] = []

        def open_(
            cells: Sequence[str] = (),
            *,
            kernel: str = KERNELS[0],
            server: LabServer | None = None,
            front_end: str = "lab",
            environ: dict[str, str] | None = None,
            path: str | None = None,
            fresh: bool = False,
        ) -> LabNotebook:
            where: LabServer = server or request.getfixturevalue("lab")
            if path is None:
                unique = uuid.uuid4().hex[:8]
                name = f"{kernel}-{unique}"
                # The notebook's folder is the kernel's home: paths in a picture are short and nobody's.
                home = {"HOME": str(where.root / unique), "XDG_CACHE_HOME": str(scratch / "cache")}
                variables = clean_environ(scratch, {**home, **model.env, **(environ or {})})
                where.add_kernel(name, kernel, variables)
                path = f"{unique}/notebook.ipynb"
                where.write_notebook(path, cells, name)
            waiting = None if fresh or front_end != "lab" else tabs.take(where)
            page = waiting or tabs.new_page()
            notebook = LabNotebook(page, where, path, front_end, loaded=waiting is not None)
            stack.callback(leave, notebook, fresh)
            opened.append(notebook)
            return notebook

        def leave(notebook: LabNotebook, fresh: bool) -> None:
            passed = request.node.stash.get(_PASSED, False)
            if notebook.leave(keep=passed and not fresh):
                tabs.give_back(notebook.server, notebook.page)

        yield open_

        outside = [url for notebook in opened for url in notebook.record.outside]
    assert not outside, f"the page asked for {outside}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """Photograph the last tab of a failed test: build/screenshots/failed-NAME.png. Note of others that they passed."""
    report = yield
    tabs: Tabs | None = getattr(item, "funcargs", {}).get("tabs")
    if report.when == "call":
        item.stash[_PASSED] = report.passed
    if report.when == "call" and report.failed and tabs and tabs.in_use:
        name = "".join(c if c.isalnum() else "-" for c in item.name)
        path = SCREENSHOTS / f"failed-{name}.png"
        try:
            tabs.in_use[-1].screenshot(path=path, timeout=5000)
            report.sections.append(("screenshot", str(path)))
        except Exception as error:
            report.sections.append(("screenshot", f"none: {error}"))
    return report
