"""What the runtime remarks outside every turn: kept until the next one, in whose transcript it is said once."""

from __future__ import annotations

from codex_jupyter.core.configuration import unusable, worth_saying
from codex_jupyter.core.events import Event, NoticeRaised
from codex_jupyter.core.items import Notice

#: As many are kept while no turn comes.
KEPT = 20


class Remarks:
    """What is still to be said of one runtime, and what was said.

    Attributes:
        misconfigured: why the runtime could not use its configuration when it started, ``""`` where it could.
    """

    def __init__(self, homes: frozenset[str] = frozenset()) -> None:
        """``homes``: see ``worth_saying``."""
        self._homes = homes
        self.misconfigured = ""
        self._waiting: dict[str, Notice] = {}
        self._said: set[str] = set()

    def hear(self, event: Event) -> None:
        """An event that belongs to no turn; all but remarks are passed over."""
        if not isinstance(event, NoticeRaised):
            return
        notice = event.notice
        self.misconfigured = unusable(notice) or self.misconfigured
        if worth_saying(notice, self._homes) and notice.message not in self._said:
            self._waiting.setdefault(notice.message, notice)
            while len(self._waiting) > KEPT:
                self._waiting.pop(next(iter(self._waiting)))

    def say(self, message: str, hint: str = "") -> None:
        """Something of ours, of the same kind; a warning where there is something to do."""
        level = "warning" if hint else "info"
        notice = Notice("", "completed", level=level, message=message, hint=hint)
        self._waiting.setdefault(message, notice)

    def take(self) -> tuple[Notice, ...]:
        """Those that wait, for a turn that says them."""
        waiting, self._waiting = self._waiting, {}
        self._said.update(waiting)
        return tuple(waiting.values())
