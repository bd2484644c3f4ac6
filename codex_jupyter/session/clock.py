"""What time it is, as records keep it."""

from __future__ import annotations

from datetime import datetime


def now() -> str:
    """Local time in ISO 8601, to the second, with its offset from UTC: ``2026-05-04T14:02:31+02:00``."""
    return datetime.now().astimezone().isoformat(timespec="seconds")
