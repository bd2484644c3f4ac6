"""Figures of matplotlib's inline backend, which a cell shows when it ends: shown when the agent's code ends.

Figures that the user's own cell has open stay open, and are shown at its end and not before.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from codex_jupyter import journal

log = journal.logger("workbench")

_before: ContextVar[tuple[int, ...]] = ContextVar("codex_jupyter_open_figures", default=())


@contextmanager
def only_new() -> Iterator[None]:
    """Remember which figures are open now; ``flush`` inside shows the others."""
    token = _before.set(tuple(_managers() or ()))
    try:
        yield
    finally:
        _before.reset(token)


def flush(shell: Any) -> None:
    """Show what the code drew, and close it, if the inline backend is in use."""
    backend = sys.modules.get("matplotlib_inline.backend_inline")
    managers = _managers()
    if backend is None or managers is None or not _is_inline():
        return
    kept = {number: managers.pop(number) for number in _before.get() if number in managers}
    show = backend.show
    try:
        if managers:
            show._draw_called = True
            backend.flush_figures()
    finally:
        for number, manager in kept.items():
            managers[number] = manager
        if kept:
            show._draw_called = True


def _managers() -> Any:
    """matplotlib's open figures by number, or None where it is not imported."""
    helpers = sys.modules.get("matplotlib._pylab_helpers")
    return None if helpers is None else helpers.Gcf.figs


def _is_inline() -> bool:
    matplotlib = sys.modules.get("matplotlib")
    try:
        return matplotlib is not None and "inline" in str(matplotlib.get_backend()).lower()
    except Exception as error:
        log.debug("matplotlib did not name its backend: %s", type(error).__name__)
        return False
