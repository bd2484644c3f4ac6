"""Text spelled out: nothing hides, nothing passes for something else, and what is drawn leads back to the exact text."""

from __future__ import annotations

import time
import unicodedata
from typing import get_args

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from codex_jupyter.core.spelled import Manner, invisible, on_one_line, pieces, spelled
from tests.unit.core.hostile_commands import HOSTILE, ORDINARY
from tests.unit.core.unspelled import unspelled

MANNERS: tuple[Manner, ...] = get_args(Manner)
ALL = {**HOSTILE, **ORDINARY}
odd = st.sampled_from(sorted(set("".join(ALL.values())) - {"a"}))
hostile_text = st.lists(
    st.one_of(odd, st.text(max_size=3), st.sampled_from(["   ", "\n\n\n\n", " \n", "rtl", "U+", "×"])), max_size=40
).map("".join)  # fmt: skip


@pytest.mark.parametrize("name", ALL)
def test_what_is_drawn_leads_back_to_the_exact_text(name: str) -> None:
    for manner in MANNERS:
        made = pieces(ALL[name], manner)
        assert "".join(piece.means for piece in made) == ALL[name]
        assert unspelled("".join(piece.shown for piece in made)) == ALL[name]


@settings(max_examples=400, deadline=None)
@given(hostile_text, st.sampled_from(MANNERS))
@example("\n\n\n\n     \x00", "command")
def test_any_text_is_led_back_to(text: str, manner: Manner) -> None:
    drawn = spelled(text, manner)
    assert unspelled(drawn) == text
    assert not any(invisible(c) for c in drawn)
    assert "     " not in drawn.replace("\n", "x").lstrip(" ") or "\n" in drawn
    assert "\n\n\n\n" not in drawn and not drawn.endswith(("\n", " "))
    assert "\n" not in on_one_line(text, manner)


@pytest.mark.parametrize("name", HOSTILE)
def test_what_would_be_overlooked_is_marked(name: str) -> None:
    plain = {
        "long line",
        "many lines",
        "html",
        "markdown",
        "a frame",
        "maths",
        "backslash at the end of a line",
    }
    if name in plain:
        return
    assert "⟨" in spelled(HOSTILE[name], "command"), spelled(HOSTILE[name], "command")


@pytest.mark.parametrize("name", ORDINARY)
def test_ordinary_commands_have_no_marks(name: str) -> None:
    for manner in MANNERS:
        assert spelled(ORDINARY[name], manner) == ORDINARY[name]


def test_what_is_drawn_as_nothing_is_never_left_as_it_is() -> None:
    for code in [
        *range(0x3100),
        *range(0xD800, 0xE010),
        *range(0xFE00, 0x10000),
        *range(0xE0000, 0xE0200),
    ]:
        c = chr(code)
        if unicodedata.category(c)[0] in "CZ" and c not in " \n":
            for manner in MANNERS:
                assert spelled(f"a{c}b", manner) != f"a{c}b", hex(code)


def test_prose_keeps_other_scripts_and_their_signs() -> None:
    for text in ("Что делать с файлом — удалить?", "«Всё» “quoted” – ok", "שלום עולם", "e.g. ½ ™"):
        assert spelled(text, "prose") == text
    assert spelled("pаypal", "prose") == "p⟨а U+0430⟩ypal"


def cost(text: str) -> float:
    """Processor time of this thread, the least of three: what else the machine does is in none of them."""

    def once() -> float:
        before = time.thread_time()
        spelled(text, "command")
        return time.thread_time() - before

    return min(once() for _ in range(3))


@pytest.mark.growth
def test_it_is_linear() -> None:
    """A ratio, with room for noise: what is quadratic takes sixteen times as long for four times the text."""
    for unit in (
        "ab \u200b",
        "аb",
        "; а",
        "A=b ",
        " \n",
        "\n",
        " ",
        "\t",
        "א",
        "x\u0301",
        "'",
        "⟨",
    ):
        small, large = (cost(unit * times) for times in (2_500, 10_000))
        assert large < 10 * max(small, 0.0005), (unit, small, large)
