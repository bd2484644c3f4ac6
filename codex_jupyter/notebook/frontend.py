"""Who is looking: which of four kinds of front end runs the current cell, and what follows for showing and asking."""

from __future__ import annotations

from typing import Any, Literal

from codex_jupyter.notebook import kernel_internals

#: ``page``: a notebook in a browser or editor, where widgets may live. ``console``: a kernel with a text front end.
#: ``terminal``: plain IPython. ``headless``: nobody is there (nbclient, papermill, nbval).
Kind = Literal["page", "console", "terminal", "headless"]


def kind_of(shell: Any) -> Kind:
    """The kind of front end that runs the current cell.

    A page names the cell it executes; a console does not. A headless runner answers no prompts.
    """
    kernel = kernel_internals.kernel_of(shell)
    if kernel is None:
        return "terminal"
    if not kernel_internals.allows_stdin(kernel):
        return "headless"
    return "page" if kernel_internals.cell_id(kernel) else "console"
