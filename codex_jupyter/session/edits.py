"""What turns changed that can be taken back: files by their patches, cells by what the notebook's side says of them.

In memory only, the newest turns of each conversation. A file is remembered by the hash of what a patch left, and where it
really lies: what changed since, or leads elsewhere by now, is not touched.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import stat
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from codex_jupyter.core.diffs import Change
from codex_jupyter.core.events import Event, ItemCompleted
from codex_jupyter.core.items import Command, DynamicToolCall, FileChange
from codex_jupyter.core.reverse import NotReversible, before
from codex_jupyter.core.secrets.plain import HIDDEN

if TYPE_CHECKING:
    from codex_jupyter.session.live import LiveTurn
    from codex_jupyter.session.thread import Thread

#: Turns of a conversation that are remembered; bytes of a file that is.
TURNS, LARGEST = 50, 5_000_000
#: Seconds that the end of a turn waits until its files are looked at.
PATIENCE = 5.0

SECRET = "it holds what looks like a secret, which is not kept"


@dataclass(frozen=True, slots=True)
class FileEdit:
    """What one patch did to one file.

    Attributes:
        change: as the patch has it.
        path: where it lies after the patch, absolute, links resolved.
        was: where it lay before; the same, unless it was moved.
        left: the SHA-256 of what the patch left, ``""``: no file.
        why_not: why it cannot be taken back, ``""``: it can.
    """

    change: Change
    path: str
    was: str
    left: str = ""
    why_not: str = ""


@dataclass
class Edits:
    """What one turn changed.

    Attributes:
        prompt: what was asked.
        turn_id: the runtime's.
        files: oldest first.
        cells: oldest first; of a type of the notebook's own.
        commands, runs: how many commands ran, and how often code ran in the kernel: what those did stays.
    """

    prompt: str = ""
    turn_id: str = ""
    files: list[FileEdit] = field(default_factory=list)
    cells: list[Any] = field(default_factory=list)
    commands: int = 0
    runs: int = 0


class EditLog:
    """The edits of one session's turns. On the session's loop, but ``newest``, which any thread may call."""

    def __init__(self) -> None:
        self._of: WeakKeyDictionary[LiveTurn, Edits] = WeakKeyDictionary()
        self._ended: WeakKeyDictionary[Thread, deque[Edits]] = WeakKeyDictionary()
        self._looking: dict[LiveTurn, asyncio.Task[None]] = {}

    def of(self, live: LiveTurn) -> Edits:
        """Those of a turn that runs."""
        return self._of.setdefault(live, Edits(live.prompt))

    def look(self, live: LiveTurn, events: Iterable[Event]) -> None:
        """Remember the patches that these events say are made."""
        for event in events:
            item = event.item if isinstance(event, ItemCompleted) else None
            if isinstance(item, FileChange) and item.status == "completed" and item.changes:
                task = self._look(live, item.changes, self._looking.get(live))
                self._looking[live] = asyncio.ensure_future(task)

    async def _look(
        self, live: LiveTurn, changes: tuple[Change, ...], earlier: asyncio.Task[None] | None
    ) -> None:
        if earlier is not None:
            await asyncio.wait([earlier])
        folder = live.turn.settings.cwd
        found = await asyncio.to_thread(lambda: [edit_of(change, folder) for change in changes])
        self.of(live).files += found

    async def settled(self, live: LiveTurn) -> None:
        """Wait, for a bounded time, until the files of a turn were looked at."""
        if (looking := self._looking.pop(live, None)) is not None:
            await asyncio.wait([looking], timeout=PATIENCE)

    def ended(self, live: LiveTurn, thread: Thread) -> None:
        """A turn of a conversation is over."""
        edits = self._of.pop(live, None) or Edits(live.prompt)
        edits.turn_id, items = live.turn.turn_id, live.turn.entries
        edits.commands = sum(isinstance(i, Command) and i.status != "declined" for i in items)
        edits.runs = sum(isinstance(i, DynamicToolCall) and i.run is not None for i in items)
        self._ended.setdefault(thread, deque(maxlen=TURNS)).append(edits)

    def newest(self, thread: Thread, count: int) -> list[Edits]:
        """Those of the newest turns of a conversation, oldest first; fewer where fewer are remembered."""
        return list(self._ended.get(thread, ()))[-count:]

    def hand_over(self, old: Thread, new: Thread, count: int) -> None:
        """The newest of a conversation were taken back: it goes on as another one, which has those before them."""
        kept = self._ended.pop(old, deque(maxlen=TURNS))
        for _ in range(min(count, len(kept))):
            kept.pop()
        self._ended[new] = kept


def edit_of(change: Change, folder: str) -> FileEdit:
    """A change with what it left; looks at the file."""
    was = os.path.realpath(os.path.join(folder, change.path))
    path = os.path.realpath(os.path.join(folder, change.moved_to)) if change.moved_to else was
    if HIDDEN in change.diff:
        return FileEdit(change, path, was, why_not=SECRET)
    try:
        text = text_of(path)
        before(change, text)
    except (NotReversible, OSError, UnicodeError) as error:
        return FileEdit(change, path, was, why_not=_words(error))
    return FileEdit(change, path, was, hash_of(text))


def hash_of(text: str | None) -> str:
    """The SHA-256 of a text; ``""`` for none."""
    return "" if text is None else hashlib.sha256(text.encode()).hexdigest()


def text_of(path: str, folder: int | None = None) -> str | None:
    """The text of a plain file, None where there is none; ``folder``: the descriptor of the one that it is looked up in.

    Raises:
        NotReversible: it is no plain file, or too large.
        OSError, UnicodeError: it cannot be read, or is no text.
    """
    try:
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        handle = os.open(path, flags, dir_fd=folder)
    except FileNotFoundError:
        return None
    facts = os.fstat(handle)
    if not stat.S_ISREG(facts.st_mode):
        os.close(handle)
        raise NotReversible("it is no plain file")
    with os.fdopen(handle, "rb") as file:
        if facts.st_size > LARGEST:
            raise NotReversible("it is too large")
        return file.read(LARGEST + 1).decode("utf-8")


def _words(error: Exception) -> str:
    if isinstance(error, UnicodeError):
        return "it is no text"
    return (
        str(error)
        if isinstance(error, NotReversible)
        else (getattr(error, "strerror", "") or "it cannot be read")
    )
