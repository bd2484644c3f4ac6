"""Conversations between their turns: the runtime keeps a few of them open, and lets the others go until they are used again.

An open conversation costs the runtime four file descriptors and some memory for as long as it runs (measured: a limit of 256
descriptors, as macOS has it, is reached after about fifty). Used on the session's loop.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from codex_jupyter import journal
from codex_jupyter.core.raw import exact
from codex_jupyter.errors import CodexJupyterError

if TYPE_CHECKING:
    from collections.abc import Set

    from codex_jupyter.session.thread import Thread

log = journal.logger("session")

#: Conversations that stay open although no turn of them runs: those used last.
KEPT = 8


class Idle:
    """The conversations that are open and that no turn uses, the one used last at the end."""

    def __init__(self) -> None:
        self._threads: dict[str, Thread] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def add(self, thread: Thread, named: Set[Thread]) -> None:
        """A turn of this conversation is over.

        Args:
            thread: the conversation.
            named: those that can still be asked by their name; all others are let go of at once.
        """
        self._threads.pop(thread.id, None)
        self._threads[thread.id] = thread
        gone = [one for one in self._threads.values() if one.opened_in is None or one not in named]
        usable = [one for one in self._threads.values() if one not in gone and not one.ephemeral]
        for one in (*gone, *usable[:-KEPT]):
            self._threads = {i: kept for i, kept in self._threads.items() if kept is not one}
            if one.opened_in is not None:
                task = asyncio.ensure_future(_let_go(one))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)


async def _let_go(thread: Thread) -> None:
    """Let one go, between two turns of it. One that left commands running keeps them, and stays."""
    from codex_jupyter.runtime.api import Api

    async with thread.lock:
        transport = thread.opened_in
        if transport is None or not transport.alive:
            return
        api = Api(transport)
        try:
            if not exact(await api.terminals(thread.id)):
                await api.let_go(thread.id)
                thread.unload()
        except CodexJupyterError as error:  # an older runtime, or one that ends: it stays open
            log.info("a conversation was not put to rest: %s", error)
