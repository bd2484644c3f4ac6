"""What events about items do to a turn. Part of ``reduce.py``, which owns the rule; nobody else calls these."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from codex_jupyter.core import entries as grow
from codex_jupyter.core import events as ev
from codex_jupyter.core.items import (
    Agent,
    AgentMessage,
    Command,
    FileChange,
    ImageGeneration,
    ImageView,
    Item,
    McpToolCall,
    Notice,
    Plan,
    Reasoning,
    UserMessage,
)
from codex_jupyter.core.timeline import changed, cut, fresh, put
from codex_jupyter.core.turn import Turn


def _item_started(turn: Turn, event: ev.ItemStarted) -> Turn:
    old = turn.find(event.item.id)
    if old is None and isinstance(event.item, UserMessage):
        turn = cut(turn, abandon=False)
    if old is not None and old.id in turn.abandoned:
        turn = replace(turn, abandoned=tuple(i for i in turn.abandoned if i != old.id))
    if turn.ended and old is not None and old.status == "aborted":
        return turn
    return put(turn, _if_late(turn, grow.begun(old, event.item)))


def _item_completed(turn: Turn, event: ev.ItemCompleted) -> Turn:
    old = turn.find(event.item.id)
    if old is None and isinstance(event.item, UserMessage):
        turn = cut(turn, abandon=False)
    return put(turn, _if_late(turn, grow.finished(old, event.item)))


def _if_late(turn: Turn, item: Item) -> Item:
    """After the end only a command can be open, and it says so."""
    if not turn.ended:
        return item
    if isinstance(item, Command):
        return item if item.late else replace(item, late=True)
    return grow.aborted(item)


def _message_appended(turn: Turn, event: ev.MessageAppended | ev.PlanAppended) -> Turn:
    make = AgentMessage if isinstance(event, ev.MessageAppended) else Plan
    old = turn.find(event.item_id)
    if turn.ended or (old is not None and not _grows(old, make)):
        return turn
    item = old if isinstance(old, (AgentMessage, Plan)) else make(event.item_id)
    return put(turn, grow.with_text(item, event.text))


def _reasoning_appended(turn: Turn, event: ev.ReasoningAppended) -> Turn:
    old = turn.find(event.item_id)
    if turn.ended or (old is not None and not _grows(old, Reasoning)):
        return turn
    item = old if isinstance(old, Reasoning) else Reasoning(event.item_id)
    return put(turn, grow.with_thought(item, event.index, event.text, event.raw))


def _output_appended(turn: Turn, event: ev.OutputAppended) -> Turn:
    old = turn.find(event.item_id)
    if old is not None and not _grows(old, (Command, FileChange)):
        return turn
    item = old if isinstance(old, (Command, FileChange)) else Command(event.item_id)
    item = grow.with_output(item, event.text)
    if turn.ended:
        if not isinstance(item, Command) or item is old:
            return turn
        gone = turn.leftovers and turn.running_commands == 0
        item = replace(item, late=True, status="aborted" if gone else "in_progress")
    return put(turn, item)


def _output_kept(turn: Turn, event: ev.OutputKept) -> Turn:
    old = turn.find(event.item_id)
    if not isinstance(old, Command) or (old.kept, old.missing) == (event.name, event.missing):
        return turn
    return put(turn, replace(old, kept=event.name, missing=event.missing))


def _input_typed(turn: Turn, event: ev.InputTyped) -> Turn:
    old = turn.find(event.item_id)
    if turn.ended and old is None:
        return turn
    if old is not None and not isinstance(old, Command):
        return turn
    return put(turn, grow.with_input(old or Command(event.item_id), event.text))


def _patch_updated(turn: Turn, event: ev.PatchUpdated) -> Turn:
    old = turn.find(event.item_id)
    if turn.ended or (old is not None and not _grows(old, FileChange)):
        return turn
    item = old if isinstance(old, FileChange) else FileChange(event.item_id)
    return put(
        turn, item if item.changes == event.changes else replace(item, changes=event.changes)
    )


def _tool_progressed(turn: Turn, event: ev.ToolProgressed) -> Turn:
    old = turn.find(event.item_id)
    if turn.ended or (old is not None and not _grows(old, McpToolCall)):
        return turn
    item = old if isinstance(old, McpToolCall) else McpToolCall(event.item_id)
    return put(turn, grow.with_progress(item, event.message))


def _grows(item: Item, kinds: type | tuple[type, ...]) -> bool:
    """A completed item does not grow any more: its completion is the last word. An aborted one may."""
    return isinstance(item, kinds) and item.status in ("in_progress", "aborted")


def _image_loaded(turn: Turn, event: ev.ImageLoaded) -> Turn:
    old = turn.find(event.item_id)
    if isinstance(old, UserMessage):
        return _attached(turn, old, event)
    if not isinstance(old, (ImageView, ImageGeneration)) or old.data == event.data:
        return turn
    return put(turn, replace(old, data=event.data))


def _attached(turn: Turn, message: UserMessage, event: ev.ImageLoaded) -> Turn:
    """The picture in the message instead of its path, which becomes its name."""
    parts = tuple(
        replace(part, text=part.source, source=event.data)
        if part.kind == "local_image" and part.source == event.path and event.data
        else part
        for part in message.parts
    )
    return turn if parts == message.parts else put(turn, replace(message, parts=parts))


def _plan_updated(turn: Turn, event: ev.PlanUpdated) -> Turn:
    return turn if turn.ended else changed(turn, explanation=event.explanation, steps=event.steps)


def _diff_updated(turn: Turn, event: ev.DiffUpdated) -> Turn:
    return turn if turn.ended else changed(turn, diff=event.diff)


def _notice_raised(turn: Turn, event: ev.NoticeRaised) -> Turn:
    notice = event.notice
    if any(
        isinstance(e, Notice)
        and (e.level, e.code, e.message) == (notice.level, notice.code, notice.message)
        for e in turn.entries
    ):
        return turn
    if not notice.id or turn.find(notice.id) is not None:
        notice = replace(notice, id=fresh(turn, "notice"))
    if notice.level == "retry" and not turn.ended:
        turn = replace(turn, retrying=notice.id)
        return put(turn, replace(notice, status="in_progress"))
    return put(
        turn, notice if notice.status != "in_progress" else replace(notice, status="completed")
    )


def _hook_reported(turn: Turn, event: ev.HookReported) -> Turn:
    old = turn.find(event.run.id)
    make = grow.begun if grow.is_open(event.run) else grow.finished
    return put(turn, _if_late(turn, make(old, event.run)))


def _review_reported(turn: Turn, event: ev.ReviewReported) -> Turn:
    review = event.review
    old = turn.find(review.id)
    if review.verdict == "in_progress":
        return put(turn, _if_late(turn, grow.begun(old, review)))
    return put(turn, grow.finished(old, review))


def _agent_progressed(turn: Turn, event: ev.AgentProgressed) -> Turn:
    known = next((a for a in turn.agents if a.thread_id == event.agent_thread_id), None)
    agent = Agent(
        event.agent_thread_id,
        event.status or (known.status if known else ""),
        event.message or (known.message if known else ""),
    )
    if known is None:
        return replace(turn, agents=(*turn.agents, agent))
    if known == agent:
        return turn
    return replace(turn, agents=tuple(agent if a is known else a for a in turn.agents))


#: Event -> rule.
RULES: dict[type, Callable[..., Turn]] = {
    ev.ItemStarted: _item_started,
    ev.ItemCompleted: _item_completed,
    ev.MessageAppended: _message_appended,
    ev.PlanAppended: _message_appended,
    ev.ReasoningAppended: _reasoning_appended,
    ev.OutputAppended: _output_appended,
    ev.OutputKept: _output_kept,
    ev.InputTyped: _input_typed,
    ev.PatchUpdated: _patch_updated,
    ev.ToolProgressed: _tool_progressed,
    ev.ImageLoaded: _image_loaded,
    ev.PlanUpdated: _plan_updated,
    ev.DiffUpdated: _diff_updated,
    ev.NoticeRaised: _notice_raised,
    ev.HookReported: _hook_reported,
    ev.ReviewReported: _review_reported,
    ev.AgentProgressed: _agent_progressed,
}
