"""What every item of a turn has, and what makes up a kind of item. The kinds themselves are in ``items/``.

An item is frozen data: what the runtime showed, growing as it is told more. All that is particular to a kind of item
stands in the one module of that kind, and is declared there as a ``Kind``: the class of its items, how they are read from
the wire, how they grow, and the block that shows them. A kind without one of these parts raises ``TypeError`` when its
module is imported, so no test is even collected.

Everything that arrives as JSON stays JSON text in an item (``arguments``, ``raw``), so that items are hashable and
comparable.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar

from codex_jupyter.core.agents import Agent
from codex_jupyter.core.deltas import Delta, TurnEvent
from codex_jupyter.core.document import Block
from codex_jupyter.core.json_fields import Json

#: ``aborted`` is ours: the runtime never completed the item (interrupt, retry, steer, end of the turn).
Status = Literal["in_progress", "completed", "failed", "declined", "aborted"]


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that a turn shows, in the order in which it appeared. ``id`` is unique in the turn."""

    id: str
    status: Status = "in_progress"
    #: Milliseconds since the epoch as the runtime stamped them, or None.
    started_ms: int | None = None
    ended_ms: int | None = None

    @property
    def is_open(self) -> bool:
        """True while the item may still complete."""
        return self.status == "in_progress"


@dataclass(frozen=True, slots=True)
class Context:
    """What an item's block depends on beside the item.

    ``cwd`` and ``home`` shorten paths; ``sandbox`` is the one that holds; ``ended`` says how the turn ended (``""`` while
    it runs); ``leftovers`` that what an interrupt left running was seen to; ``agents`` what is known of child agents.
    """

    cwd: str = ""
    home: str = ""
    sandbox: str = ""
    ended: str = ""
    leftovers: bool = False
    agents: tuple[Agent, ...] = ()


T = TypeVar("T", bound=Item)

#: The fields of ``Item`` by name, as a reader hands them on.
Common = dict[str, Any]

#: (thread id, turn id, parameters) of a notification -> what happened. Total: whatever a field holds, an event comes out.
ReadNotification = Callable[[str, str, Json], TurnEvent]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire(Generic[T]):
    """How items of a kind arrive.

    Attributes:
        type: the ``type`` of the protocol's ``ThreadItem``; ``""`` for items that never travel as one.
        read: makes the item of a decoded ``ThreadItem`` and the fields that every item has. Total: it never raises.
        notifications: method -> reader, for the notifications that are about items of this kind alone.

    Raises:
        TypeError: ``type`` without ``read``, or ``read`` without ``type``.
    """

    type: str = ""
    read: Callable[[Json, Common], T] | None = None
    notifications: Mapping[str, ReadNotification] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if bool(self.type) != (self.read is not None):
            raise TypeError("an item that travels has both: the name of its type and its reader")


#: Of a kind that is made on this side and never arrives.
NOT_ON_THE_WIRE: Wire[Any] = Wire()


@dataclass(frozen=True, slots=True)
class DeltaRule(Generic[T]):
    """What one kind of delta makes of an item.

    Attributes:
        delta: the class of the event.
        grown: (item, event) -> the item that grew, or the very same item when nothing changed.
        begins: a delta for an id that no item has yet makes an item of this kind. True for one kind only.
        whenever: the rule holds also for completed items; else a completion is the last word.
    """

    delta: type[Delta]
    grown: Callable[[T, Any], T]
    begins: bool = True
    whenever: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth(Generic[T]):
    """How items of a kind grow and close. What is left out is as for most: they come whole and close with the turn.

    Attributes:
        deltas: the rules of the deltas that they take.
        streamed: they come out of the model's stream: when it is cut (a retry, a steer) they are never completed.
            What runs (commands, tools, agents) goes on meanwhile.
        longest_stays: the completion may say less than the deltas did; the longer of the two stays.
        completed: (the item so far, its completed form) -> what is kept of both.
        aborted: what else changes on an item that will never be completed.
        late: what else changes on an item that is told of after the turn's end. Without it, nothing is.
        aged: a shorter form, for when many entries came after it.
    """

    deltas: tuple[DeltaRule[T], ...] = ()
    streamed: bool = False
    longest_stays: bool = False
    completed: Callable[[T, T], T] | None = None
    aborted: Callable[[T], T] | None = None
    late: Callable[[T], T] | None = None
    aged: Callable[[T], T] | None = None


#: Of a kind whose items come whole.
COMES_WHOLE: Growth[Any] = Growth()


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind(Generic[T]):
    """All that makes up one kind of item. Every part has to be given; ``items/__init__.py`` lists the kinds.

    Attributes:
        item: the class of its items; every field but ``id`` has a default.
        wire: how they arrive.
        growth: how they grow and close.
        block: (item, what surrounds it, its role in the turn) -> its row, or None when there is nothing to show.
        by_model: made by the model or its tools, so that one that appears shows that a retry succeeded.

    Example:
        >>> Kind(item=Item, wire=NOT_ON_THE_WIRE, growth=COMES_WHOLE)
        Traceback (most recent call last):
        TypeError: Kind.__init__() missing 1 required keyword-only argument: 'block'
    """

    item: type[T]
    wire: Wire[T]
    growth: Growth[T]
    block: Callable[[T, Context, str], Block | None]
    by_model: bool = True
