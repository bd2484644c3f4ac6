"""What the thread of a child agent says, as a line under the turn that started it. Pure."""

from __future__ import annotations

from codex_jupyter.core.diffs import Change
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
from codex_jupyter.core.items.file_change import PatchUpdated
from codex_jupyter.core.titles import file_name

#: Patches remembered; whether one may be written is asked right after it was said.
REMEMBERED_PATCHES = 64
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


def name_of(event: object) -> str:
    """What the agent that an event names is called, or ``""``.

    Example:
        >>> name_of(ItemStarted("t", "u", item=SubAgentActivity("i", agent_thread_id="c", agent_path="/root/helper")))
        'helper'
    """
    item = event.item if isinstance(event, (ItemStarted, ItemCompleted)) else None
    return file_name(item.agent_path) if isinstance(item, SubAgentActivity) else ""


class Patches:
    """The changes that child agents want to make: a request for one names nothing but its item.

    Example:
        >>> patches = Patches()
        >>> patches.look(ItemStarted("t", "u", item=FileChange("i", changes=(Change("a", "add", "x"),))))
        >>> [change.path for change in patches.of("t", "i")], patches.of("other", "i")
        (['a'], ())
    """

    def __init__(self) -> None:
        self._changes: dict[tuple[str, str], tuple[Change, ...]] = {}

    def look(self, event: Event) -> None:
        """Remember what an event of a child's thread says of a patch."""
        if isinstance(event, PatchUpdated):
            key, changes = (event.thread_id, event.item_id), event.changes
        elif isinstance(event, ItemStarted) and isinstance(event.item, FileChange):
            key, changes = (event.thread_id, event.item.id), event.item.changes
        else:
            return
        self._changes[key] = changes
        while len(self._changes) > REMEMBERED_PATCHES:
            self._changes.pop(next(iter(self._changes)))

    def of(self, thread_id: str, item_id: str) -> tuple[Change, ...]:
        """The changes of an item of this very thread; none where they are not known."""
        return self._changes.get((thread_id, item_id), ())


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
