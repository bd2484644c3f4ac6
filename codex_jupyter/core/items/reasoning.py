"""What the model thought."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from codex_jupyter.core.block_parts import duration, key
from codex_jupyter.core.deltas import Appends, Delta
from codex_jupyter.core.document import Block, Prose
from codex_jupyter.core.item import Common, Context, DeltaRule, Growth, Item, Kind, Wire
from codex_jupyter.core.json_fields import Json, text, texts, whole
from codex_jupyter.core.text import Text
from codex_jupyter.core.titles import one_line

#: Most sections that are kept.
MOST_SECTIONS = 500


@dataclass(frozen=True, slots=True)
class Reasoning(Item):
    """What the model thought: summary sections, and raw content where the provider shows it."""

    summary: tuple[Text, ...] = ()
    content: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class ReasoningAppended(Delta, Appends):
    """Text for summary section ``index``, or for raw content when ``raw``. Empty text opens the section."""

    section_fields: ClassVar[tuple[str, ...]] = ("index", "raw")
    index: int = 0
    text: str = ""
    raw: bool = False


def read(source: Json, common: Common) -> Reasoning:
    """A ``reasoning`` of the wire."""
    return Reasoning(
        **common,
        summary=tuple(Text.of(part) for part in texts(source.get("summary"))),
        content=tuple(Text.of(part) for part in texts(source.get("content"))),
    )


def _read_summary_part(thread: str, turn: str, p: Json) -> ReasoningAppended:
    return ReasoningAppended(thread, turn, text(p, "itemId"), whole(p, "summaryIndex") or 0)


def _read_summary(thread: str, turn: str, p: Json) -> ReasoningAppended:
    index = whole(p, "summaryIndex") or 0
    return ReasoningAppended(thread, turn, text(p, "itemId"), index, text(p, "delta"))


def _read_content(thread: str, turn: str, p: Json) -> ReasoningAppended:
    index = whole(p, "contentIndex") or 0
    return ReasoningAppended(thread, turn, text(p, "itemId"), index, text(p, "delta"), raw=True)


def with_thought(item: Reasoning, event: ReasoningAppended) -> Reasoning:
    """The item with one section grown; sections before it that nobody opened are empty."""
    sections = list(item.content if event.raw else item.summary)
    index = min(max(event.index, 0), MOST_SECTIONS - 1)
    if index < len(sections) and not event.text:
        return item
    sections += [Text()] * (index + 1 - len(sections))
    sections[index] = sections[index] + event.text
    if event.raw:
        return replace(item, content=tuple(sections))
    return replace(item, summary=tuple(sections))


def block(item: Reasoning, context: Context, role: str) -> Block | None:
    """What it thinks about, and the sections; nothing for a thought of which nothing is told."""
    live = item.status == "in_progress"
    sections = [s for s in (*item.summary, *item.content) if s]
    if not sections and not live:
        return None
    if live:
        about = next((h for h in map(_headline, reversed(item.summary)) if h), "")  # the newest
        title = f"Thinking: {about}" if about else "Thinking"
    else:
        took = duration(item)
        about = next((h for h in map(_headline, sections) if h), "")
        if not about:
            about = one_line(sections[0].head(400).replace("**", ""), 100)
        title = f"Thought{' ' + took if took else ''}: {about}"
        if len(sections) == 1:  # the title says its headline
            rest = str(sections[0]).strip().removeprefix(f"**{about}**").strip()
            sections = [Text.of(rest)] if rest else []
    last = len(sections) - 1
    body = tuple(Prose(s, live and i == last) for i, s in enumerate(sections))
    return Block(
        key(item), "thought", title, "running" if live else "think", label="thought", body=body
    )


def _headline(section: Text) -> str:
    """The bold first line of a section, or its first line; ``""`` while it is not there yet."""
    start = section.head(400).lstrip()
    if start.startswith("**"):
        bold, closed, _ = start[2:].partition("**")
        return one_line(bold, 100) if closed and "\n" not in bold else ""
    first, ended, _ = start.partition("\n")
    return one_line(first, 100) if ended or len(first) > 100 else ""


REASONING = Kind(
    item=Reasoning,
    wire=Wire(
        type="reasoning",
        read=read,
        notifications={
            "item/reasoning/summaryPartAdded": _read_summary_part,
            "item/reasoning/summaryTextDelta": _read_summary,
            "item/reasoning/textDelta": _read_content,
        },
    ),
    growth=Growth(deltas=(DeltaRule(ReasoningAppended, with_thought),), streamed=True),
    block=block,
)
