"""What a cell puts out reaches its page in order and whole, also one that is loaded anew: over a scripted page."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from codex_jupyter.errors import UserError
from codex_jupyter.notebook.workbench import cell_feed
from codex_jupyter.notebook.workbench.cell_feed import CellFeed, CellRecord, stream


class Page:
    """A page as `js/src/cell_outputs.js` is one."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.steps: list[dict[str, Any]] = []
        self.run = ""
        self.count: int | None = None
        self.gone = False

    async def ask(self, question: dict[str, Any]) -> dict[str, Any]:
        await asyncio.sleep(0)
        self.asked.append(question)
        if self.gone:
            raise UserError("no page")
        if question["from"] == 0 and question["run"] != self.run:
            self.run, self.steps = question["run"], []
        if question["run"] != self.run or question["from"] != len(self.steps):
            return {"again": True}
        self.steps += question["steps"]
        self.count = question.get("count", self.count)
        return {}

    def reload(self) -> None:
        self.run, self.steps = "", []

    @property
    def text(self) -> str:
        return "".join(step["output"]["text"] for step in self.steps)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cell_feed, "PAUSE", 0)


async def until(condition: Any) -> None:
    for _ in range(1000):
        if condition():
            return
        await asyncio.sleep(0)
    raise AssertionError("it never came to that")


def test_all_of_it_arrives_in_order_and_lines_go_together() -> None:
    async def play() -> None:
        page = Page()
        feed = CellFeed(page, "a", "code")
        record = CellRecord(feed)
        assert await feed.begin() == {}
        for n in range(100):
            record.write("stdout", f"{n}\n")
        record.write("stderr", "warned")
        record.number = 7
        record.show({"text/plain": "1"}, "result")
        record.fail("Traceback\nZeroDivisionError: no", ("ZeroDivisionError", "no"))
        await feed.end(7)
        kinds = [step["output"]["output_type"] for step in page.steps]
        assert kinds == ["stream", "stream", "execute_result", "error"]
        assert page.steps[0]["output"]["text"] == "".join(f"{n}\n" for n in range(100))
        assert page.steps[2]["output"]["execution_count"] == 7
        assert (page.steps[3]["output"]["ename"], page.count, feed.lost) == (
            "ZeroDivisionError",
            7,
            "",
        )
        assert [output.kind for output in record.outputs] == ["stdout", "stderr", "result", "error"]

    asyncio.run(play())


def test_a_page_that_is_loaded_anew_is_sent_all_of_it() -> None:
    async def play() -> None:
        page = Page()
        feed = CellFeed(page, "a", "code")
        await feed.begin()
        feed.put(stream("stdout", "one\n"))
        await until(lambda: page.steps)
        page.reload()
        feed.put(stream("stdout", "two\n"))
        await until(lambda: len(page.steps) == 2)
        await feed.end(3)
        assert (page.text, page.count, feed.lost) == ("one\ntwo\n", 3, "")

    asyncio.run(play())


def test_a_page_that_was_away_is_sent_all_of_it_at_the_next_part() -> None:
    async def play() -> None:
        page = Page()
        feed = CellFeed(page, "a", "code")
        await feed.begin()
        feed.put(stream("stdout", "one\n"))
        await until(lambda: page.steps)
        page.gone = True
        feed.put(stream("stdout", "two\n"))
        await until(lambda: feed.lost)
        page.gone = False
        page.reload()
        await feed.end(3)
        assert (page.text, page.count, feed.lost) == ("one\ntwo\n", 3, "")

    asyncio.run(play())


def test_a_page_that_stays_away_is_told_of() -> None:
    async def play() -> None:
        page = Page()
        feed = CellFeed(page, "a", "code")
        await feed.begin()
        page.gone = True
        feed.put(stream("stdout", "one\n"))
        await feed.end(3)
        assert feed.lost == "no page"

    asyncio.run(play())


def test_a_flood_is_bounded_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cell_feed, "WAITING", 1_000)
    monkeypatch.setattr(cell_feed, "KEPT", 2_000)

    async def play() -> None:
        page = Page()
        feed = CellFeed(page, "a", "code")
        await feed.begin()
        for _ in range(1_000):
            feed.put(stream("stdout", "x" * 100))
        await feed.end(1)
        assert len(page.text) < 2_000
        assert "99,000 characters came faster than the page takes them" in page.text
        assert feed._sent_size <= 2_000

    asyncio.run(play())
