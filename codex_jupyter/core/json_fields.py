"""Reading JSON that may be anything: each function takes a value of any type and returns one of the type it names.

Total: nothing here raises, whatever comes. Strings are returned as they are, lone surrogates included.
"""

from __future__ import annotations

import json
from typing import Any

Json = dict[str, Any]

_NOTHING: Json = {}


def table(value: object) -> Json:
    """``value`` if it is an object, else an empty one (do not change it)."""
    return value if isinstance(value, dict) else _NOTHING


def rows(value: object) -> list[Any]:
    """``value`` if it is an array, else an empty one."""
    return value if isinstance(value, list) else []


def text(source: Json, name: str, default: str = "") -> str:
    """The string under ``name``; anything else is ``default``."""
    value = source.get(name)
    return value if isinstance(value, str) else default


def texts(value: object) -> tuple[str, ...]:
    """The strings of an array, in order; other members are left out."""
    return tuple(v for v in rows(value) if isinstance(v, str))


def whole(source: Json, name: str) -> int | None:
    """The whole number under ``name``, or None. Floats without a fraction count; booleans do not."""
    value = source.get(name)
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return None


def real(source: Json, name: str, default: float = 0.0) -> float:
    """The number under ``name`` as a float, or ``default``."""
    value = source.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return default
    try:
        return float(value)
    except OverflowError:
        return default


def yes(source: Json, name: str) -> bool:
    """True only for JSON's ``true``."""
    return source.get(name) is True


def as_json(value: object) -> str:
    """``value`` as JSON text on one line; ``""`` for null. Characters outside ASCII are kept."""
    if value is None:
        return ""
    try:
        return json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        return repr(type(value))


def seconds_to_ms(source: Json, name: str) -> int | None:
    """The seconds since the epoch under ``name`` as milliseconds, or None."""
    value = source.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        return int(value * 1000)
    except (OverflowError, ValueError):
        return None


def snake(word: str) -> str:
    """``inProgress`` as ``in_progress``: the protocol's enum values in the spelling of ``core``.

    Example:
        >>> snake("timedOut"), snake("in_progress")
        ('timed_out', 'in_progress')
    """
    return "".join("_" + c.lower() if c.isascii() and c.isupper() else c for c in word)
