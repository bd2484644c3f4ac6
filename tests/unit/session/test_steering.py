"""A turn is steered once it runs, and not before: over a scripted runtime."""

from __future__ import annotations

import asyncio

import pytest

from codex_jupyter.errors import UserError
from codex_jupyter.session import steering
from codex_jupyter.session.phases import Phase

from .scripted import REFUSED, until
from .test_turn_run import in_phase, on_a_loop


@pytest.mark.parametrize("phase", ["preparing", "sending"])
@on_a_loop
async def test_one_that_is_about_to_run_is_waited_for(phase: Phase) -> None:
    stage = await in_phase(phase)
    said = asyncio.ensure_future(stage.run.steer("Shorter."))
    await asyncio.sleep(0)
    assert "turn/steer" not in stage.transport.methods
    stage.transport.hold.clear()
    stage.transport.answer({"preparing": "thread/start", "sending": "turn/start"}[phase])
    await until(lambda: stage.run.phase == "running")
    stage.begun()
    await said
    _, told = stage.transport.calls[-1]
    assert (told["expectedTurnId"], told["input"][0]["text"]) == ("u", "Shorter.")
    stage.completed()
    await stage.run.closed()


@pytest.mark.parametrize(
    ("phase", "why"),
    [
        ("queued", "This turn waits for the one before it"),
        ("stopping", "This turn is not running"),
        ("done", "This turn is not running"),
    ],
)
@on_a_loop
async def test_one_that_does_not_run_is_told_nothing(phase: Phase, why: str) -> None:
    stage = await in_phase(phase)
    with pytest.raises(UserError, match=why):
        await stage.run.steer("Shorter.")
    assert "turn/steer" not in stage.transport.methods


@on_a_loop
async def test_one_that_ends_before_it_runs_says_so_at_once() -> None:
    stage = await in_phase("sending")
    said = asyncio.ensure_future(stage.run.steer("Shorter."))
    await asyncio.sleep(0)
    stage.completed("failed")
    with pytest.raises(UserError, match="This turn is not running"):
        await said


@on_a_loop
async def test_one_that_does_not_begin_is_not_waited_for_without_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(steering, "BEGINS_IN", 0.01)
    stage = await in_phase("sending")
    with pytest.raises(UserError, match="This turn has not begun yet"):
        await stage.run.steer("Shorter.")


@on_a_loop
async def test_a_refusal_of_the_runtime_is_told() -> None:
    stage = await in_phase("running")
    stage.transport.fails["turn/steer"] = REFUSED
    with pytest.raises(UserError, match="Not steered: "):
        await stage.run.steer("Shorter.")
