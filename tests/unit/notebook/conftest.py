"""A real InteractiveShell in this process."""

from __future__ import annotations

import atexit
import contextlib
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config


@contextlib.contextmanager
def running_shell(folder: Path) -> Iterator[InteractiveShell]:
    """A shell whose history lives in memory and whose `get_ipython` is itself."""
    config = Config()
    config.HistoryManager.hist_file = ":memory:"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IPYTHONDIR", str(folder))
        InteractiveShell.clear_instance()
        shell = InteractiveShell.instance(config=config)
    try:
        yield shell
    finally:
        # Ending collects garbage, of all the tests that ran before: nothing here waits for a finalizer.
        with mock.patch("gc.collect"):
            shell.atexit_operations()
        atexit.unregister(shell.atexit_operations)
        history = shell.history_manager
        if history is not None and history.save_thread is not None:
            history.save_thread.stop()
            atexit.unregister(history.save_thread.stop)
        if history is not None:
            history.db.close()  # pyright: ignore[reportAttributeAccessIssue]
        InteractiveShell.clear_instance()


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[InteractiveShell]:
    """A fresh shell for one test."""
    with running_shell(tmp_path) as shell:
        yield shell


@pytest.fixture(scope="module")
def shared_shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InteractiveShell]:
    """A shell that the tests of a module share; each leaves it as it found it."""
    with running_shell(tmp_path_factory.mktemp("ipython")) as shell:
        yield shell
