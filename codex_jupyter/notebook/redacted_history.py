"""Keeping a typed key out of what IPython keeps: ``In``, the history database, a session log.

A key on a line of ours is refused (`typed_keys`), but by then IPython is about to save the cell. So
the key is cut out of the text that runs and of the text that is stored. What is left still says
what was typed, and is refused again when it is run again. The front end's own copy, the cell in the
notebook, is the user's text: the refusal says to delete it there.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from codex_jupyter.errors import SecretOnLineError, UserError
from codex_jupyter.notebook.wrapped_method import WrappedMethod

WITHOUT_KEY = "login --api-key [removed]"
"""What stands in the place of a text that held a key. It is refused as that text was."""

OURS = re.compile(r"(?P<magic>%%?codex[ \t]+)(?P<text>[^\r\n]*)")
MARK = "_codex_jupyter_history"


def redacted(line: str, body: str = "") -> str | None:
    """What to put in the place of this text behind our magic, or None when it holds no key.

    Example:
        >>> redacted("login sk-proj-0123456789")
        'login --api-key [removed]'
        >>> redacted("login")
    """
    from codex_jupyter.notebook.parser import parse_cell, parse_line

    try:
        parse_cell(line, body) if body else parse_line(line)
    except SecretOnLineError:
        return WITHOUT_KEY
    except UserError:
        pass
    return None


def redacted_cell(raw: str) -> str:
    """The text of a cell, each line of ours that held a key without it.

    Example:
        >>> redacted_cell("x = 1\\n%codex login sk-proj-0123456789")
        'x = 1\\n%codex login --api-key [removed]'
    """

    def replaced(match: re.Match[str]) -> str:
        return match["magic"] + (redacted(match["text"]) or match["text"])

    match = OURS.search(raw)
    if match is not None and match["magic"].startswith("%%"):
        body = raw[match.end() :]
        return (
            f"{raw[: match.start('text')]}{WITHOUT_KEY}" if redacted(match["text"], body) else raw
        )
    return OURS.sub(replaced, raw)


def install(shell: Any) -> None:
    """Keep typed keys out of the history of ``shell``, an `InteractiveShell`. Twice is once."""
    if getattr(shell, MARK, None) is not None:
        return
    wrapped = [WrappedMethod(shell.logger, "log", _log)]
    if shell.history_manager is not None:
        wrapped.append(WrappedMethod(shell.history_manager, "store_inputs", _store_inputs))
    setattr(shell, MARK, wrapped)


def uninstall(shell: Any) -> None:
    """Let IPython keep what it gets again."""
    for wrapped in getattr(shell, MARK, None) or ():
        wrapped.undo()
    if hasattr(shell, MARK):
        delattr(shell, MARK)


def _store_inputs(
    inner: Callable[..., Any], line_num: int, source: str, source_raw: str | None = None
) -> Any:
    return inner(line_num, *_both(source, source_raw))


def _log(inner: Callable[..., Any], line_mod: str, line_ori: str) -> Any:
    return inner(*_both(line_mod, line_ori))


def _both(source: str, raw: str | None) -> tuple[str, str]:
    """The transformed and the raw text as they may be kept."""
    raw = source if raw is None else raw
    clean = redacted_cell(raw)
    return (source, raw) if clean == raw else (clean, clean)
