"""Rows whose columns stand under each other, in the width that there is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from codex_jupyter.render.columns import aligned, cells_of

WORDS = st.lists(st.text("abcdef,.", min_size=1, max_size=12), max_size=20).map(" ".join)


@given(st.lists(st.tuples(WORDS, WORDS, WORDS), min_size=1, max_size=6), st.integers(20, 120))
def test_nothing_is_lost_and_words_stay_whole(rows: list[tuple[str, ...]], width: int) -> None:
    made = aligned(rows, width)
    assert len(made) == len(rows)
    for row, lines in zip(rows, made, strict=True):
        words = sorted(word for cell in row for word in cell.split())
        assert sorted(word for line in lines for word in line.split()) == words


def test_what_fits_is_not_wrapped_and_columns_begin_at_one_place() -> None:
    made = aligned([("a", "one two", "x"), ("long name", "3", "y")], 60)
    assert made == [["a          one two  x"], ["long name  3        y"]]


def test_wide_letters_take_two_cells() -> None:
    assert cells_of("日本") == 4
    assert cells_of("e\u0301…") == 2
    ((first,), (second,)) = aligned([("日本", "x"), ("ab", "y")], 20)
    assert first == "日本  x"
    assert second == "ab    y"


def test_a_word_that_is_too_long_stays_whole() -> None:
    path = "/srv/data/" + "x" * 80
    (lines,) = aligned([("in", f"the folder {path}")], 40)
    assert any(path in line for line in lines)


def test_what_stands_right_of_a_word_that_is_too_wide_goes_a_line_below() -> None:
    rows = [("a", "w" * 30, "next"), ("b", "short", "a few words more than fit")]
    (first, second), other = aligned(rows, 42)
    assert first == "a  " + "w" * 30
    assert second.index("next") == other[0].index("a few")
