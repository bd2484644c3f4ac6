"""``/usage``: what was used and what is left, as far as anybody told; never that nothing was where something was."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from codex_jupyter.core.events import Limits, Usage, Window
from codex_jupyter.core.turn import Turn, TurnError
from codex_jupyter.notebook.commands import account

LIMITS = Limits(Window(100.0, 300, 4_000_000_000))
REACHED = TurnError("You've hit your usage limit.", code="usageLimitExceeded")


def shown(monkeypatch: pytest.MonkeyPatch, last: Turn | None, known: Limits | None = None) -> Any:
    said: list[Any] = []
    monkeypatch.setattr(account, "show", lambda title, **more: said.append((title, more["rows"])))
    session = SimpleNamespace(
        account=lambda: SimpleNamespace(limits=known),
        last=None if last is None else SimpleNamespace(turn=last),
        engine=SimpleNamespace(offline=""),
    )
    account.usage.run(
        cast(Any, SimpleNamespace(session=lambda: session)), cast(Any, None), cast(Any, {})
    )
    return said[0]


@pytest.mark.parametrize(
    ("last", "known", "title", "rows"),
    [
        (None, None, "Nothing has been used yet.", 0),
        (Turn(usage=Usage(total=5)), None, "Usage", 1),
        (Turn(), None, "Nobody has told any figures yet.", 0),
        (Turn(error=REACHED), None, "The usage limit was reached: You've hit your usage limit.", 0),
        (Turn(error=REACHED, limits=LIMITS), None, "The usage limit was reached: You've hit your usage limit.", 1),
        (Turn(), LIMITS, "Usage", 1),
    ],
)  # fmt: skip
def test_what_is_said_is_what_is_known(
    monkeypatch: pytest.MonkeyPatch, last: Turn | None, known: Limits | None, title: str, rows: int
) -> None:
    said = shown(monkeypatch, last, known)
    assert (said[0], len(said[1])) == (title, rows)
