"""Searches, images and pauses as blocks. Part of ``item_blocks.py``; nothing here knows the other items."""

from __future__ import annotations

from collections.abc import Callable

from codex_jupyter.core import items as it
from codex_jupyter.core.block_parts import (
    Context,
    key,
    picture,
)
from codex_jupyter.core.document import (
    Block,
    Body,
    Glyph,
    Lines,
    Link,
    Plain,
)
from codex_jupyter.core.titles import file_name, one_line, short_path, span


def _web_search(item: it.WebSearch, context: Context, role: str) -> Block | None:
    live = item.status == "in_progress"
    body: list[Body] = []
    if item.action == "open":
        title = f"Opened {one_line(item.url)}" if item.url else "Opened a page"
    elif item.action == "find":
        title = f"Looked for “{one_line(item.pattern, 60)}” in {one_line(item.url) or 'a page'}"
    else:
        what = one_line(item.query) or one_line(", ".join(item.queries))
        title = f"{'Searching' if live else 'Searched'} {what}".strip()
        if title == "Searched":
            title = "Searched the web"
        if len(item.queries) > 1:
            body.append(Lines(item.queries[:20]))
    if item.url:
        body.append(Link(item.url))
    glyph: Glyph = "running" if live else "stopped" if item.status == "aborted" else "search"
    return Block(key(item), "search", title, glyph, "", "web search", tuple(body))


def _image_view(item: it.ImageView, context: Context, role: str) -> Block | None:
    path = short_path(item.path, context.cwd, context.home)
    body = (picture(item.data, file_name(item.path), path),)
    return Block(key(item), "image", f"Looked at {path or 'an image'}", "image", "", "image", body)


def _image_generation(item: it.ImageGeneration, context: Context, role: str) -> Block | None:
    prompt = one_line(item.prompt, 100)
    if item.status == "in_progress":
        title = "Drawing an image" + (f": {prompt}" if prompt else "")
        return Block(key(item), "image", title, "running", "", "generated image")
    path = short_path(item.saved_path, context.cwd, context.home)
    if item.failure or item.status in ("failed", "aborted"):
        words = {"aborted": "not finished"}.get(item.status, "failed")
        body: tuple[Body, ...] = (Plain(item.failure),) if item.failure else ()
        return Block(
            key(item),
            "image",
            f"Image: {prompt}" if prompt else "Image",
            "failed",
            words,
            "generated image",
            body,
            "never",
            True,
        )
    body = (picture(item.data, prompt or "generated image", path),)
    return Block(
        key(item),
        "image",
        f"Image: {prompt}" if prompt else "Image",
        "image",
        "",
        "generated image",
        body,
        "never",
        True,
    )


def _sleep(item: it.Sleep, context: Context, role: str) -> Block | None:
    live = item.status == "in_progress"
    title = f"{'Waiting' if live else 'Waited'} {span(item.duration_ms)}".strip()
    meta = "cut short" if item.status == "aborted" else ""
    return Block(key(item), "sleep", title, "running" if live else "sleep", meta, "pause")


#: Item type -> maker of its block.
MAKERS: dict[type, Callable[..., Block | None]] = {
    it.WebSearch: _web_search,
    it.ImageView: _image_view,
    it.ImageGeneration: _image_generation,
    it.Sleep: _sleep,
}
