"""Deltas applied to rows, as a page does with the ops that are made of them."""

from __future__ import annotations

from collections.abc import Iterable

from codex_jupyter.core.document import Block
from codex_jupyter.core.patch import Delta, Grew, Inserted, Removed, Replaced


def apply(rows: tuple[Block, ...], deltas: Iterable[Delta]) -> tuple[Block, ...]:
    """The rows after ``deltas``.

    Raises:
        KeyError: a delta names a row that is not there.
    """
    blocks = {block.key: block for block in rows}
    order = list(blocks)
    for delta in deltas:
        match delta:
            case Inserted(block, before):
                order.insert(len(order) if before is None else _index(order, before), block.key)
                blocks[block.key] = block
            case Replaced(block) | Grew(block=block):
                _index(order, block.key)
                blocks[block.key] = block
            case Removed(key):
                del order[_index(order, key)]
                del blocks[key]
    return tuple(blocks[key] for key in order)


def _index(order: list[str], key: str) -> int:
    if key not in order:
        raise KeyError(key)
    return order.index(key)
