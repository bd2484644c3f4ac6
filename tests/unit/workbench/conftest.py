"""A real InteractiveShell with a recorder on it, and objects that do harm when they are touched."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from codex_jupyter.notebook.workbench.shared import Bench, install, uninstall
from tests.unit.notebook.conftest import running_shell


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Any]:
    with running_shell(tmp_path) as shell:
        yield shell


@pytest.fixture
def bench(shell: Any) -> Iterator[Bench]:
    bench = install(shell)
    yield bench
    uninstall(shell)
