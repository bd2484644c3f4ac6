"""The sessions of this process by name: what ``codex_jupyter.session("name")`` gives."""

from __future__ import annotations

import threading

from codex_jupyter import agent_code
from codex_jupyter.session.preparations import prepared
from codex_jupyter.session.session import MAIN, Session

_sessions: dict[str, Session] = {}
_sessions_guard = threading.Lock()


def session(name: str = MAIN) -> Session:
    """The session of this name in this kernel, made when there is none; its runtime starts when first needed.

    Example:
        >>> session() is session("main")
        True
    """
    with _sessions_guard:
        if name not in _sessions:
            agent_code.refuse("make a session")
            _sessions[name] = prepared(Session(name))
        return _sessions[name]


def sessions() -> tuple[Session, ...]:
    """All sessions of this kernel."""
    return tuple(_sessions.values())
