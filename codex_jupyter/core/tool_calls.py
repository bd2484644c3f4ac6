"""Calls of tools, whoever offers the tool: the parts of a result, how they are read, and the row of a call."""

from __future__ import annotations

import json
from dataclasses import dataclass

from codex_jupyter.core.block_parts import NOTICEABLE_MS, bounded, indented, key, picture
from codex_jupyter.core.document import Block, Body, Code, Glyph, Lines, Plain
from codex_jupyter.core.item import Item
from codex_jupyter.core.json_fields import as_json, rows, table, text
from codex_jupyter.core.titles import count, span

#: Parts of one result that are shown.
MOST_PARTS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Content:
    """One part of a tool's result. ``kind``: text, image, audio or unknown (``value`` is then JSON).

    ``value`` is the text, or for images and audio a ``data:`` URL or another URL as it came.
    """

    kind: str
    value: str


def read_contents(wire: object) -> tuple[Content, ...]:
    """The parts of a tool's result: MCP content blocks, dynamic-tool parts and Responses API parts alike.

    Example:
        >>> read_contents([{"type": "inputText", "text": "out"}])
        (Content(kind='text', value='out'),)
    """
    if isinstance(wire, str):
        return (Content("text", wire),)
    return tuple(_content(part) for part in rows(wire))


def _content(wire: object) -> Content:
    part = table(wire)
    kind = part.get("type")
    if kind in ("text", "inputText", "input_text", "output_text"):
        return Content("text", text(part, "text"))
    if kind in ("image", "audio") and isinstance(part.get("data"), str):  # MCP
        default = "image/png" if kind == "image" else "audio/wav"
        return Content(kind, f"data:{text(part, 'mimeType') or default};base64,{part['data']}")
    if kind in ("inputImage", "input_image"):
        url = part.get("imageUrl", part.get("image_url"))
        return Content("image", url) if isinstance(url, str) else _unknown(wire)
    if kind in ("inputAudio", "input_audio"):
        url = part.get("audioUrl", part.get("audio_url"))
        return Content("audio", url) if isinstance(url, str) else _unknown(wire)
    return _unknown(wire)


def _unknown(wire: object) -> Content:
    return Content("unknown", as_json(wire))


def result_text(wire: object) -> str:
    """A tool's result as one text: what a model was told, without pictures."""
    parts = [c.value if c.kind == "text" else f"[{c.kind}]" for c in read_contents(wire)]
    return "\n".join(parts)


def call_block(item: Item, title: str, failed: bool, took: int | None, body: list[Body]) -> Block:
    """The row of a call. ``took`` is its duration in milliseconds, or None."""
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


def arguments_body(arguments: str, title: str) -> list[Body]:
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
        return body + ([Code(bounded(indented(rest)), "json")] if rest else [])
    return [Code(bounded(indented(value)), "json")]


def result_body(result: tuple[Content, ...]) -> list[Body]:
    """The parts of a result, each as what it is."""
    body: list[Body] = []
    for part in result[:MOST_PARTS_SHOWN]:
        if part.kind == "text":
            body.append(Plain(bounded(part.value)))
        elif part.kind == "image":
            body.append(picture(part.value, "image"))
        elif part.kind == "audio":
            body.append(Lines((f"audio, {count(len(part.value), 'character')} of data",)))
        else:
            body.append(Code(bounded(part.value), "json"))
    if len(result) > MOST_PARTS_SHOWN:
        body.append(Lines((f"… {len(result) - MOST_PARTS_SHOWN:,} more parts",)))
    return body
