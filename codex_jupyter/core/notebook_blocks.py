"""Calls of the notebook's own tools as blocks, in words: what was looked at, run, proposed. Part of ``item_blocks.py``.

What code printed stands in the cell already, so its block refers to it and does not repeat it.
"""

from __future__ import annotations

import json
from typing import Any

from codex_jupyter.core import items as it
from codex_jupyter.core.block_parts import bounded, duration, key
from codex_jupyter.core.document import Block, Body, Code, Fold, Glyph, Lines, Plain
from codex_jupyter.core.titles import call, count, one_line

NAMESPACE = "notebook"
#: What the name of the folder begins with that pictures for the model are written to; its path means nothing to a reader.
FIGURES = "codex-figures-"
#: Cells of one proposal that are shown.
MOST_CELLS = 10
_CHANGES = "Variables "
_SILENT = "(no output)"


def notebook_call(item: it.DynamicToolCall) -> Block | None:
    """The block of a call of one of the notebook's tools, the user's own functions included; None for any other tool."""
    if item.namespace != NAMESPACE:
        return None
    given = _arguments(item.arguments)
    told = "\n".join(part.value for part in item.result if part.kind == "text")
    running, past = _TITLES.get(item.tool, ("Call", "Called"))
    words = past if item.status == "completed" else running
    failed = item.status == "failed" or item.success is False
    body: list[Body]
    fold: Fold = "work"
    if item.tool == "run_python":
        code = _text(given.get("code"))
        title = f"{words}: {one_line(code, 100)}" if code else words
        body = [Code(bounded(code), "python"), *_ran(told)] if code else _ran(told)
    elif item.tool == "propose_cells":
        cells = [cell for cell in _list(given.get("cells")) if isinstance(cell, str)]
        title = f"{words} {count(len(cells), 'cell')}"
        body = [Code(bounded(cell), "python", copy=True) for cell in cells[:MOST_CELLS]]
        fold = "never"
    elif item.tool not in _TITLES:
        title = f"{words} {call(item.tool or 'a function', item.arguments)}"
        body = [Plain(bounded(told))] if told else []
    else:
        title = f"{words}{_object(item.tool, given)}"
        body = [Plain(bounded(told))] if told else []
    glyph, meta = _state(item, failed)
    if failed and told and item.tool != "run_python":
        body = [Plain(bounded(told))]
        fold = "work"
    meta = " · ".join(part for part in (meta, duration(item, item.duration_ms)) if part)
    return Block(
        key(item), "tool", title, glyph, meta, "notebook", tuple(body), fold, open=fold == "never"
    )


#: Tool -> what it does, what it did.
_TITLES = {
    "list_variables": ("List the variables", "Listed the variables"),
    "inspect_variable": ("Look at", "Looked at"),
    "read_cells": ("Read", "Read"),
    "run_python": ("Run in the kernel", "Ran in the kernel"),
    "propose_cells": ("Propose", "Proposed"),
}


def _object(tool: str, given: dict[str, Any]) -> str:
    if tool == "inspect_variable":
        return f" {one_line(_text(given.get('name')), 80) or 'a variable'}"
    if tool == "read_cells":
        numbers = [str(n) for n in _list(given.get("numbers")) if isinstance(n, int)]
        if numbers:
            return f" cell{'' if len(numbers) == 1 else 's'} {', '.join(numbers[:12])}"
        return " the last cells"
    match = one_line(_text(given.get("match")), 40)
    return f" like {match}" if match else ""


def _ran(told: str) -> list[Body]:
    """How a run ended and what it changed; its output is in the cell."""
    lines = told.strip().splitlines()
    if not lines:
        return []
    said = [lines[0]]
    if len(lines) > 1 and lines[-1].startswith(_CHANGES):
        said.append(lines[-1])
    if len(lines) > len(said) and lines[1] != _SILENT:
        said.insert(1, "Its output stands in the cell.")
    return [Lines(tuple(one_line(line, 400) for line in said))]


def _state(item: it.DynamicToolCall, failed: bool) -> tuple[Glyph, str]:
    if item.status == "in_progress":
        return "running", ""
    if failed:
        return "failed", "failed"
    if item.status == "declined":
        return "declined", "declined"
    if item.status == "aborted":
        return "stopped", "not finished"
    return "ok", ""


def _arguments(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
