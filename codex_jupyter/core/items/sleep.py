"""The model waits."""

from __future__ import annotations

from dataclasses import dataclass

from codex_jupyter.core.block_parts import key
from codex_jupyter.core.document import Block
from codex_jupyter.core.item import COMES_WHOLE, Common, Context, Item, Kind, Wire
from codex_jupyter.core.json_fields import Json, whole
from codex_jupyter.core.titles import span


@dataclass(frozen=True, slots=True)
class Sleep(Item):
    """The model waits, for so many milliseconds."""

    duration_ms: int = 0


def read(source: Json, common: Common) -> Sleep:
    """A ``sleep`` of the wire."""
    return Sleep(**common, duration_ms=whole(source, "durationMs") or 0)


def block(item: Sleep, context: Context, role: str) -> Block | None:
    """How long it waits or waited."""
    live = item.status == "in_progress"
    title = f"{'Waiting' if live else 'Waited'} {span(item.duration_ms)}".strip()
    meta = "cut short" if item.status == "aborted" else ""
    return Block(key(item), "sleep", title, "running" if live else "sleep", meta, "pause")


SLEEP = Kind(
    item=Sleep,
    wire=Wire(type="sleep", read=read),
    growth=COMES_WHOLE,
    block=block,
)
