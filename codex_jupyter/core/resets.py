"""When a limit of the account resets, in words."""

from __future__ import annotations

from datetime import UTC, datetime

from codex_jupyter.core.events import Limits


def resets(limits: Limits | None, now_ms: int | None = None) -> str:
    """``The limit resets in 2 h 5 min (14:05 UTC). `` for the fullest window, or ``""`` when that is not known."""
    windows = [w for w in (limits.primary, limits.secondary) if w] if limits else []
    known = [w for w in windows if w.resets_at is not None]
    if not known:
        return ""
    at = max(known, key=lambda w: w.used_percent).resets_at or 0
    try:
        clock = datetime.fromtimestamp(at, tz=UTC)
    except (OverflowError, OSError, ValueError):
        return ""
    left = None if now_ms is None else at - now_ms // 1000
    if left is None or left <= 0:
        return f"The limit resets {clock:%d %b %H:%M} UTC. "
    minutes = -(-left // 60)
    days, hours = minutes // 1440, minutes // 60 % 24
    parts = [(days, "d"), (hours, "h"), (minutes % 60 if not days else 0, "min")]
    span = " ".join(f"{n} {unit}" for n, unit in parts if n)
    day = f"{clock:%d %b} " if left >= 12 * 3600 else ""
    return f"The limit resets in {span} ({day}{clock:%H:%M} UTC). "
