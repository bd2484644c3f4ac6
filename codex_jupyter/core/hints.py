"""What to do next when a turn fails: one table from the runtime's error codes to a step a person can take.

The codes are those of ``CodexErrorInfo`` (schema of runtime 0.163) and a few of ours. Text only; nothing here changes a
turn.
"""

from __future__ import annotations

from datetime import UTC, datetime

from codex_jupyter.core.events import Limits

#: Code -> next step. ``{}`` is filled with when the limit resets, where that is known.
HINTS = {
    "contextWindowExceeded": "Make room with `%codex /compact`, or start afresh with `--new`.",
    "sessionBudgetExceeded": "This session's budget is used up: start afresh with `--new`.",
    "usageLimitExceeded": "{}See `%codex /usage`; another account or an API key: `%codex login`.",
    "rateLimitExceeded": "{}Wait a little, then run this cell again.",
    "flexUnavailable": "Run this cell again, or choose another model with `-m`.",
    "serverOverloaded": "The model's servers are busy: run this cell again, or choose another model with `-m`.",
    "internalServerError": "The model's servers failed: run this cell again.",
    "cyberPolicy": "The provider refused this for its security policy: ask differently.",
    "misalignmentPolicyViolation": "The provider stopped this turn for its policy: ask differently.",
    "tooManyDenials": "The automatic reviewer denied too much: ask yourself with `-a ask`.",
    "unauthorized": "Sign in with `%codex login`, then run this cell again.",
    "badRequest": "The provider did not accept the request: check the model (`-m`), effort (`-e`) and `-c` values.",
    "threadRollbackFailed": "Start afresh with `--new`.",
    "sandboxError": "The sandbox could not start here; `%codex /doctor` says why.",
    "httpConnectionFailed": "The provider cannot be reached: check the network and proxy, then run this cell again.",
    "responseStreamConnectionFailed": "The provider cannot be reached: check the network and proxy, then run this cell again.",
    "responseStreamDisconnected": "The connection broke: run this cell again; the thread remembers what was done.",
    "responseTooManyFailedAttempts": "The provider kept failing: run this cell again later, or choose another model with `-m`.",
    "activeTurnNotSteerable": "This turn cannot be steered: wait for its end, or stop it.",
    "runtimeLost": "Run the cell again: the runtime starts anew and the thread goes on.",
    "activeWriter": "Another process has this thread open: close it there, or go on in a copy with `%codex /fork`.",
}

#: For failures of the runtime that nothing better is known of.
FALLBACK = "Run this cell again; if it fails again, `%codex /doctor` looks for the cause."

#: Words in a message or its details -> the code whose hint fits better than the code that came.
_TELLING = (
    ("401 unauthorized", "unauthorized"),
    ("waiting for network", "httpConnectionFailed"),
    ("connection refused", "httpConnectionFailed"),
    ("error sending request", "httpConnectionFailed"),
    ("context window", "contextWindowExceeded"),
    ("active writer", "activeWriter"),
    ("model_not_found", "badRequest"),
    ('{"error"', "badRequest"),
    ("invalid_request", "badRequest"),
    ("stream disconnected", "responseStreamDisconnected"),
)


def hint(
    code: str, message: str = "", limits: Limits | None = None, now_ms: int | None = None
) -> str:
    """The next step for an error; ``""`` for codes that are not the runtime's, whose senders know better.

    Args:
        code: the runtime's code, or one of ours.
        message: what was said, with its details; tells connection and account problems under a vague code.
        limits: the rate limits known so far; they say when a limit resets.
        now_ms: the time to count from, in milliseconds since the epoch.

    Example:
        >>> hint("contextWindowExceeded")
        'Make room with `%codex /compact`, or start afresh with `--new`.'
    """
    said = message.lower()
    if code in ("", "other", "badRequest", *_VAGUE):
        code = next((better for word, better in _TELLING if word in said), code)
    if code[:1].isupper():
        return ""
    return HINTS.get(code, FALLBACK).replace("{}", resets(limits, now_ms))


_VAGUE = (
    "responseStreamDisconnected",
    "responseStreamConnectionFailed",
    "responseTooManyFailedAttempts",
)


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
