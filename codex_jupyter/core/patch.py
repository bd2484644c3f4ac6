"""What changed between the rows of two documents of one turn, append-only where it can be.

Pure, and knows nothing of pixels: ``render/live.py`` turns each delta into an op of docs/protocol.md. Blocks are compared
by identity first, so that a long transcript in which one block changed costs one pass of pointer comparisons.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, replace
from itertools import pairwise

from codex_jupyter.core.document import Block, Prose


@dataclass(frozen=True, slots=True)
class Inserted:
    """A new block, placed before the block with key ``before`` (None: at the end)."""

    block: Block
    before: str | None = None


@dataclass(frozen=True, slots=True)
class Replaced:
    """The block with this key looks different now; its place is the same."""

    block: Block


@dataclass(frozen=True, slots=True)
class Removed:
    """The block with this key is gone (or moves: then an ``Inserted`` with the same key follows)."""

    key: str


@dataclass(frozen=True, slots=True)
class Grew:
    """Only the text of one ``Prose`` part grew: ``block.body[part].text.since(start)`` is what was appended.

    ``block`` is the whole new block, for renderers that rather replace it.
    """

    key: str
    block: Block
    part: int
    start: int


Delta = Inserted | Replaced | Removed | Grew


def diff(old: tuple[Block, ...], new: tuple[Block, ...]) -> tuple[Delta, ...]:
    """The deltas that lead from the rows ``old`` to ``new``, to be applied in order: removals, then from top to bottom.

    Keys must be unique within each, as ``blocks.document`` makes them. The common start, usually nearly everything, is
    passed over by identity.

    Example:
        >>> [type(delta).__name__ for delta in diff((), (Block("a", "answer"),))]
        ['Inserted']
    """
    same = 0
    for was, now in zip(old, new, strict=False):
        if was is not now:
            break
        same += 1
    old, new = old[same:], new[same:]
    by_key = {block.key: block for block in old}
    kept = _in_order(
        [block.key for block in old], [block.key for block in new if block.key in by_key]
    )
    deltas: list[Delta] = [Removed(block.key) for block in old if block.key not in kept]
    following: list[str | None] = []
    successor: str | None = None
    for block in reversed(new):
        following.append(successor)
        if block.key in kept:
            successor = block.key
    for block, before in zip(new, reversed(following), strict=True):
        if block.key in kept:
            deltas += _change(by_key[block.key], block)
        else:
            deltas.append(Inserted(block, before))
    return tuple(deltas)


def _in_order(old: list[str], new: list[str]) -> set[str]:
    """The keys that can stay where they are: a longest common subsequence of two orders of unique keys."""
    rank = {key: i for i, key in enumerate(old)}
    ranks = [rank[key] for key in new]
    if all(a < b for a, b in pairwise(ranks)):
        return set(new)
    ends: list[int] = []  # ends[k]: the smallest rank that ends a rising run of k + 1 keys
    places: list[int] = []
    for value in ranks:
        place = bisect_left(ends, value)
        ends[place : place + 1] = [value]
        places.append(place)
    kept: set[str] = set()
    wanted = len(ends) - 1
    for i in range(len(new) - 1, -1, -1):
        if places[i] == wanted:
            kept.add(new[i])
            wanted -= 1
    return kept


def _change(was: Block, now: Block) -> list[Delta]:
    if was is now:
        return []
    grown = _growth(was, now)
    if grown is not None:
        part, start = grown
        return [Grew(now.key, now, part, start)]
    return [] if was == now else [Replaced(now)]


def _growth(was: Block, now: Block) -> tuple[int, int] | None:
    """(part, start) when one Prose part got longer at its end and nothing else changed."""
    if len(was.body) != len(now.body) or replace(was, body=()) != replace(now, body=()):
        return None
    changed = [i for i, (a, b) in enumerate(zip(was.body, now.body, strict=True)) if a is not b]
    grown: tuple[int, int] | None = None
    for i in changed:
        a, b = was.body[i], now.body[i]
        if (
            grown is None
            and isinstance(a, Prose)
            and isinstance(b, Prose)
            and a.streaming == b.streaming
            and len(b.text) > len(a.text)
            and b.text.extends(a.text)
        ):
            grown = (i, len(a.text))
        elif a != b:
            return None
    return grown
