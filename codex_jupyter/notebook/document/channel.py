"""Questions to a page about the notebook that it has open, and what it replies. Knows no cell.

On the session's loop. Each question goes to one view, has a number of its own and ends in bounded time; a reply to
anything else is passed over.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Callable
from typing import Any, Protocol

from codex_jupyter.errors import UserError

#: Seconds that a page has to reply.
REPLIES_IN = 20.0
#: Seconds in which a page that is gone may be there again: it may only be loaded anew.
RELOADED_IN = 10.0

ELSEWHERE = "read_cells shows the cells that ran; propose_cells puts code below."
NO_PAGE = "The open notebook is out of reach here: no page shows it."
NO_WAY = "The open notebook is out of reach here: this front end does not let a widget reach it."
DEAF = "The open notebook is out of reach while its cell waits: this kernel hears nothing of the page until the cell ends."
LATE = f"The page did not answer for {REPLIES_IN:g} s. If it was to change cells, nobody knows whether it did: read_notebook tells."

_numbers = itertools.count(1)


class Views(Protocol):
    """The pages of one panel: ``panel.live_feed.LiveFeed``."""

    @property
    def reaching(self) -> str | None:
        """The view that acts: the first of those that live and can reach their notebook; None where there is none."""
        ...

    @property
    def living(self) -> bool:
        """Whether a view lives."""
        ...

    @property
    def welcomed(self) -> bool:
        """A view has said hello at some time."""
        ...

    def ask(self, view: str, question_id: str, question: dict[str, Any]) -> None:
        """Send a question to a view."""
        ...


class DocumentChannel:
    """The line to the notebook in which a panel stands.

    Args:
        views: the pages of the panel.
        hears: whether the kernel hears them now.
        patience: seconds in which the first one may still come.
    """

    def __init__(
        self, views: Views, *, hears: Callable[[], bool], patience: Callable[[], float]
    ) -> None:
        self._views, self._hears, self._patience = views, hears, patience
        self._came = asyncio.Event()
        self._open: dict[str, asyncio.Future[dict[str, Any]]] = {}

    async def ask(self, question: dict[str, Any]) -> dict[str, Any]:
        """The reply to a question.

        Raises:
            UserError: there is none; the text says why, for the model.
        """
        view = await self._view()
        number = f"d{next(_numbers)}"
        reply = self._open[number] = asyncio.get_running_loop().create_future()
        try:
            self._views.ask(view, number, question)
            told = await asyncio.wait_for(reply, REPLIES_IN)
        except TimeoutError:
            raise UserError(LATE, ELSEWHERE) from None
        finally:
            del self._open[number]
        if why := told.get("error"):
            raise UserError(f"The open notebook is out of reach: {str(why)[:400]}", ELSEWHERE)
        return told

    async def _view(self) -> str:
        if not self._hears():
            raise UserError(DEAF, ELSEWHERE)
        if not self._views.living:
            patience = RELOADED_IN if self._views.welcomed else max(0.0, self._patience())
            self._came.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._came.wait(), patience)
        view = self._views.reaching
        if view is None:
            raise UserError(NO_WAY if self._views.living else NO_PAGE, ELSEWHERE)
        if not self._hears():
            raise UserError(DEAF, ELSEWHERE)
        return view

    def met(self) -> None:
        """A page spoke; a view of it may have said hello."""
        if self._views.living:
            self._came.set()

    def replied(self, number: str, reply: dict[str, Any]) -> None:
        """A view replied to a question."""
        future = self._open.get(number)
        if future is not None and not future.done():
            future.set_result(reply)
