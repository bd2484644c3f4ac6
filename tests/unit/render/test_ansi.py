"""What a terminal would show: a screen's worth of escapes, and every way to get them wrong."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codex_jupyter.core.document import Terminal
from codex_jupyter.core.text import Output
from codex_jupyter.render import bodies
from codex_jupyter.render.ansi import BLANKS, PLAIN, ROW, Style, lines, plain
from tests.unit.render.parsed import read, text

ESC = "\x1b["


@pytest.mark.parametrize(
    ("printed", "seen"),
    [
        ("plain\ntext", "plain\ntext"),
        ("a\r\nb\r\n", "a\nb\n"),
        # progress bars
        (" 10%\r 55%\r100%", "100%"),
        ("loading...\rok\x1b[K", "ok"),
        ("12345\rab", "ab345"),
        ("abc\b\bX", "aXc"),
        ("a\b\b\b\bb", "b"),
        # several bars, drawn from below
        ("one 0%\ntwo 0%\n\x1b[2A\rone 50%\x1b[K\n\rtwo 75%\x1b[K\n", "one 50%\ntwo 75%\n"),
        ("a\nb\nc\x1b[2FX", "X\nb\nc"),
        ("down\x1b[Bhere", "downhere"),
        ("a\x1b[5Cb", "a     b"),
        ("abcdef\x1b[3D\x1b[1P", "abcef"),
        ("abcdef\x1b[3G\x1b[2X", "ab  ef"),
        ("keep\x1b[s\x1b[10Dlose\x1b[u!", "lose!"),
        ("half\x1b[1K", ""),
        ("x\x1b[2K\x1b[Gy", "y"),
        # whole screens
        ("first\x1b[2J\x1b[Hsecond", "first\nsecond"),
        ("one\x1b[2J\x1b[HAAA\x1b[2;2Hb", "one\nAAA\n b"),
        ("a\nb\nc\x1b[2A\x1b[J", "a"),
        ("shell\x1b[?1049heditor\x1b[?1049l$ ", "shell\neditor\n$"),
        # colours leave no trace
        (f"{ESC}1;31mred{ESC}0m", "red"),
        (f"{ESC}38;2;1;2;3mtrue{ESC}m", "true"),
        (f"{ESC}38:2::1:2:3mcolon{ESC}m", "colon"),
        # links, titles, other strings
        ("\x1b]8;;https://e.org\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1bPq#0;2;0;0;0\x1b\\after", "after"),
        ("\x1b(Bx\x1b)0y\x1b=z\x1b>", "xyz"),
        # malformed and unfinished
        ("cut\x1b", "cut"),
        ("cut\x1b[", "cut"),
        ("cut\x1b[38;5", "cut"),
        ("cut\x1b]8;;https://e", "cut"),
        ("a\x1b[31\nb", "a[31\nb"),
        ("a\x1b[999999999999999Cb", None),
        ("a\x1b]unended\nmore", "a]unended\nmore"),
        ("bell\x07\x00\x0e\x7f.", "bell."),
        ("c1\x9b31mred\x9d0;t\x07.", "c1red."),
        ("vt\x0bff\x0c.", "vt\nff\n."),
    ],
)
def test_what_remains_on_the_screen(printed: str, seen: str | None) -> None:
    shown = plain(printed)
    if seen is not None:
        assert shown == seen
    assert not any(ord(c) < 0x20 and c not in "\n\t" for c in shown)


def styles(printed: str) -> list[tuple[str, Style]]:
    return [run for line in lines(printed) for run in line]


@pytest.mark.parametrize(
    ("codes", "style"),
    [
        ("1", Style(bold=True)),
        ("2", Style(dim=True)),
        ("3", Style(italic=True)),
        ("4", Style(underline=True)),
        ("7", Style(inverse=True)),
        ("9", Style(strike=True)),
        ("31", Style(fg=1)),
        ("97", Style(fg=15)),
        ("42", Style(bg=2)),
        ("100", Style(bg=8)),
        ("1;31;42", Style(fg=1, bg=2, bold=True)),
        ("38;5;9", Style(fg=9)),
        ("38;5;196", Style(fg=9)),
        ("38;5;244", Style(fg=7)),
        ("48;5;21", Style(bg=12)),
        ("38;2;255;0;0", Style(fg=9)),
        ("38;2;0;100;0", Style(fg=2)),
        ("38;2;250;250;250", Style(fg=15)),
        ("38:2::255:0:0", Style(fg=9)),
        ("38:5:196", Style(fg=9)),
        ("4:3", Style(underline=True)),
        ("4:0", PLAIN),
        ("1;22", PLAIN),
        ("31;39", PLAIN),
        ("1;0", PLAIN),
        ("38;5", Style(fg=0)),
        ("38", PLAIN),
        ("38;2;1", None),
        ("58;5;1;31", Style(fg=1)),
        ("", PLAIN),
        ("99999999", PLAIN),
    ],
)
def test_styles(codes: str, style: Style | None) -> None:
    found = styles(f"{ESC}{codes}mx")
    assert [text_ for text_, _ in found] == ["x"]
    if style is not None:
        assert found[0][1] == style


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "data:text/html,x",
        "https://a b",
        'https://e"onclick=x',
        "//e",
    ],
)
def test_only_web_links_are_links(url: str) -> None:
    assert styles(f"\x1b]8;;{url}\x07x")[0][1].link == ""


def test_a_link_has_parameters_and_ends() -> None:
    assert styles("\x1b]8;id=1;https://e.org/a\x07x\x1b]8;;\x07y") == [
        ("x", Style(link="https://e.org/a")),
        ("y", PLAIN),
    ]


def test_only_what_a_style_covers_is_styled() -> None:
    assert styles(f"a{ESC}31mb\nc{ESC}0md\r{ESC}1mC") == [
        ("a", PLAIN),
        ("b", Style(fg=1)),
        ("C", Style(bold=True)),
        ("d", PLAIN),
    ]


@settings(max_examples=200, deadline=None)
@given(
    st.text(
        alphabet=st.sampled_from("ab \n\r\b\t\x1b[]0123456789;?mABCDHJKPXsu8\\\x07\x9b\x00"),
        max_size=200,
    )
)
def test_anything_is_bounded_and_clean(printed: str) -> None:
    shown = plain(printed)
    assert not any((ord(c) < 0x20 and c not in "\n\t") or 0x7F <= ord(c) < 0xA0 for c in shown)
    assert len(shown) < 2_500 * (len(printed) + 1)
    html = bodies.body(Terminal(Output.of(printed)), saved=True)
    assert read(html).complaints == []


def test_movement_beyond_the_screen_costs_nothing() -> None:
    # Each sequence is a few characters; none may make the screen grow by what it names.
    for final in "ABCDEFGHdJKPX":
        shown = plain(f"a\x1b[99999{final}b" * 200)
        assert len(shown) < 500_000


def test_the_live_tail_is_five_lines() -> None:
    output = Output.of("".join(f"line {n}\n" for n in range(100)))
    html = bodies.body(Terminal(output, live=True), saved=False)
    assert text(html) == "line 95\nline 96\nline 97\nline 98\nline 99"


@pytest.mark.parametrize("live", [True, False])
@pytest.mark.parametrize("printed", ["", "\n\n", "  \t\n", "\x1b[?25l\x1b[2K\r", "50%\r\x1b[2K"])
def test_blanks_are_not_drawn_as_an_empty_box(printed: str, live: bool) -> None:
    assert bodies.body(Terminal(Output.of(printed), live=live), saved=False) == ""


def test_blanks_that_are_coloured_are_seen() -> None:
    made = bodies.body(Terminal(Output.of("\x1b[42m  \x1b[0m\n")), saved=False)
    assert '<span class="cj-b2">  </span>' in made


def test_head_and_tail_with_the_middle_counted() -> None:
    output = (
        Output.of("begin\n" + "x" * 99 + "\n")
        + "".join(f"line {n}\n" for n in range(50_000))
        + "end\n"
    )
    html = bodies.body(Terminal(output), saved=True)
    seen = text(html)
    assert seen.startswith("begin\n")
    assert seen.rstrip().endswith("end")
    assert f"{output.omitted:,} characters omitted" in seen


# --- how long it takes ------------------------------------------------------------------------------------------------

HARD = ["\x90", "\x9d", "\x98a", "\x1bPa", "\x1b]8;;", "\x1b", "\x1b[", "\x1b[1Ka", "\x1b[1P", "a\b", "\x1b[X", "\x1b[1J", "\x1b[200A\n", "\x1b[2000Gx",
        "\r\x1b[P", "\x1b ", "\x1b[;", "\x1b7\x1b8", "\x1b[2J", "\x1b_\x9e"]  # fmt: skip


def cost(printed: str) -> float:
    """Processor time of this thread, the least of several runs: what else the machine does is in none of them."""

    def once() -> float:
        before = time.thread_time()
        plain(printed)
        return time.thread_time() - before

    return min(once() for _ in range(2))


@pytest.mark.growth
@pytest.mark.parametrize("before", ["", "a" * 5_000])
@pytest.mark.parametrize("unit", HARD)
def test_eight_times_the_text_takes_about_eight_times_as_long(unit: str, before: str) -> None:
    """A ratio, with room for noise; what is quadratic takes sixty-four times as long."""
    small, large = (cost(before + unit * (n // len(unit))) for n in (2_000, 16_000))
    assert large < 30 * max(small, 0.0002), (small, large)


@pytest.mark.parametrize("unit", ["\x1b[2000Gx\n", "\x1b[2J\x1b[999;999Ha", "\x1b[999d\x1b[2Jb"])
def test_what_a_cursor_passes_over_is_bounded_as_a_whole(unit: str) -> None:
    rows = list(lines(unit * (128 * 1024 // len(unit))))
    drawn = sum(len(part) for row in rows for part, _ in row)
    assert drawn + ROW * len(rows) <= BLANKS + (1 + ROW) * 128 * 1024
    assert rows[0] or rows[-1]


def test_a_string_that_never_ends_swallows_nothing_behind_it() -> None:
    assert plain("a\x90b") == "ab"
    assert plain("\x1bPq\x1bPz\x1b\\kept") == "qkept"
    assert plain("\x9d0;one\x9d0;two\x9ckept") == "0;onekept"
