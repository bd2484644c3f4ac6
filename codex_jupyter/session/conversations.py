"""The conversations of one session by the names that they have in this kernel: one object for each, whatever it is called."""

from __future__ import annotations

import threading

from codex_jupyter.session.thread import Thread


class Conversations:
    """Names and conversations; usable from any thread.

    Two names may stand for one conversation, which is then one ``Thread`` with one lock: its turns still run one after
    the other.
    """

    def __init__(self) -> None:
        self._by_name: dict[str, Thread] = {}
        self._guard = threading.Lock()

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
            known = (one for one in self._by_name.values() if one.id == thread_id)
            self._by_name[name] = thread = next(known, None) or Thread(name, thread_id)
            return thread

    def by_name(self) -> dict[str, Thread]:
        """All of them; a copy."""
        return dict(self._by_name)

    def clear(self) -> None:
        """Forget all of them."""
        with self._guard:
            self._by_name.clear()
