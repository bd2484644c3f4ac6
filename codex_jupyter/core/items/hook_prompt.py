"""Text that a hook put before the model."""

from __future__ import annotations

from dataclasses import dataclass

from codex_jupyter.core.block_parts import bounded, key
from codex_jupyter.core.document import Block, Plain
from codex_jupyter.core.item import COMES_WHOLE, Common, Context, Item, Kind, Wire
from codex_jupyter.core.json_fields import Json, rows, table, text


@dataclass(frozen=True, slots=True)
class HookPrompt(Item):
    """Text that a hook put before the model."""

    fragments: tuple[str, ...] = ()


def read(source: Json, common: Common) -> HookPrompt:
    """A ``hookPrompt`` of the wire."""
    found = tuple(text(table(part), "text") for part in rows(source.get("fragments")))
    return HookPrompt(**common, fragments=found)


def block(item: HookPrompt, context: Context, role: str) -> Block | None:
    """What the model was told."""
    body = tuple(Plain(bounded(f)) for f in item.fragments[:20] if f)
    return Block(key(item), "hook", "A hook told the model", "info", "", "hook", body)


HOOK_PROMPT = Kind(
    item=HookPrompt,
    wire=Wire(type="hookPrompt", read=read),
    growth=COMES_WHOLE,
    block=block,
)
