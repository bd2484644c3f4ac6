"""Long outputs as private files of one session, written by a thread of their own. Knows names and text, no turns.

The folder is this user's alone (0700, its files 0600), lies in the system's temporary folder (``TMPDIR``) and goes with
the session or the process. What a killed process left behind goes when the next one begins: each folder is locked by the
process it belongs to.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import queue
import shutil
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

#: Bytes of all files of a session. When they are reached the oldest files go; what alone is longer is cut there.
LIMIT = 1_000_000_000
#: Characters that may wait for the disk; what comes then is not kept.
MOST_WAITING = 64_000_000
#: Pieces that are written together at the most.
MOST_PIECES = 500

PREFIX = "codex-jupyter-outputs-"


class Spool:
    """Files that only grow, by name. ``add`` and ``anew`` never wait; everything else waits for what was added before.

    Args:
        limit: bytes of all files together; None for ``LIMIT`` as it is then.
    """

    def __init__(self, limit: int | None = None) -> None:
        self._limit = limit
        self._folder: Path | None = None
        self._lock_file: int | None = None
        self._sizes: dict[str, int] = {}  # bytes by name, the oldest first
        self._lost: dict[str, int] = {}  # characters that were not kept, by name
        self._cut: set[str] = set()  # names whose file ended early
        self._removed: set[str] = set()
        self._waiting = 0
        self._guard = threading.Lock()
        self._work: queue.SimpleQueue[Callable[[], None] | tuple[str, str]] = queue.SimpleQueue()
        self._writer: threading.Thread | None = None
        self._pid = os.getpid()
        self._over = False

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
            self._writer = threading.Thread(target=self._write, name="codex-outputs", daemon=True)
            self._writer.start()
        self._work.put(work)

    # The writer's thread -----------------------------------------------------------------------------------------

    def _write(self) -> None:
        """Do what is to be done, in order; what came for one file in the meantime is written at once."""
        while True:
            work = self._work.get()
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
                    work = self._work.get_nowait()
                except queue.Empty:
                    work = None
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
        except OSError:  # the disk is full, or the folder was removed
            taken = 0
        self._sizes[name] = self._sizes.get(name, 0) + taken
        if taken < len(data):
            self._cut.add(name)
            self._lose(name, len(data[taken:].decode("utf-8", "surrogatepass")))

    def _lose(self, name: str, characters: int) -> None:
        with self._guard:
            self._lost[name] = self._lost.get(name, 0) + characters

    def _put(self, name: str, data: bytes) -> None:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
        with open(os.open(self._place(name), flags, 0o600), "ab") as file:
            file.write(data)

    def _clear(self, name: str) -> None:
        with contextlib.suppress(OSError):
            self._place(name).unlink(missing_ok=True)
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

    def _place(self, name: str) -> Path:
        if self._folder is None:
            sweep()
            folder = Path(tempfile.mkdtemp(prefix=PREFIX))
            self._lock_file = lock(folder)
            self._folder = folder
            atexit.register(self._end)
        return self._folder / f"{name}.txt"

    # Reading, from any other thread -------------------------------------------------------------------------------

    def path(self, name: str) -> Path | None:
        """The file with all that was added so far, or None: it is gone, or was never there."""
        done = threading.Event()
        self._do(done.set)
        done.wait()
        return self._place(name) if name in self._sizes else None

    def lost(self, name: str) -> int:
        """Characters that were not kept, for want of room or time; they are the last ones."""
        return self._lost.get(name, 0)

    def removed(self, name: str) -> bool:
        """Whether the file made room for later ones."""
        return name in self._removed

    def close(self) -> None:
        """Remove every file; new ones may follow. A forked child leaves its parent's alone."""
        if os.getpid() != self._pid or self._folder is None:
            return
        done = threading.Event()
        self._do(done.set)
        done.wait(2)
        folder, self._folder = self._folder, None
        self._removed.update(self._sizes)
        self._sizes.clear()
        atexit.unregister(self._end)
        shutil.rmtree(folder, ignore_errors=True)
        if self._lock_file is not None:
            os.close(self._lock_file)
            self._lock_file = None

    def _end(self) -> None:
        """At the interpreter's exit: what still arrives is not kept."""
        self._over = os.getpid() == self._pid
        self.close()


def lock(folder: Path) -> int | None:
    """Mark a folder as this process's for as long as it lives; None where that cannot be done."""
    try:
        import fcntl
    except ImportError:  # not on Windows
        return None
    held = os.open(folder / "lock", os.O_CREAT | os.O_RDWR, 0o600)
    fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return held


def sweep() -> None:
    """Remove the folders of this user's processes that were killed: nobody holds their locks."""
    try:
        import fcntl
    except ImportError:
        return
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            if folder.is_symlink() or folder.stat().st_uid != os.getuid():
                continue
            held = os.open(folder / "lock", os.O_RDWR)
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(held)
