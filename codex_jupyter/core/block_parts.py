"""What the makers of blocks share: the key of an item's block, and bodies that are bounded and safe to place."""

from __future__ import annotations

import json
from dataclasses import replace

from codex_jupyter.core.diffs import Change
from codex_jupyter.core.document import Patch, Picture
from codex_jupyter.core.item import Item
from codex_jupyter.core.titles import one_line, short_path, span

#: Characters of JSON, arguments or plain results shown for one item.
MOST_PLAIN = 20_000
#: Durations below this many milliseconds are not worth a word.
NOTICEABLE_MS = 1000

_RASTER = (
    "data:image/png;base64,",
    "data:image/jpeg;base64,",
    "data:image/gif;base64,",
    "data:image/webp;base64,",
)


def key(item: Item) -> str:
    """The block key of an item, also when it is grouped with others."""
    return f"item:{item.id}"


def patch(changes: tuple[Change, ...], cwd: str, home: str) -> Patch:
    """The diffs of a patch, under the names that people use for the files."""
    return Patch(
        tuple(
            replace(
                change,
                path=short_path(change.path, cwd, home),
                moved_to=short_path(change.moved_to, cwd, home),
            )
            for change in changes
        )
    )


def duration(item: Item, known_ms: int | None = None) -> str:
    """How long it took, when that is noticeable."""
    if known_ms is None and item.started_ms is not None and item.ended_ms is not None:
        known_ms = item.ended_ms - item.started_ms
    return span(known_ms) if known_ms is not None and known_ms >= NOTICEABLE_MS else ""


def picture(source: str, alt: str, path: str = "") -> Picture:
    """A raster image by its ``data:`` URL; any other address is only named."""
    if source.startswith(_RASTER):
        return Picture(source, alt or "image", path)
    named = "" if source.startswith("data:") else one_line(source, 300)
    return Picture("", alt or "image", path or named)


def pretty(text: str) -> str:
    """JSON text with indents; anything else as it is."""
    try:
        return indented(json.loads(text))
    except (ValueError, RecursionError):
        return text


def indented(value: object) -> str:
    """A value as indented JSON."""
    return json.dumps(value, ensure_ascii=False, indent=2)


def bounded(text: str) -> str:
    """At most ``MOST_PLAIN`` characters of a text, its middle counted."""
    if len(text) <= MOST_PLAIN:
        return text
    half = MOST_PLAIN // 2
    return f"{text[:half]}\n… {len(text) - 2 * half:,} characters omitted …\n{text[-half:]}"
