"""What the model said."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from codex_jupyter.core.block_parts import key
from codex_jupyter.core.deltas import Appends, Delta
from codex_jupyter.core.document import Block, Body, Fold, Glyph, Lines, Prose
from codex_jupyter.core.item import Common, Context, DeltaRule, Growth, Item, Kind, Wire
from codex_jupyter.core.json_fields import Json, rows, table, text, texts
from codex_jupyter.core.text import Text

Phase = Literal["commentary", "partial_answer", "final_answer"]


@dataclass(frozen=True, slots=True)
class AgentMessage(Item):
    """What the model said. ``phase`` None means a provider that does not tell commentary from answer.

    ``questions`` are asynchronous questions: (title, options) pairs that need no reply to the runtime.
    """

    text: Text = field(default_factory=Text)
    phase: Phase | None = None
    questions: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class MessageAppended(Delta, Appends):
    """The model said more."""

    text: str = ""


def read(source: Json, common: Common) -> AgentMessage:
    """An ``agentMessage`` of the wire; a phase that this version does not know is None."""
    phase = source.get("phase")
    known = phase if phase in ("commentary", "partial_answer", "final_answer") else None
    questions = tuple(
        (text(q, "title"), texts(q.get("options")))
        for q in map(table, rows(source.get("questions")))
    )
    return AgentMessage(
        **common, text=Text.of(text(source, "text")), phase=known, questions=questions
    )


def _read_delta(thread: str, turn: str, p: Json) -> MessageAppended:
    return MessageAppended(thread, turn, text(p, "itemId"), text(p, "delta"))


def with_text(item: AgentMessage, event: MessageAppended) -> AgentMessage:
    """The message with more at its end."""
    return replace(item, text=item.text + event.text) if event.text else item


def block(item: AgentMessage, context: Context, role: str) -> Block | None:
    """An answer, a remark on the way, or questions; ``role`` as ``roles.py`` says."""
    if role == "repeated":
        return None
    live = item.status == "in_progress"
    body: list[Body] = [Prose(item.text, live)] if item.text else []
    for title, options in item.questions:
        body.append(Lines((title, *(f"• {option}" for option in options))))
    if not body:
        return None
    unfinished = "unfinished" if item.status == "aborted" else ""
    glyph: Glyph = "stopped" if unfinished else "none"
    if item.questions:
        title, glyph = "Codex asks (answer in a new cell)", "ask"
        return Block(
            key(item), "answer", title, glyph, unfinished, "question", tuple(body), "never", True
        )
    if role == "answer":
        return Block(
            key(item), "answer", "", glyph, unfinished, "answer", tuple(body), "never", True
        )
    fold: Fold = "never" if role == "unanswered" else "work"
    return Block(
        key(item), "commentary", "", glyph, unfinished, "commentary", tuple(body), fold, True
    )


AGENT_MESSAGE = Kind(
    item=AgentMessage,
    wire=Wire(
        type="agentMessage",
        read=read,
        notifications={"item/agentMessage/delta": _read_delta},
    ),
    growth=Growth(deltas=(DeltaRule(MessageAppended, with_text),), streamed=True),
    block=block,
)
