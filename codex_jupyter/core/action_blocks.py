"""Commands, patches and tool calls as blocks: what was done. Part of ``item_blocks.py``; nothing here knows the other items."""

from __future__ import annotations

import json
from collections.abc import Callable

from codex_jupyter.core import items as it
from codex_jupyter.core.block_parts import (
    NOTICEABLE_MS,
    Context,
    as_json,
    bounded,
    duration,
    key,
    patch,
    picture,
    where_kept,
)
from codex_jupyter.core.diffs import shown, total
from codex_jupyter.core.document import (
    Block,
    Body,
    Code,
    Facts,
    Glyph,
    Lines,
    Plain,
    Terminal,
)
from codex_jupyter.core.items import Item
from codex_jupyter.core.notebook_blocks import notebook_call
from codex_jupyter.core.refusals import BY_THE_SANDBOX, WRITE_HINT, by_the_sandbox
from codex_jupyter.core.text import OUTPUT_EDGE
from codex_jupyter.core.titles import call, count, one_line, short_path, span, unwrap


def _command(item: it.Command, context: Context, role: str) -> Block | None:
    live = item.status == "in_progress"
    text = unwrap(item.command)
    title = one_line(text, 160) or "a command"
    body: list[Body] = []
    if title != text and text:
        body.append(Code(bounded(text), "bash", typed=True))
    if item.cwd and context.cwd and item.cwd != context.cwd:
        body.append(Facts((("in", short_path(item.cwd, context.cwd, context.home)),)))
    if item.stdin:
        typed = [f"typed: {one_line(repr(t)[1:-1], 200)}" for t in item.stdin[-20:]]
        body.append(Lines(tuple(typed)))
    if item.output:
        body.append(Terminal(item.output, live=live))
    if item.kept and (item.output.omitted or len(item.output) > OUTPUT_EDGE):
        body.append(where_kept(item))
    glyph, meta = _outcome(item, context)
    blocked = glyph == "failed" and by_the_sandbox(item.output)
    if blocked:
        meta = f"{meta} · {BY_THE_SANDBOX}"
        body += [Lines((WRITE_HINT,), advice=True)] if context.sandbox == "read-only" else []
    labels = {"userShell": "your command"}
    return Block(
        key(item),
        "command",
        title,
        glyph,
        meta,
        labels.get(item.source, "command"),
        tuple(body),
        "body" if blocked or role == "refused" else "work",
        open=live,
        code_title=True,
    )


def _outcome(item: it.Command, context: Context) -> tuple[Glyph, str]:
    took = duration(item, item.duration_ms)
    if item.status == "in_progress":
        return "running", "still running after the turn" if item.late and context.ended else ""
    if item.status == "declined":
        return "declined", "declined"
    if item.status == "aborted":
        if context.ended == "completed" and not context.leftovers:
            return "running", "left running"
        return "stopped", "stopped" if context.ended else "not finished"
    failed = item.status == "failed" or item.exit_code not in (None, 0)
    parts = []
    if failed:
        known = item.exit_code is not None and item.exit_code >= 0
        parts.append(f"exit {item.exit_code}" if known else "ended early")
    glyph: Glyph = "failed" if failed else "ok"
    if failed and context.ended == "interrupted" and (item.exit_code or 0) < 0:
        glyph, parts = "stopped", ["stopped"]
    if took:
        parts.append(took)
    if item.late and glyph != "stopped":
        parts.append("after the turn")
    return glyph, " · ".join(parts)


