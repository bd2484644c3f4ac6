"""Text of ours on standard output, whatever stands there: an encoding that lacks our signs, or an object that fails.

A sign that the encoding lacks is written as one that it has. Where standard output itself fails, which somebody put there,
the text goes where it went when the extension was loaded.
"""

from __future__ import annotations

import codecs
import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from codex_jupyter import journal
from codex_jupyter.core.spelled import on_one_line
from codex_jupyter.notebook import moving_line

log = journal.logger("notebook")

#: The name of the error handler that substitutes.
SUBSTITUTES = "codex_jupyter.substitutes"
_SIGNS = {
    "✓": "+", "✗": "x", "⊘": "-", "■": "#", "●": "*", "○": "o", "•": "*", "❯": ">", "→": "->", "…": "...", "⏎": "\\n",
    "—": "-", "–": "-", "−": "-", "‘": "'", "’": "'", "“": '"', "”": '"', "×": "x", "·": "-",
    "│": "|", "┃": "|", "┆": "|", "└": "`", "├": "|", "─": "-", "⟨": "<", "⟩": ">",
}  # fmt: skip

_at_load: Any = None


def remember() -> None:
    """The extension is loaded: standard output as it is now is the one to fall back on."""
    global _at_load
    if not isinstance(sys.stdout, io.StringIO):
        _at_load = sys.stdout


def write(text: str) -> None:
    """Write to standard output, at once. Raises nothing."""
    moving_line.erase()
    try:
        _write(sys.stdout, text)
    except Exception as error:
        log.warning("standard output failed", exc_info=error)
        try:
            _bind_to_cell(_at_load)
            _write(_at_load, text)
        except Exception as again:
            log.error("there is no standard output: %d characters", len(text), exc_info=again)


def remark(text: str) -> None:
    """Tell the running cell something besides, on standard error. Raises nothing."""
    moving_line.erase()
    try:
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()
    except Exception as error:
        log.warning("standard error failed", exc_info=error)


def theirs(what: str, error: Exception, then: str) -> None:
    """Say that something of the user's failed, so that they look for it in their own code.

    Args:
        what: with an article, such as ``"An input transformer"``.
        error: what it raised.
        then: what was done about it, a sentence.
    """
    told = on_one_line(f"{type(error).__name__}: {error}")
    remark(f"{what} of this notebook failed ({told}). {then}")


def _bind_to_cell(stream: Any) -> None:
    """A kernel binds to the running cell only what stands there as standard output."""
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    parent = getattr(shell, "get_parent", None)
    if hasattr(stream, "set_parent") and parent is not None:
        stream.set_parent(parent())


def _write(stream: Any, text: str) -> None:
    try:
        stream.write(text)
    except UnicodeEncodeError:
        stream.write(text.encode(stream.encoding, SUBSTITUTES).decode(stream.encoding))
    stream.flush()


@contextmanager
def substituting() -> Iterator[None]:
    """While something of ours prints: signs that standard output lacks are written as others."""
    stream = sys.stdout
    errors = getattr(stream, "errors", None)
    if not isinstance(stream, io.TextIOWrapper) or errors != "strict":
        yield
        return
    stream.reconfigure(errors=SUBSTITUTES)
    try:
        yield
    finally:
        stream.reconfigure(errors=errors)


def _substitute(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(_SIGNS.get(sign, "?") for sign in lacking), error.end


codecs.register_error(SUBSTITUTES, _substitute)
