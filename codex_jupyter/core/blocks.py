"""A turn as a document: which rows there are, in which order, and what is folded. Semantics only.

One item makes at most one row (``items/``); ``rows.py`` sets them in order; open requests come last, as cards
(``cards.py``); ``frame.py`` makes the header, the footer and the summary. A ``DocumentBuilder`` makes the documents of
one turn after the other: every row whose entry did not change is the very same object again, so that ``patch.diff``
passes over it.

However long a turn is, its document is bounded (``omitted.py``): of the rows that fold into the work the first
``WORK_HEAD`` and the last ``WORK_TAIL`` are shown, of file changes the first ``EDITS_HEAD`` and the last ``EDITS_TAIL``;
one row counts what lies between. Answers, errors, refusals and decisions are all shown. The turn keeps every entry.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from codex_jupyter.core import frame, records
from codex_jupyter.core.cards import card
from codex_jupyter.core.document import Block, Document
from codex_jupyter.core.items import AgentMessage
from codex_jupyter.core.omitted import (
    EDITS_HEAD,
    EDITS_TAIL,
    WORK_HEAD,
    WORK_TAIL,
    Bounded,
    bounded,
)
from codex_jupyter.core.requests import CommandRequest, FileChangeRequest
from codex_jupyter.core.rows import Rows, rows
from codex_jupyter.core.turn import Turn
from codex_jupyter.core.unasked import together

__all__ = ["EDITS_HEAD", "EDITS_TAIL", "WORK_HEAD", "WORK_TAIL", "DocumentBuilder", "document"]


@dataclass(frozen=True, slots=True)
class _Built:
    """The last document of a builder, and what it was made from."""

    turn: Turn
    document: Document
    rows: Rows
    bounded: Bounded


class DocumentBuilder:
    """Makes the documents of one turn as it goes on, each with little work beyond what changed.

    Holds the last document and how it was made, so it belongs to one reader of the turn, in one thread. The documents
    are those that ``document`` makes afresh.

    Example:
        >>> builder = DocumentBuilder()
        >>> first = builder.build(Turn())
        >>> builder.build(Turn()).blocks is first.blocks
        True
    """

    def __init__(self) -> None:
        self._last: _Built | None = None

    def build(self, turn: Turn) -> Document:
        """The document of the turn as it is now; the very same one again if the turn is the same."""
        if self._last is None or self._last.turn is not turn:
            self._last = _build(turn, self._last)
        return self._last.document


def document(turn: Turn) -> Document:
    """The document of a turn, made afresh: in any state, with any entries.

    Example:
        >>> document(Turn()).footer.text
        'starting'
    """
    return _build(turn, None).document


def _build(turn: Turn, before: _Built | None) -> _Built:
    last = before.document if before else None
    entries = rows(turn, before.rows if before else None)
    shown = bounded(entries.blocks, before.bounded if before else None)
    answers = [
        e
        for e in turn.entries
        if isinstance(e, AgentMessage) and entries.roles.get(e.id) == "answer"
    ]
    told = together(shown.blocks, turn) if turn.ended else shown.blocks
    blocks = _with_closing(told, turn, last)
    head, foot = frame.header(turn), frame.footer(turn, answers)
    folded = [b for b in entries.blocks if b.fold == "work"] if turn.ended else []
    page = Document(
        header=last.header if last and last.header == head else head,
        blocks=last.blocks if last and _identical(last.blocks, blocks) else blocks,
        footer=last.footer if last and last.footer == foot else foot,
        work=frame.work(turn, folded),
        ended=turn.ended,
    )
    return _Built(turn, page, entries, shown)


def _with_closing(
    blocks: tuple[Block, ...], turn: Turn, last: Document | None
) -> tuple[Block, ...]:
    """With the checklist above the answer, the error below it, and last what waits for a person."""
    closing: list[Block] = []
    blocks = _without_twice(blocks, turn, last)
    plan = records.checklist(turn)
    if turn.error is not None:
        closing.append(records.error(turn.error))
    for request in turn.requests:
        asking = card(request, turn)
        name = f"card:{request.id}"
        closing.append(
            Block(
                name,
                "card",
                asking.title,
                "ask",
                label="request",
                fold="never",
                open=True,
                card=asking,
            )
        )
    if plan is None and not closing:
        return blocks
    earlier = (
        {b.key: b for b in last.blocks if b.kind in ("checklist", "error", "card")} if last else {}
    )
    closing = [earlier[b.key] if earlier.get(b.key) == b else b for b in closing]
    if plan is None:
        return (*blocks, *closing)
    plan = earlier[plan.key] if earlier.get(plan.key) == plan else plan
    at = len(blocks)
    while at and blocks[at - 1].kind == "answer":
        at -= 1
    return (*blocks[:at], plan, *blocks[at:], *closing)


def _without_twice(
    blocks: tuple[Block, ...], turn: Turn, last: Document | None
) -> tuple[Block, ...]:
    """With the rows folded of which an open card shows all: a patch or a command is not there twice."""
    asked = {
        f"item:{r.item_id}"
        for r in turn.requests
        if (isinstance(r, FileChangeRequest) and r.changes)
        or (isinstance(r, CommandRequest) and r.command)
    }
    if not asked:
        return blocks
    earlier = {b.key: b for b in last.blocks if b.key in asked} if last else {}
    made = [replace(b, open=False) if b.key in asked else b for b in blocks]
    return tuple(earlier[b.key] if earlier.get(b.key) == b else b for b in made)


def _identical(a: tuple[Block, ...], b: tuple[Block, ...]) -> bool:
    return len(a) == len(b) and all(x is y for x, y in zip(a, b, strict=True))
