"""What a turn waits for is said: a model that is silent, and a next try that was put off."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any, cast

import pytest

from codex_jupyter.core import events as ev
from codex_jupyter.core.blocks import document
from codex_jupyter.core.reduce import reduce
from codex_jupyter.core.turn import Turn
from codex_jupyter.session import patience
from codex_jupyter.session.live import LiveTurn
from codex_jupyter.session.patience import Patience

RETRY = ev.ErrorReported(
    "t", "u", "Reconnecting... 1/5", "last status: 429 Too Many Requests", "", will_retry=True
)


class Live:
    def __init__(self, *events: ev.Event) -> None:
        self.said = asyncio.Event()
        self.turn = Turn()
        for event in (ev.TurnStarted("t", "u", 1), *events):
            self.turn = reduce(self.turn, event)

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
    monkeypatch.setattr(patience, "LOOK", 0.0)
    live = Live(*events)

    async def watched() -> None:
        watch = asyncio.ensure_future(Patience(cast(Any, live), live.apply).watch())
        await live.said.wait()
        watch.cancel()

    asyncio.run(asyncio.wait_for(watched(), 60))
    assert document(live.turn).footer.text.startswith(f"waiting for {said}")
    again = reduce(live.turn, ev.MessageAppended("t", "u", "m", "Hello"))
    assert not again.waits_for, "the next word ends it"
