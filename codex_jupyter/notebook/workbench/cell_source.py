"""The source of a cell without the lines that are ours: a prompt is no code, and the agent knows it already. Pure."""

from __future__ import annotations

import re

_CELL = re.compile(r"\A(?:[^\S\n]*(?:#[^\n]*)?\n)*[^\S\n]*%%codex\b")
_LINE = re.compile(r"(?m)^[^\S\n]*(?:[^\W\d]\w*[^\S\n]*=[^\S\n]*)?%codex\b[^\n]*\n?")


def is_ours(source: str) -> bool:
    """Whether a cell is nothing but a prompt or command for Codex.

    Example:
        >>> is_ours("%%codex\\nwhy?"), is_ours("%codex why?"), is_ours("x = 1\\n%codex why?")
        (True, True, False)
    """
    return bool(_CELL.match(source)) or (
        bool(_LINE.search(source)) and not _code(_LINE.sub("", source))
    )


def without_ours(source: str) -> str:
    """The source without prompts and commands for Codex.

    Example:
        >>> without_ours("x = 1\\n%codex why?\\ny = 2")
        'x = 1\\ny = 2'
    """
    return "" if _CELL.match(source) else _LINE.sub("", source)


def _code(source: str) -> bool:
    return any(line.strip() and not line.strip().startswith("#") for line in source.splitlines())
