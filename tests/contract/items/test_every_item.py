"""Each of the nineteen item types, from the real runtime to each of the three formats, with every class of models."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from codex_jupyter.core.blocks import document
from codex_jupyter.core.kinds import WIRE_TYPES
from codex_jupyter.render import html, markdown, text
from tests.contract.items import table
from tests.contract.items.every_item import MODELS, PLAYS, Play
from tests.contract.items.stage import Stage
from tests.unit.render.parsed import read, without_sheet

CAN = [(models, play) for models in MODELS for play in PLAYS if models in play.by]
CANNOT = [(models, play) for models in MODELS for play in PLAYS if models not in play.by]


def named(cases: list[tuple[str, Play]]) -> list[str]:
    return [f"{play.type}-{models}" for models, play in cases]


@pytest.mark.parametrize(("models", "play"), CAN, ids=named(CAN))
def test_an_item_is_read_in_every_format(
    stage: Callable[[str], Stage], models: str, play: Play
) -> None:
    turn = stage(models).play(play)
    assert turn.state == "completed", turn.error
    entries = [entry for entry in turn.entries if isinstance(entry, play.item)]
    assert entries, turn.entries
    assert all(entry.status in ("completed", "failed") for entry in entries)

    doc = document(turn)
    blocks = [block for block in doc.blocks if block.kind == play.kind]
    assert blocks, [(block.kind, block.title) for block in doc.blocks]
    page = read(without_sheet(html.document(doc)))
    assert page.complaints == []
    for words in play.words:
        for shown in ("".join(page.text), markdown.document(doc), text.document(doc)):
            assert words in shown, f"{words!r} is missing in {shown}"


@pytest.mark.parametrize(("models", "play"), CANNOT, ids=named(CANNOT))
def test_the_others_cannot(stage: Callable[[str], Stage], models: str, play: Play) -> None:
    """The model calls the tool all the same: the runtime refuses it, and no such item comes."""
    turn = stage(models).play(play)
    assert turn.state == "completed", turn.error
    assert not [entry for entry in turn.entries if isinstance(entry, play.item)]


def test_every_type_of_the_protocol_is_played() -> None:
    assert sorted(play.type for play in PLAYS) == sorted(WIRE_TYPES)
    assert len(PLAYS) == 19


def test_the_table_in_the_documentation_is_this() -> None:
    assert table.written() == table.made(), "run: python -m tests.contract.items.table"
