"""One item as one block: its title, mark, measure and body. Semantics only; nothing here knows the other items.

Everything that came from outside stays text. What is long is bounded by the item itself (``Output``) or by its maker.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from codex_jupyter.core import (
    action_blocks,
    agent_blocks,
    event_blocks,
    lookup_blocks,
    message_blocks,
)
from codex_jupyter.core.block_parts import Context, key
from codex_jupyter.core.document import Block
from codex_jupyter.core.items import Item
from codex_jupyter.core.titles import flat

__all__ = ["Context", "block", "key"]


def block(item: Item, context: Context, role: str = "") -> Block | None:
    """The block of an item, or None when there is nothing to show.

    Args:
        item: the entry.
        context: what surrounds it.
        role: for messages: ``answer``, ``commentary``, or ``unanswered`` for the last words of a turn without answer;
            for user messages ``prompt`` (the cell's own) or ``steer``; for reviews ``shown`` when a message says the same; for commands ``refused`` when no decision tells of it.
    """
    make = _MAKERS.get(type(item))
    made = make(item, context, role) if make is not None else None
    if made is None:
        return None
    title, meta = flat(made.title), flat(made.meta)
    return (
        made if (title, meta) == (made.title, made.meta) else replace(made, title=title, meta=meta)
    )


_MAKERS: dict[type, Callable[..., Block | None]] = {
    **message_blocks.MAKERS,
    **action_blocks.MAKERS,
    **agent_blocks.MAKERS,
    **lookup_blocks.MAKERS,
    **event_blocks.MAKERS,
}
