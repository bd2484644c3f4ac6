"""Questions to a page about its notebook, with scripted views."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from codex_jupyter.errors import UserError
from codex_jupyter.notebook.document import channel
from codex_jupyter.notebook.document.channel import DocumentChannel

READ = {"kind": "read"}


class Views:
    """``channel.Views``; what was asked, and who replies."""

    def __init__(self, reaching: str | None = "v", *, welcomed: bool = True) -> None:
        self.reaching, self.welcomed, self.living = reaching, welcomed, welcomed
        self.asked: list[tuple[str, str]] = []
        self.came = asyncio.Event()

    def ask(self, view: str, question_id: str, question: dict[str, Any]) -> None:
        self.asked.append((view, question_id))
        self.came.set()


def opened(views: Views, *, hears: bool = True, patience: float = 0.0) -> DocumentChannel:
    return DocumentChannel(views, hears=lambda: hears, patience=lambda: patience)


async def refused(line: DocumentChannel) -> str:
    with pytest.raises(UserError) as told:
        await line.ask(READ)
    assert "read_cells" in told.value.hint
    return told.value.message


def test_each_question_has_its_own_reply() -> None:
    async def play() -> None:
        views = Views()
        line = opened(views)
        first, second = (asyncio.ensure_future(line.ask(READ)) for _ in range(2))
        await asyncio.sleep(0)
        (_, one), (_, other) = views.asked
        line.replied("d0", {"n": 0})  # asked by nobody
        line.replied(other, {"n": 2})
        line.replied(one, {"n": 1})
        line.replied(one, {"n": 3})  # twice is once
        assert (await first, await second) == ({"n": 1}, {"n": 2})
        line.replied(one, {"n": 4})  # and late is never
        assert not line._open

    asyncio.run(play())


def test_why_a_notebook_cannot_be_read() -> None:
    async def play() -> None:
        assert await refused(opened(Views(None, welcomed=False))) == channel.NO_PAGE
        assert await refused(opened(Views(None))) == channel.NO_WAY
        assert await refused(opened(Views(), hears=False)) == channel.DEAF

    asyncio.run(play())


def test_a_page_that_is_still_to_come_is_waited_for() -> None:
    async def play() -> None:
        views = Views(None, welcomed=False)
        line = opened(views, patience=60)
        asked = asyncio.ensure_future(line.ask(READ))
        await asyncio.sleep(0)
        line.met()  # one that only has loaded the module
        await asyncio.sleep(0)
        assert not views.asked
        views.reaching, views.welcomed, views.living = "late", True, True
        line.met()
        await views.came.wait()
        assert views.asked[0][0] == "late"
        line.replied(views.asked[0][1], {"n": 1})
        assert await asked == {"n": 1}

    asyncio.run(play())


def test_a_page_that_is_loaded_anew_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    async def play() -> None:
        views = Views(None)
        views.living = False
        line = opened(views)
        asked = asyncio.ensure_future(line.ask(READ))
        await asyncio.sleep(0)
        views.reaching, views.living = "anew", True
        line.met()
        await views.came.wait()
        line.replied(views.asked[0][1], {"n": 1})
        assert await asked == {"n": 1}
        views.reaching, views.living = None, False
        monkeypatch.setattr(channel, "RELOADED_IN", 0.01)
        assert await refused(line) == channel.NO_PAGE

    asyncio.run(play())


def test_a_page_that_stays_silent_ends_the_question(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel, "REPLIES_IN", 0.01)

    async def play() -> None:
        line = opened(Views())
        assert await refused(line) == channel.LATE and not line._open

    asyncio.run(play())


def test_what_a_page_says_went_wrong_is_told() -> None:
    async def play() -> None:
        views = Views()
        line = opened(views)
        asked = asyncio.ensure_future(refused(line))
        await views.came.wait()
        line.replied(views.asked[0][1], {"error": "the notebook is closed."})
        assert await asked == "The open notebook is out of reach: the notebook is closed."

    asyncio.run(play())
