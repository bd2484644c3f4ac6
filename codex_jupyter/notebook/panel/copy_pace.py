"""How often the copy of a running turn that a notebook saves is renewed. Time and counting only; shows nothing.

A copy is a whole transcript, so a copy for every change would cost the square of their number. Three rules bound it: at
most one a second; the longer the last one was and the longer it took to make, the longer the next one waits; a question
to a person does not wait, because that is where a turn may stand for hours.
"""

from __future__ import annotations

#: Seconds between two copies at the least.
STEP = 1.0
#: Characters of copies a second, on the average.
PACE = 100_000
#: For each second that making a copy took, so many seconds without one.
REST = 20.0


class CopyPace:
    """Decides when there may be another copy.

    Example:
        >>> pace = CopyPace()
        >>> pace.wait(frozenset(), now=5.0)
        0.0
        >>> pace.copied(frozenset(), now=5.0, seconds=0.01, size=20_000)
        >>> pace.wait(frozenset(), now=5.25)
        0.75
        >>> pace.wait(frozenset({"a question"}), now=5.25)
        0.0
    """

    def __init__(self) -> None:
        self._asked: frozenset[str] = frozenset()
        self._next = 0.0

    def wait(self, asked: frozenset[str], *, now: float) -> float:
        """Seconds until the next copy may be made, 0 for at once.

        Args:
            asked: the ids of what waits for a person now; one that the last copy has not does not wait.
            now: seconds on any clock that goes forward.
        """
        return max(0.0, self._next - now) if asked <= self._asked else 0.0

    def copied(self, asked: frozenset[str], *, now: float, seconds: float, size: int) -> None:
        """A copy with these questions was made, in so many ``seconds``; it has ``size`` characters."""
        self._asked = asked
        self._next = now + max(STEP, size / PACE, seconds * REST)
