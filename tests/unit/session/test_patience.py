"""What a turn waits for is said: a model that is silent, and a next try that was put off."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, cast

import pytest

from codex_jupyter.core import events as ev
from codex_jupyter.core.blocks import document
from codex_jupyter.core.reduce import reduce
from codex_jupyter.core.turn import Turn
from codex_jupyter.errors import CodexJupyterError
from codex_jupyter.runtime import databases
from codex_jupyter.session import patience
from codex_jupyter.session.live import LiveTurn
from codex_jupyter.session.patience import Patience
from codex_jupyter.settings import Settings

RETRY = ev.ErrorReported(
    "t", "u", "Reconnecting... 1/5", "last status: 429 Too Many Requests", "", will_retry=True
)


HELD = Path("/home/ada/.codex/state_5.sqlite")


@pytest.fixture(autouse=True)
def held(monkeypatch: pytest.MonkeyPatch) -> list[Path | None]:
    """What each look at the databases finds, the last of it from then on: nothing, if a test does not say otherwise."""
    found: list[Path | None] = [None]

    async def look(_home: str | None) -> Path | None:
        return found.pop(0) if len(found) > 1 else found[0]

    monkeypatch.setattr(databases, "held", look)
    monkeypatch.setattr(patience, "LOOK", 0.0)
    return found


class Live:
    interactive = False
    settings = Settings()

    def __init__(self, *events: ev.Event) -> None:
        self.said = asyncio.Event()
        self.failed: CodexJupyterError | None = None
        self.turn = Turn()
        for event in (ev.TurnStarted("t", "u", 1), *events):
            self.turn = reduce(self.turn, event)

    def fail(self, error: CodexJupyterError) -> None:
        self.failed = error
        self.said.set()

    def apply(self, _live: LiveTurn, events: Iterable[ev.Event]) -> None:
        for event in events:
            self.turn = reduce(self.turn, event)
        self.said.set()


@pytest.mark.parametrize(
    ("events", "said"),
    [((), "the model, silent since "), ((RETRY,), "another try, put off since ")],
    ids=["a model", "a retry"],
)
def test_what_is_silent_for_long_is_said_with_the_time(
    monkeypatch: pytest.MonkeyPatch, events: tuple[ev.Event, ...], said: str
) -> None:
    monkeypatch.setattr(patience, "SILENT_AFTER", 0.0)
    live = Live(*events)

    async def watched() -> None:
        watch = asyncio.ensure_future(Patience(cast(Any, live), live.apply, live.fail).watch())
        await live.said.wait()
        watch.cancel()

    asyncio.run(asyncio.wait_for(watched(), 60))
    assert document(live.turn).footer.text.startswith(f"waiting for {said}")
    again = reduce(live.turn, ev.MessageAppended("t", "u", "m", "Hello"))
    assert not again.waits_for, "the next word ends it"


async def until(live: Live, condition: Callable[[Turn], bool]) -> None:
    while not condition(live.turn):
        live.said.clear()
        await live.said.wait()


def test_a_database_that_another_program_holds_is_named_until_it_is_free(
    held: list[Path | None],
) -> None:
    live = Live()
    held[:] = [None, HELD]

    async def watched() -> None:
        watch = asyncio.ensure_future(Patience(cast(Any, live), live.apply, live.fail).watch())
        await until(live, lambda turn: bool(turn.waits_for))
        watch.cancel()

    asyncio.run(asyncio.wait_for(watched(), 60))
    assert live.turn.waits_for == "Codex's database state_5.sqlite, which another program holds"


def test_a_step_at_the_start_says_so_too_and_then_no_more(
    held: list[Path | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "SAID_AFTER", 0.0)
    live = Live()
    held[:] = [HELD]

    async def waited() -> None:
        with Patience(cast(Any, live), live.apply, live.fail).of("the Codex runtime"):
            await until(live, lambda turn: "state_5" in turn.waits_for)
        assert not live.turn.waits_for

    asyncio.run(asyncio.wait_for(waited(), 60))


def test_a_turn_that_nobody_watches_gives_up_with_the_reason(
    held: list[Path | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "NOBODY_WAITS", 0.0)
    live = Live()
    held[:] = [HELD]
    asyncio.run(asyncio.wait_for(Patience(cast(Any, live), live.apply, live.fail).watch(), 60))
    assert live.turn.hopeless
    assert live.turn.error is not None
    assert "state_5.sqlite, which another program holds" in live.turn.error.message
    assert live.turn.error.hint == "End that program, then run this cell again."


def test_a_turn_that_nobody_watches_gives_up_at_its_start_too(
    held: list[Path | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "SAID_AFTER", 0.0)
    monkeypatch.setattr(patience, "NOBODY_WAITS", 0.0)
    live = Live()
    held[:] = [HELD]

    async def waited() -> None:
        with Patience(cast(Any, live), live.apply, live.fail).of("the Codex runtime"):
            while live.failed is None:
                live.said.clear()
                await live.said.wait()

    asyncio.run(asyncio.wait_for(waited(), 60))
    assert live.failed is not None
    assert "which another program holds" in live.failed.message
