"""What a kernel holds of a conversation beside the runtime's own record."""

from __future__ import annotations

from dataclasses import replace

from codex_jupyter.core.answerers import person
from codex_jupyter.core.items import AgentMessage, UserMessage
from codex_jupyter.core.items.user_message import InputPart
from codex_jupyter.core.requests import Decision
from codex_jupyter.core.text import Text
from codex_jupyter.core.transcript import transcript
from codex_jupyter.core.turn import Turn
from codex_jupyter.render import text
from codex_jupyter.session.recap import TURNS, Recap

DECISION = Decision("r", "once", "pip install pyarrow", person(), "2026-05-04T14:02:31+02:00")
STORED = Turn(
    "t",
    "u",
    "interrupted",
    entries=(
        UserMessage("a", parts=(InputPart("text", "Why?"),)),
        AgentMessage("b", text=Text.of("Because")),
    ),
    started_ms=1_777_888_999_000,
)


def test_a_stored_turn_gets_back_what_only_the_kernel_knew() -> None:
    recap = Recap()
    recap.add("Why?", "Because", replace(STORED, decisions=(DECISION,), stopped_by="you"))
    said = text.document(transcript(recap.completed(STORED), "2026-05-04 14:02"))
    assert "You asked\n    Why?" in said
    assert "Because" in said
    assert "You allowed once, 14:02: pip install pyarrow" in said
    assert "Stopped by you" in said
    assert "2026-05-04" in said


def test_of_another_kernels_turn_it_is_what_was_stored() -> None:
    recap = Recap()
    recap.add("x", "y", replace(STORED, turn_id="other", decisions=(DECISION,)))
    assert recap.completed(STORED) is STORED


def test_no_text_of_a_turn_is_held_twice_and_few_turns_are() -> None:
    recap = Recap()
    for n in range(TURNS + 5):
        recap.add("x", "y", replace(STORED, turn_id=f"u{n}", stopped_by="you"))
    assert not recap.completed(replace(STORED, turn_id="u0")).stopped_by
    newest = recap.completed(replace(STORED, turn_id=f"u{TURNS + 4}", entries=()))
    assert newest.stopped_by == "you"
    assert newest.entries == ()
