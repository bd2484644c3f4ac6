"""A call of a tool that this client offers. Calls of the notebook's own tools are told in words: what was looked at, run,
proposed; the user's own functions are among them.

What code printed stands in the cell already, so its block refers to it and does not repeat it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

from codex_jupyter.core.block_parts import bounded, duration, key
from codex_jupyter.core.deltas import Delta
from codex_jupyter.core.diffs import Change
from codex_jupyter.core.document import Block, Body, Code, Fold, Glyph, Lines, Patch, Plain
from codex_jupyter.core.item import Common, Context, DeltaRule, Growth, Item, Kind, Wire
from codex_jupyter.core.json_fields import Json, as_json, text, whole
from codex_jupyter.core.runs import Run, run_lines
from codex_jupyter.core.titles import call, count, one_line
from codex_jupyter.core.tool_calls import (
    Content,
    arguments_body,
    call_block,
    read_contents,
    result_body,
)

NAMESPACE = "notebook"
#: Cells of one proposal that are shown.
MOST_CELLS = 10


@dataclass(frozen=True, slots=True)
class DynamicToolCall(Item):
    """A call of a tool that this client offers. ``arguments`` is JSON text; ``run``: what became of code that it ran;
    ``changes``: what it changed of the open notebook, cell by cell."""

    namespace: str = ""
    tool: str = ""
    arguments: str = ""
    result: tuple[Content, ...] = ()
    success: bool | None = None
    duration_ms: int | None = None
    run: Run | None = None
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class CellsChanged(Delta):
    """A call of ``edit_cells`` changed these cells of the open notebook."""

    changes: tuple[Change, ...] = ()


def with_changes(item: DynamicToolCall, event: CellsChanged) -> DynamicToolCall:
    """The call with what it changed."""
    return replace(item, changes=event.changes) if event.changes else item


@dataclass(frozen=True, slots=True)
class CodeRan(Delta):
    """Code of a call of ``run_python`` was run in the user's kernel: how that ended, and what it changed."""

    run: Run | None = None


def read(source: Json, common: Common) -> DynamicToolCall:
    """A ``dynamicToolCall`` of the wire."""
    success = source.get("success")
    return DynamicToolCall(
        **common,
        namespace=text(source, "namespace"),
        tool=text(source, "tool"),
        arguments=as_json(source.get("arguments")),
        result=read_contents(source.get("contentItems")),
        success=success if isinstance(success, bool) else None,
        duration_ms=whole(source, "durationMs"),
    )


def with_run(item: DynamicToolCall, event: CodeRan) -> DynamicToolCall:
    """The call whose code was run. What is told of it after its end is told once: of code that ended later than its turn."""
    known = item.run is not None and not item.is_open
    return item if known or event.run in (None, item.run) else replace(item, run=event.run)


def block(item: DynamicToolCall, context: Context, role: str) -> Block | None:
    """The call and its result; in words where the tool is the notebook's."""
    words = notebook_call(item)
    if words is not None:
        return words
    name = f"{item.namespace}/{item.tool}" if item.namespace else item.tool
    title = call(name or "a tool", item.arguments)
    body = arguments_body(item.arguments, title) + result_body(item.result)
    failed = item.status == "failed" or item.success is False
    return call_block(item, title, failed, item.duration_ms, body)


def notebook_call(item: DynamicToolCall) -> Block | None:
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
        body = [Code(bounded(code), "python")] if code else []
        body += _ran(item, told)
    elif item.tool == "run_cells":
        cells = _list(given.get("cells"))
        title = f"{words} {count(len(cells), 'cell')} of the open notebook"
        body = _ran(item, told)
    elif item.tool == "propose_cells":
        cells = [cell for cell in _list(given.get("cells")) if isinstance(cell, str)]
        title = f"{words} {count(len(cells), 'cell')}"
        body = [Code(bounded(cell), "python", copy=True) for cell in cells[:MOST_CELLS]]
        fold = "never"
    elif item.tool == "edit_cells":
        wanted = len(item.changes) or len(_list(given.get("changes")))
        title = f"{words} {count(wanted, 'cell')} of the open notebook"
        body = [Patch(item.changes)] if item.changes else []
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
    "read_notebook": ("Read the open notebook", "Read the open notebook"),
    "edit_cells": ("Change", "Changed"),
    "run_python": ("Run in the kernel", "Ran in the kernel"),
    "run_cells": ("Run", "Ran"),
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
    if tool == "read_notebook":
        ids = [one for one in _list(given.get("ids")) if isinstance(one, str)]
        return f": {count(len(ids), 'cell')}" if ids else ""
    match = one_line(_text(given.get("match")), 40)
    return f" like {match}" if match else ""


def _ran(item: DynamicToolCall, told: str) -> list[Body]:
    """How a run ended and what it changed; its output is in the cell. Of one that is not known, what the model was told."""
    if item.run is not None:
        return [Lines(tuple(one_line(line, 400) for line in run_lines(item.run)))]
    return [Plain(bounded(told))] if told else []


def _state(item: DynamicToolCall, failed: bool) -> tuple[Glyph, str]:
    if item.status == "in_progress":
        return "running", ""
    if failed:
        return "failed", "failed"
    if item.status == "declined":
        return "declined", "declined"
    if item.status == "aborted":
        return "stopped", "not finished"
    return "ok", ""


def _arguments(json_text: str) -> dict[str, Any]:
    try:
        value = json.loads(json_text) if json_text else {}
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


DYNAMIC_TOOL_CALL = Kind(
    item=DynamicToolCall,
    wire=Wire(type="dynamicToolCall", read=read),
    growth=Growth(
        deltas=(
            DeltaRule(CodeRan, with_run, begins=False, whenever=True),
            DeltaRule(CellsChanged, with_changes, begins=False, whenever=True),
        )
    ),
    block=block,
)
