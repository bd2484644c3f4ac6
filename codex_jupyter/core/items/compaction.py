"""The conversation so far was summarised to make room."""

from __future__ import annotations

from dataclasses import dataclass

from codex_jupyter.core.block_parts import key
from codex_jupyter.core.document import Block
from codex_jupyter.core.item import COMES_WHOLE, Common, Context, Item, Kind, Wire
from codex_jupyter.core.json_fields import Json


@dataclass(frozen=True, slots=True)
class Compaction(Item):
    """The conversation so far was summarised to make room."""


def read(source: Json, common: Common) -> Compaction:
    """A ``contextCompaction`` of the wire."""
    return Compaction(**common)


def block(item: Compaction, context: Context, role: str) -> Block | None:
    """One line."""
    live = item.status == "in_progress"
    title = (
        "Making room: summarising the conversation"
        if live
        else "Conversation summarised to make room"
    )
    if item.status == "aborted":
        title = "Conversation not summarised"
    return Block(
        key(item), "compaction", title, "running" if live else "info", "", "compaction", (), "body"
    )


COMPACTION = Kind(
    item=Compaction,
    wire=Wire(type="contextCompaction", read=read),
    growth=COMES_WHOLE,
    block=block,
)
