"""Ending code that runs on the main thread: by its time limit, by Stop, by the kernel's Interrupt.

A signal to the main thread wakes it from what it does; ``_thread.interrupt_main`` would not wake ``time.sleep``. While a
``Guard`` stands its handler is the process's: it raises only where the guarded code is on the stack, so nothing ever
escapes into the kernel's loop, which a KeyboardInterrupt would kill. A task that the code made is no frame below it: there
a CancelledError is raised, which ends the task and which every loop survives. A signal that comes too late is waited for
and swallowed, so that it never hits whoever waits. One that comes while our own frames put something in place or back
(``held``) raises nothing there: what it is for is noted, and it is sent again if code goes on.
"""

from __future__ import annotations

import _thread
import asyncio
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from types import CodeType, FrameType
from typing import Any, Literal

from codex_jupyter.agent_code import FILE

#: Why code was told to end: what ``core.runs.Kind`` calls its ending.
Cause = Literal["time_limit", "stopped", "interrupted"]

#: Seconds between two attempts to end code, and attempts before it is called stuck.
STEP, ATTEMPTS = 1.0, 4
#: Seconds after code was told to end in which its error may be shown undisturbed.
SHOWN_IN = 2.5


class Guard:
    """Stands for one run, on the main thread.

    Args:
        seconds: the time limit, or None.
        body: code objects of the functions below which the run's code lives.
        held: code objects of ours that must run to their end once they have begun.
        inside: asked on the main thread: whether what runs at this moment is the run's, tasks that it made included.
        cancel: ends the run where it is suspended and not on the stack.
        interrupted: called at once when a person interrupts the kernel.
        stuck: called from another thread when the code does not end.
        drawing: code objects of ours, of ``body``, that show how the code ended: told to end, it is given time for that.

    Attributes:
        cause: why the code was told to end, or None.
    """

    def __init__(
        self,
        seconds: float | None,
        body: frozenset[CodeType],
        *,
        held: frozenset[CodeType] = frozenset(),
        inside: Callable[[], bool] = lambda: False,
        cancel: Callable[[], None] = lambda: None,
        interrupted: Callable[[], None] = lambda: None,
        stuck: Callable[[], None] = lambda: None,
        drawing: frozenset[CodeType] = frozenset(),
    ) -> None:
        self.cause: Cause | None = None
        self._body = body
        self._held = held | _OWN
        self._inside = inside
        self._cancel = cancel
        self._interrupted = interrupted
        self._stuck = stuck
        self._drawing = drawing
        self._ear: Ear | None = None
        self._told_at = 0.0
        self._lock = threading.Lock()
        self._finished = threading.Event()
        self._left = False
        self._sent = self._handled = 0
        self._pestering = False
        self._previous: Any = None
        self._timer = threading.Timer(seconds, self.stop, ("time_limit",)) if seconds else None

    def __enter__(self) -> Guard:
        if threading.current_thread() is threading.main_thread():
            self._previous = signal.signal(signal.SIGINT, self._handle)
            self._ear = Ear(self._noticed)
        if self._timer is not None:
            self._timer.daemon = True
            self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:  # from here on nobody sends
            self._finished.set()
        if self._timer is not None:
            self._timer.cancel()
        if self._ear is not None:
            self._ear.close()
        pause = threading.Event()
        for _attempt in range(100):  # a signal on its way is handled between two of these steps
            if self._handled >= self._sent:
                break
            pause.wait(0.01)
        if self._previous is not None and signal.getsignal(signal.SIGINT) == self._handle:
            signal.signal(signal.SIGINT, self._previous)
        self._left = True

    def stop(self, cause: Cause) -> None:
        """Tell the code to end; from any thread. The first cause is the one that is kept."""
        with self._lock:
            if self._finished.is_set() or self.cause is not None:
                return  # told already: a second signal would only hit how the first one is shown
            self.cause, self._told_at = cause, time.monotonic()
            self._send()
            self._begin_pestering()

    def _noticed(self) -> None:
        """The kernel was interrupted, as another thread hears; Python's own handler waits for code in C to come back."""
        if self._finished.wait(STEP):
            return
        with self._lock:
            if self.cause is not None:
                return
            self.cause, self._told_at = "interrupted", time.monotonic()
        self._interrupted()
        self._begin_pestering()

    def _begin_pestering(self) -> None:
        if not self._pestering:
            self._pestering = True
            threading.Thread(target=self._pester, name="codex-interrupt", daemon=True).start()

    def _pester(self) -> None:
        """Code may swallow an interrupt (IPython's own ``!`` does): try again a few times, then say so."""
        for _ in range(ATTEMPTS):
            if self._finished.wait(STEP):
                return
            with self._lock:
                if not self._finished.is_set() and self._handled >= self._sent:
                    self._send()
        if not self._finished.is_set():
            self._stuck()

    def _send(self) -> None:
        ident = threading.main_thread().ident
        if self._is_shown(sys._current_frames().get(ident or 0)):
            return
        # While the run is suspended in an await, the main thread may be in a cell of the user: no signal for that.
        if not self._on_stack(sys._current_frames().get(ident or 0), tasks=True):
            self._cancel()
            return
        self._sent += 1
        if hasattr(signal, "pthread_kill") and ident is not None:
            signal.pthread_kill(ident, signal.SIGINT)
        else:  # Windows
            _thread.interrupt_main()

    def _handle(self, number: int, frame: FrameType | None) -> None:
        ours = self._sent > self._handled
        self._handled = self._sent
        if self._left:  # whoever puts handlers back put this one back
            if not ours and callable(self._previous):
                self._previous(number, frame)
            return
        if not ours:  # a person's: the kernel was interrupted
            if self.cause is None:
                self.cause, self._told_at = "interrupted", time.monotonic()
            self._interrupted()
            self._begin_pestering()
        if self._finished.is_set():
            return
        if self._is_held(frame) or self._is_shown(frame):
            return
        if self._on_stack(frame):
            raise KeyboardInterrupt
        self._cancel()
        if self._inside():
            raise asyncio.CancelledError

    def _is_held(self, frame: FrameType | None) -> bool:
        """Whether frames of ours stand between here and the run's code, or the loop that its tasks run in."""
        while frame is not None and frame.f_code not in self._body and frame.f_code is not _STEP:
            if frame.f_code in self._held:
                return True
            frame = frame.f_back
        return False

    def _is_shown(self, frame: FrameType | None) -> bool:
        """Whether it was told to end, and the shell shows how it did. Shown by the code's own means, that may hang as well."""
        if self.cause is None or time.monotonic() - self._told_at > SHOWN_IN:
            return False
        while frame is not None and not frame.f_code.co_filename.startswith(FILE):
            if frame.f_code in self._drawing:
                return True
            frame = frame.f_back
        return False

    def _on_stack(self, frame: FrameType | None, *, tasks: bool = False) -> bool:
        while frame is not None:
            if frame.f_code in self._body:
                return True
            if tasks and frame.f_code.co_filename.startswith(FILE):
                return True
            frame = frame.f_back
        return False


class Ear:
    """Hears of an interrupt also while the main thread is in C, where no handler of Python's runs. Made on the main thread.

    Args:
        noticed: called in a thread of its own for what was heard.
    """

    def __init__(self, noticed: Callable[[], None]) -> None:
        self._noticed = noticed
        self._hears, self._told = socket.socketpair()
        self._told.setblocking(False)
        self._before = signal.set_wakeup_fd(self._told.fileno(), warn_on_full_buffer=False)
        threading.Thread(target=self._listen, name="codex-ear", daemon=True).start()

    def close(self) -> None:
        """Hear no more; on the main thread."""
        now = signal.set_wakeup_fd(self._before)
        if now != self._told.fileno():  # somebody else listens since
            signal.set_wakeup_fd(now)
        self._told.close()

    def _listen(self) -> None:
        with self._hears:
            while heard := self._hears.recv(64):
                if self._before >= 0:
                    with suppress(OSError):  # who listened before may be gone
                        os.write(self._before, heard)
                if signal.SIGINT in heard:
                    self._noticed()


#: A loop's frame around one step of a task.
_STEP = asyncio.Handle._run.__code__
_OWN = frozenset({Guard.__enter__.__code__, Guard.__exit__.__code__})
