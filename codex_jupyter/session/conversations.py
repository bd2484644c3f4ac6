"""The conversations of one session: one object for each, by the names that it has in this kernel and by the runtime's id."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from codex_jupyter.session.idle import Idle
from codex_jupyter.session.thread import Thread

if TYPE_CHECKING:
    from codex_jupyter.runtime.arrivals import ThreadChanged

#: What the runtime says of a conversation that it let go of.
LET_GO = ("archived", "closed", "deleted", "not_loaded")


class Conversations:
    """Names and conversations; usable from any thread.

    Two names may stand for one conversation, which is then one ``Thread`` with one lock: its turns still run one after
    the other. That holds also for one that lost its name while a turn of it runs. One that has no name and no turn that
    anybody holds is forgotten; the runtime keeps it, and ``open`` makes it again.
    """

    def __init__(self) -> None:
        self._by_name: dict[str, Thread] = {}
        self._by_id: WeakValueDictionary[str, Thread] = WeakValueDictionary()
        self._guard = threading.Lock()
        self._idle = Idle()

    def get(self, name: str) -> Thread | None:
        """The conversation of this name, or None."""
        return self._by_name.get(name)

    def named(self, name: str) -> Thread:
        """The conversation of this name, made when there is none."""
        with self._guard:
            return self._by_name.setdefault(name, Thread(name))

    def begin(self, name: str) -> Thread:
        """A fresh conversation under this name, with the notebook's defaults; the old one stays in the runtime's history."""
        with self._guard:
            self._by_name[name] = thread = Thread(name)
            return thread

    def put(self, name: str, thread: Thread) -> None:
        """This conversation under this name, in place of the one that had it."""
        with self._guard:
            self._by_name[name] = thread

    def open(self, name: str, thread_id: str) -> Thread:
        """The stored conversation of this id under this name; where it is open already, the very same object."""
        with self._guard:
            opening = (one for one in self._by_name.values() if one.id == thread_id)
            thread = self._by_id.get(thread_id) or next(opening, None)
            if thread is None:
                self._by_id[thread_id] = thread = Thread(name, thread_id)
            self._by_name[name] = thread
            return thread

    def opened(self, thread: Thread) -> None:
        """A conversation is open in the runtime: what is said of its id finds it."""
        with self._guard:
            self._by_id[thread.id] = thread

    def changed(self, news: ThreadChanged) -> None:
        """The runtime says something of a conversation as a whole."""
        with self._guard:
            thread = self._by_id.get(news.thread_id)
        if thread is None:
            return
        if news.echo is not None:
            thread.hear(news.echo)
        elif news.what in LET_GO:
            thread.unload()

    def rest(self, thread: Thread) -> None:
        """A turn of it is over: of those that nobody uses, the runtime keeps a few open. On the loop."""
        self._idle.add(thread, self._named_threads())

    def _named_threads(self) -> frozenset[Thread]:
        with self._guard:
            return frozenset(self._by_name.values())

    def known(self) -> tuple[Thread, ...]:
        """Every conversation that this kernel still holds, with a name or without."""
        with self._guard:
            return tuple({*self._by_name.values(), *self._by_id.values()})

    def by_name(self) -> dict[str, Thread]:
        """All that have a name; a copy."""
        return dict(self._by_name)

    def clear(self) -> None:
        """Forget all of them."""
        with self._guard:
            self._by_name.clear()
            self._by_id.clear()
