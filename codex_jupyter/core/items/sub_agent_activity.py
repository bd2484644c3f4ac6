"""Another agent started, was spoken to, was interrupted or completed."""

from __future__ import annotations

from dataclasses import dataclass

from codex_jupyter.core.agents import agent_line
from codex_jupyter.core.block_parts import key
from codex_jupyter.core.document import Block, Body, Glyph, Lines
from codex_jupyter.core.item import COMES_WHOLE, Common, Context, Item, Kind, Wire
from codex_jupyter.core.json_fields import Json, text
from codex_jupyter.core.titles import file_name


@dataclass(frozen=True, slots=True)
class SubAgentActivity(Item):
    """Another agent started, was spoken to, was interrupted or completed (``kind``)."""

    kind: str = ""
    agent_thread_id: str = ""
    agent_path: str = ""
    model: str = ""


def read(source: Json, common: Common) -> SubAgentActivity:
    """A ``subAgentActivity`` of the wire."""
    return SubAgentActivity(
        **common,
        kind=text(source, "kind"),
        agent_thread_id=text(source, "agentThreadId"),
        agent_path=text(source, "agentPath"),
        model=text(source, "model"),
    )


_WORDS = {
    "started": "started",
    "interacted": "was spoken to",
    "interrupted": "was interrupted",
    "completed": "finished",
}
_GLYPHS: dict[str, Glyph] = {"interrupted": "stopped", "completed": "ok"}


def block(item: SubAgentActivity, context: Context, role: str) -> Block | None:
    """What happened to the agent; under its start what is known of it by now."""
    name = file_name(item.agent_path) or item.agent_thread_id[:8] or "agent"
    word = _WORDS.get(item.kind, item.kind)
    known = next((a for a in context.agents if a.thread_id == item.agent_thread_id), None)
    body: list[Body] = []
    if known is not None and item.kind == "started" and (known.status or known.message):
        body.append(Lines((agent_line(name, known, context.agents),)))
    glyph = _GLYPHS.get(item.kind, "agent")
    return Block(
        key(item), "agent", f"Agent {name} {word}".strip(), glyph, item.model, "agent", tuple(body)
    )


SUB_AGENT_ACTIVITY = Kind(
    item=SubAgentActivity,
    wire=Wire(type="subAgentActivity", read=read),
    growth=COMES_WHOLE,
    block=block,
)
