"""Something worth saying."""

from __future__ import annotations

import pytest

from codex_jupyter.core import events as ev
from tests.unit.core.captures import message, notice, only, play, shown, started


@pytest.mark.parametrize(
    ("level", "kind", "fold", "glyph"),
    [("info", "notice", "work", "info"), ("warning", "notice", "body", "warning"), ("error", "error", "never", "error")],
)  # fmt: skip
def test_notices(level: str, kind: str, fold: str, glyph: str) -> None:
    block = only(notice("Mind the gap", level=level))
    assert (block.kind, block.fold, block.glyph, block.title) == (kind, fold, glyph, "Mind the gap")


def test_a_live_retry_is_seen_and_a_past_one_folds() -> None:
    retry = ev.ErrorReported("t", "u", "Reconnecting... 1/5", "dns", will_retry=True)
    assert only(retry).fold == "never"
    assert shown(retry, started(message("m", "x"))).blocks[0].fold == "work"


def test_the_same_notice_is_said_once() -> None:
    turn = play(notice("slow"), notice("slow"), notice("slow", level="info"), notice("other"))
    assert len(turn.entries) == 3 and len({e.id for e in turn.entries}) == 3
