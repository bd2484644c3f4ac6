"""How one item of a turn grows and closes: what a start, a delta and a completion make of what is known already.

Items alone: nothing here sees the turn. Every function is total and returns the very same object when nothing changed,
so that ``is`` tells a reader what to draw again.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TypeVar

from codex_jupyter.core.items import (
    AgentMessage,
    Command,
    FileChange,
    Item,
    McpToolCall,
    Plan,
    Reasoning,
    Review,
    WebSearch,
)
from codex_jupyter.core.text import Output, Text

T = TypeVar("T", bound=Item)

#: Items that come out of the model's stream: when the stream is cut (a retry, a steer), they are never completed.
#: What runs (commands, tools, agents) goes on meanwhile and is left alone.
STREAMED = (AgentMessage, Reasoning, Plan, WebSearch, FileChange)

#: Most sections of a reasoning item, and most progress lines and typed inputs of a call, that are kept.
MOST_PARTS = 500


def is_open(item: Item) -> bool:
    """True while the item may still complete."""
    return item.status == "in_progress"


def begun(old: Item | None, new: Item) -> Item:
    """What a start makes of an item: a late or repeated one only adds what was missing."""
    if old is None or type(old) is not type(new):
        return new
    if old.status == "aborted":
        return new if is_open(new) else _filled(new, old)
    if not is_open(old):
        return _filled(old, new)
    return _same(old, _longest(_filled(new, old), old))


def finished(old: Item | None, new: Item) -> Item:
    """What a completion makes of an item. It wins over what the deltas said, except where it is cut or says nothing."""
    if is_open(new):
        new = replace(new, status="completed")
    if old is None or type(old) is not type(new):
        return new
    merged = _filled(new, old)
    if isinstance(merged, (Command, FileChange)):
        merged = _longest(merged, old)
    if isinstance(merged, Command) and isinstance(old, Command) and old.late:
        merged = replace(merged, late=True)
    if isinstance(merged, Review) and isinstance(old, Review):
        merged = replace(merged, retried=merged.retried or old.retried)
    return _same(old, merged)


def aborted(item: T, at_ms: int | None = None) -> T:
    """The item, never to be completed."""
    if not is_open(item):
        return item
    if isinstance(item, Review):
        return replace(item, status="aborted", verdict="aborted", ended_ms=item.ended_ms or at_ms)
    return replace(item, status="aborted", ended_ms=item.ended_ms or at_ms)


def with_text(item: AgentMessage | Plan, text: str) -> AgentMessage | Plan:
    """A message or plan that grew."""
    return replace(item, text=item.text + text) if text else item


def with_thought(item: Reasoning, index: int, text: str, raw: bool) -> Reasoning:
    """A reasoning item of which one section grew; sections before it that nobody opened are empty."""
    sections = list(item.content if raw else item.summary)
    index = min(max(index, 0), MOST_PARTS - 1)
    if index < len(sections) and not text:
        return item
    sections += [Text()] * (index + 1 - len(sections))
    sections[index] = sections[index] + text
    return replace(item, content=tuple(sections)) if raw else replace(item, summary=tuple(sections))


def with_output(item: Command | FileChange, text: str) -> Command | FileChange:
    """A command or patch that printed something."""
    return replace(item, output=item.output + text) if text else item


def with_input(item: Command, text: str) -> Command:
    """A command into whose terminal the agent typed."""
    return replace(item, stdin=(*item.stdin, text)[-MOST_PARTS:]) if text else item


def with_progress(item: McpToolCall, message: str) -> McpToolCall:
    """A tool call that told how far it is."""
    if not message or item.progress[-1:] == (message,):
        return item
    return replace(item, progress=(*item.progress, message)[-MOST_PARTS:])


def _empty(value: object) -> bool:
    return value is None or (isinstance(value, (str, tuple, Text, Output)) and not value)


def _filled(first: T, second: T) -> T:
    """``first``, with what it leaves empty taken from ``second`` (of the same type)."""
    missing: dict[str, object] = {}
    for field in fields(first):
        mine, theirs = getattr(first, field.name), getattr(second, field.name)
        if mine is theirs:
            continue
        if (_empty(mine) and not _empty(theirs)) or (isinstance(mine, Text) and mine == theirs):
            missing[field.name] = theirs
    return replace(first, **missing) if missing else first  # type: ignore[arg-type]


def _longest(first: T, second: T) -> T:
    """``first`` with the longer output, text or sections of the two: the runtime cuts aggregated output at 1 MiB."""
    longer: dict[str, object] = {}
    for name in ("output", "text", "summary", "content"):
        mine, theirs = getattr(first, name, None), getattr(second, name, None)
        if isinstance(mine, (Text, Output)) and isinstance(theirs, (Text, Output)):
            if len(theirs) > len(mine):
                longer[name] = theirs
        elif isinstance(mine, tuple) and isinstance(theirs, tuple) and _size(theirs) > _size(mine):
            longer[name] = theirs
    return replace(first, **longer) if longer else first  # type: ignore[arg-type]


def _size(sections: tuple[object, ...]) -> int:
    return sum(len(s) for s in sections if isinstance(s, (Text, str)))


def _same(old: Item, new: Item) -> Item:
    """``old`` itself when the two say the same."""
    return old if old == new else new
