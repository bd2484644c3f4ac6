"""A turn for a reader who sees no cell: with what was asked, and when."""

from __future__ import annotations

from dataclasses import replace

from codex_jupyter.core.blocks import document
from codex_jupyter.core.document import Block, Document, Plain
from codex_jupyter.core.items import UserMessage
from codex_jupyter.core.turn import Turn


def transcript(turn: Turn, when: str = "") -> Document:
    """The document of a turn that stands by itself. ``when`` is the time at which it began, in words.

    Example:
        >>> transcript(Turn(), "2026-05-04 14:02").header.parts
        (('when', '2026-05-04 14:02'),)
    """
    made = document(turn)
    parts = (*made.header.parts, ("when", when)) if when else made.header.parts
    return replace(
        made,
        header=replace(made.header, parts=parts),
        blocks=(*_asked(turn), *made.blocks),
    )


def _asked(turn: Turn) -> tuple[Block, ...]:
    """The words of the prompt, where the turn began with one."""
    first = next((each for each in turn.entries if isinstance(each, UserMessage)), None)
    words = "\n".join(p.text for p in first.parts if p.kind == "text" and p.text) if first else ""
    if not words:
        return ()
    return (
        Block(
            "asked",
            "prompt",
            "You asked",
            "user",
            label="prompt",
            body=(Plain(words),),
            fold="never",
            open=True,
        ),
    )
