"""A real InteractiveShell with a recorder on it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest

from codex_jupyter.notebook.workbench.shell_state import ShellState, install, uninstall
from tests.unit.notebook.conftest import running_shell


@pytest.fixture(scope="module")
def one_shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Starting and ending a shell takes longer than most tests: the tests of a module share one."""
    with running_shell(tmp_path_factory.mktemp("ipython")) as shell:
        yield shell


@pytest.fixture
def shell(one_shell: Any) -> Any:
    """A shell as good as new."""
    # It collects garbage, of all the tests that ran before: nothing here waits for a finalizer.
    with mock.patch("gc.collect"):
        one_shell.reset(new_session=True)
    one_shell.execution_count = 1
    return one_shell


@pytest.fixture
def state(shell: Any) -> Iterator[ShellState]:
    state = install(shell)
    yield state
    uninstall(shell)
