"""What changed between two documents' rows, applied, makes the newer ones; and growth is told as growth."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codex_jupyter.core.document import Block, Lines, Prose
from codex_jupyter.core.patch import Grew, Inserted, Removed, Replaced, diff
from codex_jupyter.core.text import Text
from tests.unit.core.patching import apply

ROWS = [
    Block(key, "answer", title, body=body)
    for key in "abcdefgh"
    for title in ("", "x")
    for body in (
        (),
        (Prose(Text.of("a"), True),),
        (Prose(Text.of("ab"), True),),
        (Prose(Text.of("ab"), False), Lines(("a",))),
        (Prose(Text.of("abc"), False), Lines(("a",))),
    )
]
blocks = st.integers(0, len(ROWS) - 1).map(ROWS.__getitem__)
pages = st.lists(blocks, max_size=8, unique_by=lambda b: b.key).map(tuple)


@settings(max_examples=200, deadline=None)
@given(pages, pages)
def test_the_difference_applied_is_the_newer_page(
    before: tuple[Block, ...], after: tuple[Block, ...]
) -> None:
    assert apply(before, diff(before, after)) == after
    assert diff(after, after) == ()


@settings(max_examples=100, deadline=None)
@given(pages)
def test_from_nothing(after: tuple[Block, ...]) -> None:
    deltas = diff((), after)
    assert apply((), deltas) == after
    assert all(isinstance(d, Inserted) for d in deltas)


def _page(*rows: Block) -> tuple[Block, ...]:
    return rows


def _answer(text: str, *, streaming: bool = True, key: str = "a", title: str = "") -> Block:
    return Block(key, "answer", title, body=(Prose(Text.of(text), streaming),))


def test_more_text_is_growth() -> None:
    deltas = diff(_page(_answer("Hel")), _page(_answer("Hello")))
    assert deltas == (Grew("a", _answer("Hello"), 0, 3),)
    (grew,) = deltas
    assert isinstance(grew, Grew)
    part = grew.block.body[grew.part]
    assert isinstance(part, Prose) and part.text.since(grew.start) == "lo"


@pytest.mark.parametrize(
    "after",
    [
        _answer("Hxllo"),
        _answer("He"),
        _answer("Hello", streaming=False),
        _answer("Hello", title="new"),
    ],
)
def test_any_other_change_is_a_replacement(after: Block) -> None:
    assert diff(_page(_answer("Hel")), _page(after)) == (Replaced(after),)


def test_growth_of_two_parts_is_a_replacement() -> None:
    def two(a: str, b: str) -> Block:
        return Block("a", "thought", body=(Prose(Text.of(a)), Prose(Text.of(b))))

    assert diff(_page(two("a", "b")), _page(two("aa", "bb"))) == (Replaced(two("aa", "bb")),)
    assert diff(_page(two("a", "b")), _page(two("a", "bb"))) == (Grew("a", two("a", "bb"), 1, 1),)


def test_a_new_row_says_what_it_stands_before() -> None:
    one, two, three = (_answer("", key=k) for k in "123")
    assert diff(_page(one, three), _page(one, two, three)) == (Inserted(two, "3"),)
    assert diff(_page(one), _page(one, two)) == (Inserted(two, None),)


def test_a_row_that_moves_is_the_only_one_touched() -> None:
    rows = [_answer("", key=k) for k in "12345"]
    deltas = diff(_page(*rows), _page(*rows[1:], rows[0]))
    assert deltas == (Removed("1"), Inserted(rows[0], None))


def test_deltas_of_another_document_are_refused() -> None:
    for delta in (Removed("x"), Replaced(_answer("", key="x")), Inserted(_answer(""), "x")):
        with pytest.raises(KeyError):
            apply(_page(), [delta])


def test_growing_a_long_answer_touches_each_character_few_times() -> None:
    text, page = Text(), _page(_answer(""))
    for _ in range(4000):
        text = text + "word "
        now = _page(Block("a", "answer", body=(Prose(text, True),)))
        (delta,) = diff(page, now)
        assert isinstance(delta, (Grew, Replaced))
        page = now
    assert len(text.pieces) <= 20 and len(text) == 20_000
