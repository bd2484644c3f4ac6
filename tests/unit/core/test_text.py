"""Text that grows: what it holds, what it costs, and what an output keeps of a flood."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from codex_jupyter.core.text import OUTPUT_EDGE, Output, Text

pieces = st.lists(st.text(max_size=8), max_size=30)


@settings(max_examples=200, deadline=None)
@given(pieces, pieces)
def test_text_is_what_was_appended(first: list[str], second: list[str]) -> None:
    start = Text()
    for piece in first:
        start = start + piece
    whole = start
    for piece in second:
        whole = whole + piece
    plain, prefix = "".join(first + second), "".join(first)
    assert str(whole) == plain and len(whole) == len(plain) and bool(whole) == bool(plain)
    assert whole == Text.of(plain) and hash(whole) == hash(Text.of(plain))
    assert whole.extends(start) and whole.extends(Text.of(prefix))
    assert start.extends(whole) == (prefix == plain)
    for at in (0, 1, len(prefix), len(plain)):
        assert whole.since(at) == plain[at:] and whole.head(at) == plain[:at]


@given(st.text("ab", max_size=12), st.text("ab", max_size=12), st.integers(0, 12))
def test_extends_is_starting_with(text: str, start: str, cut: int) -> None:
    grown = Text.of(text[:cut]) + text[cut:]
    assert grown.extends(Text.of(start)) == text.startswith(start)


def test_many_small_appends_make_few_pieces() -> None:
    text = Text()
    for _ in range(100_000):
        text = text + "ab"
    assert len(text) == 200_000 and len(text.pieces) < 20


def test_an_output_keeps_its_edges_and_counts_the_rest() -> None:
    output = Output()
    for i in range(3000):
        output = output + f"{i:>999}\n"
    assert len(output) == 3_000_000 and output.omitted > 2_500_000
    assert len(output.head) == OUTPUT_EDGE and OUTPUT_EDGE <= len(output.tail) <= 2 * OUTPUT_EDGE
    assert output.text.startswith(" " * 998 + "0\n") and output.text.endswith("2999\n")
    assert f"{output.omitted:,} characters omitted" in output.text
    assert output.last(5) == "2999\n"


@settings(max_examples=200, deadline=None)
@given(st.text("abc\n", max_size=60), st.integers(0, 40))
def test_a_trimmed_output_keeps_both_edges(text: str, edge: int) -> None:
    output = Output.of(text)
    less = output.trimmed(edge)
    assert len(less) == len(output)
    if len(text) <= 2 * edge:
        assert less is output
    else:
        assert str(less.head) == text[:edge] and str(less.tail) == text[len(text) - edge :]
        assert less.trimmed(edge) is less


def test_trimming_what_was_cut_already() -> None:
    output = Output.of("a" * OUTPUT_EDGE) + "b" * 10 * OUTPUT_EDGE + "end"
    less = output.trimmed(100)
    assert (
        len(less) == len(output) and less.text.startswith("a" * 100) and less.text.endswith("end")
    )
