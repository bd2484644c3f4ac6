"""A search, an opened page or a find in a page."""

from __future__ import annotations

from dataclasses import dataclass

from codex_jupyter.core.block_parts import key
from codex_jupyter.core.document import Block, Body, Glyph, Lines, Link
from codex_jupyter.core.item import Common, Context, Growth, Item, Kind, Wire
from codex_jupyter.core.json_fields import Json, table, text, texts
from codex_jupyter.core.titles import one_line


@dataclass(frozen=True, slots=True)
class WebSearch(Item):
    """A search, an opened page or a find in a page (``action``: search, open, find or other)."""

    action: str = "other"
    query: str = ""
    queries: tuple[str, ...] = ()
    url: str = ""
    pattern: str = ""


_ACTIONS = {"search": "search", "openPage": "open", "findInPage": "find"}


def read(source: Json, common: Common) -> WebSearch:
    """A ``webSearch`` of the wire."""
    action = table(source.get("action"))
    return WebSearch(
        **common,
        action=_ACTIONS.get(text(action, "type"), "other"),
        query=text(source, "query") or text(action, "query"),
        queries=texts(action.get("queries")),
        url=text(action, "url"),
        pattern=text(action, "pattern"),
    )


def block(item: WebSearch, context: Context, role: str) -> Block | None:
    """What was looked for, and where."""
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


WEB_SEARCH = Kind(
    item=WebSearch,
    wire=Wire(type="webSearch", read=read),
    growth=Growth(streamed=True),
    block=block,
)
