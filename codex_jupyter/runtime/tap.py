"""The ``CodexClient`` under a real ``AsyncCodex``: the one place where private names of the SDK are used.

The SDK's own client accepts every approval inside its only reader thread, queues every notification until somebody
reads it, and starts the runtime in our process group. This one reads and writes the pipes itself, hands every message
to a ``Listener``, never answers a request on its own, and gives the SDK's router only what somebody who drives the SDK
can be waiting for. ``private_names.py`` lists what it leans on; a contract test pins each.
"""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from typing import Any, Protocol

from openai_codex import AsyncCodex
from openai_codex.client import CodexClient, CodexConfig
from openai_codex.errors import CodexError, TransportClosedError
from pydantic import BaseModel

from codex_jupyter import agent_code, journal
from codex_jupyter.runtime import sdk_rights
from codex_jupyter.runtime.binary import Binary, inspect
from codex_jupyter.runtime.kept import Kept, how_it_ended
from codex_jupyter.runtime.launch import Launch, end_orphans, environment, spawn
from codex_jupyter.runtime.outgoing import Outgoing
from codex_jupyter.runtime.strays import Strays, end_strays

log = journal.logger("runtime")

#: Ids of our own calls start with this; the SDK's are UUIDs.
OWN_ID = "cj-"

#: How the names of methods end that change nothing; and of the one that begins a conversation with the runtime.
LOOKING = ("/list", "/read", "initialize")
_MUTE = "closed its output, so it was ended"
#: Bytes of standard error that are read and kept as a line.
_LONGEST, _KEPT = 1 << 16, 1 << 12
#: Seconds between a closed output and the end of the process.
_SAYS_GOODBYE = 0.5
#: Seconds that a process gets to end after its input closed, and after it was asked to.
_GRACE = 1.5


class Listener(Protocol):
    """Who hears what the runtime says. Called on the reader thread; must neither block nor raise."""

    def on_request(self, rpc_id: int | str, method: object, params: object) -> None: ...

    def on_notification(self, method: str, params: object) -> None: ...

    def on_response(self, rpc_id: str, message: dict[str, Any]) -> None: ...

    def on_end(self, message: str, expected: bool) -> None: ...


