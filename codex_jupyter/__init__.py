"""Codex where the data is: ``%codex`` and ``%%codex`` on the real Codex runtime, inside a notebook's kernel.

    %load_ext codex_jupyter
    %codex What does load.py do?

Public names: ``session``, ``sessions``, ``output``, the exceptions of ``codex_jupyter.errors``, and ``offline`` for running without
an account. Importing this imports none of them, and nothing else either; each is loaded when it is first used.
"""

# First of all, before anything is imported that the notebook's folder could stand in for.
from codex_jupyter import trusted_imports

trusted_imports.install()

__version__ = "0.1.0"

TYPE_CHECKING = False  # as type checkers read it; `typing` would be most of what this import costs
if TYPE_CHECKING:
    from typing import Any

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


def __getattr__(name: str) -> "Any":
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    return importlib.import_module(f"codex_jupyter.{name}")  # public by its own name


def __dir__() -> list[str]:
    return sorted(__all__)


def load_ipython_extension(shell: "Any") -> None:
    """What ``%load_ext codex_jupyter`` calls."""
    from codex_jupyter.notebook.extension import load

    load(shell)


def unload_ipython_extension(shell: "Any") -> None:
    """What ``%unload_ext codex_jupyter`` calls."""
    from codex_jupyter.notebook.extension import unload

    unload(shell)
