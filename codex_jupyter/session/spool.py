"""Long outputs as private files of one session, written by a thread of their own. Knows names and text, no turns.

The folder is this user's alone and lies where no sandboxed command may write (``places``); it goes with the session or the
process. What cannot be written there, for want of room or of a place, is counted as lost, and the turn goes on.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import queue
import threading
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from codex_jupyter import journal, places
from codex_jupyter.places import PrivateFolder

log = journal.logger("session")

#: Bytes of all files of a session. When they are reached the oldest files go; what alone is longer is cut there.
LIMIT = 1_000_000_000
#: Characters that may wait for the disk; what comes then is not kept.
MOST_WAITING = 64_000_000
#: Pieces that are written together at the most.
MOST_PIECES = 500

#: Seconds that closing waits for what is being written.
CLOSED_IN = 2.0

KIND = "outputs"


def _why(error: OSError) -> str:
    """Why something could not be written, in words."""
    if isinstance(error, places.NoPlaceError):
        return str(error)
    if isinstance(error, FileNotFoundError):
        return "its file was deleted"
    return error.strerror or str(error)


#: What the writer is to do: a step, or a text for a file; None: nothing any more.
_Queue = queue.SimpleQueue[Callable[[], None] | tuple[str, str] | None]


class Spool:
    """Files that only grow, by name. ``add`` and ``anew`` never wait; everything else waits for what was added before.

    Args:
        limit: bytes of all files together; None for ``LIMIT`` as it is then.
    """

    def __init__(self, limit: int | None = None) -> None:
        self._limit = limit
        self._folder: PrivateFolder | None = None
        self._folders: dict[str, PrivateFolder] = {}  # where each file lies
        self._sizes: dict[str, int] = {}  # bytes by name, the oldest first
        self._lost: dict[str, int] = {}  # characters that were not kept, by name
        self._cut: set[str] = set()  # names whose file ended early
        self._removed: set[str] = set()
        self._waiting = 0
        self._guard = threading.Lock()
        self._work: _Queue = queue.SimpleQueue()
        self._writer: threading.Thread | None = None
        self._pid = os.getpid()
        self._over = False
        self.fault = ""  # why something was not kept last

    # Writing, from the session's loop -----------------------------------------------------------------------------

    def add(self, name: str, text: str) -> None:
        """Append to a file, which begins with its first text. After something was lost nothing more is appended."""
        with self._guard:
            if name in self._lost or self._waiting + len(text) > MOST_WAITING:
                self._lost[name] = self._lost.get(name, 0) + len(text)
                return
            self._waiting += len(text)
        self._do((name, text))

    def anew(self, name: str, text: str) -> None:
        """Put this text in the place of what was added so far."""
        self._do(lambda: self._clear(name))
        self.add(name, text)

    def _do(self, work: Callable[[], None] | tuple[str, str]) -> None:
        if self._writer is None or not self._writer.is_alive():
            self._writer = threading.Thread(
                target=self._write, args=(self._work,), name="codex-outputs", daemon=True
            )
            self._writer.start()
        self._work.put(work)

    # The writer's thread -----------------------------------------------------------------------------------------

    def _write(self, todo: _Queue) -> None:
        """Do what is to be done, in order; what came for one file in the meantime is written at once."""
        over = False
        while not over and (work := todo.get()) is not None:
            name, pieces = "", []
            while work is not None:
                if not isinstance(work, tuple):
                    self._append(name, pieces)
                    work()
                else:
                    if work[0] != name or len(pieces) >= MOST_PIECES:
                        self._append(name, pieces)
                    name = work[0]
                    pieces.append(work[1])
                try:
                    work = todo.get_nowait()
                    over = work is None
                except queue.Empty:
                    break
            self._append(name, pieces)

    def _append(self, name: str, pieces: list[str]) -> None:
        if not pieces:
            return
        text = "".join(pieces)
        pieces.clear()
        with self._guard:
            self._waiting -= len(text)
        if name in self._removed or self._over:
            return
        if name in self._cut:
            self._lose(name, len(text))
            return
        data = text.encode("utf-8", "surrogatepass")
        limit = LIMIT if self._limit is None else self._limit
        self._make_room(name, len(data), limit)
        taken = max(0, min(len(data), limit - sum(self._sizes.values())))
        while 0 < taken < len(data) and data[taken] & 0xC0 == 0x80:
            taken -= 1  # not in the middle of a character
        try:
            self._put(name, data[:taken])
        except OSError as error:  # the disk is full, there is no place, or the folder was removed
            log.warning("an output was not kept", exc_info=error)
            self.fault = _why(error)
            taken = 0
        self._sizes[name] = self._sizes.get(name, 0) + taken
        if taken < len(data):
            self._cut.add(name)
            self._lose(name, len(data[taken:].decode("utf-8", "surrogatepass")))

    def _lose(self, name: str, characters: int) -> None:
        with self._guard:
            self._lost[name] = self._lost.get(name, 0) + characters

    def _put(self, name: str, data: bytes) -> None:
        folder = self._folders.get(name)
        if folder is None:
            folder = self._folders[name] = self._current()
        written = self._sizes.get(name, 0)
        if written and folder.size(f"{name}.txt") != written:
            raise FileNotFoundError(
                2, "somebody changed the file"
            )  # what follows would pass for all
        folder.append(f"{name}.txt", data)

    def _clear(self, name: str) -> None:
        if (folder := self._folders.pop(name, None)) is not None:
            with contextlib.suppress(OSError):
                folder.remove(f"{name}.txt")
        self._sizes.pop(name, None)
        self._removed.discard(name)
        self._cut.discard(name)
        with self._guard:
            self._lost.pop(name, None)

    def _make_room(self, name: str, more: int, limit: int) -> None:
        for other in [each for each in self._sizes if each != name]:
            if sum(self._sizes.values()) + more <= limit:
                return
            self._clear(other)
            self._removed.add(other)

    def _current(self) -> PrivateFolder:
        """Where new files go: another folder than before once a turn may write to that."""
        if self._folder is None or not self._folder.usable:
            self._folder = places.fresh(KIND)
            atexit.register(self._end)
        return self._folder

    # Reading, from any other thread -------------------------------------------------------------------------------

    def path(self, name: str) -> Path | None:
        """The file with all that was added so far, or None: it is gone, or was never there."""
        self.flush()
        folder = self._folders.get(name)
        return folder.path / f"{name}.txt" if folder is not None and self.has(name) else None

    def flush(self, seconds: float | None = None) -> None:
        """Wait until all that was added so far is written, at most so many seconds."""
        done = threading.Event()
        self._do(done.set)
        done.wait(seconds)

    def has(self, name: str) -> bool:
        """Whether there is something in the file of this name, as far as it is written; also when its folder was deleted, false."""
        folder = self._folders.get(name)
        if folder is None or not self._sizes.get(name):
            return False
        try:
            return folder.size(f"{name}.txt") > 0
        except OSError:
            return False

    def open(self, name: str) -> BinaryIO:
        """The file to read, with all that was added so far; a link that was put in its place is not followed.

        Raises:
            OSError: it is gone, or is no file of ours any more.
        """
        if self.path(name) is None:
            raise FileNotFoundError(2, "the output is gone", name)
        return self._folders[name].open(f"{name}.txt")

    def lost(self, name: str) -> int:
        """Characters that were not kept, for want of room or time; they are the last ones."""
        return self._lost.get(name, 0)

    def removed(self, name: str) -> bool:
        """Whether the file made room for later ones."""
        return name in self._removed

    def close(self) -> None:
        """Remove every file and end the writer; new ones may follow. A forked child leaves its parent's alone."""
        if os.getpid() != self._pid:
            return
        writer, todo = self._writer, self._work
        self._writer, self._work = None, queue.SimpleQueue()
        if writer is not None:
            todo.put(None)
            writer.join(CLOSED_IN)
        if self._folder is None:
            return
        self._removed.update(self._sizes)
        self._sizes.clear()
        atexit.unregister(self._end)
        for folder in {self._folder, *self._folders.values()}:
            folder.close()
        self._folder = None
        self._folders.clear()

    def _end(self) -> None:
        """At the interpreter's exit: what still arrives is not kept."""
        self._over = os.getpid() == self._pid
        self.close()
