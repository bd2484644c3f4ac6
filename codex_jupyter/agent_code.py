"""Whether the calling code is Codex's own: what it runs in the kernel, or what that started. The one gate for its rights.

Codex's code runs with the rights of the kernel, but not with yours: it starts and steers no turn, answers no request,
and changes no setting, rule or sign-in. ``refuse`` stands before everything that does. Code is known as Codex's by

- the context it runs in, which tasks, callbacks of a loop and work given to a pool take along (``running``);
- the thread, which was started by such code (``watch``);
- a function on the stack that such code defined, also from text (``exec``), whoever calls it: a hook, a handler, a method
  put in place of another.

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
from types import CodeType
from typing import Any
from weakref import WeakValueDictionary

from codex_jupyter.errors import UserError

#: What the file names of Codex's code begin with.
FILE = "<codex "

_RUNNING: ContextVar[bool] = ContextVar("codex_jupyter_agent_code", default=False)
_MARK = "_codex_jupyter_agent_code"
#: What Codex's code made from text: by identity, since code is equal to other code that reads the same.
_MADE: WeakValueDictionary[int, CodeType] = WeakValueDictionary()
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
    watch()
    token = _RUNNING.set(True)
    try:
        yield
    finally:
        _RUNNING.reset(token)


def inside() -> bool:
    """Whether the calling code is Codex's, or was started by it."""
    if _marked_here():
        return True
    frame = sys._getframe(1)
    while frame is not None:
        if defined(frame.f_code):
            return True
        frame = frame.f_back
    return False


def _marked_here() -> bool:
    """Whether the context or the thread is Codex's."""
    return _RUNNING.get() or getattr(threading.current_thread(), _MARK, False)


def defined(code: CodeType) -> bool:
    """Whether this is code of Codex, or such code made it from text."""
    return code.co_filename.startswith(FILE) or _MADE.get(id(code)) is code


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


def watch() -> None:
    """From now on threads, work given to a pool, and code made from text are known by the code that made them. Once for the
    process: what was made is to be known for as long as it lives.
    """
    global _watched
    if not _watched:
        _watched = True
        _watch_threads()
        sys.addaudithook(_note)


def _note(event: str, args: tuple[Any, ...]) -> None:
    """An audit hook: code is about to be executed, or made a function of. What an import executes is the module's own."""
    if event not in ("exec", "function.__new__") or type(args[0]) is not CodeType:
        return
    frame = sys._getframe(1)
    while frame is not None and not defined(frame.f_code):
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return
        frame = frame.f_back
    if frame is not None or _marked_here():
        _remember(args[0])


def _remember(code: CodeType) -> None:
    if not code.co_filename.startswith(FILE):
        _MADE[id(code)] = code
    for part in code.co_consts:
        if type(part) is CodeType:
            _remember(part)


def _watch_threads() -> None:
    """A context does not reach a new thread by itself before Python 3.14."""
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
