"""Who prepares every session of this process: the notebook, which lends them its kernel.

Apart from ``session.py`` so that loading the extension need not import all that a session is made of.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

_preparations: list[Callable[[Any], None]] = []


def prepare_sessions(prepare: Callable[[Any], None]) -> None:
    """Call ``prepare(session)`` for every session, existing and to come."""
    _preparations.append(prepare)
    registry = sys.modules.get("codex_jupyter.session.registry")
    for existing in registry.sessions() if registry is not None else ():
        prepare(existing)


def forget_preparation(prepare: Callable[[Any], None]) -> None:
    """Sessions to come are no longer prepared by this."""
    if prepare in _preparations:
        _preparations.remove(prepare)


def prepared(session: Any) -> Any:
    """The new session, prepared by everybody."""
    for prepare in tuple(_preparations):
        prepare(session)
    return session
