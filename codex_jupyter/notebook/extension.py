"""The composition root: the one place that joins the rooms. ``%load_ext codex_jupyter`` ends up here.

Loading registers the magic, the input transformers and the completer, and lends every session this shell; it starts
nothing, imports nothing heavy and prints nothing.
"""

from __future__ import annotations

import inspect
from typing import Any

from codex_jupyter import agent_code
from codex_jupyter.notebook import cell_end, cell_text, completer, printing, redacted_history
from codex_jupyter.notebook.completion_sources import CompletionSources
from codex_jupyter.notebook.magics import CodexMagics
from codex_jupyter.notebook.workbench import shell_state
from codex_jupyter.session.preparations import prepare_sessions
from codex_jupyter.trusted_imports import before_turn


def load(shell: Any) -> None:
    """Give this shell ``%codex`` and ``%%codex``. Loading twice is loading once."""
    if getattr(shell, "_codex_magics", None) is not None:
        return
    agent_code.refuse("load codex_jupyter")
    before_turn()  # so that it is heard of at once
    magics = CodexMagics(shell)
    shell.register_magics(magics)
    shell._codex_magics = magics
    prepare_sessions(magics.attach_to)
    cell_text.install(shell)
    redacted_history.install(shell)
    shell_state.install(shell)
    cell_end.install(shell)
    printing.remember()
    completer.install(shell, CompletionSources(shell))


def unload(shell: Any) -> None:
    """Take everything back that ``load`` gave, and close the sessions. In ``%reload_ext`` they go on, with their turns."""
    magics = getattr(shell, "_codex_magics", None)
    if magics is None:
        return
    agent_code.refuse("unload codex_jupyter")
    if not _reloads():
        magics.close_sessions()
    completer.uninstall(shell)
    redacted_history.uninstall(shell)
    cell_text.uninstall(shell)
    cell_end.uninstall(shell)
    magics.detach()
    shell_state.uninstall(shell)
    for kind in ("line", "cell"):
        shell.magics_manager.magics[kind].pop("codex", None)
    shell._codex_magics = None


def _reloads() -> bool:
    """Whether IPython's ``reload_extension`` is what unloads, and loads again in a moment."""
    frame = inspect.currentframe()
    while frame is not None and frame.f_code.co_name != "reload_extension":
        frame = frame.f_back
    return frame is not None