class Tap(CodexClient):
    """One app-server process and both ends of its conversation.

    Args:
        launch: how to start it.
        overrides: every ``--config`` pair, ours included.
        inherited: the environment to start from.
        listener: who hears everything.
    """

    def __init__(
        self,
        launch: Launch,
        overrides: tuple[str, ...],
        inherited: dict[str, str],
        listener: Listener,
    ) -> None:
        config = CodexConfig(
            codex_bin=launch.codex_bin,
            config_overrides=overrides,
            cwd=launch.cwd,
            client_name=launch.client_name,
            client_title="Codex for Jupyter",
            client_version=launch.version,
        )
        super().__init__(config, approval_handler=_refuse)
        self.launch = launch
        self._inherited = inherited
        self._listener = listener
        #: The executable that was started, None before it was found.
        self.binary: Binary | None = None
        self._process: Kept | None = None
        self._outgoing: Outgoing | None = None
        self._stderr: deque[str] = deque(maxlen=400)
        self._guard = threading.Lock()
        self._ended = False
        self._closing = False
        self._gone = threading.Event()  # the process has been seen to end
        self._mute = False
        self._over = threading.Event()
        #: Threads of ours: their events are not for the SDK, unless it asks.
        self._own_threads: set[str] = set()
        self._rest: dict[str, dict[str, Any]] = {}  # what turns of the SDK on them may do
        self._own_logins: set[str] = set()
        self._sdk_threads: set[str] = set()
        self._sdk_turns: set[str] = set()
        self._sdk_logins: set[str] = set()

    # --- the process --------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the process and its threads. A tap starts once; closed or ended, it stays so."""
        with (
            self._guard
        ):  # to the end: whoever closes meanwhile must find a process, or prevent one
            if self._closing or self._ended:
                raise TransportClosedError("This Codex runtime has ended.")
            if self._process is not None:
                return
            env = environment(self.launch, self._inherited)
            self.binary = inspect(self.launch.codex_bin, env)
            process = spawn(self.binary.path, self.launch, self.config.config_overrides, env)
            self._process = process
            self._outgoing = Outgoing(process.stdin)
            reader = threading.Thread(target=self._read, name="codex-stdout", daemon=True)
            drain = threading.Thread(target=self._drain_stderr, name="codex-stderr", daemon=True)
            ends = (reader, drain)
            watch = threading.Thread(target=self._watch, args=ends, name="codex-watch", daemon=True)
            for thread in (*ends, watch):
                thread.start()

    @property
    def pid(self) -> int | None:
        """The process id, or None before the start."""
        return self._process.pid if self._process is not None else None

    @property
    def alive(self) -> bool:
        """True from the start until the end was seen."""
        return self._process is not None and not self._ended

    @property
    def kept(self) -> Kept | None:
        """The process, None before the start."""
        return self._process

    def end_strays(self, thread_id: str, since_ms: int | None) -> Strays:
        """See ``strays``; blocks."""
        if (process := self._process) is None or not process.finds_all or self._ended:
            return Strays()
        return end_strays(process.keeper, process.pid, thread_id, since_ms)

    @property
    def stderr_tail(self) -> str:
        """The last lines of the runtime's standard error."""
        return "\n".join(list(self._stderr)[-40:])

    def close(self) -> None:
        """End the process and all that it started, in a few seconds at most. May be called often, at any time."""
        with self._guard:
            self._closing = True
            process, outgoing = self._process, self._outgoing
        if process is None or outgoing is None:
            return
        deadline = time.monotonic() + _GRACE
        outgoing.close()  # the runtime ends by itself when its input does
        if not self._over.wait(max(0.0, deadline - time.monotonic())):
            process.end(hard=False)
            if not self._over.wait(_GRACE / 2):
                process.end(hard=True)
                self._over.wait(2 * _GRACE)
        self._end()

    def _watch(self, reader: threading.Thread, drain: threading.Thread) -> None:
        """Notice the end of the process even if somebody else holds its output open."""
        assert self._process is not None
        code = self._process.wait()
        self._gone.set()
        if code is None or (code < 0 and not self._process.finds_all):
            end_orphans(self._process.mark)
        drain.join(0.5)
        reader.join(1.0)
        self._end()
        self._over.set()

    def _end(self) -> None:
        with self._guard:
            if self._ended:
                return
            self._ended = True
        self._router.fail_all(TransportClosedError(message := self._how_it_ended()))
        self._listener.on_end(message, self._closing)
        if self._outgoing is not None:
            self._outgoing.close()

    def _how_it_ended(self) -> str:
        if self._closing or self._mute:
            return f"The Codex runtime {'was closed' if self._closing else _MUTE}."
        code = self._process.returncode if self._process is not None else None
        return f"The Codex runtime {how_it_ended(code)}."

    # --- reading ------------------------------------------------------------------------------------------------------

    def _read(self) -> None:
        assert self._process is not None
        stdout = self._process.stdout
        while True:
            try:
                if not (line := stdout.readline()):
                    break
            except (OSError, ValueError):
                break
            try:
                self._take(line)
            except Exception as error:  # one bad message must not end the reading of all others
                log.exception("a message of the runtime was not understood")
                self._stderr.append(f"codex_jupyter: a message was not understood: {error!r}")
        stdout.close()
        if not self._closing and not self._gone.wait(_SAYS_GOODBYE):
            # It runs, and can say nothing any more.
            self._mute = True
            self._process.end(hard=False)
            if not self._gone.wait(_GRACE / 2):
                self._process.end(hard=True)

    def _take(self, line: bytes) -> None:
        try:
            message = json.loads(line)
        except UnicodeDecodeError:
            message = json.loads(line.decode("utf-8", "replace"))
        if not isinstance(message, dict):
            raise CodexError("not a JSON-RPC object")
        if "method" not in message:
            rpc_id = message.get("id")
            if isinstance(rpc_id, str) and rpc_id.startswith(OWN_ID):
                self._note_own(message)
                self._listener.on_response(rpc_id, message)
            else:
                self._router.route_response(message)
            return
        method, params = message["method"], message.get("params")
        if "id" in message:
            self._listener.on_request(message["id"], method, params)
            return
        if not isinstance(method, str):
            raise CodexError("a notification without a name")
        if method == "thread/closed" and isinstance(params, dict):
            self._forget(str(params.get("threadId")))
        try:
            self._listener.on_notification(method, params)
        finally:
            if isinstance(params, dict) and self._is_for_the_sdk(method, params):
                self._router.route_notification(self._coerce_notification(method, params))

    def _drain_stderr(self) -> None:
        assert self._process is not None
        try:
            while line := self._process.stderr.readline(_LONGEST):
                self._stderr.append(line[:_KEPT].decode("utf-8", "replace").rstrip("\n"))
        except (OSError, ValueError):
            pass
        self._process.stderr.close()

    # --- what the SDK hears -------------------------------------------------------------------------------------------

    def own_thread(self, thread_id: str, rest: dict[str, Any] | None = None) -> None:
        """Mark a thread as ours: its events stay out of the SDK until somebody uses the thread through it.

        ``rest`` is what turns on it may do that the SDK starts, also while something else is lent.
        """
        self._own_threads.add(thread_id)
        if rest is not None:
            self._rest[thread_id] = rest

    def _forget(self, thread_id: str) -> None:
        """A thread was unloaded."""
        for threads in (self._own_threads, self._sdk_threads):
            threads.discard(thread_id)
        self._rest.pop(thread_id, None)

    @property
    def sdk_works(self) -> bool:
        """Whether a turn or a sign-in that was started through the SDK is under way."""
        return self.alive and bool(self._sdk_turns or self._sdk_logins)

    def _note_own(self, message: dict[str, Any]) -> None:
        """Remember sign-ins of ours before their completion can arrive."""
        result = message.get("result")
        if isinstance(result, dict) and isinstance(login := result.get("loginId"), str):
            self._own_logins.add(login)

    def _is_for_the_sdk(self, method: str, params: dict[str, Any]) -> bool:
        if method == "account/login/completed":
            login_id = params.get("loginId")
            if login_id in self._own_logins:
                self._own_logins.discard(login_id)
                return False
            self._sdk_logins.discard(str(login_id))
            return isinstance(login_id, str)
        thread_id = params.get("threadId")
        if thread_id in self._own_threads and method in ("item/started", "item/completed"):
            self._adopt(params.get("item"))
        turn_id = params.get("turnId")
        if turn_id is None and isinstance(params.get("turn"), dict):
            turn_id = params["turn"].get("id")
        if not isinstance(turn_id, str):
            # Of threads and the account the SDK keeps a queue that nobody can read; goals are the exception.
            return method.startswith("thread/goal/") and self._router.has_goal(str(thread_id))
        wanted = (
            thread_id not in self._own_threads
            or thread_id in self._sdk_threads
            or turn_id in self._sdk_turns
        )
        if method == "turn/completed":
            self._sdk_turns.discard(turn_id)
        return wanted

    def _adopt(self, item: object) -> None:
        """The child agents of our threads are ours too; an item names them before their own first event (tested)."""
        if not isinstance(item, dict):
            return
        if item.get("type") == "subAgentActivity":
            self._own_threads.add(str(item.get("agentThreadId")))
        elif item.get("type") == "collabAgentToolCall":
            self._own_threads.update(map(str, item.get("receiverThreadIds") or ()))

    def request(self, method: str, params: Any, *, response_model: Any) -> Any:
        """As the SDK's, with no more rights than a turn of ours (``sdk_rights``); notes which threads the SDK drives. Code
        that Codex runs only looks.

        Raises:
            UserError: that code wanted something done.
        """
        if not method.endswith(LOOKING):
            agent_code.refuse("have something done through the SDK")
        if not isinstance(params, dict):
            return super().request(method, params, response_model=response_model)
        thread_id = str(params.get("threadId"))
        if method in ("turn/start", "thread/goal/set"):
            self._sdk_threads.add(thread_id)
        told = sdk_rights.completed(method, params, self._rest.get(thread_id))
        answer = super().request(method, told, response_model=response_model)
        if method == "thread/start" and sdk_rights.is_a_gift(params, answer, self.launch):
            back = {"threadId": answer.thread.id, "sandboxPolicy": {"type": "readOnly"}}
            super().request("thread/settings/update", back, response_model=_Said)
        return answer

    def register_turn_notifications(self, turn_id: str) -> None:
        """As the SDK's; raises instead of waiting for ever on a runtime that has ended."""
        self._must_be_alive()
        self._sdk_turns.add(turn_id)
        super().register_turn_notifications(turn_id)

    def _subscribe_turn_notifications(self, turn_id: str) -> Any:
        self._must_be_alive()
        self._sdk_turns.add(turn_id)
        return super()._subscribe_turn_notifications(turn_id)

    def register_login_notifications(self, login_id: str) -> None:
        """As the SDK's; raises instead of waiting for ever on a runtime that has ended."""
        self._must_be_alive()
        self._sdk_logins.add(login_id)
        super().register_login_notifications(login_id)

    def _handle_server_request(self, msg: dict[str, Any]) -> dict[str, Any]:
        return _refuse(str(msg.get("method")), None)

    # --- writing ------------------------------------------------------------------------------------------------------

    def send(self, message: dict[str, Any]) -> bool:
        """Send a message from any thread; False when there is nobody to send it to."""
        outgoing = self._outgoing
        if outgoing is None or self._ended:
            return False
        outgoing.send(message)
        return True

    def _write_message(self, payload: dict[str, Any]) -> None:
        self._must_be_alive()
        self.send(payload)
        self._must_be_alive()  # it may have ended after its waiters were woken and before ours was there

    def _must_be_alive(self) -> None:
        if not self.alive:
            message = self._how_it_ended() if self._ended else "The Codex runtime is not started."
            raise TransportClosedError(message)


class _Said(BaseModel):
    """An answer whose content nobody reads."""


def under_async_codex(tap: Tap) -> AsyncCodex:
    """A real ``AsyncCodex`` that speaks through ``tap``; not yet initialised."""
    codex = AsyncCodex(tap.config)
    codex._client._sync = tap
    return codex


def _refuse(method: str, params: object) -> dict[str, Any]:
    """Stands where the SDK would accept: it is never called, and if it were, nothing would be allowed."""
    raise CodexError(f"{method} is answered by the session, never by the SDK")
