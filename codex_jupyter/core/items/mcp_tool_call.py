"""A call of an MCP server's tool."""

from __future__ import annotations

from dataclasses import dataclass, replace

from codex_jupyter.core.block_parts import bounded
from codex_jupyter.core.deltas import Delta
from codex_jupyter.core.document import Block, Lines, Plain
from codex_jupyter.core.item import Common, Context, DeltaRule, Growth, Item, Kind, Wire
from codex_jupyter.core.json_fields import Json, as_json, table, text, whole, yes
from codex_jupyter.core.titles import call
from codex_jupyter.core.tool_calls import (
    Content,
    arguments_body,
    call_block,
    read_contents,
    result_body,
)

#: Most progress lines that are kept.
MOST_LINES = 500


@dataclass(frozen=True, slots=True)
class McpToolCall(Item):
    """A call of an MCP server's tool. ``arguments`` is JSON text; ``read_only``: the server says that it changes nothing."""

    server: str = ""
    tool: str = ""
    arguments: str = ""
    result: tuple[Content, ...] = ()
    error: str = ""
    progress: tuple[str, ...] = ()
    duration_ms: int | None = None
    read_only: bool = False


@dataclass(frozen=True, slots=True)
class ToolProgressed(Delta):
    """A line about how far an MCP call is."""

    message: str = ""


def read(source: Json, common: Common) -> McpToolCall:
    """An ``mcpToolCall`` of the wire."""
    outcome = table(source.get("result"))
    result = read_contents(outcome.get("content"))
    if not result and outcome.get("structuredContent") is not None:
        result = (Content("unknown", as_json(outcome["structuredContent"])),)
    return McpToolCall(
        **common,
        server=text(source, "server"),
        tool=text(source, "tool"),
        arguments=as_json(source.get("arguments")),
        result=result,
        error=text(table(source.get("error")), "message"),
        duration_ms=whole(source, "durationMs"),
        read_only=yes(source, "readOnlyHint"),
    )


def _read_progress(thread: str, turn: str, p: Json) -> ToolProgressed:
    return ToolProgressed(thread, turn, text(p, "itemId"), text(p, "message"))


def with_progress(item: McpToolCall, event: ToolProgressed) -> McpToolCall:
    """The call that told how far it is."""
    if not event.message or item.progress[-1:] == (event.message,):
        return item
    return replace(item, progress=(*item.progress, event.message)[-MOST_LINES:])


def block(item: McpToolCall, context: Context, role: str) -> Block | None:
    """The call, its result, and while it runs the newest of its progress."""
    name = f"{item.server}/{item.tool}" if item.server else item.tool
    title = call(name or "a tool", item.arguments)
    body = arguments_body(item.arguments, title)
    if item.status == "in_progress" and item.progress:
        body.append(Lines(item.progress[-5:]))
    body += result_body(item.result)
    if item.error:
        body.append(Plain(bounded(item.error)))
    failed = item.status == "failed" or bool(item.error)
    return call_block(item, title, failed, item.duration_ms, body)


MCP_TOOL_CALL = Kind(
    item=McpToolCall,
    wire=Wire(
        type="mcpToolCall", read=read, notifications={"item/mcpToolCall/progress": _read_progress}
    ),
    growth=Growth(deltas=(DeltaRule(ToolProgressed, with_progress),)),
    block=block,
)
