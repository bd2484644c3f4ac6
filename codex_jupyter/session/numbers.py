"""Numbers that a person may name something by: given once, used for nothing else as long as the process lives."""

from __future__ import annotations

import itertools
from collections.abc import Hashable
from typing import Generic, TypeVar

#: As many of those that were shown last are known.
KNOWN = 1_000

K = TypeVar("K", bound=Hashable)


class Numbers(Generic[K]):
    """Numbers for things that come and go.

    A person names what they have seen. So a number stands for one thing for ever, and until that was shown to somebody it
    stands for nothing: what has come meanwhile is not what was meant.

    Example:
        >>> numbers = Numbers()
        >>> numbers.show("pip install x"), numbers.show("rm -r data"), numbers.show("pip install x")
        (1, 2, 1)
        >>> numbers.meant(2), numbers.meant(3)
        ('rm -r data', None)
    """

    def __init__(self) -> None:
        self._count = itertools.count(1)
        self._numbers: dict[K, int] = {}
        self._shown: dict[int, K] = {}

    def show(self, thing: K) -> int:
        """Its number, which is shown to a person with what it is."""
        number = self._numbers.get(thing)
        if number is None:
            number = self._numbers[thing] = next(self._count)
            if len(self._shown) >= KNOWN:
                oldest = next(iter(self._shown))
                forgotten = self._shown.pop(oldest)
                if self._numbers.get(forgotten) == oldest:
                    self.gone(forgotten)
        self._shown[number] = thing
        return number

    def meant(self, number: int) -> K | None:
        """What was shown under this number, whether or not it is still there; None for a number never shown."""
        return self._shown.get(number)

    def shown(self, thing: K) -> int:
        """The number that it was shown under, 0 where it was not."""
        return self._numbers.get(thing, 0)

    def gone(self, thing: K) -> None:
        """It is no more; if the same comes again, it gets another number. Who names the old one means what is gone."""
        self._numbers.pop(thing, None)
