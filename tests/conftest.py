"""What every tier shares: tiers follow from directories, and an empty run is a failure.

tests/contract, tests/kernel, tests/browser and tests/notebooks are tiers of their own; whatever else lies under
tests/ mirrors the package and is a unit test. Fixtures of one tier live in that tier's conftest.py.
"""

from __future__ import annotations

import builtins
import shutil
import signal
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
ROOT = TESTS.parent
TIERS_WITH_A_DIRECTORY = ("contract", "kernel", "browser", "notebooks")


def pytest_configure() -> None:
    """Take being terminated as Ctrl-C, so that fixtures stop the servers and kernels they started."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test with the tier that its directory names."""
    for item in items:
        try:
            room = item.path.relative_to(TESTS).parts[0]
        except ValueError:
            room = "notebooks"  # collected by nbval
        item.add_marker(room if room in TIERS_WITH_A_DIRECTORY else "unit")


@pytest.fixture(autouse=True)
def no_underscore_left() -> Iterator[None]:
    """Remove ``builtins._``, which a doctest leaves: where it is, IPython sets no ``_`` of its own."""
    yield
    builtins.__dict__.pop("_", None)


@pytest.fixture
def scratch() -> Iterator[Path]:
    """A fresh folder outside the system's temporary one, removed afterwards.

    A CODEX_HOME belongs here: under the temporary folder the runtime's sandbox refuses
    commands that want a terminal.
    """
    folder = Path.home() / ".cache" / "codex-jupyter-tests" / uuid.uuid4().hex[:12]
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
