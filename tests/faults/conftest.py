"""Faults injected into the real thing: how long each takes to be told is measured, and a row is printed for each."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import psutil
import pytest

from codex_jupyter import offline
from codex_jupyter.offline import Rule, Script, say
from codex_jupyter.session.session import Session
from tests.attacks.conftest import no_loop_of_the_browser
from tests.browser import conftest as browser
from tests.browser.conftest import chromium_path, lab, open_notebook, playwright, tabs
from tests.faults import leftovers
from tests.faults.rows import Fault
from tests.kernel.conftest import (
    headless_kernel,
    kept_kernels,
    kernel,
    lend_kernel,
    newest_kernel,
    pytest_generate_tests,
    start_kernel,
)
from tests.processes import kill
from tests.waiting import until

__all__ = [
    "chromium_path", "headless_kernel", "kept_kernels", "kernel", "lab", "lend_kernel", "newest_kernel",
    "no_loop_of_the_browser", "open_notebook", "playwright", "pytest_generate_tests", "start_kernel", "tabs",
]  # fmt: skip

TOOK = pytest.StashKey[float]()
#: Set by ``make faults``: all rows run, and the bounds in seconds hold.
MEASURED = "CODEX_JUPYTER_FAULTS"

DONE = [[say("Done.", phase="final_answer")]]


class Clock:
    """Measures from the fault to the word that the user gets: ``with clock: ...``."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __enter__(self) -> None:
        self._start = time.monotonic()

    def __exit__(self, *_: object) -> None:
        self.seconds += time.monotonic() - self._start


def row(item: pytest.Item) -> Fault:
    mark = item.get_closest_marker("fault")
    assert mark is not None, f"{item.nodeid} says no fault"
    return mark.args[0]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In ``make test`` a part of the rows runs."""
    here = Path(__file__).parent
    ours = [item for item in items if item.path.is_relative_to(here)]
    if MEASURED in os.environ:
        return
    left = [item for item in ours if not row(item).everywhere]
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in left]


@pytest.fixture(scope="session", autouse=True)
def orphans() -> None:
    """Whoever loses its parent in a row becomes a child of the tests."""
    leftovers.adopt()


#: Seconds for what a row ended to be gone.
GONE_IN = 15.0


@pytest.fixture(autouse=True)
def nothing_left(orphans: None) -> Iterator[None]:
    """After each row no process of ours is left: no runtime, no server, no command, no daemon of one."""
    before = leftovers.now()
    yield

    def left() -> list[psutil.Process]:
        return leftovers.of_ours(leftovers.now() - before)

    try:
        until(lambda: not left(), "nothing to be left", deadline=GONE_IN)
    except TimeoutError:
        there = left()
        told = leftovers.described(there)
        kill(there)
        pytest.fail(f"left behind:\n{told}")


@pytest.fixture
def clock(request: pytest.FixtureRequest) -> Iterator[Clock]:
    """The clock of the row; its bound is asserted where it is measured."""
    clock = Clock()
    yield clock
    request.node.user_properties.append(("seconds", round(clock.seconds, 1)))
    bound = row(request.node).within
    if MEASURED in os.environ:
        assert 0 < clock.seconds < bound, f"{clock.seconds:.1f} s, where {bound:g} are the bound"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Put the row beside the outcome; of a page that failed there is a picture."""
    report = yield from browser.pytest_runtest_makereport(item, call)
    if call.when == "setup" and item.get_closest_marker("fault"):
        item.user_properties.append(("fault", json.dumps(asdict(row(item)))))
        report.user_properties = item.user_properties
    return report


@pytest.fixture
def model(scratch: Path) -> Iterator[offline.Offline]:
    """The offline model, with a home of this test's own."""
    with offline.start(Script.of(Rule("any", DONE)), codex_home=scratch / "codex") as started:
        yield started


@pytest.fixture
def session(model: offline.Offline) -> Iterator[Session]:
    """A session on the real runtime in front of the model."""
    session = Session("faults")
    session.go_offline(model)
    yield session
    session.close()
