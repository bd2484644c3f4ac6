"""The kernel's main thread from the outside: when it is idle, and how to run something on it then.

Idle means that no execute request is in progress, async ones included: a callback on the main loop would run inside
their ``await``. Whatever is run here lets nothing escape; a KeyboardInterrupt in a callback kills the kernel.
"""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import threading
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from codex_jupyter import journal
from codex_jupyter.notebook import kernel_internals
from codex_jupyter.notebook.wrapped_method import WrappedMethod

log = journal.logger("workbench")


class IdleJob(Protocol):
    """What the main thread is given to do."""

    @property
    def awaited(self) -> bool:
        """Whether a cell that is running waits for it, so that it may begin before that cell is over."""
        ...

    def serve_idle(self) -> Awaitable[None] | None:
        """Do the work at once and return None, or return what is left to be awaited on the main loop."""
        ...


class MainThread:
    """Runs jobs on the main loop of a kernel while it is idle, one after the other.

    In a plain IPython there is no loop to run them on while the prompt waits: ``has_loop`` is False.
    """

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._kernel = kernel_internals.kernel_of(shell)
        self._requests = 0
        self._loading = False
        self._working: asyncio.Task[None] | None = None
        self._jobs: deque[IdleJob] = deque()
        self._wrapped: list[WrappedMethod] = []

    @property
    def has_loop(self) -> bool:
        """Whether jobs can ever run."""
        return self._loop is not None

    @property
    def busy(self) -> bool:
        """Whether an execute request is in progress: the one place that knows. Exact on the main thread."""
        return bool(self._requests or self._loading)

    def install(self) -> None:
        """Begin to follow the kernel's execute requests; twice is once."""
        if self._wrapped or self._kernel is None:
            return
        self._wrapped = [WrappedMethod(self._kernel, "do_execute", self._executing)]
        parent = self._shell.get_parent() if hasattr(self._shell, "get_parent") else {}
        # The request that loads the extension began before it could be counted.
        self._loading = ((parent or {}).get("header") or {}).get("msg_type") == "execute_request"
        self._shell.events.register("post_execute", self._executed)

    def uninstall(self) -> None:
        """Stop following; jobs that wait are dropped."""
        if not self._wrapped:
            return
        for wrapped in self._wrapped:
            wrapped.undo()
        self._wrapped = []
        self._shell.events.unregister("post_execute", self._executed)
        self._jobs.clear()

    def submit(self, job: IdleJob) -> None:
        """Run a job when the kernel is not busy, or its cell awaits it; from any thread."""
        self._jobs.append(job)
        self.look()

    def look(self) -> None:
        """See whether a job can run now; from any thread."""
        loop = self._loop
        if loop is not None and self._jobs:
            loop.call_soon_threadsafe(self._run_jobs, context=contextvars.Context())

    @property
    def _loop(self) -> Any:
        return getattr(getattr(self._kernel, "io_loop", None), "asyncio_loop", None)

    def _executing(self, inner: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if threading.current_thread() is not threading.main_thread():  # a subshell's
            return inner(*args, **kwargs)
        return self._counted(inner, args, kwargs)

    async def _counted(self, inner: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        self._requests += 1
        try:
            reply = inner(*args, **kwargs)
            return await reply if inspect.isawaitable(reply) else reply
        finally:
            self._requests -= 1
            self.look()

    def _executed(self) -> None:
        if self._loading:
            self._loading = False
            self.look()

    def _run_jobs(self) -> None:
        """On the main loop."""
        if self._working is not None and not self._working.done():
            return
        for job in list(self._jobs):
            if self.busy and not job.awaited:
                continue
            self._jobs.remove(job)
            try:
                left = job.serve_idle()
                if left is not None:
                    self._working = asyncio.ensure_future(_finished(left))
                    self._working.add_done_callback(lambda _: self.look())
                    return
            except BaseException as error:  # a job reports its own failures; here nothing may pass
                log.log(journal.level_of(error), "a job failed on the main thread", exc_info=error)
                continue


async def _finished(left: Awaitable[None]) -> None:
    try:
        await left
    except BaseException as error:
        log.log(journal.level_of(error), "what a job left to do failed", exc_info=error)
        return