def _file_change(item: it.FileChange, context: Context, role: str) -> Block | None:
    live = item.status == "in_progress"
    names = []
    for change in item.changes:
        name = short_path(change.path, context.cwd, context.home)
        moved = short_path(change.moved_to, context.cwd, context.home)
        names.append(f"{name} → {moved}" if moved else name)
    title = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    parts = [shown(*total(item.changes))] if item.changes else []
    if len(item.changes) == 1:
        parts += {"add": ["new"], "delete": ["deleted"]}.get(item.changes[0].kind, [])
    glyph: Glyph = "edit"
    if item.status in ("failed", "declined"):
        glyph = item.status
        parts.append("not written")
    elif item.status == "aborted":
        glyph = "stopped"
        parts.append("not written")
    elif live:
        glyph = "running"
    body: list[Body] = [patch(item.changes, context.cwd, context.home)] if item.changes else []
    if item.output:
        body.append(Terminal(item.output))
    return Block(
        key(item),
        "edit",
        title or ("Writing a patch" if live else "A patch"),
        glyph,
        " · ".join(parts),
        "file change",
        tuple(body),
        "body",
        open=not context.ended,
    )


def _mcp(item: it.McpToolCall, context: Context, role: str) -> Block | None:
    name = f"{item.server}/{item.tool}" if item.server else item.tool
    title = call(name or "a tool", item.arguments)
    body = _arguments(item.arguments, title)
    if item.status == "in_progress" and item.progress:
        body.append(Lines(item.progress[-5:]))
    body += _contents(item.result)
    if item.error:
        body.append(Plain(bounded(item.error)))
    failed = item.status == "failed" or bool(item.error)
    return _tool_block(item, title, failed, item.duration_ms, body)


def _dynamic(item: it.DynamicToolCall, context: Context, role: str) -> Block | None:
    ours = notebook_call(item)
    if ours is not None:
        return ours
    name = f"{item.namespace}/{item.tool}" if item.namespace else item.tool
    title = call(name or "a tool", item.arguments)
    body = _arguments(item.arguments, title) + _contents(item.result)
    failed = item.status == "failed" or item.success is False
    return _tool_block(item, title, failed, item.duration_ms, body)


def _tool_block(item: Item, title: str, failed: bool, took: int | None, body: list[Body]) -> Block:
    glyph: Glyph = "tool"
    parts: list[str] = []
    if item.status == "in_progress":
        glyph = "running"
    elif failed:
        glyph, parts = "failed", ["failed"]
    elif item.status in ("declined", "aborted"):
        glyph = "declined" if item.status == "declined" else "stopped"
        parts = [item.status if item.status == "declined" else "not finished"]
    else:
        glyph = "ok"
    parts += [span(took)] if took is not None and took >= NOTICEABLE_MS else []
    return Block(
        key(item),
        "tool",
        title,
        glyph,
        " · ".join(parts),
        "tool call",
        tuple(body),
        code_title=True,
    )


def _arguments(arguments: str, title: str) -> list[Body]:
    """The arguments in full, where the title cannot hold them: code as code, the rest as JSON."""
    if "…" not in title and '"code"' not in arguments:
        return []
    try:
        value = json.loads(arguments) if arguments else None
    except (ValueError, RecursionError):
        return [Plain(bounded(arguments))]
    if not value:
        return []
    if isinstance(value, dict) and isinstance(value.get("code"), str):
        rest = {k: v for k, v in value.items() if k != "code"}
        body: list[Body] = [Code(bounded(value["code"]), "python")]
        return body + ([Code(bounded(as_json(rest)), "json")] if rest else [])
    return [Code(bounded(as_json(value)), "json")]


def _contents(result: tuple[it.Content, ...]) -> list[Body]:
    body: list[Body] = []
    for part in result[:50]:
        if part.kind == "text":
            body.append(Plain(bounded(part.value)))
        elif part.kind == "image":
            body.append(picture(part.value, "image"))
        elif part.kind == "audio":
            body.append(Lines((f"audio, {count(len(part.value), 'character')} of data",)))
        else:
            body.append(Code(bounded(part.value), "json"))
    if len(result) > 50:
        body.append(Lines((f"… {len(result) - 50:,} more parts",)))
    return body


#: Item type -> maker of its block.
MAKERS: dict[type, Callable[..., Block | None]] = {
    it.Command: _command,
    it.FileChange: _file_change,
    it.McpToolCall: _mcp,
    it.DynamicToolCall: _dynamic,
}
