"""A typed key is not kept: not in In, not in the database, not in a session log."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from IPython.core.interactiveshell import InteractiveShell

from codex_jupyter.errors import SecretOnLineError
from codex_jupyter.notebook import cell_text, redacted_history
from codex_jupyter.notebook.parser import parse_line

KEY = "sk-proj-4bQ9xT7mZ2nL5vR8"


@pytest.fixture
def kept(shared_shell: InteractiveShell) -> Iterator[InteractiveShell]:
    """A shell in a new session of its history, which starts empty and under a number of its own."""
    with mock.patch("gc.collect"):  # nothing here waits for a finalizer
        shared_shell.reset(new_session=True)
    assert KEY not in everything_kept(shared_shell)
    assert "[removed]" not in everything_kept(shared_shell)
    register: Any = shared_shell.register_magic_function  # a trait, as pyright sees it
    register(lambda line, cell=None: None, "line_cell", "codex")
    cell_text.install(shared_shell)
    redacted_history.install(shared_shell)
    yield shared_shell
    redacted_history.uninstall(shared_shell)
    cell_text.uninstall(shared_shell)


def everything_kept(shell: InteractiveShell) -> str:
    history = shell.history_manager
    assert history is not None
    history.writeout_cache()
    stored = [*history.get_range(raw=True), *history.get_range(raw=False)]
    names = [f"{k}={v}" for k, v in shell.user_ns.items() if k.startswith("_")]
    return repr([history.input_hist_raw, history.input_hist_parsed, stored, names])


@pytest.mark.parametrize(
    "raw",
    [
        f"%codex login {KEY}",
        f"%codex login --api-key {KEY}",
        f"x = 1\n%codex /login {KEY}\ny = 2",
        f"%%codex login\n{KEY}\n",
        f"%%capture\n%codex login {KEY}",
    ],
)
def test_a_typed_key_is_not_kept(kept: InteractiveShell, raw: str, tmp_path: Path) -> None:
    log = tmp_path / "log.py"
    kept.run_line_magic("logstart", f"-o -r {log} append")
    try:
        kept.run_cell("before = 1", store_history=True).raise_error()
        kept.run_cell(raw, store_history=True).raise_error()
        kept.run_cell("after = 1", store_history=True).raise_error()
    finally:
        kept.run_line_magic("logstop", "")
    for place in (everything_kept(kept), log.read_text()):
        assert KEY not in place
        assert "[removed]" in place
        assert "before = 1" in place
        assert "after = 1" in place


def test_what_stands_in_its_place_is_refused_as_the_key_was() -> None:
    with pytest.raises(SecretOnLineError):
        parse_line(redacted_history.WITHOUT_KEY)


@pytest.mark.parametrize(
    "raw",
    [
        "%codex login",
        "%codex login to the database fails",
        f"key = '{KEY}'",
        "%%codex\nlogin 123",
        "%codex -x",
        "s = '%codex what?'",
    ],
)
def test_other_cells_are_kept_as_they_are(kept: InteractiveShell, raw: str) -> None:
    assert redacted_history.redacted_cell(raw) == raw
    history = kept.history_manager
    assert history is not None
    kept.run_cell(raw, store_history=True)
    assert history.input_hist_raw[-1] == raw


def test_install_is_idempotent_and_leaves_no_trace(shared_shell: InteractiveShell) -> None:
    shell = shared_shell
    owners = (shell.history_manager, shell.logger)
    before = [dict(vars(owner)) for owner in owners]
    redacted_history.install(shell)
    redacted_history.install(shell)
    redacted_history.uninstall(shell)
    redacted_history.uninstall(shell)
    assert [dict(vars(owner)) for owner in owners] == before
