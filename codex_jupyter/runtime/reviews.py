"""Overruling the automatic reviewer: a person allows what it denied.

The runtime wants the denial back in the spelling of its core, which is snake_case throughout (tested: camelCase is
refused). It then tells the model that the action was approved; the model has to try it again.
"""

from __future__ import annotations

import json
from typing import Any

from codex_jupyter.core.items import Review
from codex_jupyter.core.json_fields import snake, table

#: Fields whose values are words of the protocol, and are respelled like the names.
_WORDS = ("type", "source", "protocol")


def denial(turn_id: str, review: Review) -> dict[str, Any]:
    """The denial as the runtime's core spells it."""
    action = json.loads(review.action_json) if review.action_json else {}
    return {
        "id": review.id,
        "target_item_id": review.target_id or None,
        "turn_id": turn_id,
        "status": "denied",
        "risk_level": review.risk or None,
        "user_authorization": review.authorization or None,
        "rationale": review.rationale or None,
        "decision_source": review.source or "agent",
        "action": _respelled(table(action)),
        "started_at_ms": review.started_ms or 0,
        "completed_at_ms": review.ended_ms,
    }


def _respelled(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {snake(key): _respelled(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [_respelled(inner, name) for inner in value]
    return snake(value) if name in _WORDS and isinstance(value, str) else value
