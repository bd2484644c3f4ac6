"""The turns of one conversation in a row: who is ahead, what is said of them, and who does what they ask."""

from __future__ import annotations

import asyncio
import queue
from dataclasses import replace

import pytest

from codex_jupyter.core.requests import CommandRequest
from codex_jupyter.session.live import LiveTurn
from codex_jupyter.session.main_thread import WAKE, serve
from tests.unit.session.scripted import Stage, until


def first_of_three() -> tuple[Stage, LiveTurn, LiveTurn, LiveTurn]:
    stage = Stage()
    runs = stage.run, stage.another(), stage.another()
    for number, run in enumerate(runs, 1):
        run.live.number, run.live.prompt = number, f"Prompt {number}\nand more"
        stage.start(run)
    first, second, third = (run.live for run in runs)
    return stage, first, second, third


def test_a_turn_says_for_whom_it_waits_and_that_a_person_is_waited_for() -> None:
    async def play() -> None:
        stage, first, second, third = first_of_three()
        await until(lambda: stage.run.phase == "running")
        assert (first.ahead, second.ahead, third.ahead) == ((), (first,), (first, second))
        assert first.turn.waits_for == ""
        assert second.turn.waits_for == "turn 1 (“Prompt 1 …”)"
        assert third.turn.waits_for == "turn 1 (“Prompt 1 …”) and 1 more turn before this one"
        asked = CommandRequest("r", "t", "u", "i", command="ls", cwd="/")
        first._swap(replace(first.turn, requests=(asked,)))
        assert second.turn.waits_for == "turn 1 (“Prompt 1 …”), which waits for your answer"
        first._swap(replace(first.turn, requests=()))
        assert second.turn.waits_for == "turn 1 (“Prompt 1 …”)"
        stage.completed()
        await until(lambda: stage.runs[1].phase == "running")
        assert second.turn.waits_for == ""
        assert third.turn.waits_for == "turn 2 (“Prompt 2 …”)"
        stage.runs[1].stop("you")
        stage.runs[2].stop("you")

    asyncio.run(asyncio.wait_for(play(), 30))


def test_one_that_is_stopped_leaves_the_line_and_the_others_go_on() -> None:
    async def play() -> None:
        stage, first, second, third = first_of_three()
        await until(lambda: stage.run.phase == "running" and third.ahead == (first, second))
        stage.runs[1].stop("you")
        await until(lambda: second.done and third.ahead == (first,))
        assert second.turn.stopped_by == "you" and not first.turn.stopped_by
        assert second.turn.waits_for == ""
        assert third.turn.waits_for == "turn 1 (“Prompt 1 …”)"
        stage.completed()
        await until(lambda: stage.runs[2].phase == "running")
        assert third.ahead == () and first.line() == (third,)

    asyncio.run(asyncio.wait_for(play(), 30))


def test_what_is_cut_of_a_prompt_is_cut_after_it_was_cleaned() -> None:
    stage = Stage()
    stage.live.prompt = "x" * 55 + "s3cret"
    events = []

    async def play() -> None:
        behind = stage.another()
        stage.start()
        stage.start(behind)
        inner = stage.apply

        def apply(live, given):  # type: ignore[no-untyped-def]
            events.extend(given)
            inner(live, given)

        stage.apply = apply  # type: ignore[method-assign]
        await until(lambda: behind.live.turn.waits_for)
        behind.stop("you")
        stage.run.stop("you")

    asyncio.run(asyncio.wait_for(play(), 30))
    assert any(getattr(event, "prompt", "") == stage.live.prompt for event in events)


def in_a_line(*numbers: int) -> list[LiveTurn]:
    turns = [Stage().live for _ in numbers]
    for turn in turns:
        turn.line = lambda: tuple(turns)
    return turns


def test_who_waits_for_the_last_does_what_those_ahead_ask_in_their_order() -> None:
    first, second, third = in_a_line(1, 2, 3)
    done: list[str] = []
    third.main_thread_jobs.put(lambda: done.append("third"))
    third.main_thread_jobs.put(lambda: third._resolve(ValueError()))
    second.main_thread_jobs.put(WAKE)
    second.main_thread_jobs.put(lambda: done.append("second"))
    first.main_thread_jobs.put(lambda: done.append("first"))
    serve(third, None, lambda: None)
    assert done == ["first", "second", "third"]


def test_only_those_are_woken_who_wait() -> None:
    first, second, third = in_a_line(1, 2, 3)
    with second.awaited():
        assert first.is_awaited and second.is_awaited and not third.is_awaited
        first._wake()
        assert second.main_thread_jobs.get_nowait() is WAKE
        first.give_job(lambda: None)
        assert second.main_thread_jobs.get_nowait() is WAKE
        assert first.main_thread_jobs.qsize() == 1
        third._wake()
    assert not first.is_awaited
    for turn in (second, third):
        with pytest.raises(queue.Empty):
            turn.main_thread_jobs.get_nowait()
