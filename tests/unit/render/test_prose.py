"""Markdown in a terminal: what the reader sees at any width, and that what was printed was final."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codex_jupyter.render import cells, prose, prose_flow, text
from codex_jupyter.render.ansi import PLAIN
from codex_jupyter.render.paint import Paint
from tests.browser import hostile

SGR = re.compile(r"\x1b\[[0-9;]*m")


def drawn(source: str, width: int = 40, *, color: bool = False) -> str:
    return prose.text_of(source, width, Paint(color))


def seen(source: str, width: int = 40) -> str:
    """In a terminal with colours, without them."""
    return SGR.sub("", drawn(source, width, color=True))


# --- what it looks like -----------------------------------------------------------------------------------------------


def test_styles_where_the_terminal_has_them_and_marks_where_it_has_not() -> None:
    source = "# Head\n\nA **bold** and *soft* `name`, ~~gone~~."
    assert drawn(source) == source
    assert drawn(source, color=True) == (
        "\x1b[1;4mHead\x1b[0m\n\nA \x1b[1mbold\x1b[0m and \x1b[3msoft\x1b[0m \x1b[36mname\x1b[0m, \x1b[9mgone\x1b[0m."
    )


def test_lists_hang_and_count() -> None:
    source = "9. words that go on and on until they wrap\n10. ten\n    - a nested item that has to be wrapped\n- [x] done\n"
    assert seen(source, 30) == (
        "9. words that go on and on\n"
        "   until they wrap\n"
        "10. ten\n"
        "    • a nested item that has\n"
        "      to be wrapped\n"
        "☑ done"
    )


def test_blank_lines_stand_where_the_text_has_them() -> None:
    assert (
        drawn("Steps:\n- a\n- b\n\nThen:\n\n- c\n\n- d")
        == "Steps:\n- a\n- b\n\nThen:\n\n- c\n\n- d"
    )
    assert drawn("## Head\ntext\n```\nx\n```\nmore") == "## Head\n\ntext\n\n```\nx\n```\n\nmore"


def test_code_can_be_copied_as_it_is() -> None:
    code = '    if a:\n        return "' + "x" * 60 + '"\n\n\treturn 1  # 日本'
    for made in (drawn(f"```python\n{code}\n```", 30), seen(f"```python\n{code}\n```", 30)):
        assert made == f"```python\n{code}\n```"
    assert "\x1b[34mreturn\x1b[0m" in drawn(f"```python\n{code}\n```", color=True)


def test_a_text_of_several_lines_is_coloured_as_one() -> None:
    made = drawn('```python\nx = """one\nfor two"""\nfor y in z: pass\n```', color=True).split("\n")
    assert made[2] == '\x1b[32mfor two"""\x1b[0m'
    assert made[3].startswith("\x1b[34mfor\x1b[0m")


def test_a_link_says_where_it_leads_once() -> None:
    made = drawn("See [docs](https://e.org/a), https://e.org/b and [x](mailto:a@e.org).", 100)
    assert made == "See docs (https://e.org/a), https://e.org/b and x (a@e.org)."


def test_a_link_that_leads_nowhere_is_its_words() -> None:
    assert drawn("[a]() and <b>[c](<>)") == "a and <b>c"


def test_hostile_documents_are_drawn_as_text() -> None:
    for document in hostile.documents(ended=True):
        assert text.document(document)


def test_an_address_is_never_parted() -> None:
    address = "https://example.org/" + "a" * 60
    assert address in drawn(f"Look at {address}, which is long.", 30).split("\n")[1]


def test_a_quote_is_marked_on_each_line() -> None:
    assert drawn("> words that go on until they wrap\n> > inner", 24) == (
        "> words that go on until\n> they wrap\n> > inner"
    )


def test_words_of_east_asian_scripts_wrap_by_their_cells() -> None:
    lines = drawn("日本語のテキストはとても長いので、折り返す必要があります。", 20).split("\n")
    assert len(lines) > 2 and all(cells.cells_of(line) <= 20 for line in lines)
    assert not any(line[0] in "、。" for line in lines)
    assert drawn("日本\n語 and\nmore", 40) == "日本語 and more"


def test_nothing_in_it_moves_a_terminal() -> None:
    made = drawn(
        "a\x1b[2Jb\r `\x9b31m`\n\n```\n\x1b]0;t\x07\n```\n| \x1b | a |\n|---|---|\n", color=True
    )
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", SGR.sub("", made))


# --- tables -----------------------------------------------------------------------------------------------------------

TABLE = """\
| month | revenue | comment |
|:------|--------:|:-------:|
| January | 1,671.50 | the usual thing, nothing to see here except for the discount |
| 二月 | 12,310.00 | **日本語** 🎉 |
"""


def test_a_table_has_columns_and_whole_words_at_any_width() -> None:
    wide = drawn(TABLE, 100).split("\n")
    assert wide[0] == "month      revenue" + " " * 28 + "comment"
    assert wide[2].startswith("January   1,671.50  the usual thing")
    assert wide[3].startswith("二月     12,310.00  ")
    for width in (100, 60, 44):
        assert all(cells.cells_of(line) <= width for line in drawn(TABLE, width).split("\n"))
    for width in (100, 60, 44, 30, 20):
        assert "1,671.50" in drawn(TABLE, width) and "discount" in drawn(TABLE, width)


def test_a_table_that_cannot_fit_is_told_row_by_row() -> None:
    assert drawn(TABLE, 26).split("\n")[:6] == [
        "month: January",
        "revenue: 1,671.50",
        "comment: the usual thing,",
        "  nothing to see here",
        "  except for the discount",
        "",
    ]


WORDS = st.text(alphabet="ab 日é🎉", max_size=30)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.lists(WORDS, min_size=3, max_size=3), min_size=1, max_size=5), st.integers(20, 90)
)
def test_no_table_is_wider_than_its_words_make_it(rows: list[list[str]], width: int) -> None:
    source = "\n".join(
        f"| {' | '.join(row)} |" for row in [["one", "two", "three"], ["---"] * 3, *rows]
    )
    longest = max(
        (cells.cells_of(word) for row in rows for cell in row for word in cell.split()), default=0
    )
    for line in seen(source, width).split("\n"):
        assert cells.cells_of(line) <= max(width, longest + len("three: "))


