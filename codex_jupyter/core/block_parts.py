"""What the makers of blocks share: the context of an item, its key, and bodies that are bounded and safe to place."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from codex_jupyter.core import items as it
from codex_jupyter.core.document import Lines, Patch, Picture
from codex_jupyter.core.items import Item
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


@dataclass(frozen=True, slots=True)
class Context:
    """What an item's block depends on beside the item.

    ``cwd`` and ``home`` shorten paths; ``sandbox`` is the one that holds; ``ended`` says how the turn ended (``""`` while it runs); ``leftovers`` that
    what an interrupt left running was seen to; ``agents`` what is known of child agents.
    """

    cwd: str = ""
    home: str = ""
    sandbox: str = ""
    ended: str = ""
    leftovers: bool = False
    agents: tuple[it.Agent, ...] = ()


def key(item: Item) -> str:
    """The block key of an item, also when it is grouped with others."""
    return f"item:{item.id}"


def patch(changes: tuple[it.Change, ...], cwd: str, home: str) -> Patch:
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


def where_kept(item: it.Command) -> Lines:
    """How to get what a long output's row leaves out; true for as long as the kernel that ran it lives."""
    what = "More of this output" if item.missing else "The full output"
    short = f" ({item.missing:,} bytes of it never arrived)" if item.missing else ""
    how = f'import codex_jupyter as cj; cj.output("{item.kept}")'
    return Lines((f"{what} is kept until the kernel ends{short}: `{how}`",), advice=True)


def pretty(text: str) -> str:
    """JSON text with indents; anything else as it is."""
    try:
        return as_json(json.loads(text))
    except (ValueError, RecursionError):
        return text


def as_json(value: object) -> str:
    """A value as indented JSON."""
    return json.dumps(value, ensure_ascii=False, indent=2)


def bounded(text: str) -> str:
    """At most ``MOST_PLAIN`` characters of a text, its middle counted."""
    if len(text) <= MOST_PLAIN:
        return text
    half = MOST_PLAIN // 2
    return f"{text[:half]}\n… {len(text) - 2 * half:,} characters omitted …\n{text[-half:]}"
