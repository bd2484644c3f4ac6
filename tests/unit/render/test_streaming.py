"""Streaming equals rendering whole, and costs what the length costs."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codex_jupyter.core.text import Text
from codex_jupyter.render import streaming
from codex_jupyter.render.markdown_html import render
from codex_jupyter.render.streaming import Stream, advance
from tests.unit.render import samples

PIECES = [
    *[
        "foo",
        "bar baz",
        "\n",
        "\n\n",
        "\n\n\n",
        "- ",
        "* ",
        "+ ",
        "1. ",
        "2) ",
        "  ",
        "    ",
        "> ",
        "\t",
    ],
    *[
        "```",
        "```py\n",
        "````",
        "~~~",
        "# ",
        "---",
        "===",
        "|a|b|\n|-|-|\n|1|2|\n",
        "|",
        "$$",
        "\\[",
        "\\]",
    ],
    *[
        "$x$",
        "\\(",
        "\\)",
        "*",
        "**",
        "`",
        "[a](b)",
        "[a]: http://x",
        "[a]",
        "<b>",
        "<!-- x -->",
        "&amp;",
    ],
    *["\\", "- [ ] ", "http://a.b/c", "\r\n", "\r", "    code\n", "\u2028", "\0", "é", "🙂"],
]


def streamed(source: str, cuts: list[int]) -> tuple[str, Stream]:
    """The settled html of a text that came in pieces of these lengths, one after the other."""
    stream, text, made, at, turn = Stream(), Text(), [], 0, 0
    while at < len(source):
        size = cuts[turn % len(cuts)]
        text, at, turn = text + source[at : at + size], at + size, turn + 1
        stream, step = advance(stream, text, True)
        made.append(step.settled)
    stream, step = advance(stream, text, False)
    return "\n".join(part for part in [*made, step.settled] if part), stream


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from(PIECES), max_size=40).map("".join),
    st.lists(st.integers(1, 30), min_size=1, max_size=5),
    st.sampled_from([1, 20, 1_500]),
)
def test_any_chunking_equals_the_whole(source: str, cuts: list[int], short: int) -> None:
    before = streaming.SHORT
    streaming.SHORT = short  # small tails, so that growth and the search for the end are exercised
    try:
        assert streamed(source, cuts)[0] == render(source)
    finally:
        streaming.SHORT = before


def test_a_real_answer_by_single_characters() -> None:
    assert streamed(samples.MARKDOWN, [1])[0] == render(samples.MARKDOWN)


def test_blocks_settle_as_soon_as_they_are_over() -> None:
    text = Text.of("# Title\n\nFirst.\n\nSecond")
    stream, step = advance(Stream(), text, True)
    assert step.settled == "<h1>Title</h1>\n<p>First.</p>"
    assert step.tail == "<p>Second</p>"
    stream, step = advance(stream, text + " line", True)
    assert (step.settled, step.tail) == ("", "<p>Second line</p>")
    stream, step = advance(stream, text + " line", True)
    assert not step


@pytest.mark.growth
@pytest.mark.parametrize(
    "unit",
    ["word ", "word\n", "- item\n\n", "> quote\n", "| a | b |\n", "[", "$a "],
    ids=lambda unit: repr(unit),
)
@pytest.mark.parametrize(
    "opening", ["", "```python\n", "| a | b |\n|---|---|\n"], ids=["", "code", "table"]
)
def test_the_cost_is_linear(unit: str, opening: str) -> None:
    # Characters that went through the parser for one endless block, in pieces as a 30 Hz batch brings them.
    def cost(length: int) -> int:
        source = opening + (unit * (length // len(unit)))
        stream, text = Stream(), Text()
        for at in range(0, len(source), 200):
            text += source[at : at + 200]
            stream, _ = advance(stream, text, True)
        stream, _ = advance(stream, text, False)
        return stream.parsed

    small, large = cost(3_000), cost(12_000)
    assert large <= 4.4 * small
    assert large <= 8 * 12_000


def test_between_renderings_text_is_appended_plainly() -> None:
    text = Text.of("word " * 2_000)
    stream, step = advance(Stream(), text, True)
    assert step.tail is not None
    text += "more <b>\x00"
    stream, step = advance(stream, text, True)
    assert (step.settled, step.tail, step.text) == ("", None, "more <b>")


def test_the_end_of_a_long_code_block_is_seen_at_once() -> None:
    text = Text.of("```\n" + "x = 1\n" * 2_000)
    stream, _ = advance(Stream(), text, True)
    text += "```\n"
    stream, step = advance(stream, text, True)
    assert step.settled.endswith("</code></pre>")
    assert step.tail == ""
    stream, step = advance(stream, text + "After", True)
    assert step.tail == "<p>After</p>"


def test_html_of_a_whole_message_is_never_parsed_twice_when_it_ends() -> None:
    text = Text.of("One.\n\n" * 100)
    stream, _ = advance(Stream(), text, True)
    before = stream.parsed
    stream, step = advance(stream, text, False)
    assert stream.parsed - before < 20
    assert re.sub(r"\s", "", step.settled) in ("", "<p>One.</p>")


@pytest.mark.parametrize(
    "source",
    [
        "    a\n\n    b\n\nc",
        "- a\n\n  b\n\n- c\n\nd",
        "1. a\n\n\n2. b\n",
        "> a\n\n> b\nc",
        "[a]\n\n[a]: http://x\n\n[a]",
        "a\n===\nb\n---\n",
        "a | b\n--|--\n1 | 2\n\n3 | 4",
        "```\na\n\n\nb\n```\nc\n````\n```\n````\nd",
        "$$\na\n# b\n$$\nc\n\n\\[\nd\n\ne\n\\]",
        "a\n#\n-\n*\n+\n1.\n>\n",
        "\n\n\n   a\n\n\n",
        "\t- a\n\t\tb\r\n\r\nc\rd",
    ],
)
@pytest.mark.parametrize("short", [1, 1_500])
def test_what_goes_on_behind_a_blank_line(
    source: str, short: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "SHORT", short)
    assert streamed(source, [1])[0] == render(source)
