"""What the model thought."""

from __future__ import annotations

from codex_jupyter.core import events as ev
from codex_jupyter.core.blocks import document
from codex_jupyter.core.document import Prose
from codex_jupyter.core.items import Reasoning
from codex_jupyter.core.text import Text
from tests.unit.core.captures import as_captured, captured, completed, notified, only, play, titles


def test_it_reads_as_captured() -> None:
    assert as_captured("reasoning") == ["thought | Thought: Thinking hard"]


def test_thinking_shows_its_newest_headline() -> None:
    turn = play(ev.ReasoningAppended("t", "u", "r", 0, "**Reading"))
    assert titles(document(turn)) == ["thought | Thinking"]
    turn = play(
        ev.ReasoningAppended("t", "u", "r", 0, " code**\n\nx"), ev.ReasoningAppended("t", "u", "r", 1, "**Fixing**"), turn=turn
    )  # fmt: skip
    assert titles(document(turn)) == ["thought | Thinking: Fixing"]


def test_reasoning_sections_and_raw_content() -> None:
    turn = play(
        ev.ReasoningAppended("t", "u", "r", 0),
        ev.ReasoningAppended("t", "u", "r", 0, "one"),
        ev.ReasoningAppended("t", "u", "r", 1, "two"),
        ev.ReasoningAppended("t", "u", "r", 0, "raw", raw=True),
    )
    item = turn.find("r")
    assert isinstance(item, Reasoning)
    assert [str(s) for s in item.summary] == ["one", "two"] and [str(s) for s in item.content] == [
        "raw"
    ]


def test_the_deltas_are_read() -> None:
    summary = notified("item/reasoning/summaryTextDelta", delta="a", summaryIndex=2)
    assert summary == ev.ReasoningAppended("t", "u", "i", 2, "a")
    opened = notified("item/reasoning/summaryPartAdded", summaryIndex=3)
    assert opened == ev.ReasoningAppended("t", "u", "i", 3, "")
    raw = notified("item/reasoning/textDelta", delta="a", contentIndex=1)
    assert raw == ev.ReasoningAppended("t", "u", "i", 1, "a", raw=True)


def test_the_body_holds_the_sections() -> None:
    (thought,) = document(play(*captured("reasoning"))).blocks
    assert [str(p.text) for p in thought.body if isinstance(p, Prose)] == [
        "**Thinking hard**\n\nfirst section.",
        "second section.",
        "raw thought",
    ]


def thought(*sections: str) -> list[str]:
    block = only(completed(Reasoning("r", "completed", summary=tuple(map(Text.of, sections)))))
    return [str(part.text) for part in block.body if isinstance(part, Prose)]


def test_a_thought_does_not_repeat_its_headline() -> None:
    assert thought("**The loader**\n\nIt drops the zone.") == ["It drops the zone."]
    assert thought("**The loader**") == []
    assert thought("**A**\n\nOne.", "**B**\n\nTwo.") == ["**A**\n\nOne.", "**B**\n\nTwo."]
