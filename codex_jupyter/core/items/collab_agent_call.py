"""One agent speaking to others."""

from __future__ import annotations

from dataclasses import dataclass

from codex_jupyter.core.agents import Agent, agent_line
from codex_jupyter.core.block_parts import bounded, key
from codex_jupyter.core.document import Block, Body, Glyph, Lines, Plain
from codex_jupyter.core.item import COMES_WHOLE, Common, Context, Item, Kind, Wire
from codex_jupyter.core.json_fields import Json, snake, table, text, texts
from codex_jupyter.core.titles import one_line


@dataclass(frozen=True, slots=True)
class CollabAgentCall(Item):
    """One agent speaking to others. ``tool``: spawnAgent, sendInput, wait, closeAgent, ..."""

    tool: str = ""
    prompt: str = ""
    model: str = ""
    agents: tuple[Agent, ...] = ()


def read(source: Json, common: Common) -> CollabAgentCall:
    """A ``collabAgentToolCall`` of the wire."""
    states = table(source.get("agentsStates"))
    ids = dict.fromkeys((*texts(source.get("receiverThreadIds")), *map(str, states)))
    agents = tuple(
        Agent(
            thread_id,
            snake(text(table(states.get(thread_id)), "status")),
            text(table(states.get(thread_id)), "message"),
        )
        for thread_id in ids
    )
    return CollabAgentCall(
        **common,
        tool=text(source, "tool"),
        prompt=text(source, "prompt"),
        model=text(source, "model"),
        agents=agents,
    )


#: Tool -> what it does, what it did.
_TITLES = {
    "spawnAgent": ("Starting an agent", "Started an agent"),
    "sendInput": ("Telling an agent", "Told an agent"),
    "sendMessage": ("Telling an agent", "Told an agent"),
    "followupTask": ("Giving an agent more to do", "Gave an agent more to do"),
    "resumeAgent": ("Resuming an agent", "Resumed an agent"),
    "wait": ("Waiting for agents", "Waited for agents"),
    "closeAgent": ("Closing an agent", "Closed an agent"),
    "interruptAgent": ("Interrupting an agent", "Interrupted an agent"),
    "listAgents": ("Looking at the agents", "Looked at the agents"),
}


def block(item: CollabAgentCall, context: Context, role: str) -> Block | None:
    """What was done with the agents, and a line for each of them."""
    live = item.status == "in_progress"
    titles = _TITLES.get(item.tool, (f"Agents: {item.tool}",) * 2)
    title = titles[0 if live else 1] + (f": {one_line(item.prompt, 100)}" if item.prompt else "")
    body: list[Body] = [Plain(bounded(item.prompt))] if len(item.prompt) > 100 else []
    rows = [agent_line(a.thread_id, a, context.agents) for a in item.agents]
    body += [Lines(tuple(rows))] if rows else []
    glyph: Glyph = "running" if live else "agent"
    meta = item.model
    if item.status in ("failed", "aborted", "declined"):
        glyph, meta = ("failed" if item.status == "failed" else "stopped"), item.status
    return Block(key(item), "agent", title, glyph, meta, "agent", tuple(body))


COLLAB_AGENT_CALL = Kind(
    item=CollabAgentCall,
    wire=Wire(type="collabAgentToolCall", read=read),
    growth=COMES_WHOLE,
    block=block,
)
