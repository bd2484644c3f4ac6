"""Fixtures of the attacks: those of the contract, kernel and browser tiers, under their names there.

One page, one console and one runtime may belong to one claim, so all of them are here. What only works inside its own
tier (the plays of `tests/contract/items`, the shared runtime of `tests/contract/offline`) is left out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from tests.browser.conftest import (
    chromium,
    chromium_path,
    lab,
    lab_without_anywidget,
    open_notebook,
    playwright,
    pytest_runtest_makereport,
    tabs,
)
from tests.contract.approvals.conftest import folder
from tests.contract.offline.conftest import open_runtime, play, project
from tests.kernel.conftest import (
    headless_kernel,
    kept_kernels,
    kernel,
    lend_kernel,
    model,
    newest_kernel,
    oldest_kernel,
    pytest_generate_tests,
    start_kernel,
)

__all__ = [
    "chromium", "chromium_path", "folder", "headless_kernel", "kept_kernels", "kernel", "lab", "lab_without_anywidget",
    "lend_kernel", "model",
    "newest_kernel", "oldest_kernel", "open_notebook", "open_runtime", "play", "playwright", "project",
    "pytest_generate_tests", "pytest_runtest_makereport", "start_kernel", "tabs",
]  # fmt: skip


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests with a page go to one worker, so that one JupyterLab and one Chromium serve them all."""
    for item in items:
        if "tabs" in getattr(item, "fixturenames", ()) and item.path.parent.name == "attacks":
            item.add_marker(pytest.mark.xdist_group("page"))


@pytest.fixture(autouse=True)
def no_loop_of_the_browser(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test without a page may use asyncio: Playwright leaves its loop marked as running in this thread."""
    running = asyncio._get_running_loop()
    if "playwright" in request.fixturenames or running is None:
        yield
        return
    asyncio._set_running_loop(None)
    yield
    asyncio._set_running_loop(running)
