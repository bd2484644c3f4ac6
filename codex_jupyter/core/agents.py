"""Other agents that work for a turn: what is known of one, and the line that says it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from codex_jupyter.core.titles import one_line


@dataclass(frozen=True, slots=True)
class Agent:
    """What is known of one other agent: its thread, status and last message."""

    thread_id: str
    status: str = ""
    message: str = ""


def agent_line(name: str, agent: Agent, newest: Iterable[Agent]) -> str:
    """``helper: running · reads load.py``, from what is known of it by now (``newest``), else from ``agent``."""
    known = next((a for a in newest if a.thread_id == agent.thread_id), agent)
    status = (known.status or agent.status).replace("_", " ")
    message = known.message or agent.message
    short = name if len(name) < 30 else f"agent {name[:8]}"
    return f"{short}: " + " · ".join(p for p in (status, one_line(message, 300)) if p)
