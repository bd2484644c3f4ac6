"""An item of a type that this version does not know: shown as unknown, never lost."""

from __future__ import annotations

from dataclasses import dataclass

from codex_jupyter.core.block_parts import bounded, key, pretty
from codex_jupyter.core.document import Block, Code
from codex_jupyter.core.item import COMES_WHOLE, NOT_ON_THE_WIRE, Common, Context, Item, Kind
from codex_jupyter.core.json_fields import as_json, table, text
from codex_jupyter.core.titles import one_line


@dataclass(frozen=True, slots=True)
class UnknownItem(Item):
    """An item type that this version does not know. ``raw`` is its JSON text."""

    type: str = ""
    raw: str = ""


def read_anything(wire: object, common: Common) -> UnknownItem:
    """Whatever came in the place of a known ``ThreadItem``."""
    return UnknownItem(**common, type=text(table(wire), "type"), raw=as_json(wire))


def block(item: UnknownItem, context: Context, role: str) -> Block | None:
    """Its type, and its JSON."""
    name = one_line(item.type, 60)
    title = f"Unknown item: {name}" if name else "Unknown item"
    body = (Code(bounded(pretty(item.raw)), "json"),) if item.raw else ()
    return Block(key(item), "unknown", title, "unknown", "", "unknown item", body)


UNKNOWN_ITEM = Kind(
    item=UnknownItem,
    wire=NOT_ON_THE_WIRE,  # it has no type of its own: what no other kind reads becomes one
    growth=COMES_WHOLE,
    block=block,
)
