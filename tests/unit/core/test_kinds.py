"""What holds for every kind of item: it is listed, has all its parts, tests and captures, and no content makes it raise."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codex_jupyter.core import events as ev
from codex_jupyter.core import items, kinds
from codex_jupyter.core.blocks import document
from codex_jupyter.core.deltas import Delta
from codex_jupyter.core.document import Block
from codex_jupyter.core.item import COMES_WHOLE, NOT_ON_THE_WIRE, Context, Item, Kind, Status, Wire
from codex_jupyter.core.item_updates import aborted, on_completed, on_started
from codex_jupyter.core.items import KINDS, Sleep, UnknownItem
from codex_jupyter.core.kinds import WIRE_TYPES, block, read_item
from tests.unit.core.captures import CAPTURED, captured, load, messages, play
from tests.unit.core.wire_values import TYPES, wire_objects

MODULES = sorted(module.name for module in pkgutil.iter_modules(items.__path__))
BY_NAME = {kind.item.__name__: kind for kind in KINDS}
STATUSES: tuple[Status, ...] = get_args(Status)
ROLES = (
    "",
    "answer",
    "commentary",
    "unanswered",
    "prompt",
    "steer",
    "shown",
    "repeated",
    "refused",
)

each_kind = pytest.mark.parametrize("kind", BY_NAME.values(), ids=BY_NAME)


def kinds_in(module: ModuleType) -> list[Kind[Any]]:
    return [value for value in vars(module).values() if isinstance(value, Kind)]


@pytest.mark.parametrize("name", MODULES)
def test_a_module_declares_one_kind_that_is_listed_and_has_tests_beside_it(name: str) -> None:
    (kind,) = kinds_in(importlib.import_module(f"{items.__name__}.{name}"))
    assert sum(kind is listed for listed in KINDS) == 1
    assert (Path(__file__).parent / "items" / f"test_{name}.py").is_file()


def test_every_kind_has_a_module() -> None:
    assert len(KINDS) == len(MODULES)


@pytest.mark.parametrize("part", ["item", "wire", "growth", "block"])
def test_a_kind_without_one_of_its_parts_cannot_be_declared(part: str) -> None:
    whole = {
        "item": Sleep,
        "wire": NOT_ON_THE_WIRE,
        "growth": COMES_WHOLE,
        "block": lambda *_: None,
    }
    Kind(**whole)
    del whole[part]
    with pytest.raises(TypeError, match=part):
        Kind(**whole)


def test_a_type_without_a_reader_cannot_be_declared_nor_a_reader_without_a_type() -> None:
    with pytest.raises(TypeError, match="reader"):
        Wire(type="hologram")
    with pytest.raises(TypeError, match="reader"):
        Wire(read=lambda source, common: Sleep(**common))


def test_two_kinds_that_claim_the_same_are_found() -> None:
    with pytest.raises(TypeError, match="two kinds of items claim 'sleep'"):
        kinds.once([("plan", 1), ("sleep", 2), ("sleep", 3)])


def test_every_type_of_the_wire_was_captured() -> None:
    found = {p["item"]["type"] for m, p in messages() if m.startswith("item/") and "item" in p}
    assert found == set(WIRE_TYPES) and len(WIRE_TYPES) == 19


def test_every_captured_item_keeps_what_it_says() -> None:
    for row in load("items"):
        wire = row["params"]["item"]
        made = read_item(wire, completed=row["event"] == "completed")
        (kind,) = (k for k in KINDS if k.wire.type == wire["type"])
        assert type(made) is kind.item and not isinstance(made, UnknownItem)
        assert made.id == wire["id"]
        ended = {"completed": "completed", "failed": "failed", "declined": "declined"}
        assert made.status == ended.get(row["status"] or row["event"], "in_progress")


@pytest.mark.parametrize("type_", sorted(set(WIRE_TYPES) - {"userMessage"}))
def test_a_started_item_is_shown_as_running_or_not_yet(type_: str) -> None:
    starts = [e for e in captured(type_) if isinstance(e, ev.ItemStarted)]
    for row in document(play(*starts, turn=CAPTURED)).blocks:
        assert row.key and row.kind


@each_kind
def test_an_item_of_which_nothing_is_known_but_its_id_is_shown_or_passed_over(
    kind: Kind[Any],
) -> None:
    for status in STATUSES:
        for ended in ("", "completed", "interrupted", "failed"):
            for role in ROLES:
                row = block(kind.item("x", status), Context(ended=ended), role)
                assert row is None or isinstance(row, Block)


@each_kind
def test_the_same_start_or_completion_again_is_the_very_same_item(kind: Kind[Any]) -> None:
    for status in STATUSES:
        item = kind.item("x", status)
        assert on_started(item, kind.item("x", status)) is item
        done = on_completed(item, kind.item("x", "completed"))
        assert done.status == "completed"
        assert on_completed(done, kind.item("x", "completed")) is done


@each_kind
def test_what_is_aborted_is_closed_and_stays_as_it_is(kind: Kind[Any]) -> None:
    closed = aborted(kind.item("x"), 5)
    assert (closed.status, closed.ended_ms) == ("aborted", 5)
    assert aborted(closed, 9) is closed


@each_kind
def test_a_delta_that_brings_nothing_leaves_the_very_same_item(kind: Kind[Any]) -> None:
    item = kind.item("x")
    for rule in kind.growth.deltas:
        assert issubclass(rule.delta, Delta)
        if rule.delta is not ev.ReasoningAppended:  # an empty text opens a section
            assert rule.grown(item, rule.delta("t", "u", "x")) is item, rule


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(TYPES), wire_objects)
def test_no_content_makes_an_item_raise(type_: str, fields: dict[str, Any]) -> None:
    made = read_item({**fields, "type": type_})
    assert isinstance(made, Item)
    hash(made)
    for field in dataclasses.fields(made):
        value = getattr(made, field.name)
        assert not isinstance(value, (dict, list)), field.name
    block(made, Context())
