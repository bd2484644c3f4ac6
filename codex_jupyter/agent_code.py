"""Whether the calling code is Codex's own: what it runs in the kernel, or what that started. The one gate for its rights.

Codex's code runs with the rights of the kernel, but not with yours: it starts and steers no turn, answers no request,
and changes no setting, rule or sign-in. ``refuse`` stands before everything that does. Code is known as Codex's by

- the context it runs in, which tasks, callbacks of a loop and work given to a pool take along (``running``);
- the thread, which was started by such code (``watch_threads``);
- a function on the stack that such code defined, whoever calls it: a hook, a handler, a method put in place of another.

This is no wall. Python has none inside a process: code that works at it can hide where it comes from, write into
objects, or talk to the kernel from outside. ``docs/approvals.md`` says what is promised and what is not.
"""

from __future__ import annotations

import _thread
import concurrent.futures
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import thread as pool
from contextlib import contextmanager
from contextvars import Context, ContextVar, copy_context
from functools import partial, wraps
from typing import Any

from codex_jupyter.errors import UserError

#: What the file names of Codex's code begin with.
FILE = "<codex "

_RUNNING: ContextVar[bool] = ContextVar("codex_jupyter_agent_code", default=False)
_MARK = "_codex_jupyter_agent_code"
_watched = False


@contextmanager
def running() -> Iterator[None]:
    """While Codex's code runs; what it starts meanwhile is its own from then on.

    Example:
        >>> with running():
        ...     inside()
        True
        >>> inside()
        False
    """
    watch_threads()
    token = _RUNNING.set(True)
    try:
        yield
    finally:
        _RUNNING.reset(token)


def inside() -> bool:
    """Whether the calling code is Codex's, or was started by it."""
    if _RUNNING.get() or getattr(threading.current_thread(), _MARK, False):
        return True
    frame = sys._getframe(1)
    while frame is not None:
        if frame.f_code.co_filename.startswith(FILE):
            return True
        frame = frame.f_back
    return False


def refuse(what: str) -> None:
    """Refuse something that only people and their own programs may do; nothing where the calling code is such.

    Args:
        what: in the infinitive, such as ``"answer a request"``.

    Raises:
        UserError: the calling code is Codex's.

    Example:
        >>> with running():
        ...     refuse("answer a request")
        Traceback (most recent call last):
        codex_jupyter.errors.UserError: Code that Codex runs, or started, cannot answer a request.
        Do it in a cell of your own, with code of your own.
    """
    if inside():
        raise UserError(
            f"Code that Codex runs, or started, cannot {what}.",
            "Do it in a cell of your own, with code of your own.",
        )


def own_context() -> Context:
    """The calling context for work of this package: what Codex's code caused is not what Codex's code does."""
    context = copy_context()
    context.run(_RUNNING.set, False)
    return context


def calling_context() -> Context:
    """The calling context, in which it is known whether the calling code is Codex's, however that is known here."""
    context = copy_context()
    context.run(_RUNNING.set, inside())
    return context


def watch_threads() -> None:
    """From now on threads, and work given to a pool, are known by the code that started them. Once for the process.

    A context does not reach a new thread by itself before Python 3.14. The wrappers stay: what was started is to be known
    for as long as it lives.
    """
    global _watched
    if _watched:
        return
    _watched = True
    start, submit = threading.Thread.start, concurrent.futures.ThreadPoolExecutor.submit
    start_new = _thread.start_new_thread

    @wraps(start)
    def started(self: threading.Thread) -> None:
        # A worker of a pool outlives whoever made it: there the piece of work is known, not the thread.
        if getattr(self, "_target", None) is not pool._worker and inside():  # type: ignore[attr-defined]
            setattr(self, _MARK, True)
            self.run = partial(_marked, self.run)  # what it hands on is known by its context
        start(self)

    @wraps(submit)
    def submitted(self: Any, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        return submit(self, partial(_marked, function) if inside() else function, *args, **kwargs)

    @wraps(start_new)
    def started_plainly(function: Callable[..., Any], *args: Any) -> int:
        return start_new(partial(_marked, function) if inside() else function, *args)

    threading.Thread.start = started
    concurrent.futures.ThreadPoolExecutor.submit = submitted
    _thread.start_new_thread = _thread.start_new = started_plainly


def _marked(function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    token = _RUNNING.set(True)
    try:
        return function(*args, **kwargs)
    finally:
        _RUNNING.reset(token)
