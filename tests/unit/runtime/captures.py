"""The captures of the real runtime, as data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[2] / "data" / "captures"


def load(name: str) -> Any:
    """One file of captures, decoded."""
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def notifications() -> list[tuple[str, dict[str, Any]]]:
    """Every captured notification as (method, params), item events included."""
    found = [(m, p) for m, many in load("notifications").items() for p in many]
    found += [(f"item/{row['event']}", row["params"]) for row in load("items")]
    return found


def requests() -> list[tuple[str, dict[str, Any]]]:
    """Every captured server request as (method, params)."""
    return [(m, row["params"]) for m, many in load("server_requests").items() for row in many]
