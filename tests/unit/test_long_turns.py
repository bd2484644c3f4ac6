"""Long turns stay small in memory, on the wire and in the file, and nothing of them is lost without a count."""

from __future__ import annotations

from bench import long
from codex_jupyter.core.blocks import document
from codex_jupyter.core.turn import Turn
from codex_jupyter.render import text


def test_endless_output_is_bounded_everywhere() -> None:
    found = long.sizes(lambda: long.output(20_000_000))
    assert found["in memory"] < 1_000_000
    assert found["on the wire"] < 500_000
    assert found["saved"] < 500_000
    shown = text.document(document(Turn(state="completed", entries=long.output(20_000_000))))
    assert "line 000000" in shown and "line 000999" in shown


def test_two_thousand_items_are_bounded_on_the_wire_and_in_the_file() -> None:
    some, more = long.sizes(lambda: long.many(1000)), long.sizes(lambda: long.many(2000))
    for where in ("on the wire", "saved"):
        assert more[where] < some[where] * 1.05
        assert more[where] < 1_500_000


def test_a_long_message_is_saved_once_in_each_format() -> None:
    found = long.sizes(long.message)
    assert found["in memory"] < 3_000_000
    assert found["saved"] < 4_000_000
