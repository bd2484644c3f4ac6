"""The gate between the runtime's words and everything that is shown, saved, logged or told: it cleans, and what is cut is
cut after that.

What arrives is ``Raw``, what leaves has no secrets: those of environment variables, keys and tokens that are known, and what
looks like one (``core/secrets``). A secret may arrive in two deltas: what could be the beginning of one is held back until
the rest has come, the item is there whole, or the turn ends. Nobody else opens what is raw in order to show it.

What is long is cleaned in steps (``arriving``), so that the loop goes on between them.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any, TypeVar

from codex_jupyter.core import events as ev
from codex_jupyter.core.coalesce import coalesce
from codex_jupyter.core.deltas import Appends
from codex_jupyter.core.events import Event
from codex_jupyter.core.raw import Raw, exact
from codex_jupyter.core.secrets import Cleaner, Growing, secret_name, secret_values
from codex_jupyter.core.secrets.fields import cleaned
from codex_jupyter.core.secrets.in_steps import STEP, cleaned_in_steps
from codex_jupyter.session.credentials import KERNEL_KEYS

T = TypeVar("T")
#: Of which thread, item and kind, and which section of it.
_Stream = tuple[Any, ...]


class Gate:
    """What one session knows to be secret, and what it holds back. ``text`` and ``clean`` from any thread; events on its loop."""

    def __init__(self) -> None:
        self._values: frozenset[str] = frozenset()
        self._keys: frozenset[str] = frozenset()
        self._cleaner = Cleaner()
        self._guard = threading.Lock()
        self._growing: dict[_Stream, tuple[Growing, Any]] = {}
        self.know(os.environ)

    def __repr__(self) -> str:
        return f"<gate of {len(self._values)} secrets>"

    def know(self, environ: Mapping[str, str]) -> None:
        """Take the secrets of an environment in, besides those known: a variable that is gone was a secret once."""
        self._learn(secret_values(environ))

    def _learn(self, values: Iterable[str]) -> None:
        with self._guard:
            known = self._values.union(values)
            if known != self._values:
                self._values, self._cleaner = known, Cleaner(known)

    @property
    def cleaner(self) -> Cleaner:
        """Everything that is known now. Keys may be given at any moment, by any session of this process."""
        if KERNEL_KEYS.seen is not self._keys:
            self._keys = KERNEL_KEYS.seen
            self._learn(self._keys)
        return self._cleaner

    # What is whole ------------------------------------------------------------------------------------------------------

    def text(self, text: str) -> str:
        """The text without secrets."""
        return self.cleaner.text(text)

    def open(self, raw: Raw[T]) -> T:
        """What the runtime said, without secrets; what a command printed is cut to what a turn keeps."""
        return cleaned(exact(raw), self.cleaner)

    def clean(self, value: T) -> T:
        """The same value, or a copy without secrets: a request of our own with the model's code in it, say."""
        return cleaned(value, self.cleaner)

    # What arrives ---------------------------------------------------------------------------------------------------------

    def arrived(self, raws: Iterable[Raw[Event]]) -> Iterator[Event]:
        """A batch from the runtime, in order, appends joined; what is held back comes with a later one."""
        return (event for event in self.arriving(raws) if event is not None)

    def arriving(self, raws: Iterable[Raw[Event]]) -> Iterator[Event | None]:
        """As ``arrived``; None after each step of cleaning what is long, where others may have their turn. Until the last
        of one batch no other may be begun; events of our own may pass in between."""
        for event in coalesce([raw._said_raw for raw in raws]):
            yield from self._clean_steps(event)

    def events(self, events: Iterable[Event]) -> Iterator[Event]:
        """Events without secrets. Those of our own pass here, too: they quote errors, requests and reasons."""
        steps = (step for event in events for step in self._clean_steps(event))
        return (event for event in steps if event is not None)

    def _clean_steps(self, event: Event) -> Iterator[Event | None]:
        cleaner = self.cleaner
        if isinstance(event, Appends):
            yield from self._grown(event, cleaner)
            return
        # Before the rest is given out, so that both come together: they are one change.
        clean = yield from cleaned_in_steps(event, cleaner)
        if isinstance(event, ev.ItemCompleted):
            yield from self._rest(event.thread_id, event.item.id, cleaner)
        elif isinstance(event, ev.TurnCompleted | ev.RuntimeLost):
            yield from self._rest(event.thread_id, None, cleaner)
        yield clean

    def _grown(self, event: Any, cleaner: Cleaner) -> Iterator[Event | None]:
        section = (getattr(event, name) for name in event.section_fields)
        key = (event.thread_id, event.item_id, type(event), *section)
        for at in range(0, len(event.text) or 1, STEP):
            if at:
                yield None
            more = event.text[at : at + STEP]
            growing = self._growing[key][0] if key in self._growing else Growing()
            shown = growing.add(more, cleaner)
            self._growing[key] = (
                growing,
                event if len(event.text) <= STEP else _with(event, "", 0),
            )
            size = _size(more) if isinstance(event, ev.OutputAppended) else 0
            if shown or size or not event.text:  # an empty text opens a section
                yield _with(event, shown, size)

    def _rest(self, thread_id: str, item_id: str | None, cleaner: Cleaner) -> Iterator[Event]:
        """What was held back, of one item that is there whole now, or of a thread whose turn has ended."""
        for key in [key for key in self._growing if key[0] == thread_id]:
            if item_id is None or key[1] == item_id:
                growing, last = self._growing.pop(key)
                if rest := growing.end(cleaner, broken=item_id is None):
                    yield _with(last, rest, 0)


def _with(event: Any, text: str, size: int) -> Event:
    if isinstance(event, ev.OutputAppended):
        return replace(event, text=text, size=size)
    return event if text is event.text else replace(event, text=text)


def _size(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def cleaner_now() -> Cleaner:
    """What the environment and the sign-ins of this process make secret at this moment."""
    return _cleaner_now(frozenset(os.environ.items()), KERNEL_KEYS.seen)


@lru_cache(maxsize=2)
def _cleaner_now(environ: frozenset[tuple[str, str]], keys: frozenset[str]) -> Cleaner:
    return Cleaner({*secret_values(dict(environ)), *keys})


def cleaner_of(environ: Mapping[str, str], variables: Mapping[str, Any]) -> Cleaner:
    """What is secret at this moment for whatever is told to the model about a notebook.

    Args:
        environ: environment variables.
        variables: of the notebook by name; the exact strings of those with telling names are hidden wherever they appear,
            but for single words, which occur by chance everywhere.

    Example:
        >>> cleaner_of({"DB_PASSWORD": "correct-horse-1"}, {"API_KEY": "Battery-7"}).text("correct-horse-1, Battery-7")
        '[hidden], [hidden]'
    """
    known = {*secret_values(environ), *KERNEL_KEYS.seen}
    for name, value in variables.items():
        if type(value) is str and 8 <= len(value) <= 10_000 and secret_name(name):
            known |= set() if value.isalpha() and value.islower() else {value}
    return Cleaner(known)
