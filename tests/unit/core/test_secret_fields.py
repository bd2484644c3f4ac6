"""Every text of every dataclass that an event, a stored turn or a stored conversation can hold is cleaned, but for a table."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Iterator
from typing import Any

import pytest

from codex_jupyter.core import events as ev
from codex_jupyter.core import items as it
from codex_jupyter.core import requests as rq
from codex_jupyter.core.item import Item
from codex_jupyter.core.items import KINDS as KINDS_OF_ITEMS
from codex_jupyter.core.kinds import DELTAS
from codex_jupyter.core.raw import Raw
from codex_jupyter.core.secrets import Cleaner
from codex_jupyter.core.secrets.fields import ACTS, CLEANED, EXEMPT, cleaned
from codex_jupyter.core.text import Output, Text
from codex_jupyter.core.tool_calls import Content
from codex_jupyter.core.turn import Turn
from codex_jupyter.runtime.history import Page
from codex_jupyter.session.gate import Gate

SECRET = "s3cr3t-of-this-test"
CLEANER = Cleaner([SECRET])


#: Bases that stand for all that derive from them: a kind of item is one file, which defines its own.
CONCRETE: dict[type, list[type]] = {
    Item: [kind.item for kind in KINDS_OF_ITEMS],
    ev.TurnEvent: list(DELTAS),
}


def reachable(*roots: Any) -> set[type]:
    """The dataclasses that values of these types can hold."""
    found: set[type] = set()
    waiting = list(roots)
    while waiting:
        kind = waiting.pop()
        waiting += CONCRETE.get(kind, ()) if isinstance(kind, type) else ()
        waiting += typing.get_args(kind)
        if isinstance(kind, type) and dataclasses.is_dataclass(kind) and kind not in found:
            found.add(kind)
            if kind not in (Text, Output):
                waiting += typing.get_type_hints(kind).values()
    return found


def filled(kind: Any, path: tuple[type, str] | None = None) -> Any:
    """A value of a type with the secret in every text of it."""
    origin, args = typing.get_origin(kind), typing.get_args(kind)
    if kind is str or origin is typing.Literal:
        return f"<{SECRET}>"
    if kind is Text:
        return Text.of(f"<{SECRET}>")
    if kind is Output:
        return Output.whole(f"<{SECRET}>")
    if origin is tuple:
        one = tuple(filled(arg) for arg in args if arg is not ...)
        return one * 2 if args[-1:] == (...,) else one
    if origin in (types.UnionType, typing.Union):
        return filled(next(arg for arg in args if arg is not type(None)))
    if kind in (int, float, bool):
        return kind(1)
    if kind in (Any, object):
        return {SECRET: [SECRET, (SECRET,), {"deep": {SECRET}}]}
    assert dataclasses.is_dataclass(kind) and isinstance(kind, type), kind
    kind = CONCRETE[kind][0] if kind in CONCRETE else kind
    hints = typing.get_type_hints(kind)
    return kind(**{field.name: filled(hints[field.name]) for field in dataclasses.fields(kind)})


def texts(value: Any, where: tuple[type, str] | None = None) -> Iterator[tuple[Any, str]]:
    """Every text in a value, with the type and the field it belongs to."""
    if isinstance(value, (str, Text)):
        yield where, str(value)
    elif isinstance(value, Output):
        yield where, value.text
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from texts(getattr(value, field.name), (type(value), field.name))
    elif isinstance(value, dict):
        yield from texts((*value, *value.values()), where)
    elif isinstance(value, (tuple, list, set, frozenset)):
        for part in value:
            yield from texts(part, where)


def listed(kind: type, name: str) -> bool:
    """Whether the table itself leaves a field as it is, whatever reads the table."""
    return (kind, name) not in CLEANED and any((each, name) in EXEMPT for each in kind.__mro__)


ROOTS = (ev.Event, Turn, Page)
KINDS = sorted(reachable(*ROOTS) - {Text, Output}, key=lambda kind: kind.__qualname__)
GROWING = (ev.MessageAppended, ev.PlanAppended, ev.ReasoningAppended, ev.OutputAppended)


@pytest.mark.parametrize("kind", KINDS)
def test_no_text_of_any_field_keeps_a_secret(kind: type) -> None:
    before = filled(kind)
    put = {where for where, text in texts(before) if SECRET in text}
    left = {where for where, text in texts(cleaned(before, CLEANER)) if SECRET in text}
    assert left == {where for where in put if where and listed(*where)}


def variants(kind: Any) -> list[Any]:
    found = list(typing.get_args(kind)) or CONCRETE[kind]
    return [
        *found,
        *(
            each
            for each in CONCRETE.get(ev.TurnEvent, ())
            if kind is ev.Event and each not in found
        ),
    ]


@pytest.mark.parametrize("kind", variants(ev.Event))
def test_no_event_brings_a_secret_through_the_gate(kind: type) -> None:
    """With each kind of item and of request in it, and texts that grow with the secret cut at every place."""
    gate = Gate()
    gate.know({"SOME_TOKEN": SECRET})
    holds = {"item": variants(Item), "request": variants(rq.Request)}
    field = next((f.name for f in dataclasses.fields(kind) if f.name in holds), "")
    events = [filled(kind)]
    if field:
        events = [dataclasses.replace(events[0], **{field: filled(one)}) for one in holds[field]]
    if kind in GROWING:
        whole = f"<{SECRET}>"
        events = [
            dataclasses.replace(events[0], item_id=f"i{at}", text=text)
            for at in range(len(whole) + 1)
            for text in (whole[:at], whole[at:])
        ]
    for event in [*events, ev.TurnCompleted(events[0].thread_id, "u")]:
        for shown in gate.arrived([Raw(event)]):
            left = {where for where, text in texts(shown) if "s3cr" in text or "-test" in text}
            assert all(where and listed(*where) for where in left), left


def test_the_tables_name_what_there_is() -> None:
    """A row for a field that is gone hides a mistake."""
    for kind, name in (*EXEMPT, *ACTS):
        assert name in {field.name for field in dataclasses.fields(kind)}, (kind, name)
        assert any(issubclass(each, kind) for each in KINDS), kind
    assert all(EXEMPT.values())


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ('{"password": "a b"}', '{"password": "[hidden]"}'),
        ('{"env": [{"name": "DB_PASSWORD", "value": "abc"}]}', '{"env": [{"name": "DB_PASSWORD", "value": "[hidden]"}]}'),
        ('{"password": 123456, "token": 5, "n": 1}', '{"password": "[hidden]", "token": 5, "n": 1}'),
        ('{"code": "PASSWORD = \'hunter2\'\\nx = 1"}', '{"code": "PASSWORD = \'[hidden]\'\\nx = 1"}'),
        ('{"a": "{\\"token\\": \\"abc123\\"}"}', '{"a": "{\\"token\\": \\"[hidden]\\"}"}'),
        ('["s3cr3t\\u002dof-this-test"]', '["[hidden]"]'),
        ('{"b":  1}', '{"b":  1}'),
        ("{not json", "{not json"),
    ],
)  # fmt: skip
def test_json_is_cleaned_after_decoding(value: str, shown: str) -> None:
    assert cleaned(value, CLEANER) == shown


def test_pictures_are_left_alone_but_for_what_is_known() -> None:
    data = "data:image/png;base64,iVBORw0KGgo/sk-proj+AAAA1234567890=="
    assert cleaned(data.replace("-", ""), CLEANER) == data.replace("-", "")
    known = Cleaner(["QUJDREVGR0hJSg"])
    assert (
        cleaned("data:image/png;base64,AAQUJDREVGR0hJSgAA", known)
        == "data:image/png;base64,AA[hidden]AA"
    )


def test_keys_and_whatever_lies_deep_are_cleaned_too() -> None:
    before = filled(object)
    assert len([text for _, text in texts(before)]) == 5
    assert not [text for _, text in texts(cleaned(before, CLEANER)) if SECRET in text]


def test_only_ids_are_left_alone_and_what_goes_back_unshown() -> None:
    ids = "id thread_id turn_id item_id call_id request_id agent_thread_id client_id process_id target_id after"
    assert {name for _, name in EXEMPT} == {*ids.split(), "action_json"}
    assert [kind for kind, name in EXEMPT if name == "action_json"] == [it.Review]


def test_what_does_not_change_is_the_same_object() -> None:
    item = it.McpToolCall("i", arguments='{"a":  [1]}', result=(Content("text", "fine"),))
    assert cleaned(item, CLEANER) is item
