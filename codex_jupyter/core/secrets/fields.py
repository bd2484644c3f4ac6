"""Dataclasses without secrets: every text that a value holds is cleaned, in whatever it is nested.

Cleaned is the rule; what is not is named here by type and field, with the reason. A field that is added to an event, an item
or a request is cleaned without a word being said here.
"""

from __future__ import annotations

import json
import re
from dataclasses import fields, is_dataclass, replace
from functools import cache
from typing import Any, TypeVar, get_args

from codex_jupyter.core import events as ev
from codex_jupyter.core import items, requests
from codex_jupyter.core.agents import Agent
from codex_jupyter.core.answerers import Answerer
from codex_jupyter.core.deltas import Delta, TurnEvent
from codex_jupyter.core.item import Item
from codex_jupyter.core.items.command import Action
from codex_jupyter.core.items.file_change import Change
from codex_jupyter.core.secrets.assigned import could_be
from codex_jupyter.core.secrets.cleaner import Cleaner
from codex_jupyter.core.secrets.names import strength_in_text
from codex_jupyter.core.secrets.plain import HIDDEN
from codex_jupyter.core.text import Output, Text
from codex_jupyter.core.turn import Turn, Withdrawn

T = TypeVar("T")

_PLACE = (
    "an id of the runtime's or ours: what comes later finds its place by it, and it is sent back"
)
_RETURNED = "sent back to the runtime, which takes no other; shown nowhere"

#: What is left as it is, by the type that declares it (and all that derive from it) and the field: why.
EXEMPT: dict[tuple[type, str], str] = {
    (TurnEvent, "thread_id"): _PLACE,
    (TurnEvent, "turn_id"): _PLACE,
    (Delta, "item_id"): _PLACE,
    (Item, "id"): _PLACE,
    **{
        (each, name): _PLACE
        for each in get_args(requests.Request)
        for name in ("id", "thread_id", "turn_id", "item_id")
    },
    (ev.RawCallSeen, "call_id"): _PLACE,
    (ev.RawOutputSeen, "call_id"): _PLACE,
    (ev.AgentProgressed, "agent_thread_id"): _PLACE,
    (ev.RequestWithdrawn, "request_id"): _PLACE,
    (Agent, "thread_id"): _PLACE,
    (items.SubAgentActivity, "agent_thread_id"): _PLACE,
    (items.UserMessage, "client_id"): _PLACE,
    (items.Command, "process_id"): _PLACE,
    (items.Review, "target_id"): _PLACE,
    (items.Review, "action_json"): _RETURNED,
    (requests.ToolCall, "call_id"): _PLACE,
    (requests.Question, "id"): _PLACE,
    (requests.Decision, "request_id"): _PLACE,
    (requests.Decision, "item_id"): _PLACE,
    (requests.Decision, "after"): _PLACE,
    (Withdrawn, "request_id"): _PLACE,
    (Withdrawn, "item_id"): _PLACE,
    (Withdrawn, "after"): _PLACE,
    (Turn, "thread_id"): _PLACE,
    (Turn, "turn_id"): _PLACE,
}
#: Of those the ones that are cleaned all the same: a notice's id is made of its words.
CLEANED = frozenset([(items.Notice, "id")])

#: Commands and code: what runs, or waits to be allowed. Nothing of them is hidden but single words.
ACTS: frozenset[tuple[type, str]] = frozenset(
    [
        *((each, field.name) for each in get_args(requests.Request) for field in fields(each)),
        (items.Command, "command"),
        (items.Command, "stdin"),
        (Action, "command"),
        (Change, "diff"),
        (items.McpToolCall, "arguments"),
        (items.DynamicToolCall, "arguments"),
        (items.RefusedCall, "arguments"),
        (items.RefusedCall, "ran"),
        (items.Review, "action"),
        *((requests.Decision, name) for name in ("asked", "exact", "where", "why", "rule")),
        (Answerer, "words"),
        (Withdrawn, "asked"),
        (Withdrawn, "exact"),
        (ev.InputTyped, "text"),
        (ev.RawCallSeen, "arguments"),
        (ev.DiffUpdated, "diff"),
    ]
)

#: A picture or a sound in an address of its own; only known secrets are looked for in it.
_DATA = re.compile(r"data:(?:image|audio)/[\w.+-]{1,40};base64,[A-Za-z0-9+/=\s]*+\Z")
#: Longer JSON is cleaned as text.
_MOST_JSON = 256 * 1024


