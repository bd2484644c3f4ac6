"""What all sessions of one shell share: the recorder, the main thread, figures, proposals. Cheap to import and to install.

``install`` is what loading the extension calls, so that the agent can read what ran before its first turn.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from codex_jupyter.notebook.workbench.drawing import ShownFigures
from codex_jupyter.notebook.workbench.idle import MainThread
from codex_jupyter.notebook.workbench.recorder import Recorder

if TYPE_CHECKING:
    from codex_jupyter.core.secrets import Cleaner
    from codex_jupyter.notebook.workbench.figures import Figures
    from codex_jupyter.notebook.workbench.proposals import Proposals

ATTRIBUTE = "_codex_jupyter_state"


class ShellState:
    """What all sessions of one shell share: the recorder, the main thread, figures, proposals."""

    def __init__(self, shell: Any) -> None:
        self.shell = shell
        self.recorder = Recorder(shell)
        self.main = MainThread(shell)
        self.shown_figures = ShownFigures(shell)
        self.recorder.picture_of = self.shown_figures.of_svg
        self._figures: Figures | None = None
        self._proposals: Proposals | None = None

    @property
    def figures(self) -> Figures:
        if self._figures is None:
            from codex_jupyter.notebook.workbench.figures import Figures

            self._figures = Figures()
        return self._figures

    @property
    def proposals(self) -> Proposals:
        if self._proposals is None:
            from codex_jupyter.notebook.workbench.proposals import Proposals

            self._proposals = Proposals(self.shell)
            self.recorder.on_finished.append(self._proposals.cell_finished)
        return self._proposals

    def cleaner(self) -> Cleaner:
        """Knows the secrets of this moment."""
        from codex_jupyter.objects import statics
        from codex_jupyter.session.gate import cleaner_of

        namespace = self.shell.user_ns
        return cleaner_of(
            os.environ, statics.plain_keys(namespace) if type(namespace) is dict else {}
        )


def install(shell: Any) -> ShellState:
    """Begin to follow a shell's cells, so that the agent can read them later. Twice is once."""
    state = getattr(shell, ATTRIBUTE, None)
    if state is None:
        state = ShellState(shell)
        state.recorder.install()
        state.main.install()
        state.shown_figures.install()
        setattr(shell, ATTRIBUTE, state)
    return state


def recorder_of(shell: Any) -> Recorder:
    """The recorder of a shell, which begins to listen if it did not yet."""
    return install(shell).recorder


def uninstall(shell: Any) -> None:
    """Stop following, and remove the figures."""
    state = getattr(shell, ATTRIBUTE, None)
    if state is None:
        return
    state.recorder.uninstall()
    state.main.uninstall()
    state.shown_figures.uninstall()
    if state._figures is not None:
        state._figures.remove()
    delattr(shell, ATTRIBUTE)
