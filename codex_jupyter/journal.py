"""The journal: what went wrong or was passed over inside this package, kept in memory for ``%codex /logs``.

Every module logs with ``journal.logger(...)``. What is logged goes into a bounded ring and nowhere else: no handler of
the user's root logger hears of it, and nothing is printed. Whoever wants it elsewhere asks for it, after the extension is
loaded::

    logging.getLogger("codex_jupyter").addHandler(logging.FileHandler("codex.log"))

An entry is kept as it was said, secrets included: whoever shows entries takes them out (``commands/logs.py``). So what
is too long for the ring is left out whole: cut before it is cleaned, half a secret could stay.
"""

from __future__ import annotations

import itertools
import logging
import traceback
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock, get_ident
from types import TracebackType
from typing import NamedTuple

NAME = "codex_jupyter"

#: Entries kept: warnings and errors have room of their own, so that a flood of small remarks cannot push them out.
KEPT_SERIOUS = 100
KEPT_REMARKS = 100
#: Characters of one entry.
LONGEST_TEXT = 2_000
LONGEST_TRACE = 8_000
#: Frames of one traceback, those nearest to the fault.
FRAMES = 20

_RING = "codex_jupyter.journal"
_installing = RLock()  # a signal handler may log in the middle of it


class Entry(NamedTuple):
    """One thing that was logged.

    Attributes:
        number: counts up; entries are in the order of their numbers.
        at: seconds since the epoch.
        level: of ``logging``, such as ``logging.WARNING``.
        room: the logger's name below the package, such as ``"session"``.
        text: what was said. May hold secrets.
        trace: the traceback, or ``""``. May hold secrets.
    """

    number: int
    at: float
    level: int
    room: str
    text: str
    trace: str = ""

    @property
    def serious(self) -> bool:
        """Whether it is a warning or an error."""
        return self.level >= logging.WARNING


class Ring(logging.Handler):
    """Keeps the newest entries. Used from every thread; raises nothing and prints nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.name = _RING
        self._keeping = RLock()
        self._numbers = itertools.count(1)
        self._serious: deque[Entry] = deque(maxlen=KEPT_SERIOUS)
        self._remarks: deque[Entry] = deque(maxlen=KEPT_REMARKS)

    def handle(self, record: logging.LogRecord) -> bool:
        """Keep a record; only text of it, so that no frame and no object of the user's lives on.

        The text is made outside the lock: an exception's own code runs for it.
        """
        if not self.filter(record):
            return False
        try:
            text, trace = _text(record), _trace(record)
        except Exception as error:  # an argument's own code failed: it is an entry all the same
            text, trace = f"an entry could not be written: {type(error).__name__}", ""
        room = record.name.removeprefix(NAME).lstrip(".")
        with self._keeping:
            entry = Entry(next(self._numbers), record.created, record.levelno, room, text, trace)
            (self._serious if entry.serious else self._remarks).append(entry)
        return True

    def entries(self) -> tuple[Entry, ...]:
        """What is kept, oldest first."""
        with self._keeping:
            kept = [*self._serious, *self._remarks]
        return tuple(sorted(kept, key=lambda entry: entry.number))

    def clear(self) -> None:
        """Forget all of it."""
        with self._keeping:
            self._serious.clear()
            self._remarks.clear()


def logger(room: str) -> logging.Logger:
    """The logger of a part of the package. What it is told is in the journal, and only there.

    Args:
        room: a short name, such as ``"session"``.

    Example:
        >>> logger("session").name
        'codex_jupyter.session'
    """
    ring()
    return logging.getLogger(f"{NAME}.{room}")


def ring() -> Ring:
    """The one ring of this process, attached when it is first asked for."""
    ours = logging.getLogger(NAME)
    with _installing:
        for handler in ours.handlers:
            if (
                handler.name == _RING
            ):  # also of a module that was reloaded: what it kept is not lost
                return handler  # type: ignore[return-value]
        made = Ring()
        ours.addHandler(made)
        ours.propagate = False
        if ours.level == logging.NOTSET:
            ours.setLevel(logging.DEBUG)
        return made


def entries() -> tuple[Entry, ...]:
    """What the journal holds, oldest first."""
    return ring().entries()


@contextmanager
def quiet(name: str) -> Iterator[None]:
    """Say nothing through a foreign logger from this thread meanwhile; other threads go on as they were.

    Args:
        name: of the logger, such as ``"asyncio"``, which tells a root logger at DEBUG about each loop that is made.
    """
    thread = get_ident()

    def others(record: logging.LogRecord) -> bool:
        return record.thread != thread

    foreign = logging.getLogger(name)
    foreign.addFilter(others)
    try:
        yield
    finally:
        foreign.removeFilter(others)


def level_of(error: BaseException) -> int:
    """``ERROR`` for a fault; ``DEBUG`` for what a person or the end of the program did: an interrupt, a cancellation."""
    return logging.ERROR if isinstance(error, Exception) else logging.DEBUG


def without_words(error: BaseException) -> str:
    """The kind of an exception and where it came from, without its text: for places where that may hold a key.

    Example:
        >>> without_words(ValueError("sk-1"))
        'ValueError'
    """
    frames = "".join(traceback.format_tb(error.__traceback__, limit=-3))
    return f"{type(error).__qualname__}\n{frames}".rstrip()


def _text(record: logging.LogRecord) -> str:
    text = record.getMessage()
    if len(text) > LONGEST_TEXT:
        return f"{record.module}: an entry of {len(text)} characters, not kept"
    return text


def _trace(record: logging.LogRecord) -> str:
    if not record.exc_info or record.exc_info[1] is None:
        return ""
    _, error, tb = record.exc_info
    whole = "".join(traceback.format_exception(type(error), error, tb, limit=-FRAMES))
    if len(whole) <= LONGEST_TRACE:
        return whole.rstrip()
    return _short(type(error).__qualname__, tb)


def _short(kind: str, tb: TracebackType | None) -> str:
    """Where it failed, without what was said: that was too long."""
    told = f"{kind}: (its text is too long and was not kept)"
    frames = "".join(traceback.format_tb(tb, limit=-FRAMES // 2))
    return f"{frames}{told}" if len(frames) < LONGEST_TRACE else told
