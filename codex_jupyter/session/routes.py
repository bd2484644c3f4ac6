"""Which turn an arrival belongs to: by its turn, by its thread, or by the agent that speaks for another. No clock, no I/O.

Lives on the session's loop, like the engine that owns it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from codex_jupyter.core.items import FileChange
from codex_jupyter.session import children

if TYPE_CHECKING:
    from codex_jupyter.core.diffs import Change
    from codex_jupyter.core.events import Event
    from codex_jupyter.core.turn import Turn

#: Turns remembered after their end, so that late output of left-over commands still finds its place.
REMEMBERED_TURNS = 64


#: Child agents remembered; those of turns long past say nothing any more.
REMEMBERED_CHILDREN = 1000


class Run(Protocol):
    """A turn that runs."""

    @property
    def turn(self) -> Turn:
        """As it is now."""
        ...


R = TypeVar("R", bound=Run)


class Routes(Generic[R]):
    """The turns by id, the turn that runs on each thread, and whose agent a thread is."""

    def __init__(self) -> None:
        self._active: dict[str, R] = {}
        self._turns: dict[str, R] = {}
        self._parents: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._patches = children.Patches()

    def running(self) -> list[R]:
        """The turns that run on a thread now."""
        return list(self._active.values())

    def activate(self, thread_id: str, run: R) -> None:
        """This turn runs on the thread from now on."""
        self._active[thread_id] = run

    def deactivate(self, thread_id: str, run: R) -> None:
        """It does so no more; another one that runs there stays."""
        if self._active.get(thread_id) is run:
            del self._active[thread_id]

    def name(self, turn_id: str, run: R) -> None:
        """Know a turn by its id; the oldest are forgotten."""
        self._turns[turn_id] = run
        while len(self._turns) > REMEMBERED_TURNS:
            self._turns.pop(next(iter(self._turns)))

    def place(self, event: Event) -> tuple[R | None, Event | None]:
        """Where an event belongs; what a child agent's thread says becomes progress in its parent's turn."""
        for child in children.started(event):
            self.adopt(child, event.thread_id)
            if child in self._parents and (name := children.name_of(event)):
                self._names[child] = name
        parent = self.ancestor(event.thread_id)
        if parent is None:
            return self.find(event), event
        self._patches.look(event)
        run = self._active.get(parent)
        if run is None:
            return None, None
        return run, children.progress(event, run.turn.thread_id, run.turn.turn_id)

    def turn_of(self, request: Any) -> R | None:
        """The turn that a server request asks for, that of the parent when a child agent asks."""
        parent = self.ancestor(request.thread_id)
        return self._active.get(parent) if parent else self.find(request)

    def agent_of(self, request: Any) -> str:
        """Which child agent asks, in words; ``""``: the turn itself."""
        child = request.thread_id
        return self._names.get(child) or child if self.ancestor(child) else ""

    def changes_of(self, request: Any) -> tuple[Change, ...]:
        """The changes that a request to write files is about, of the very item of the very thread; none: not known."""
        if self.ancestor(request.thread_id):
            return self._patches.of(request.thread_id, request.item_id)
        run = self.find(request)
        item = run.turn.find(request.item_id) if run is not None else None
        return item.changes if isinstance(item, FileChange) else ()

    def adopt(self, child: str, parent: str) -> None:
        """Remember whose agent a thread is; never in a circle."""
        above = self.ancestor(parent) or parent
        if child not in (parent, above) and child not in self._parents:
            self._parents[child] = above
            while len(self._parents) > REMEMBERED_CHILDREN:
                self._names.pop(gone := next(iter(self._parents)), None)
                self._parents.pop(gone)

    def ancestor(self, thread_id: str) -> str | None:
        """The thread of ours above a child agent's thread, or None for a thread that is no child."""
        parent = self._parents.get(thread_id)
        while parent is not None and parent in self._parents:
            parent = self._parents[parent]
        return parent

    def find(self, event: Any) -> R | None:
        """The turn an event belongs to: by its turn id, else the turn that runs on its thread."""
        run = self._turns.get(event.turn_id) if event.turn_id else None
        if run is not None:
            return run
        active = self._active.get(event.thread_id)
        if active is not None and event.turn_id and active.turn.turn_id in ("", event.turn_id):
            self._turns[event.turn_id] = active
            return active
        return active if not event.turn_id else None
