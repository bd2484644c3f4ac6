"""``Runtime``: one running Codex app-server, seen from the session's loop.

What the runtime says becomes arrivals (``arrivals.py``), in order and in batches; what it asks waits until somebody
answers; what we ask of it are plain coroutines without a thread hop. It decides nothing.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import random
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from codex_jupyter import journal
from codex_jupyter.core import system_errors
from codex_jupyter.core.events import Ignored
from codex_jupyter.core.json_fields import table, text
from codex_jupyter.core.raw import Raw
from codex_jupyter.core.secrets import Cleaner
from codex_jupyter.errors import CodexJupyterError, RuntimeFailedError
from codex_jupyter.runtime.announcements import announce
from codex_jupyter.runtime.arrivals import (
    Arrival,
    RequestArrived,
    RequestResolved,
    RpcId,
    RuntimeEnded,
)
from codex_jupyter.runtime.environment import policy_overrides
from codex_jupyter.runtime.failures import RuntimeRequestError, RuntimeTimeoutError
from codex_jupyter.runtime.inbox import Inbox
from codex_jupyter.runtime.launch import Launch
from codex_jupyter.runtime.sdk import must_be_there
from codex_jupyter.runtime.translate import translate, translate_request

if TYPE_CHECKING:
    from openai_codex import AsyncCodex

    from codex_jupyter.runtime.binary import Binary
    from codex_jupyter.runtime.strays import Strays
    from codex_jupyter.runtime.tap import Tap

__all__ = [
    "Arrival",
    "Launch",
    "RequestArrived",
    "RequestResolved",
    "Runtime",
    "RuntimeEnded",
    "RuntimeRequestError",
    "RuntimeTimeoutError",
]

log = journal.logger("runtime")

_SERIALS = itertools.count(1)
#: What the runtime says, and ends with, where another one makes its databases at the same moment: of eight that began at once
#: in a new CODEX_HOME, half (measured, 0.171). The same is said of databases that are broken or cannot be written.
NOT_ALONE = "failed to initialize sqlite state runtime"
#: Seconds, more or less, before it is started again.
AT_ONCE = (0.2, 0.4, 0.8)
#: Seconds after which the runtime unloads a conversation that was let go of. By itself it takes half an hour, and each
#: holds four of its file descriptors (measured).
UNLOADED_AFTER = 10
#: Arrivals that nobody should wait for, not even the inbox's pace.
_URGENT = ("turn/completed", "turn/started", "error")


class Runtime:
    """A running app-server. Made by ``Runtime.start``; belongs to the loop it was started on.

    ``reply`` and ``refuse`` may be called from any thread, everything else from the loop.

    Example:
        >>> async def ask(launch):
        ...     runtime = await Runtime.start(launch, on_batch=print)
        ...     thread = await runtime.request("thread/start", {"approvalPolicy": "on-request"})
        ...     runtime.own_thread(thread["thread"]["id"])
        ...     await runtime.close()
    """

    def __init__(self) -> None:
        """Use ``Runtime.start``."""
        self._loop = asyncio.get_running_loop()
        self._prefix = f"r{next(_SERIALS)}-"  # makes ids of requests unique in this process
        self._waiting: dict[str, asyncio.Future[Any]] = {}
        self._ids = itertools.count(1)
        self._owner = os.getpid()
        self._ended: RuntimeEnded | None = None
        self._closing = False
        self._clean: Callable[[str], str]
        self._tap: Tap
        self._inbox: Inbox[Arrival]
        self.codex: AsyncCodex
        self.version = ""

    @classmethod
    async def start(
        cls,
        launch: Launch,
        *,
        on_batch: Callable[[list[Arrival]], Iterator[None] | None],
        clean: Callable[[str], str] | None = None,
    ) -> Runtime:
        """Start an app-server and initialise it.

        Args:
            launch: what it is started with; ``environment.policy_overrides`` is put before its overrides.
            on_batch: called on the running loop with arrivals, oldest first, never empty; as ``Inbox`` takes it. The last
                one of all is ``RuntimeEnded``.
            clean: takes secrets out of what errors quote; ``Gate.text`` knows those of a session. None hides
                what looks like one.

        Raises:
            RuntimeFailedError: it could not be started, ended at once, or did not answer in time.
        """
        for pause in AT_ONCE:
            try:
                return await cls._start(launch, on_batch, clean)
            except RuntimeFailedError as error:
                if NOT_ALONE not in f"{error.message}\n{error.hint}":
                    raise
                log.info("the runtime could not open its databases; it is started again")
            # Not all at the same moment again.
            await asyncio.sleep(pause * random.uniform(0.5, 1.5))
        return await cls._start(launch, on_batch, clean)

    @classmethod
    async def _start(
        cls,
        launch: Launch,
        on_batch: Callable[[list[Arrival]], Iterator[None] | None],
        clean: Callable[[str], str] | None,
    ) -> Runtime:
        runtime = cls()
        runtime._clean = clean or Cleaner().text
        runtime._inbox = Inbox(runtime._loop, on_batch)
        try:
            # Importing the SDK takes a second or more, on a busy machine much more: not on the loop, and not the
            # runtime's fault.
            await asyncio.to_thread(runtime._build, launch)
            async with asyncio.timeout(launch.start_timeout):
                await runtime.codex.__aenter__()
        except BaseException as error:
            tail = await runtime._abandon()
            if isinstance(error, TimeoutError):
                message = f"{runtime.named} did not answer within {launch.start_timeout:g} s"
                why, step = system_errors.few_files(runtime.files) or ("", tail or "Try again.")
                raise RuntimeFailedError(
                    f"{message}: {why}." if why else f"{message}.", step
                ) from error
            if isinstance(error, CodexJupyterError) or not isinstance(error, Exception):
                raise
            message = f"{runtime.named} ended before it was ready."
            if scarce := system_errors.told_in(tail) or system_errors.few_files(runtime.files):
                raise RuntimeFailedError(f"{message[:-1]}: {scarce[0]}.", scarce[1]) from error
            hint = tail or "Check ~/.codex/config.toml and the -c options."
            raise RuntimeFailedError(message, hint) from error
        server = runtime.codex.metadata.serverInfo
        named = (server.version if server is not None else None) or ""
        runtime.version = named.split(" ", 1)[0]
        return runtime

    def _build(self, launch: Launch) -> None:
        must_be_there()
        from codex_jupyter.runtime.tap import Tap, under_async_codex

        inherited = dict(os.environ)
        policy = policy_overrides(launch, inherited)
        overrides = (
            f"thread_unload_delay_secs={UNLOADED_AFTER}",
            *policy,
            *launch.config_overrides,
        )
        self._tap = Tap(launch, overrides, inherited, self)

        self.codex = under_async_codex(self._tap)

    async def _abandon(self) -> str:
        tap = getattr(self, "_tap", None)
        if tap is None:
            return ""
        await asyncio.shield(asyncio.to_thread(tap.close))
        return self._clean(tap.stderr_tail)[-2000:]

    # --- what is known ------------------------------------------------------------------------------------------------

    @property
    def pid(self) -> int:
        """The process id of the app-server."""
        return self._tap.pid or 0

    @property
    def files(self) -> int:
        """How many files it may have open at a time; 0 where that is not known or there is no limit."""
        tap = getattr(self, "_tap", None)
        return 0 if tap is None or tap.kept is None else tap.kept.files

    @property
    def finds_all(self) -> bool:
        """Whether everything that it starts ends with it, also what moved away from it."""
        return self._tap.kept is not None and self._tap.kept.finds_all

    @property
    def binary(self) -> Binary | None:
        """The executable that runs, None before it was found."""
        tap = getattr(self, "_tap", None)
        return None if tap is None else tap.binary

    @property
    def own(self) -> tuple[str, str]:
        """The version and the path of the user's own executable; empty for the one that came with the SDK."""
        binary = self.binary
        if binary is None or binary.bundled:
            return "", ""
        return self.version or binary.version, str(binary.path)

    @property
    def named(self) -> str:
        """The runtime in a sentence: a user's own is named by its path."""
        own = self.binary
        return "The Codex runtime" if own is None or own.bundled else f"The Codex at {own.path}"

    @property
    def alive(self) -> bool:
        """False from the moment in which the end of the process was seen, or asked for with ``close``."""
        return self._tap.alive and not self._closing

    @property
    def ended(self) -> RuntimeEnded | None:
        """How it ended, None while it lives."""
        return self._ended

    @property
    def stderr_tail(self) -> str:
        """The last lines that the app-server wrote to its standard error, without secrets."""
        return self._clean(self._tap.stderr_tail)

    @property
    def sdk_works(self) -> bool:
        """Whether a turn or a sign-in that was started through ``codex`` is under way."""
        return self._tap.sdk_works

    # --- what we ask --------------------------------------------------------------------------------------------------

    async def request(
        self, method: str, params: dict[str, Any] | None = None, timeout: float | None = None
    ) -> dict[str, Any]:
        """Call a method of the app-server and return its result (``{}`` for a result that is no object).

        The coroutine that awaits this runs on, to its next suspension, before ``on_batch`` sees anything that the
        runtime sent after the response.

        Args:
            method: such as ``thread/start``.
            params: the parameters; None sends none.
            timeout: seconds to wait, None for as long as the runtime lives.

        Raises:
            RuntimeRequestError: the runtime answered with an error.
            RuntimeTimeoutError: no answer in time; one that comes later is dropped.
            RuntimeFailedError: the runtime has ended, or ended meanwhile.
        """
        rpc_id = f"cj-{next(self._ids)}"
        message: dict[str, Any] = {"id": rpc_id, "method": method}
        if params is not None:
            message["params"] = params
        future: asyncio.Future[Any] = self._loop.create_future()
        self._waiting[rpc_id] = future
        try:
            if self._ended is not None or not self._tap.send(message):
                raise self._gone()
            async with asyncio.timeout(timeout):
                return await future
        except TimeoutError as error:
            raise RuntimeTimeoutError(
                f"The Codex runtime did not answer {method} within {timeout:g} s."
            ) from error
        finally:
            self._waiting.pop(rpc_id, None)

    def _gone(self) -> RuntimeFailedError:
        message = self._ended.message if self._ended is not None else "The Codex runtime ended."
        return RuntimeFailedError(
            message, "Run the cell again: a new runtime continues the conversation."
        )

    async def end_strays(self, thread_id: str, since_ms: int | None = None) -> Strays:
        """End what commands of a conversation left running since a time, wherever it moved; see ``strays``."""
        return await asyncio.to_thread(self._tap.end_strays, thread_id, since_ms)

    def own_thread(self, thread_id: str, rest: dict[str, Any] | None = None) -> None:
        """Mark a thread as ours: the SDK does not hear its events unless somebody drives it through ``codex``.

        Child agents of such a thread are marked with it, as soon as one of its items names them. ``rest`` are the
        parameters of a turn without options, for those that are started through ``codex``.
        """
        self._tap.own_thread(thread_id, rest)

    # --- what it asks -------------------------------------------------------------------------------------------------

    def reply(self, rpc_id: RpcId, result: dict[str, Any]) -> bool:
        """Answer a request. False when there is nobody to answer any more. Any thread; once for each request."""
        return self._tap.send({"id": rpc_id, "result": result})

    def refuse(self, rpc_id: RpcId, code: int, message: str) -> bool:
        """Answer a request with a JSON-RPC error. As ``reply``."""
        return self._tap.send({"id": rpc_id, "error": {"code": code, "message": message}})

    # --- the end ------------------------------------------------------------------------------------------------------

    async def close(self) -> None:
        """End the app-server and what is left of its process group, within a few seconds.

        May be called often, and after the process died. ``RuntimeEnded`` is delivered before this returns.
        """
        if os.getpid() != self._owner:  # a forked child must not end its parent's runtime
            return
        self._closing = True  # a process that takes its time to end serves nobody meanwhile
        await asyncio.shield(asyncio.to_thread(self._tap.close))
        delivered = self._loop.create_future()
        self._inbox.call(lambda: None if delivered.done() else delivered.set_result(None))
        await delivered

    def end(self) -> None:
        """End the app-server from any thread and without the loop: for the interpreter's exit, when workers are gone."""
        if os.getpid() == self._owner:
            self._tap.close()

    # --- what the tap tells, on the reader thread ---------------------------------------------------------------------

    def on_request(self, rpc_id: Any, method: object, params: object) -> None:
        """Tell of a request, which waits until ``reply`` or ``refuse``."""
        request = translate_request(rpc_id, method, params, prefix=self._prefix)
        self._inbox.put(RequestArrived(rpc_id, Raw(request)), urgent=True)

    def on_notification(self, method: str, params: object) -> None:
        """Translate a notification."""
        if method == "serverRequest/resolved":
            rpc_id = table(params).get("requestId")
            if isinstance(rpc_id, (int, str)):
                self._inbox.put(RequestResolved(f"{self._prefix}{rpc_id}"), urgent=True)
            return
        news = announce(method, params)
        if news is not None:
            self._inbox.put(news, urgent=True)
        event = translate(method, params)
        if not isinstance(event, Ignored):
            self._inbox.put(Raw(event), urgent=method in _URGENT)

    def on_response(self, rpc_id: str, message: dict[str, Any]) -> None:
        """Wake the coroutine that waits for this response, in its place among the arrivals."""
        self._inbox.call(lambda: self._respond(rpc_id, message))

    def _respond(self, rpc_id: str, message: dict[str, Any]) -> None:
        future = self._waiting.pop(rpc_id, None)
        if future is None or future.done():
            return
        if "error" in message:
            error = table(message["error"])
            code = error.get("code")
            said = self._clean(text(error, "message", "The runtime refused without a reason."))
            what, step = system_errors.told_in(said) or ("", "")
            words = f"Codex could not go on: {what}. ({said})" if what else said
            number = code if isinstance(code, int) else -32000
            future.set_exception(RuntimeRequestError(number, words, step))
            return
        future.set_result(table(message.get("result")))

    def on_end(self, message: str, expected: bool) -> None:
        """Wake everybody who waits, and say once that it is over."""
        self._inbox.call(lambda: self._bury(RuntimeEnded(message, expected)))
        self._inbox.put(RuntimeEnded(message, expected), urgent=True)

    def _bury(self, end: RuntimeEnded) -> None:
        self._ended = end
        waiting, self._waiting = self._waiting, {}
        for future in waiting.values():
            if not future.done():
                future.set_exception(self._gone())
