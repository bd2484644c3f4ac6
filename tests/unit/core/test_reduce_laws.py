"""What holds for every order, subset, repetition and mutation of events: the reducer and the document are total."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codex_jupyter.core.blocks import DocumentBuilder, document
from codex_jupyter.core.events import Event, TurnCompleted
from codex_jupyter.core.items import Command, Review
from codex_jupyter.core.patch import diff
from codex_jupyter.core.reduce import coalesce, reduce
from codex_jupyter.core.turn import Turn
from tests.unit.core.captures import SETTINGS, events, play, streams
from tests.unit.core.patching import apply

law = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def check(turn: Turn) -> None:
    ids = [entry.id for entry in turn.entries]
    assert len(ids) == len(set(ids))
    if turn.ended:
        for entry in turn.entries:
            late = isinstance(entry, Command) and entry.late
            assert entry.status != "in_progress" or late, entry
            assert not (isinstance(entry, Review) and entry.verdict == "in_progress")
        assert not turn.requests and not turn.hidden_calls and not turn.abandoned
    answered = [d.request_id for d in turn.decisions] + [w.request_id for w in turn.withdrawn]
    assert len(answered) == len(set(answered))
    assert not set(answered) & {r.id for r in turn.requests}


@law
@given(streams())
def test_any_stream_of_events_makes_a_sound_turn_and_document(happened: list[Event]) -> None:
    turn = Turn(settings=SETTINGS)
    builder = DocumentBuilder()
    shown = apply((), diff((), document(turn).blocks))
    now = document(turn)
    for event in happened:
        turn = reduce(turn, event)
        check(turn)
        now = builder.build(turn)
        keys = [block.key for block in now.blocks]
        assert len(keys) == len(set(keys))
        assert all(len(block.title.splitlines()) <= 1 for block in now.blocks), "a title is one row"
        shown = apply(shown, diff(shown, now.blocks))
        assert shown == now.blocks
    assert document(turn) == now, "an incremental document is the one made afresh"


@law
@given(streams(), st.sampled_from(["completed", "interrupted", "failed", "odd"]))
def test_a_turn_ends_once(happened: list[Event], status: str) -> None:
    turn = play(*happened)
    turn = reduce(turn, TurnCompleted("t", "u", status=status))
    assert turn.ended
    after = play(*happened, turn=turn)
    check(after)
    assert (after.state, after.error, after.stopped_by) == (turn.state, turn.error, turn.stopped_by)
    assert (after.steps, after.diff, after.requests) == (turn.steps, turn.diff, ())


@law
@given(streams())
def test_the_same_event_twice_in_a_row_is_once(happened: list[Event]) -> None:
    """Deltas add up, so they are left out here."""
    turn = Turn(settings=SETTINGS)
    for event in happened:
        if "Appended" in type(event).__name__ or type(event).__name__ in (
            "InputTyped",
            "LeftoversEnded",
        ):
            continue
        turn = reduce(turn, event)
        again = reduce(turn, event)
        assert again == turn, type(event).__name__


@law
@given(streams(60))
def test_coalescing_changes_nothing(happened: list[Event]) -> None:
    short = coalesce(happened)
    assert len(short) <= len(happened)
    assert play(*short) == play(*happened)


@law
@given(streams(20))
def test_events_of_other_turns_and_threads_change_nothing(happened: list[Event]) -> None:
    turn = Turn("t", "u", settings=SETTINGS)
    for event in happened:
        assert reduce(turn, replace(event, thread_id="another")) is turn
        assert reduce(turn, replace(event, turn_id="another")) is turn


def test_what_changes_nothing_returns_the_very_same_turn() -> None:
    turn = play(*events())
    same = [event for event in events() if reduce(turn, event) is turn]
    assert len(same) > len(events()) / 2
