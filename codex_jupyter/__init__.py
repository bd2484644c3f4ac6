"""Codex where the data is: ``%codex`` and ``%%codex`` on the real Codex runtime, inside a notebook's kernel.

    %load_ext codex_jupyter
    %codex What does load.py do?

Public names: ``session``, ``sessions``, ``output``, the exceptions of ``codex_jupyter.errors``, and ``offline`` for running without
an account. Importing this imports none of them; each is loaded when it is first used.
"""

# First of all, before anything is imported that the notebook's folder could stand in for.
from codex_jupyter import trusted_imports

trusted_imports.install()

import importlib  # noqa: E402
from typing import TYPE_CHECKING, Any  # noqa: E402

__version__ = "0.1.0"

if TYPE_CHECKING:
    from codex_jupyter import offline
    from codex_jupyter.errors import (
        BusyError,
        CodexJupyterError,
        NotSignedInError,
        OptionError,
        RuntimeFailedError,
        TurnFailedError,
        TurnInterruptedError,
        UserError,
    )
    from codex_jupyter.session.outputs import output
    from codex_jupyter.session.registry import session, sessions
    from codex_jupyter.session.session import Session

_HOMES = {
    "sessions": "codex_jupyter.session.registry",
    "Session": "codex_jupyter.session.session",
    "output": "codex_jupyter.session.outputs",
    **dict.fromkeys(
        (
            "BusyError",
            "CodexJupyterError",
            "NotSignedInError",
            "OptionError",
            "RuntimeFailedError",
            "TurnFailedError",
            "TurnInterruptedError",
            "UserError",
        ),
        "codex_jupyter.errors",
    ),
}

__all__ = [
    "BusyError",
    "CodexJupyterError",
    "NotSignedInError",
    "OptionError",
    "RuntimeFailedError",
    "Session",
    "TurnFailedError",
    "TurnInterruptedError",
    "UserError",
    "__version__",
    "load_ipython_extension",
    "offline",
    "output",
    "session",
    "sessions",
    "unload_ipython_extension",
]


def __getattr__(name: str) -> Any:
    if name in (
        "offline",
        "session",
    ):  # rooms that are public by their own name; the second can be called
        return importlib.import_module(f"codex_jupyter.{name}")
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(home), name)


def __dir__() -> list[str]:
    return sorted(__all__)


def load_ipython_extension(shell: Any) -> None:
    """What ``%load_ext codex_jupyter`` calls."""
    from codex_jupyter.notebook.extension import load

    load(shell)


def unload_ipython_extension(shell: Any) -> None:
    """What ``%unload_ext codex_jupyter`` calls."""
    from codex_jupyter.notebook.extension import unload

    unload(shell)
