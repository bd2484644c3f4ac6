"""Whether what was hidden of a request is more than a word: then it may be something that runs, and was not seen."""

from __future__ import annotations

import json
import re
from dataclasses import fields, is_dataclass
from typing import Any

from codex_jupyter.core.secrets.plain import HIDDEN

#: What a value consists of that no shell, no Python and no address acts on.
_WORD = r"[\w.~+/=:@%#,?&!*^-]*"

HIDES_MORE = "Part of it looks like a secret and is hidden, and may be more than that: it can only be declined."


def hides_more(exact: Any, shown: Any) -> bool:
    """Whether anything but single words of ``exact`` is missing in ``shown``, the same value without secrets.

    Example:
        >>> hides_more("curl -u ada:hunter2", "curl -u ada:[hidden]")
        False
        >>> hides_more("TOKEN='$(touch x)' true", "TOKEN='[hidden]' true")
        True
    """
    if isinstance(exact, str) and isinstance(shown, str):
        return exact != shown and _text(exact, shown)
    if isinstance(exact, (tuple, list)) and isinstance(shown, (tuple, list)):
        return len(exact) != len(shown) or any(map(hides_more, exact, shown))
    if isinstance(exact, dict) and isinstance(shown, dict):
        return len(exact) != len(shown) or hides_more([*exact.items()], [*shown.items()])
    if is_dataclass(exact) and type(exact) is type(shown):
        return any(
            hides_more(getattr(exact, field.name), getattr(shown, field.name))
            for field in fields(exact)
        )
    return exact != shown and shown != HIDDEN


def _text(exact: str, shown: str) -> bool:
    if exact[:1] in ("{", "["):
        try:
            return hides_more(json.loads(exact), json.loads(shown))
        except (ValueError, RecursionError):
            pass
    at = 0
    parts = shown.split(HIDDEN)
    if not exact.startswith(parts[0]):
        return True
    at = len(parts[0])
    for part in parts[1:]:
        end = exact.find(part, at) if part else len(exact)
        if end < 0 or not re.fullmatch(_WORD, exact[at:end]):
            return True
        at = end + len(part)
    return at != len(exact)
