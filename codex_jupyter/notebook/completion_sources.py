"""What the completer offers that no table holds: models, the kernel's names, open threads. Never waits for anything."""

from __future__ import annotations

import types
from typing import TYPE_CHECKING

from codex_jupyter.notebook.workbench import statics

if TYPE_CHECKING:
    from codex_jupyter.notebook.magics import CodexMagics


class CompletionSources:
    """Looks up what is known already; a key press must not start a runtime."""

    def __init__(self, magics: CodexMagics) -> None:
        self._magics = magics

    def models(self) -> list[str]:
        """Models that the runtime named so far."""
        return list(self._magics.known_models)

    def names(self) -> list[str]:
        """Public names of the user's namespace that hold data."""
        hidden = self._magics.shell.user_ns_hidden
        return sorted(
            name
            for name, value in statics.plain_keys(self._magics.shell.user_ns).items()
            if not name.startswith("_")
            and name not in hidden
            and type(value) is not types.ModuleType
        )

    def threads(self) -> list[str]:
        """Names of this kernel's conversations."""
        from codex_jupyter.session.registry import sessions

        return sorted({name for session in sessions() for name in session.threads})
