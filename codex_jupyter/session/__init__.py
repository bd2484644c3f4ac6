"""The one writer: a loop in its own thread, the actor that owns turns, the broker of open requests, named sessions.

May import ``runtime``, ``render`` and ``core``; knows nothing of IPython, widgets or cells. Whoever shows turns
implements ``ports.Presenter``.

The room has the name of the function that users call, ``codex_jupyter.session("name")``, and an imported room hides a
function of its name in the package. So the room itself can be called, and is that function.
"""

from __future__ import annotations

import sys
import types
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codex_jupyter.session.session import Session


class _Room(types.ModuleType):
    """This package as the function that users know."""

    def __call__(self, name: str = "main") -> Session:
        """The session of this name in this kernel; see ``session.registry.session``."""
        from codex_jupyter.session.registry import session

        return session(name)


sys.modules[__name__].__class__ = _Room