def cleaned(value: T, cleaner: Cleaner, *, acts: bool = False) -> T:
    """The same value, or a copy in which no text has a secret; and in which what a command printed is cut.

    Texts, tuples, lists, dicts (keys, too) and dataclasses are walked; JSON text is cleaned after decoding. Everything else is
    returned as it is.

    Args:
        value: anything; an event, an item, a request, a turn.
        cleaner: what is secret.
        acts: as for ``Cleaner.text``, for the texts of a field that is code.

    Example:
        >>> cleaned({"env": ("TOKEN=abc123def",)}, Cleaner())
        {'env': ('TOKEN=[hidden]',)}
    """
    result: Any = value
    if isinstance(value, str):
        result = _string(value, cleaner, acts)
    elif isinstance(value, Text):
        whole = str(value)
        shown = cleaner.text(whole, acts=acts)
        result = value if shown is whole or shown == whole else Text.of(shown)
    elif isinstance(value, Output):
        result = _output(value, cleaner)
    elif isinstance(value, tuple):
        parts = [cleaned(part, cleaner, acts=acts) for part in value]
        if any(new is not old for new, old in zip(parts, value, strict=True)):
            result = type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
    elif isinstance(value, list):
        result = [cleaned(part, cleaner, acts=acts) for part in value]
    elif isinstance(value, (set, frozenset)):
        result = type(value)(cleaned(part, cleaner, acts=acts) for part in value)
    elif isinstance(value, dict):
        result = _mapping(value, cleaner, acts)
    elif is_dataclass(value) and not isinstance(value, type):
        changes = {}
        for name, code in _plan(type(value)):
            old = getattr(value, name)
            if old is None or isinstance(old, (int, float)):
                continue
            new = cleaned(old, cleaner, acts=acts or code)
            if new is not old:
                changes[name] = new
        if changes:
            result = replace(value, **changes)
    return result


@cache
def _plan(kind: type) -> tuple[tuple[str, bool], ...]:
    """The fields of a dataclass that are cleaned, and whether each is code."""
    return tuple(
        (field.name, (kind, field.name) in ACTS)
        for field in fields(kind)
        if not exempt(kind, field.name)
    )


def exempt(kind: type, name: str) -> bool:
    """Whether a field of a dataclass is left as it is."""
    return (kind, name) not in CLEANED and any((each, name) in EXEMPT for each in kind.__mro__)


def _output(value: Output, cleaner: Cleaner) -> Output:
    """Clean, then cut. What was cut before (by us: it was clean then) is cleaned in its parts."""
    if not value.omitted:
        whole = value.text
        shown = cleaner.text(whole)
        return Output.of(shown) if shown != whole or value.uncut else value
    head, tail = cleaned(value.head, cleaner), cleaned(value.tail, cleaner)
    same = head is value.head and tail is value.tail
    return value if same else Output(head, tail, value.omitted)


def _string(text: str, cleaner: Cleaner, acts: bool) -> str:
    if text.startswith("data:") and _DATA.match(text):
        return cleaner.known(text)
    if text[:1] in ("{", "[") and len(text) <= _MOST_JSON:
        try:
            value = json.loads(text)
            shown = cleaned(value, cleaner, acts=acts)
            if shown != value:
                text = json.dumps(shown, ensure_ascii=False)
        except (ValueError, RecursionError):
            pass
    return cleaner.text(text, acts=acts)


def _mapping(value: dict[Any, Any], cleaner: Cleaner, acts: bool) -> dict[Any, Any]:
    """Each key and each value; what stands under a telling name is hidden, also as ``{"name": ..., "value": ...}``."""
    result = {}
    for key, held in value.items():
        name = key
        if key == "value" and isinstance(value.get("name"), str):
            name = value["name"]
        telling = strength_in_text(name) if isinstance(name, str) else None
        if telling is not None and isinstance(held, str) and could_be(held, telling, quoted=True):
            shown: Any = HIDDEN
        elif telling and type(held) is int and abs(held) > 999:
            shown = HIDDEN
        else:
            shown = cleaned(held, cleaner, acts=acts)
        result[cleaned(key, cleaner, acts=acts)] = shown
    return result
