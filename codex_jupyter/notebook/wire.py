"""The messages between kernel and page, as ``docs/protocol.md`` names them: made and read here, nowhere else.

Mirrors ``js/src/wire.js``. What a page sends is checked and becomes a frozen object; what does not fit becomes None.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Hello:
    view: str
    have: int


@dataclass(frozen=True, slots=True)
class Resync:
    view: str
    have: int


@dataclass(frozen=True, slots=True)
class Beat:
    view: str


@dataclass(frozen=True, slots=True)
class Intent:
    """What a person did. ``kind`` and ``body`` as the protocol lists them; ``id`` makes repeats harmless."""

    id: str
    view: str
    kind: str
    body: dict[str, Any] = field(
        default_factory=dict, repr=False
    )  # may hold what was typed: keep it out of logs


def read(content: Any) -> Hello | Resync | Beat | Intent | None:
    """A page's message, or None for anything that is not one."""
    if not isinstance(content, dict):
        return None
    view = str(content.get("view", ""))
    have = content.get("have", 0)
    have = have if isinstance(have, int) else 0
    match content.get("type"):
        case "hello":
            return Hello(view, have)
        case "resync":
            return Resync(view, have)
        case "beat":
            return Beat(view)
        case "intent":
            intent = content.get("intent")
            if isinstance(intent, dict) and isinstance(content.get("id"), str):
                return Intent(content["id"], view, str(intent.get("kind", "")), intent)
    return None


def batch(seq: int, ops: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "batch", "seq": seq, "ops": ops}


def snapshot(seq: int, parts: dict[str, Any]) -> dict[str, Any]:
    return {"type": "snapshot", "seq": seq, **parts}


def welcome(view: str, seq: int) -> dict[str, Any]:
    return {"type": "welcome", "view": view, "seq": seq}


def ack(intent_id: str, outcome: str, message: str = "") -> dict[str, Any]:
    return {"type": "ack", "id": intent_id, "outcome": outcome, "message": message}


def answer_of(body: dict[str, Any]) -> tuple[str, str, dict[str, list[str]], str]:
    """An ``answer`` intent's request id, choice, values by field and form content (JSON text)."""
    values = body.get("values")
    clean = {
        str(key): [str(v) for v in (value if isinstance(value, list) else [value])]
        for key, value in (values if isinstance(values, dict) else {}).items()
    }
    content = body.get("content")
    return (
        str(body.get("request", "")),
        str(body.get("choice", "")),
        clean,
        json.dumps(content) if isinstance(content, dict) else "",
    )
