"""A review began."""

from __future__ import annotations

from dataclasses import dataclass

from codex_jupyter.core.block_parts import key
from codex_jupyter.core.document import Block
from codex_jupyter.core.item import COMES_WHOLE, Common, Context, Item, Kind, Wire
from codex_jupyter.core.json_fields import Json, text
from codex_jupyter.core.titles import one_line


@dataclass(frozen=True, slots=True)
class ReviewEntered(Item):
    """A review began; ``review`` says of what."""

    review: str = ""


def read(source: Json, common: Common) -> ReviewEntered:
    """An ``enteredReviewMode`` of the wire."""
    return ReviewEntered(**common, review=text(source, "review"))


def block(item: ReviewEntered, context: Context, role: str) -> Block | None:
    """What is reviewed."""
    title = f"Review: {one_line(item.review) or 'the changes'}"
    return Block(key(item), "review", title, "review", "", "review", (), "never", True)


REVIEW_ENTERED = Kind(
    item=ReviewEntered,
    wire=Wire(type="enteredReviewMode", read=read),
    growth=COMES_WHOLE,
    block=block,
)
