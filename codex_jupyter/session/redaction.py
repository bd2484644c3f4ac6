"""Keeps the values of secret environment variables, keys and tokens out of every event, so that no panel and no file can
hold one.

Works on events before they change a turn. A secret may arrive in two deltas: what could be the beginning of one is held
back until the rest has come. Which variables are secret is ``runtime/environment.py``, which keys are known is
``credentials``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from codex_jupyter.core import events as ev
from codex_jupyter.core.events import Event
from codex_jupyter.core.text import Output, Text
from codex_jupyter.session.credentials import KERNEL_KEYS

T = TypeVar("T")

#: Streams of text: what the model says, plans and thinks, and what commands print.
_GROWING = (ev.MessageAppended, ev.PlanAppended, ev.ReasoningAppended, ev.OutputAppended)
#: Names and words of the protocol, by which events find their place; ``action_json`` goes back to the runtime, unshown.
_KEPT = frozenset(
    {
        *(
            "id",
            "thread_id",
            "turn_id",
            "item_id",
            "request_id",
            "call_id",
            "target_id",
            "client_id",
        ),
        *("process_id", "agent_thread_id", "after", "kind", "type", "status", "state", "phase"),
        *("method", "choice", "verdict", "code", "action_json", "level", "source"),
    }
)
#: A rest this short, left over when a turn ends, gives nothing away.
_SHORT = 4


class Redaction:
    """The secrets of one session, and what is held back for them. Lives on the session's loop."""

    def __init__(self) -> None:
        self._values: tuple[str, ...] = ()
        self._keys: frozenset[str] = frozenset()
        self._held: dict[tuple[Any, ...], Any] = {}

    def __repr__(self) -> str:
        return f"<{len(self._values)} secrets>"

    def know(self, environ: Mapping[str, str]) -> None:
        """Take the secrets of an environment in, besides those known: a variable that is gone was a secret once."""
        from codex_jupyter.runtime.environment import secret_values

        self._learn(secret_values(environ))

    def _learn(self, values: Iterable[str]) -> None:
        known = {*self._values, *values}
        self._values = tuple(sorted(known, key=lambda value: (-len(value), value)))

    def _know_keys(self) -> None:
        """Keys may be given at any moment, by any session of this process."""
        if KERNEL_KEYS.seen is not self._keys:
            self._keys = KERNEL_KEYS.seen
            self._learn(self._keys)

    def text(self, text: str) -> str:
        """The text without secrets."""
        self._know_keys()
        for value in self._values:
            if value in text:
                text = text.replace(value, "[hidden]")
        return text

    def events(self, events: Iterable[Event]) -> Iterator[Event]:
        """The events without secrets; some may come later, joined to the next of their stream."""
        self._know_keys()
        for event in events:
            if not self._values:
                yield event
            elif isinstance(event, _GROWING):
                yield from self._grown(event)
            else:
                if isinstance(event, ev.ItemCompleted):
                    self._forget(event.item.id)
                elif isinstance(event, ev.TurnCompleted | ev.RuntimeLost):
                    yield from self._rest(event.thread_id)
                yield self._clean(event)

    def _grown(self, event: Any) -> Iterator[Event]:
        raw = getattr(event, "raw", False)
        key = (event.thread_id, event.item_id, type(event), getattr(event, "index", 0), raw)
        before = self._held.pop(key, None)
        text = (before.text if before else "") + event.text
        cut = safe_until(text, self._values)
        if cut < len(text):
            self._held[key] = replace(event, text=text[cut:])
        if cut or not text:  # an empty text opens a section
            yield replace(event, text=self.text(text[:cut]))

    def _forget(self, item_id: str) -> None:
        """The item came whole."""
        for key in [key for key in self._held if key[1] == item_id]:
            del self._held[key]

    def _rest(self, thread_id: str) -> Iterator[Event]:
        for key in [key for key in self._held if key[0] == thread_id]:
            held = self._held.pop(key)
            shown = self.text(held.text)
            if shown == held.text and len(shown) >= _SHORT:
                shown = "[hidden]"  # the beginning of a secret whose end never came
            yield replace(held, text=shown)

    def _clean(self, value: T) -> T:
        """The same value, or a copy in which every text is clean."""
        if isinstance(value, str):
            return self.text(value)  # type: ignore[return-value]
        if isinstance(value, tuple):
            parts = tuple(self._clean(part) for part in value)
            same = all(new is old for new, old in zip(parts, value, strict=True))
            return value if same else parts  # type: ignore[return-value]
        if isinstance(value, Text):
            whole = str(value)
            shown = self.text(whole)
            return value if shown == whole else Text.of(shown)  # type: ignore[return-value]
        if isinstance(value, Output) and not value.omitted:
            whole = value.text
            shown = self.text(whole)
            return value if shown == whole else Output.of(shown)  # type: ignore[return-value]
        if is_dataclass(value) and not isinstance(value, type):
            changes = {}
            for each in fields(value):
                old = getattr(value, each.name)
                if each.name in _KEPT or old is None or isinstance(old, int):
                    continue
                new = self._clean(old)
                if new is not old and new != old:
                    changes[each.name] = new
            return replace(value, **changes) if changes else value  # type: ignore[type-var]
        return value


def safe_until(text: str, values: Iterable[str]) -> int:
    """How much of a growing text can be shown: the rest may be the beginning of one of the values.

    A value that lies across the cut is held back whole, so that it can be found when the rest has come.

    Example:
        >>> safe_until("key=abcd", ("abcdefgh",)), safe_until("key=", ("abcdefgh",))
        (4, 4)
    """
    values = tuple(values)
    cut = len(text)
    for value in values:
        at = text.find(value[0], max(0, len(text) - len(value) + 1))
        while at >= 0:
            if value.startswith(text[at:]):
                cut = min(cut, at)
                break
            at = text.find(value[0], at + 1)
    moved = cut < len(text)
    while moved:
        moved = False
        for value in values:
            at = text.rfind(value, max(0, cut - len(value) + 1), cut + len(value) - 1)
            if 0 <= at < cut < at + len(value):
                cut, moved = at, True
    return cut
