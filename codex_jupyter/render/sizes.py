"""How much of a long turn one output keeps: what matters always, of the rest as much as fits, titles in any case.

A body is bounded by its renderer (``bounds``); here a whole transcript is, so that hundreds of rows with long outputs do
not make a notebook that no editor opens.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from codex_jupyter.core.document import (
    Block,
    Body,
    Code,
    Findings,
    Lines,
    Patch,
    Picture,
    Plain,
    Prose,
    Terminal,
    UnifiedDiff,
)
from codex_jupyter.core.text import Text
from codex_jupyter.render import diffs
from codex_jupyter.render.bounds import cut

#: Characters of one transcript, for each format.
HTML = 3 * 1024 * 1024
MARKDOWN = 1024 * 1024
TEXT = 512 * 1024
#: Characters that a body keeps once the transcript is full.
SHORT = 1_000

SAID = "… shortened: the whole turn is too long to be kept here …"


def fitted(blocks: Sequence[Block], make: Callable[[Block], str], budget: int) -> list[str]:
    """Each block as ``make`` makes it; from where ``budget`` characters are spent on, what may fold is shortened."""
    made = [make(each) if each.fold == "never" else "" for each in blocks]
    used = sum(map(len, made))
    for at, each in enumerate(blocks):
        if each.fold == "never":
            continue
        whole = make(each) if used < budget else ""
        if not whole or used + len(whole) > budget:
            whole = make(shortened(each))
        made[at] = whole
        used += len(whole)
    return made


def shortened(block: Block) -> Block:
    """The block with only the ends of its bodies, and a line that says so if something is missing."""
    body = tuple(_short(part) for part in block.body)
    return block if body == block.body else replace(block, body=(*body, Lines((SAID,))))


def _short(part: Body) -> Body:
    match part:
        case Terminal(output, live):
            return Terminal(output.trimmed(SHORT), live)
        case Plain(content) if len(content) > SHORT:
            return Plain(_cut(content))
        case Code(content) if len(content) > SHORT:
            return replace(part, text=_cut(content))
        case Prose(content, streaming) if len(content) > SHORT and not streaming:
            return Prose(Text.of(_cut(str(content))))
        case Picture(_, alt, path) if part.data:
            return Picture("", alt, path)
        case Patch(changes) if sum(len(change.diff) for change in changes) > SHORT:
            files = [diffs.of_change(change) for change in changes]
            return Lines(tuple(f"{file.name}  {file.totals}".rstrip() for file in files))
        case UnifiedDiff(content) if len(content) > SHORT:
            return Lines((diffs.summary(diffs.of_unified(content)),))
        case Findings(findings) if len(findings) > 20:
            return Findings(findings[:20])
    return part


def _cut(content: str) -> str:
    parts = cut(content, SHORT)
    return f"{parts.head}\n{parts.said}\n{parts.tail}"
