"""When the copy of a running turn that a notebook saves is brought up to date. Time and counting only; shows nothing.

A copy is a whole transcript, so a copy for every item would cost the square of their number. Three rules bound it: at
most one a second; the longer the last one was and the longer it took to make, the longer the next one waits; a question
to a person does not wait, because that is where a turn may stand for hours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codex_jupyter.core.turn import Turn

#: Seconds between two copies at the least.
STEP = 1.0
#: Characters of copies a second, on the average.
PACE = 100_000
#: For each second that making a copy took, so many seconds without one.
REST = 20.0


class Checkpoints:
    """Decides when a turn is worth another copy.

    Example:
        >>> from codex_jupyter.core.turn import Turn
        >>> checkpoints = Checkpoints()
        >>> checkpoints.wait(Turn(), now=5.0)
        0.0
        >>> checkpoints.made(Turn(), now=5.0, seconds=0.01, size=20_000)
        >>> checkpoints.wait(Turn(), now=5.1) is None
        True
    """

    def __init__(self) -> None:
        self._seen: Turn | None = None
        self._mark: tuple[int, ...] = ()
        self._copied: tuple[int, ...] | None = None
        self._asked: frozenset[str] = frozenset()
        self._next = 0.0

    def wait(self, turn: Turn, *, now: float) -> float | None:
        """Seconds until the copy should be renewed, 0 for at once; None while it says all that it should.

        Args:
            turn: the turn as it is now.
            now: seconds on any clock that goes forward.
        """
        if turn is not self._seen:
            self._seen, self._mark = turn, mark(turn)
        if self._mark == self._copied:
            return None
        if not asked(turn) <= self._asked:
            return 0.0
        return max(0.0, self._next - now)

    def made(self, turn: Turn, *, now: float, seconds: float, size: int) -> None:
        """A copy of ``turn`` was made, in so many ``seconds``; it has ``size`` characters."""
        self._copied, self._asked = mark(turn), asked(turn)
        self._next = now + max(STEP, size / PACE, seconds * REST)


def mark(turn: Turn) -> tuple[int, ...]:
    """What changes when something began, was completed, was asked or decided; not while a text only grows."""
    ended = sum(entry.status != "in_progress" for entry in turn.entries)
    decided = len(turn.decisions) + len(turn.withdrawn)
    return (len(turn.entries), ended, len(turn.requests), decided)


def asked(turn: Turn) -> frozenset[str]:
    """The ids of what waits for a person."""
    return frozenset(request.id for request in turn.requests)
