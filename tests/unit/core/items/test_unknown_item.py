"""Items of a type that this version does not know."""

from __future__ import annotations

import json

import pytest

from codex_jupyter.core.document import Code
from codex_jupyter.core.items import UnknownItem
from codex_jupyter.core.kinds import read_item
from tests.unit.core.captures import completed, only


def test_an_unknown_item_is_a_labelled_block() -> None:
    block = only(completed(UnknownItem("x", type="hologram", raw='{"type": "hologram"}')))
    assert (block.kind, block.title) == ("unknown", "Unknown item: hologram")
    assert block.body == (Code('{\n  "type": "hologram"\n}', "json"),)


def test_what_is_not_known_stays_readable() -> None:
    new = {"type": "hologram", "id": "h", "depth": 3}
    made = read_item(new, completed=False)
    assert isinstance(made, UnknownItem)
    assert (made.type, made.id, made.status) == ("hologram", "h", "in_progress")
    assert json.loads(made.raw) == new


@pytest.mark.parametrize("wire", [None, 7, "x", [], ["type"], {}, {"type": 7}, {"type": ""}])
def test_what_is_no_item_at_all_is_one_without_a_name(wire: object) -> None:
    made = read_item(wire)
    assert isinstance(made, UnknownItem) and (made.type, made.id) == ("", "")
    assert only(completed(made)).title == "Unknown item"
