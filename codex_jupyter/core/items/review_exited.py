"""A review ended."""

from __future__ import annotations

from dataclasses import dataclass, replace

from codex_jupyter.core.block_parts import key
from codex_jupyter.core.document import Block, Body, Findings, Prose
from codex_jupyter.core.findings import parse
from codex_jupyter.core.item import COMES_WHOLE, Common, Context, Item, Kind, Wire
from codex_jupyter.core.json_fields import Json, text
from codex_jupyter.core.text import Text
from codex_jupyter.core.titles import count, short_path


@dataclass(frozen=True, slots=True)
class ReviewExited(Item):
    """A review ended; ``review`` holds its findings as text."""

    review: str = ""


def read(source: Json, common: Common) -> ReviewExited:
    """An ``exitedReviewMode`` of the wire."""
    return ReviewExited(**common, review=text(source, "review"))


def block(item: ReviewExited, context: Context, role: str) -> Block | None:
    """The findings with their places; ``role`` is ``shown`` when a message says the rest."""
    said, findings = parse(item.review)
    body: list[Body] = [Prose(Text.of(said))] if said and role != "shown" else []
    if findings:
        near = (replace(f, file=short_path(f.file, context.cwd, context.home)) for f in findings)
        body.append(Findings(tuple(near)))
    title = "Review finished" + (f": {count(len(findings), 'finding')}" if findings else "")
    return Block(key(item), "review", title, "review", "", "review", tuple(body), "never", True)


REVIEW_EXITED = Kind(
    item=ReviewExited,
    wire=Wire(type="exitedReviewMode", read=read),
    growth=COMES_WHOLE,
    block=block,
)
