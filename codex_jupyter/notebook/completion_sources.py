"""What completion offers that is not declared: models, the kernel's names, open conversations.

A key press starts nothing. The one thing it may wait for, a moment, is the list of models of a runtime that runs already.
"""

from __future__ import annotations

import types
from typing import Any

from codex_jupyter.errors import CodexJupyterError
from codex_jupyter.objects import statics
from codex_jupyter.settings import Choice

#: Seconds that a key press may wait for the list of models, once.
PATIENCE = 1.0


class CompletionSources:
    """Looks things up in this kernel.

    Args:
        shell: the ``InteractiveShell`` whose names are offered.
    """

    def __init__(self, shell: Any) -> None:
        self._shell = shell

    def models(self) -> list[Choice]:
        """Models that the runtime named, with their descriptions; none before a runtime has been started."""
        from codex_jupyter.session.registry import sessions

        for session in sessions():
            if not session.known_models and not _asked(session):
                continue
            return [Choice(model.name, model.description) for model in session.known_models]
        return []

    def variables(self) -> list[Choice]:
        """Public names of the user's namespace that hold data."""
        hidden = self._shell.user_ns_hidden
        return sorted(
            (
                Choice(name, "instance")
                for name, value in statics.plain_keys(self._shell.user_ns).items()
                if not name.startswith("_")
                and name not in hidden
                and type(value) is not types.ModuleType
            ),
            key=lambda choice: choice.value,
        )

    def conversations(self) -> list[Choice]:
        """Names of this kernel's conversations."""
        from codex_jupyter.session.registry import sessions

        names = sorted({name for session in sessions() for name in session.threads})
        return [Choice(name, "conversation") for name in names]


def _asked(session: Any) -> bool:
    """Ask a running runtime for its models; whether it answered."""
    runtime = session.engine.runtime
    if runtime is None or not runtime.alive:
        return False
    try:
        session.models(timeout=PATIENCE)
    except (CodexJupyterError, TimeoutError):
        return False
    return True
