"""``%codex /fix``: the prompt about the notebook's last exception, from its real traceback, source and values."""

from __future__ import annotations

import ast
import linecache
import sys
import types
from collections.abc import Callable
from typing import Any

from codex_jupyter.errors import CodexJupyterError, UserError
from codex_jupyter.notebook.workbench.clean_cut import clean_bounded
from codex_jupyter.notebook.workbench.record import Cell
from codex_jupyter.notebook.workbench.recorder import Recorder
from codex_jupyter.objects import statics
from codex_jupyter.objects.exceptions import line_of
from codex_jupyter.objects.summary import summarize
from codex_jupyter.objects.variables import list_names, row_text

_TRACEBACK: Any = BaseException.__dict__["__traceback__"]
MOST_FRAMES = 30
SOURCE, TRACEBACK, VALUES, FRAMES = 6_000, 8_000, 20, 4


def fix_text(
    recorder: Recorder, words: str, redact: Callable[[str], str]
) -> tuple[str, tuple[str, ...]]:
    """The prompt that asks why the last exception happened and for the corrected cell, and what of the user's is in it.

    Args:
        recorder: knows the cells.
        words: what the user adds.
        redact: takes secrets out.

    Raises:
        UserError: no exception is known.
    """
    cell, error = recorder.failure or (None, None)
    shown = _shown(cell) if cell is not None else _last_exception()
    if not shown:
        raise UserError(
            "No cell has failed since Codex was loaded, so there is nothing to fix.",
            "Run the cell that fails, then %codex /fix again.",
        )
    parts = [
        "Explain briefly why this failed, then propose the corrected cell with the notebook tool propose_cells. "
        "Look at the live values with the notebook tools where that helps; do not guess.",
    ]
    if words.strip():
        parts.append(words.strip())
    if cell is not None and cell.source.strip():
        number = f" [{cell.number}]" if cell.number else ""
        parts.append(
            f"The cell{number}:\n```python\n{clean_bounded(cell.source.rstrip(), SOURCE)}\n```"
        )
    parts.append(f"Its traceback:\n```\n{clean_bounded(shown, TRACEBACK)}\n```")
    values = (_values(cell, recorder.shell.user_ns) + _locals(error))[:VALUES]
    if values:
        parts.append("Values now:\n" + "\n".join(f"- {line}" for line in values))
    whose = f"cell {cell.number}'s source and" if cell is not None and cell.number else "the last"
    sent = (f"{whose} traceback",)
    if values:
        sent += (f"{len(values)} value{'' if len(values) == 1 else 's'} that it names",)
    return redact("\n\n".join(parts)), sent


def _shown(cell: Cell) -> str:
    return "\n".join(output.text for output in cell.outputs if output.kind == "error").strip()


def _last_exception() -> str:
    """The exception that Python keeps, where no cell's traceback is known: its frames, its type and its plain arguments. Its
    own words would be its own code, and where its source lies may be anything."""
    value: Any = getattr(sys, "last_value", None)
    tb = getattr(sys, "last_traceback", None)
    kind = type(value)
    if not statics.derives(kind, BaseException) or statics.derives(kind, CodexJupyterError):
        return ""
    lines = ["Traceback (most recent call last):"]
    lines += [_frame_line(*each) for each in _frames(tb)[-MOST_FRAMES:]]
    return "\n".join([*lines, line_of(value)])


def _frames(tb: Any) -> list[tuple[types.CodeType, int]]:
    frames = []
    while type(tb) is types.TracebackType:
        frames.append((tb.tb_frame.f_code, tb.tb_lineno))
        tb = tb.tb_next
    return frames


def _frame_line(code: types.CodeType, line: int) -> str:
    """As Python writes it; the source only where it is in memory, as that of cells is."""
    source = linecache.cache.get(code.co_filename)
    lines = source[2] if type(source) is tuple and len(source) == 4 else []
    shown = f"\n    {lines[line - 1].strip()[:400]}" if 0 < line <= len(lines) else ""
    return f'  File "{code.co_filename}", line {line}, in {code.co_name}{shown}'


def _values(cell: Cell | None, namespace: dict[str, Any]) -> list[str]:
    """The variables that the cell's code names, as a listing shows them."""
    if cell is None:
        return []
    try:
        names = {n.id: None for n in ast.walk(ast.parse(cell.source)) if isinstance(n, ast.Name)}
    except (SyntaxError, ValueError, RecursionError):
        return []
    held = list_names(namespace).variables
    return [row_text(name, summarize(held[name], name=name)) for name in names if name in held]


def _locals(error: BaseException | None) -> list[str]:
    """Local variables of the innermost frames of the notebook's own functions, below which it was raised."""
    tb = getattr(sys, "last_traceback", None) if error is None else _TRACEBACK.__get__(error)
    frames = []
    while tb is not None:
        frames.append(tb.tb_frame)
        tb = tb.tb_next
    lines = []
    for frame in frames[-FRAMES:]:
        code = frame.f_code
        if code.co_name == "<module>" or frame.f_globals.get("__name__") != "__main__":
            continue
        for name, value in statics.plain_keys(dict(frame.f_locals)).items():
            if not name.startswith("_"):
                lines.append(f"in {code.co_name}: {row_text(name, summarize(value, name=name))}")
    return lines[:VALUES]
