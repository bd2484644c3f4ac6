"""The checklist that the model keeps of a turn's work."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the checklist. ``status``: pending, in_progress or completed."""

    text: str
    status: str
