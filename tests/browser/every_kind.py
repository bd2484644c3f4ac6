"""Every kind of item in one turn, as the runtime sent it once: what a kernel is told to add to a turn that runs.

The turn, its panel and the page are real; only these items come from the captures in place of a runtime that had a reason
for each. How the runtime is brought to send one is ``tests/contract/items``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from codex_jupyter.runtime.translate import translate
from codex_jupyter.session.session import Session
from tests.unit.runtime.captures import load


def captured() -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """By type of item: how one was said to start, and to be completed."""
    started: dict[str, dict[str, Any]] = {}
    completed: dict[str, dict[str, Any]] = {}
    for row in load("items"):
        of = started if row["event"] == "started" else completed
        of.setdefault(row["type"], row["params"])
    assert started.keys() == completed.keys()
    return {type: (_as(started[type], end), end) for type, end in completed.items()}


def _as(params: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """The start of one item as that of another of its type."""
    return {**params, "item": {**params["item"], "id": other["item"]["id"]}}


def add(session: Session, method: str) -> None:
    """Have the turn that was started last hear ``item/started`` or ``item/completed`` of one item of each type."""
    live = session.last
    assert live is not None
    turn = live.turn
    at = ("item/started", "item/completed").index(method)
    events = [
        replace(translate(method, of[at]), thread_id=turn.thread_id, turn_id=turn.turn_id)
        for of in captured().values()
    ]
    session.engine.thread.run(lambda: session.engine.apply(live, events))