# --- as it comes ------------------------------------------------------------------------------------------------------

PARTS = (
    "a", "word ", "two words and more of them ", "\n", "\n\n", "- ", "1. ", "2. ", "  ", "    ", "> ", "```", "```\n", "# ",
    "```py\nx = '''\n", "| a | b |\n", "|---|---|\n", "**", "*", "_", "`", "[a](b) ", "https://e.org/x ", "---\n", "===\n",
    "日本語の", "|", "~~~\n", "$x$", "\\", "- [ ] t\n", "\t", "x = 1\n", "   ", "+ b\n", "***\n",
)  # fmt: skip


def flowed(pieces: list[str], width: int, paint: Paint) -> list[str]:
    """What is printed after each piece."""
    flow, made = prose_flow.Flow(width), []
    for at, piece in enumerate((*pieces, "")):
        flow, lines = prose_flow.advance(flow, piece, at < len(pieces), paint)
        made.append("".join(f"{prose.painted(line, paint)}\n" for line in lines))
    return made


@settings(max_examples=400, deadline=None)
@given(
    st.lists(st.sampled_from(PARTS), max_size=25).map("".join),
    st.lists(st.integers(1, 30), min_size=1),
    st.booleans(),
    st.sampled_from([20, 30, 60]),
)
def test_what_was_printed_was_final(source: str, cuts: list[int], color: bool, width: int) -> None:
    pieces, at = [], 0
    while at < len(source):
        pieces.append(source[at : at + cuts[len(pieces) % len(cuts)]])
        at += len(pieces[-1])
    made = SGR.sub("", "".join(flowed(pieces, width, Paint(color)))).strip("\n")
    assert made == SGR.sub("", drawn(source, width, color=color)).strip("\n")


@pytest.mark.parametrize(
    ("pieces", "printed"),
    [
        (["One.\n\n", "Two"], ["One.\n", ""]),
        (["- a\n", "- b\n", "- c\n"], ["", "- a\n", "- b\n"]),
        (["7. a\n", "7. b\n", "7. c\n"], ["", "7. a\n", "8. b\n"]),
        (["```\n", "x\n", "y", "\n", "```\n"], ["```\n", "x\n", "", "y\n", "```\n"]),
        (["- a\n  ```\n", "  x\n", "  ```\n"], ["- a\n  ```\n", "  x\n", ""]),
        (["| a |\n", "|---|\n", "| b |\n", "\n"], ["", "", "", "a\n─\nb\n"]),
        (["word " * 9, "word " * 8], ["word word word word\n" * 2, "word word word word\n" * 2]),
    ],
)  # fmt: skip
def test_it_comes_as_soon_as_it_is_final(pieces: list[str], printed: list[str]) -> None:
    assert flowed(pieces, 20, Paint())[: len(printed)] == printed


@pytest.mark.parametrize("mark", ["**", "`", "_", "~~"])
def test_a_mark_that_may_yet_be_closed_holds_its_paragraph_back(mark: str) -> None:
    pieces = [f"{mark}word " + "word " * 12, f"end{mark} and more"]
    made = flowed(pieces, 20, Paint(True))
    assert made[0] == ""
    assert "".join(made) == drawn("".join(pieces), 20, color=True) + "\n"


def test_another_width_is_taken_over_between_two_blocks() -> None:
    flow, _ = prose_flow.advance(prose_flow.Flow(20), "word " * 20, True, Paint())
    assert flow.printed
    _, lines = prose_flow.advance(flow, "\n\nmore", True, Paint())
    assert sum(cells.text_of(line).count("word") for line in lines) == 20 - 4 * flow.printed


# --- cells ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "wide"),
    [
        ("abc", 3),
        ("日本", 4),
        ("e\u0301", 1),
        ("👩\u200d👩\u200d👧", 2),
        ("❤\ufe0f", 2),
        ("🇩🇪", 2),
        ("\u200b", 0),
    ],
)
def test_how_wide_a_text_is(text: str, wide: int) -> None:
    assert cells.cells_of(text) == wide


@given(st.text(alphabet="ab 日é🎉", max_size=60), st.integers(0, 30))
def test_what_is_cut_fits(text: str, width: int) -> None:
    made = cells.cut(text, width)
    assert cells.cells_of(made) <= width
    assert (
        made == text if cells.cells_of(text) <= width else text.startswith(made.removesuffix("…"))
    )


@given(st.text(alphabet="ab 日é🎉。「", max_size=80), st.integers(4, 30))
def test_wrapping_loses_nothing_but_blanks(text: str, width: int) -> None:
    lines = [cells.text_of(line) for line in cells.wrapped([(text, PLAIN)], width)]
    assert "".join("".join(lines).split()) == "".join(text.split())
