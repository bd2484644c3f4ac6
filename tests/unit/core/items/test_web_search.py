"""A search, an opened page or a find in a page."""

from __future__ import annotations

import pytest

from codex_jupyter.core import events as ev
from codex_jupyter.core.items import WebSearch
from codex_jupyter.core.kinds import read_item
from tests.unit.core.captures import as_captured, completed, only, shown, started


def test_it_reads_as_captured() -> None:
    assert as_captured("webSearch") == ["search | Searched rust tokio"]


@pytest.mark.parametrize(
    ("search", "title"),
    [
        (WebSearch("w", query="tokio"), "Searched tokio"),
        (WebSearch("w", queries=("a", "b")), "Searched a, b"),
        (WebSearch("w"), "Searched the web"),
        (WebSearch("w", action="open", url="https://x.org"), "Opened https://x.org"),
        (WebSearch("w", action="find", pattern="spawn"), "Looked for “spawn” in a page"),
    ],
)
def test_what_was_looked_for(search: WebSearch, title: str) -> None:
    assert only(completed(search)).title == title


def test_an_action_that_is_not_known_is_a_search_of_some_kind() -> None:
    made = read_item({"type": "webSearch", "id": "w", "query": "q", "action": {"type": "smell"}})
    assert isinstance(made, WebSearch) and (made.action, made.query) == ("other", "q")


def test_a_search_that_the_stream_cut_off_is_stopped() -> None:
    retry = ev.ErrorReported("t", "u", "Reconnecting... 1/5", will_retry=True)
    assert shown(started(WebSearch("w", query="q")), retry).blocks[0].glyph == "stopped"
