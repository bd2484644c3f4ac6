"""A turn as what a panel shows: the ops that bring a page up to date, and everything for one that has nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from codex_jupyter.core.document import Document


class TurnContent:
    """``live_feed.Content`` of a turn.

    Args:
        document: the transcript as it is now.
    """

    def __init__(self, document: Callable[[], Document]) -> None:
        self._document = document
        self._given: Any = None  # render.live.Live of what was given out last

    def advance(self) -> tuple[dict[str, Any], ...]:
        """See ``live_feed.Content``."""
        from codex_jupyter.render import live

        self._given, ops = live.advance(self._given, self._document())
        return ops

    def snapshot(self) -> dict[str, Any]:
        """See ``live_feed.Content``."""
        from codex_jupyter.render import live

        return live.snapshot(self._given if self._given is not None else self._document())
