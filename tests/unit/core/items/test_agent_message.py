"""What the model said."""

from __future__ import annotations

from codex_jupyter.core import events as ev
from codex_jupyter.core.document import Lines
from codex_jupyter.core.items import AgentMessage
from codex_jupyter.core.kinds import read_item
from codex_jupyter.core.text import Text
from tests.unit.core.captures import (
    as_captured,
    completed,
    ended,
    message,
    notified,
    only,
    play,
    said,
    started,
)


def test_it_reads_as_captured() -> None:
    assert as_captured("agentMessage") == ["answer", "answer", "commentary", "commentary"]


def test_questions_without_a_request_are_shown() -> None:
    block = only(
        completed(AgentMessage("m", phase="final_answer", questions=(("Which?", ("Red", "Blue")),)))
    )
    assert block.glyph == "ask" and block.body == (Lines(("Which?", "• Red", "• Blue")),)


def test_deltas_then_completion_and_completion_wins() -> None:
    turn = play(started(message("m")), said("m", "Hel"), said("m", "lo"))
    assert str(turn.find("m").text) == "Hello"  # type: ignore[union-attr]
    turn = play(completed(message("m", "Hello!")), said("m", "late"), turn=turn)
    item = turn.find("m")
    assert (
        isinstance(item, AgentMessage) and str(item.text) == "Hello!" and item.status == "completed"
    )


def test_messages_do_not_grow_after_the_end() -> None:
    turn = play(started(message("m")), said("m", "Hal"), ended("interrupted"))
    assert play(said("m", "lo"), said("n", "new"), turn=turn) is turn


def test_text_stays_the_same_object_when_the_completion_says_the_same() -> None:
    turn = play(started(message("m")), said("m", "Hel"), said("m", "lo"))
    streamed = turn.find("m").text  # type: ignore[union-attr]
    turn = play(completed(AgentMessage("m", text=Text.of("Hello"))), turn=turn)
    assert turn.find("m").text is streamed  # type: ignore[union-attr]


def test_a_delta_is_read() -> None:
    assert notified("item/agentMessage/delta", delta="a") == ev.MessageAppended("t", "u", "i", "a")


def test_lone_surrogates_are_kept() -> None:
    assert notified("item/agentMessage/delta", delta="\ud83d").text == "\ud83d"
    made = read_item({"type": "agentMessage", "id": "m", "text": "a\udc00"})
    assert isinstance(made, AgentMessage) and made.text == Text.of("a\udc00")


def test_a_phase_that_is_not_known_is_none() -> None:
    made = read_item({"type": "agentMessage", "id": "m", "text": "a", "phase": "afterthought"})
    assert isinstance(made, AgentMessage) and made.phase is None
