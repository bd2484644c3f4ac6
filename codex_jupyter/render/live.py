"""From one document to the next as the ops of docs/protocol.md: what the page has to do, and no more.

``Live`` remembers what the page shows: the document, and how far each streaming text is drawn. ``advance`` makes the ops;
``snapshot`` is everything for a page that has nothing, consistent with the ops that follow.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from codex_jupyter.core import patch
from codex_jupyter.core.document import Block, Document, Prose
from codex_jupyter.core.file_links import Files
from codex_jupyter.render import html
from codex_jupyter.render.characters import one_line
from codex_jupyter.render.streaming import Step, Stream
from codex_jupyter.render.streaming import advance as stream_on
from codex_jupyter.render.streaming import drawn as streamed

Op = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Live:
    """What the page shows now. ``streams`` holds one entry for each block whose last text still streams."""

    doc: Document
    streams: Mapping[str, Stream] = field(default_factory=lambda: MappingProxyType({}))


def advance(live: Live | None, doc: Document) -> tuple[Live, tuple[Op, ...]]:
    """What the page that shows ``live`` (None: nothing) must do to show ``doc``, in order.

    A turn that ends folds its work: its rows go and one row with the key ``work`` comes first.
    """
    before = live.doc if live else None
    streams = dict(live.streams) if live else {}
    ops: list[Op] = []
    seen = before.unfolded if before else ()
    old = {each.key: each for each in seen}
    for delta in patch.diff(seen, doc.unfolded):
        match delta:
            case patch.Inserted(block, following):
                drawn = _fresh(block, streams, doc.files)
                ops.append({"op": "insert", "key": block.key, "before": following, "html": drawn})
            case patch.Replaced(block) | patch.Grew(block=block):
                ops += _changed(old[block.key], block, streams, doc.files)
            case patch.Removed(key):
                streams.pop(key, None)
                ops.append({"op": "remove", "key": key})
    if before is None or before.header != doc.header:
        ops.append({"op": "header", "html": html.header(doc.header, live=True)})
    if before is None or before.footer != doc.footer:
        ops.append({"op": "footer", "html": html.footer(doc.footer, live=True)})
    ops += _work(before, doc)
    ops += _state(before, doc)
    return Live(doc, MappingProxyType(streams)), tuple(ops)


def snapshot(shown: Live | Document) -> dict[str, Any]:
    """``{header, blocks: [{key, html}], footer, state}`` of what a page shows; ops made after it apply to it.

    A ``Document`` stands for the ``Live`` that ``advance(None, document)`` begins with.
    """
    live = shown if isinstance(shown, Live) else advance(None, shown)[0]
    doc = live.doc
    drawn = {
        key: streamed(stream, part.text, doc.files)
        for key, stream in live.streams.items()
        if (block := _find(doc, key)) and (part := html.streaming_part(block))
    }
    rows = html.rows(doc, live=True, drawn=drawn)
    return {
        "header": html.header(doc.header, live=True),
        "blocks": [{"key": key, "html": made} for key, made in rows],
        "footer": html.footer(doc.footer, live=True),
        "state": {**_counts(doc), "announce": ""},
    }


def _fresh(block: Block, streams: dict[str, Stream], files: Files | None) -> str:
    """The block as new. A streaming text starts with nothing settled, so that the ops that follow fit."""
    part = html.streaming_part(block)
    if part is None:
        streams.pop(block.key, None)
        return html.block(block, live=True, files=files)
    stream, step = stream_on(Stream(), part.text, True, files)
    streams[block.key] = stream
    return html.block(block, live=True, drawn=(step.settled, step.tail or ""), files=files)


def _changed(old: Block, block: Block, streams: dict[str, Stream], files: Files | None) -> list[Op]:
    stream = streams.get(block.key)
    last = block.body[-1] if block.body else None
    if stream is None or not isinstance(last, Prose) or not _same_but_last(old, block):
        return [{"op": "replace", "key": block.key, "html": _fresh(block, streams, files)}]
    stream, step = stream_on(stream, last.text, last.streaming, files)
    if last.streaming:
        streams[block.key] = stream
    else:
        del streams[block.key]
    return _step(block.key, step, last.streaming)


def _step(key: str, step: Step, streaming: bool) -> list[Op]:
    if step.text and not step.settled and step.tail is None:
        return [{"op": "text", "key": key, "text": step.text}]
    if not step and streaming:
        return []
    return [{"op": "settle", "key": key, "html": step.settled, "tail": step.tail or ""}]


def _same_but_last(old: Block, new: Block) -> bool:
    """Only the last body differs, and only in that its Markdown grew or ended."""
    was = old.body[-1] if old.body else None
    now = new.body[-1]
    return (
        isinstance(was, Prose)
        and isinstance(now, Prose)
        and now.text.extends(was.text)
        and old.body[:-1] == new.body[:-1]
        and replace(old, body=()) == replace(new, body=())
    )


def _work(before: Document | None, doc: Document) -> list[Op]:
    """What happens to the row of folded work, which stands first."""
    was, now = before.folded if before else None, doc.folded
    if was == now:
        return []
    if now is None:
        return [{"op": "remove", "key": html.WORK}]
    drawn = html.work_row(now, live=True, files=doc.files)
    if was is not None:
        return [{"op": "replace", "key": html.WORK, "html": drawn}]
    first = next((each.key for each in doc.unfolded), None)
    return [{"op": "insert", "key": html.WORK, "before": first, "html": drawn}]


def _find(doc: Document | None, key: str) -> Block | None:
    return next((b for b in reversed(doc.blocks) if b.key == key), None) if doc else None


def _counts(doc: Document) -> Op:
    return {
        "running": not doc.ended,
        "waiting": sum(1 for each in doc.blocks if each.card is not None),
        "ended": doc.ended,
    }


def _state(before: Document | None, doc: Document) -> list[Op]:
    counts = _counts(doc)
    sentence = _announcement(before, doc)
    if before is not None and not sentence and counts == _counts(before):
        return []
    return [{"op": "state", **counts, "announce": sentence}]


def _announcement(before: Document | None, doc: Document) -> str:
    """A sentence when the state changed: a question, an error, the end. Never what streams."""
    if doc.ended:
        if before and not before.ended:
            return one_line(f"Finished: {doc.footer.text}")
        return ""
    earlier = {each.key for each in before.blocks} if before else set()
    sentences = [
        f"Codex asks: {each.card.title.removeprefix('Codex asks: ')}"
        if each.card is not None
        else f"{each.label or 'Error'}: {each.title}"
        for each in doc.blocks
        if each.key not in earlier and (each.card is not None or each.kind in ("error", "refused"))
    ]
    return one_line(". ".join(sentences))
