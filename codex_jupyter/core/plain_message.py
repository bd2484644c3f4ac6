"""What a provider's error message says, in a line."""

from __future__ import annotations

import json

from codex_jupyter.core.titles import flat, one_line


def plain_message(message: str, width: int = 300) -> tuple[str, str]:
    """(what to say, the rest): a provider's JSON error says its own ``message``; long ones are cut to a line, after a
    sentence where that is possible.

    Example:
        >>> plain_message('{"error": {"message": "No such model", "code": "x"}}')[0]
        'No such model'
    """
    text = message.strip()
    if text.startswith("{"):
        try:
            value = json.loads(text)
            inner = value.get("error", value)
            said = inner.get("message") if isinstance(inner, dict) else inner
            if isinstance(said, str) and said.strip():
                return one_line(said, width), _beside(inner, said, width, text)
        except (ValueError, AttributeError, RecursionError):
            pass
    first = one_line(text, width)
    if len(text) > width and flat(text) == text:  # as many sentences as fit; the others follow
        end = text.rfind(". ", 0, width) + 1
        if end > width // 4:
            return text[:end], text[end:].strip()
    return first or "The turn failed.", "" if first == text else text


def _beside(error: object, said: str, width: int, text: str) -> str:
    """What a provider's error tells beside its message, a line each; all of it where that is not so simple."""
    rest = {k: v for k, v in error.items() if k != "message"} if isinstance(error, dict) else {}
    simple = all(v is None or isinstance(v, str | int | float) for v in rest.values())
    if not simple or one_line(said, width) != said.strip():
        return text
    return "\n".join(f"{name}: {value}" for name, value in rest.items() if value not in (None, ""))
