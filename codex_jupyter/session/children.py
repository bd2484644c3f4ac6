"""What the thread of a child agent says, as a line under the turn that started it. Pure."""

from __future__ import annotations

from codex_jupyter.core.events import (
    AgentProgressed,
    Event,
    ItemCompleted,
    ItemStarted,
    TurnCompleted,
)
from codex_jupyter.core.items import (
    AgentMessage,
    CollabAgentCall,
    Command,
    FileChange,
    McpToolCall,
    SubAgentActivity,
)

#: Characters of a child's message that are shown; its thread keeps the whole.
SHOWN = 300


def started(event: object) -> tuple[str, ...]:
    """The threads of other agents that an event names; the runtime announces them in no other way (measured).

    Example:
        >>> started(ItemStarted("t", "u", item=SubAgentActivity("i", agent_thread_id="child")))
        ('child',)
    """
    item = event.item if isinstance(event, (ItemStarted, ItemCompleted)) else None
    if isinstance(item, CollabAgentCall):
        return tuple(agent.thread_id for agent in item.agents)
    if isinstance(item, SubAgentActivity) and item.agent_thread_id:
        return (item.agent_thread_id,)
    return ()


def progress(event: Event, thread_id: str, turn_id: str) -> AgentProgressed | None:
    """The event of a child's thread as progress in its parent's turn, or None when it says nothing to a reader."""

    def said(status: str, message: str) -> AgentProgressed:
        short = message if len(message) <= SHOWN else message[: SHOWN - 1] + "…"
        return AgentProgressed(thread_id, turn_id, event.thread_id, status, short)

    if isinstance(event, TurnCompleted):
        return said(event.status, event.message)
    if isinstance(event, ItemStarted):
        item = event.item
        if isinstance(item, Command):
            return said("running", f"runs {item.command}")
        if isinstance(item, McpToolCall):
            return said("running", f"calls {item.server}/{item.tool}")
        if isinstance(item, FileChange):
            return said("running", "edits " + ", ".join(change.path for change in item.changes))
    if isinstance(event, ItemCompleted) and isinstance(event.item, AgentMessage):
        return said("running", str(event.item.text))
    return None
