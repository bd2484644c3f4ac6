"""The line that moves: one line, that fits, whatever runs and prints."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codex_jupyter.core.document import Block, Document, Footer, Header, Prose, Terminal
from codex_jupyter.core.text import Output, Text
from codex_jupyter.render import cells, moving_line
from codex_jupyter.render.moving_line import Doing
from codex_jupyter.render.paint import Paint

WORKING = Footer("running", "working", since_ms=1)


def said(*blocks: Block, footer: Footer = WORKING, width: int = 60) -> str:
    now = moving_line.doing(Document(Header(), blocks, footer))
    return moving_line.line(now, 14.6, "*", width, Paint())


def command(title: str, output: str, glyph: str = "running") -> Block:
    body = (Terminal(Output.of(output), live=True),)
    return Block("c", "command", title, glyph, body=body, code_title=True)  # type: ignore[arg-type]


def answer(text: str, *, streaming: bool = True) -> Block:
    return Block("a", "answer", body=(Prose(Text.of(text), streaming),), fold="never")


def test_a_command_with_the_last_line_that_it_printed() -> None:
    assert said(command("pytest -q", "one\ntwo\n\n")) == "* $ pytest -q · 0:14 · two"
    assert said(command("pytest -q", "")) == "* $ pytest -q · 0:14"
    assert said(command("pytest -q", "one", "ok")) == "* working · 0:14"
    assert said(command("a\nb", "x")) == "* $ a b · 0:14 · x"


def test_progress_and_escapes_are_as_a_terminal_shows_them() -> None:
    assert said(command("make", "\x1b[31m10%\x1b[0m\r\x1b[1m99%\x07")) == "* $ make · 0:14 · 99%"
    assert said(command("make", "a\x1b]0;title\x07b\x1b[2J\x1b[Hc")) == "* $ make · 0:14 · c"


def test_text_that_is_written_shows_its_end() -> None:
    text = "The dates were naive, and so the comparison with the others raised an error"
    assert said(answer(text), width=40) == "* writing · 0:14 · …hers raised an error"
    assert said(answer(text, streaming=False)) == "* working · 0:14"


@pytest.mark.parametrize("word", ["starting", "stopping", "waiting for the turn above"])
def test_what_the_turn_waits_for_comes_first(word: str) -> None:
    assert said(command("ls", "x"), footer=Footer("running", word)) == f"* {word} · 0:14"


def test_what_is_long_leaves_room_for_the_other() -> None:
    line = said(command("a long command " * 9, "a long line " * 9), width=50)
    assert line.startswith("* $ a long command") and " · 0:14 · a long line" in line
    assert cells.cells_of(line) == 50
    line = said(command("a long command " * 9, "short"), width=50)
    assert line.endswith("… · 0:14 · short") and cells.cells_of(line) == 50


@given(
    st.text(max_size=60),
    st.text(max_size=60),
    st.booleans(),
    st.floats(0, 1e6),
    st.integers(1, 120),
)
def test_it_is_one_line_that_fits(
    what: str, last: str, begins: bool, seconds: float, width: int
) -> None:
    line = moving_line.line(Doing("k", what, last, begins), seconds, "⠋", width, Paint())
    assert cells.cells_of(line) <= width
    assert not any(ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0 for c in line)
