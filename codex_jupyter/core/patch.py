"""What changed between two documents of one turn, append-only where it can be.

``diff`` finds the deltas, ``apply`` puts them into the older document (tests and late readers use it). Both are pure and
know nothing of pixels: the renderers turn each delta into an op of docs/protocol.md. Blocks are compared by identity
first, so that a long transcript in which one block changed costs one pass of pointer comparisons.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise

from codex_jupyter.core.document import Block, Document, Footer, Header, Prose


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


@dataclass(frozen=True, slots=True)
class HeaderChanged:
    """The header reads differently now."""

    header: Header


@dataclass(frozen=True, slots=True)
class FooterChanged:
    """The footer reads differently now."""

    footer: Footer


@dataclass(frozen=True, slots=True)
class WorkChanged:
    """The summary line of the folded work changed."""

    work: str


@dataclass(frozen=True, slots=True)
class EndedChanged:
    """The turn ended: from now on its work is folded (``Document.folded``)."""

    ended: bool


Delta = (
    Inserted
    | Replaced
    | Removed
    | Grew
    | HeaderChanged
    | FooterChanged
    | WorkChanged
    | EndedChanged
)

#: What a reader sees before anything happened; ``diff(None, after)`` starts here.
EMPTY = Document(Header(), (), Footer())


def diff(before: Document | None, after: Document) -> tuple[Delta, ...]:
    """The deltas that lead from ``before`` to ``after``, to be applied in order.

    Removals come first, then blocks from top to bottom, then header, footer, work and end. Keys must be unique within
    each document, as ``blocks.document`` makes them.

    Example:
        >>> [type(d).__name__ for d in diff(None, Document(Header(), (Block("a", "answer"),), Footer()))]
        ['Inserted']
    """
    old = EMPTY if before is None else before
    deltas: list[Delta] = []
    if old.blocks is not after.blocks:
        deltas += diff_blocks(old.blocks, after.blocks)
    if old.header is not after.header and old.header != after.header:
        deltas.append(HeaderChanged(after.header))
    if old.footer is not after.footer and old.footer != after.footer:
        deltas.append(FooterChanged(after.footer))
    if old.work != after.work:
        deltas.append(WorkChanged(after.work))
    if old.ended != after.ended:
        deltas.append(EndedChanged(after.ended))
    return tuple(deltas)


def apply(document: Document | None, deltas: Iterable[Delta]) -> Document:
    """The document after ``deltas``.

    Raises:
        KeyError: a delta names a block that is not there (the deltas belong to another document).
    """
    result = EMPTY if document is None else document
    blocks = {block.key: block for block in result.blocks}
    order = [block.key for block in result.blocks]
    for delta in deltas:
        match delta:
            case Inserted(block, before):
                at = len(order) if before is None else _index(order, before)
                order.insert(at, block.key)
                blocks[block.key] = block
            case Replaced(block) | Grew(block=block):
                if block.key not in blocks:
                    raise KeyError(block.key)
                blocks[block.key] = block
            case Removed(key):
                del order[_index(order, key)]
                del blocks[key]
            case HeaderChanged(header):
                result = replace(result, header=header)
            case FooterChanged(footer):
                result = replace(result, footer=footer)
            case WorkChanged(work):
                result = replace(result, work=work)
            case EndedChanged(ended):
                result = replace(result, ended=ended)
    return replace(result, blocks=tuple(blocks[key] for key in order))


def _index(order: list[str], key: str) -> int:
    try:
        return order.index(key)
    except ValueError:
        raise KeyError(key) from None


def diff_blocks(
    old: tuple[Block, ...], new: tuple[Block, ...]
) -> list[Inserted | Replaced | Removed | Grew]:
    """Deltas for rows alone. The common start, usually nearly everything, is passed over by identity."""
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
    deltas: list[Inserted | Replaced | Removed | Grew] = [
        Removed(block.key) for block in old if block.key not in kept
    ]
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
    return deltas


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


def _change(was: Block, now: Block) -> list[Replaced | Grew]:
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
