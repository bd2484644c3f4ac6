"""The actor of a session: owns the runtime, the threads and every turn; lives on the session's loop.

Arrivals come in from the runtime in batches, become new turn states, and go out to listeners. Nothing here renders,
and nothing outside writes a turn. Methods without ``async`` that end in ``_soon`` and ``call`` may be used from any
thread; all others run on the loop.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Coroutine, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from codex_jupyter.core import cards
from codex_jupyter.core.events import Event, NoticeRaised, StopRequested
from codex_jupyter.core.items import FileChange, Notice
from codex_jupyter.core.reduce import coalesce, reduce
from codex_jupyter.core.requests import Answer, FileChangeRequest, ToolCall
from codex_jupyter.errors import (
    CodexJupyterError,
    NotSignedInError,
    RuntimeFailedError,
    TurnFailedError,
    UserError,
)
from codex_jupyter.session import ending, reviewing, sandbox
from codex_jupyter.session.broker import Broker
from codex_jupyter.session.loop import LoopThread
from codex_jupyter.session.outputs import Outputs
from codex_jupyter.session.pictures import Pictures
from codex_jupyter.session.redaction import Redaction
from codex_jupyter.session.result import Result
from codex_jupyter.session.routes import Routes
from codex_jupyter.session.supply import Supply
from codex_jupyter.session.thread import Thread

if TYPE_CHECKING:
    from codex_jupyter.core.policy import Rule
    from codex_jupyter.core.requests import Request
    from codex_jupyter.runtime.client import Launch, Runtime
    from codex_jupyter.runtime.probe import Verdict
    from codex_jupyter.runtime.sign_in import SignIn
    from codex_jupyter.session.credentials import Credentials
    from codex_jupyter.session.live import LiveTurn
    from codex_jupyter.session.presentation import Workbench

T = TypeVar("T")

REQUEST_TIMEOUT = 60.0
#: Seconds that closing waits for a runtime that was starting.
CLOSE_PATIENCE = 2.0


class Engine:
    """Runs turns on one Codex runtime, which it starts when first needed and again when it died."""

    def __init__(self, name: str) -> None:
        self.thread = LoopThread(f"codex-{name}")
        self.broker = Broker(self.apply, lambda live, request: cards.describe(request, live.turn))
        self.workbench: Workbench | None = None
        self.supply = Supply(self._receive)
        self.routes = Routes()
        self.redaction = Redaction()
        self.outputs = Outputs()
        self.pictures = Pictures(self.apply)
        self.offline = ""
        self._told_no_sandbox = False
        self._underway: set[LiveTurn] = set()
        self._threads: list[Thread] = []
        self._drives: dict[LiveTurn, asyncio.Task[None] | None] = {}  # None until the loop has it
        self._tool_tasks: dict[LiveTurn, set[asyncio.Task[None]]] = {}
        self._calls: dict[str, asyncio.Task[None]] = {}
        self._notes = 0

    def call(self, coroutine: Coroutine[Any, Any, T], timeout: float | None = None) -> T:
        """Run on the loop and wait, from any other thread."""
        return self.thread.call(coroutine, timeout)

    def remember_soon(self, thread: Thread) -> None:
        """Know a conversation, so that it is resumed when the runtime starts anew; from any thread."""
        self.thread.post(self._threads.append, thread)

    # The runtime -----------------------------------------------------------------------------------------------

    @property
    def runtime(self) -> Runtime | None:
        """The runtime, or None while none was needed; it may have ended."""
        return self.supply.runtime

    @property
    def launch(self) -> Launch | None:
        """How the next runtime is started, or None: as the SDK would."""
        return self.supply.launch

    @launch.setter
    def launch(self, launch: Launch) -> None:
        self.supply.launch = launch

    @property
    def sign_in(self) -> SignIn | None:
        """The sign-ins of the runtime that runs."""
        return self.supply.sign_in

    @property
    def credentials(self) -> Credentials:
        """What the runtime is signed in with."""
        return self.supply.credentials

    @property
    def sandbox(self) -> Verdict | None:
        """Whether the runtime's sandbox works on this machine, once it was tried."""
        return self.supply.sandbox

    async def ensure_runtime(self) -> Runtime:
        """The running runtime, started if need be, and started anew between turns when the account changed.

        Raises:
            RuntimeFailedError: it could not be started; the text says why.
            SignInError: it did not take the key that this kernel holds.
        """
        return await self.supply.ensure(lambda: self.busy, self._forget_loaded)

    def _forget_loaded(self) -> None:
        for thread in self._threads:
            thread.loaded = False

    @property
    def busy(self) -> bool:
        """Whether the runtime cannot be exchanged now: a turn runs on it, or somebody signs in through it."""
        return bool(self._underway) or self.supply.signing_in

    def shared_with(self, live: LiveTurn) -> bool:
        """Whether other turns run on this turn's runtime."""
        return bool(self._underway - {live})

    async def close(self) -> None:
        """End the runtime, every turn that runs on it, and every turn that waits to begin."""
        given_up = set()
        for live in self.running():
            if live in self.routes.running():
                ending.lose(self, live, "The session was closed.")
                continue
            self._fail(live, TurnFailedError("The session was closed. Nothing was sent."))
            if drive := self._drives.get(live):
                drive.cancel()
                given_up.add(drive)
        await self.supply.close()
        if given_up:  # one of them may have been starting a runtime
            await asyncio.wait(given_up, timeout=CLOSE_PATIENCE)

    # Arrivals --------------------------------------------------------------------------------------------------

    def _receive(self, arrivals: list[Any]) -> None:
        """One batch from the runtime, in order."""
        from codex_jupyter.runtime.arrivals import (
            AccountChanged,
            LoginCompleted,
            RequestArrived,
            RequestResolved,
            RuntimeEnded,
            ThreadChanged,
        )

        events: dict[LiveTurn, list[Event]] = {}
        for arrival in arrivals:
            if isinstance(arrival, RequestArrived):
                self._flush(events)
                self._request_arrived(arrival.rpc_id, arrival.request)
            elif isinstance(arrival, RequestResolved):
                self._flush(events)
                if not arrival.answered:
                    self._withdrawn(arrival.request_id)
            elif isinstance(arrival, AccountChanged | LoginCompleted):
                self.supply.account_changed(arrival)
            elif isinstance(arrival, RuntimeEnded):
                self.supply.account_changed(arrival)
                self._flush(events)
                for live in self.routes.running():
                    ending.lose(self, live, arrival.message)
            elif isinstance(arrival, ThreadChanged):
                if arrival.parent_id:
                    self.routes.adopt(arrival.thread_id, arrival.parent_id)
            elif hasattr(arrival, "turn_id"):
                live, event = self.routes.place(arrival)
                if live is not None and event is not None:
                    events.setdefault(live, []).append(event)
        self._flush(events)

    def _flush(self, events: dict[LiveTurn, list[Event]]) -> None:
        for live, batch in events.items():
            self.apply(live, batch)
        events.clear()

    def apply(self, live: LiveTurn, events: Iterable[Event]) -> None:
        """Change a turn by events, publish it once, and see to its end if it ended."""
        turn = before = live.turn
        batch = list(events)
        for event in self.outputs.kept(coalesce(batch), self.redaction.events):
            turn = reduce(turn, event)
        live._swap(turn)
        self.pictures.look(live, batch)
        if turn.ended and not before.ended:
            self.spawn(live, self._finish(live))

    # Requests --------------------------------------------------------------------------------------------------

    def _request_arrived(self, rpc_id: Any, request: Request) -> None:
        from codex_jupyter.runtime.replies import reply_to

        runtime = self.runtime
        assert runtime is not None
        live = self.routes.turn_of(request)
        if live is not None and isinstance(request, FileChangeRequest):
            request = _with_paths(request, live)

        def deliver(answer: Answer) -> None:
            reply = reply_to(request, answer)
            if reply.error is not None:
                runtime.refuse(rpc_id, *reply.error)
            else:
                runtime.reply(rpc_id, reply.result or {})
            if reply.interrupt and live is not None:
                self.interrupt(live, "you")

        # A thread that the user drives through session.codex has nobody to ask.
        if live is None:
            deliver(Answer("decline"))
        elif isinstance(request, ToolCall):
            self._calls[request.id] = self.spawn(live, self._call_tool(live, rpc_id, request))
        else:
            self.broker.open(live, request, deliver)

    def _withdrawn(self, request_id: str) -> None:
        """The runtime gave up on a request: close its card, or end the tool that works on it."""
        self.broker.withdraw(request_id, "Codex no longer waits for it")
        task = self._calls.pop(request_id, None)
        if task is not None:
            task.cancel()

    async def _call_tool(self, live: LiveTurn, rpc_id: Any, call: ToolCall) -> None:
        from codex_jupyter.runtime.replies import tool_result

        runtime = self.runtime
        assert runtime is not None
        if self.workbench is None:
            runtime.reply(rpc_id, tool_result(False, "This tool is not offered here."))
            return
        try:
            result = await self.workbench.call(live, call)
        finally:
            self._calls.pop(call.id, None)
        runtime.reply(rpc_id, tool_result(result.success, result.text, result.images))

    async def answer(self, request_id: str, answer: Answer, by: str) -> str:
        """``Broker.answer`` for other threads."""
        return self.broker.answer(request_id, answer, by)

    async def retry_review(self, live: LiveTurn, review_id: str, by: str = "you") -> None:
        """Allow the one action that the automatic reviewer denied. Raises ``UserError``: it cannot be."""
        await reviewing.retry(self, live, review_id, by)

    async def revoke(self, number: int) -> Rule:
        """Take back the session's rule of this number, from 1. Raises ``IndexError``."""
        return self.broker.revoke(number)

    # Turns -----------------------------------------------------------------------------------------------------

    def start_soon(self, live: LiveTurn, thread: Thread, work: dict[str, Any]) -> None:
        """Begin a turn from any thread; what goes wrong arrives in the turn's result."""
        self._drives[live] = None  # from now on it runs: who stops every turn stops this one, too
        self.thread.post(self._begin, live, thread, work)

    def drop_soon(self, live: LiveTurn) -> None:
        """End a turn that was shown and will not begin, from any thread."""
        self.thread.post(lambda: self._fail(live, ending.never_began(live)))

    def _begin(self, live: LiveTurn, thread: Thread, work: dict[str, Any]) -> None:
        drive = asyncio.ensure_future(self._drive(live, thread, work))
        drive.add_done_callback(lambda drive: self._driven(live, drive))
        self._drives[live] = drive

    def _driven(self, live: LiveTurn, drive: asyncio.Task[None]) -> None:
        """The turn is over. A drive that was cancelled before its first step had no chance to say so itself."""
        self._drives.pop(live, None)
        if drive.cancelled():
            self._fail(live, ending.never_began(live))

    async def _drive(self, live: LiveTurn, thread: Thread, work: dict[str, Any]) -> None:
        """One turn from its request to its end, after the turns before it on the same thread."""
        try:
            async with thread.lock:
                if live.turn.ended:
                    return
                if live.turn.stopped_by:  # in the page, before the cell had handed it over
                    raise ending.never_began(live)
                limit = live.settings.timeout
                loop = asyncio.get_running_loop()
                alarm = (
                    loop.call_later(limit, self.interrupt, live, "time limit") if limit else None
                )
                try:
                    await self._start(live, thread, work)
                    await ending.resolved(live)
                finally:
                    if alarm:
                        alarm.cancel()
                    self.routes.active.pop(thread.id, None)
                    self._underway.discard(live)
        except CodexJupyterError as error:
            self._fail(live, error)
        except Exception as error:  # a fault of ours must not leave a cell waiting for ever
            self._fail(live, RuntimeFailedError(f"Unexpected: {type(error).__name__}: {error}"))

    async def _start(self, live: LiveTurn, thread: Thread, work: dict[str, Any]) -> None:
        if not self.busy:
            self.supply.allowed_env = live.settings.allow_env
        runtime = await self.ensure_runtime()
        self._underway.add(live)
        self.redaction.know({**os.environ, **(self.launch.env if self.launch else {})})
        await self._require_account(runtime)
        home = self.launch.codex_home if self.launch else None
        await thread.ensure(runtime, live.settings, self.workbench, home)
        self.routes.active[thread.id] = live
        works = self.sandbox is None or self.sandbox.works
        live._swap(thread.adopt(live.turn, live.settings, self.offline, sandbox_works=works))
        method, params = thread.opening(live.settings, live.prompt, work, sandbox_works=works)
        self._say_what_holds(live, thread)
        response = await runtime.request(method, params, timeout=REQUEST_TIMEOUT)
        thread.begun = True
        if "turn" in response:  # a summary's turn tells its id with its first event
            self.routes.name(response["turn"]["id"], live)

    def _say_what_holds(self, live: LiveTurn, thread: Thread) -> None:
        """Say once what nobody should overlook; refuse what nobody asked for.

        Raises:
            OptionError: workspace-write in the home folder, which nobody named.
        """
        settings = live.turn.settings
        sandbox.refuse_home(settings.sandbox, settings.cwd, live.settings.cwd)
        if settings.sandbox == "full-access" and not thread.told_full_access:
            thread.told_full_access = True
            self.note(live, "warning", sandbox.FULL_ACCESS, sandbox.FULL_ACCESS_HINT)
        if settings.sandbox == "unavailable" and not self._told_no_sandbox:
            self._told_no_sandbox = True
            reason = self.sandbox.reason if self.sandbox else ""
            self.note(live, "warning", sandbox.no_sandbox(reason))

    async def _require_account(self, runtime: Runtime) -> None:
        account = await runtime.request("account/read", {}, timeout=REQUEST_TIMEOUT)
        if account.get("account") is None and account.get("requiresOpenaiAuth"):
            raise NotSignedInError(
                "Not signed in. Nothing was sent.",
                "Sign in with %codex login, then run this cell again.",
            )

    async def steer(self, live: LiveTurn, text: str) -> None:
        """Say something to a running turn. Raises ``UserError``: it was not said, or nothing answered; the turn goes on."""
        turn = live.turn
        if turn.ended or not turn.turn_id or self.runtime is None:
            raise UserError(
                "This turn is not running, so it cannot be steered.", "Ask in a new cell."
            )
        try:
            await self.runtime.request(
                "turn/steer",
                {
                    "threadId": turn.thread_id,
                    "expectedTurnId": turn.turn_id,
                    "input": [{"type": "text", "text": text}],
                },
                timeout=REQUEST_TIMEOUT,
            )
        except CodexJupyterError as error:
            raise UserError(f"Not steered: {error.message}", "Ask in a new cell.") from None

    # The end of a turn -----------------------------------------------------------------------------------------

    def interrupt_soon(self, live: LiveTurn, by: str) -> None:
        """``interrupt`` from any thread."""
        self.thread.post(self.interrupt, live, by)

    def interrupt(self, live: LiveTurn, by: str) -> None:
        """Stop a turn, whatever state it is in; asking twice is asking once."""
        turn = live.turn
        if turn.ended or turn.state == "stopping":
            return
        self.apply(live, [StopRequested(turn.thread_id, turn.turn_id, by)])
        if turn.turn_id or live in self.routes.running():
            self.spawn(live, ending.stop(self, live))
        elif drive := self._drives.get(live):
            drive.cancel()  # still waiting for its runtime, its thread or the turn before it

    async def _finish(self, live: LiveTurn) -> None:
        """After the last event: nothing waits, nothing is left running after a stop, the result is known."""
        turn = live.turn
        self.broker.withdraw_all(live, "the turn ended")
        if turn.state == "interrupted" or turn.stopped_by:
            await ending.end_leftovers(self, live)
        await self.pictures.settled(live)
        current = asyncio.current_task()
        for task in list(self._tool_tasks.get(live, ())):
            if task is not current:
                task.cancel()
        turn = live.turn
        result = Result(turn, lambda: self.call(self._read_items(turn), timeout=30), live.shape)
        error = ending.complaint(live)
        if error is None:
            live._resolve(result)
            return
        error.result = result  # type: ignore[attr-defined]  # for `-o NAME` and the transcript
        live._resolve(error)

    async def _read_items(self, turn: Any) -> list[Any]:
        from codex_jupyter.runtime import results

        runtime = await self.ensure_runtime()
        return await results.items(runtime, turn)

    def _fail(self, live: LiveTurn, error: CodexJupyterError) -> None:
        """The turn could not begin: show why in its transcript, and hand the same error to who waits."""
        if not live.turn.ended:
            turn = live.turn
            for event in self.redaction.events((ending.failed(turn, error),)):
                turn = reduce(turn, event)
            live._swap(turn)
        self.broker.withdraw_all(live, "the turn ended")  # nothing of it is allowed any more
        error.result = Result(live.turn, list)  # type: ignore[attr-defined]
        live._resolve(error)

    def running(self) -> tuple[LiveTurn, ...]:
        """Turns that have begun or wait to begin; from any thread."""
        return tuple(live for live in tuple(self._drives) if not live.done)

    async def request(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        """One call of the runtime, which is started if need be."""
        runtime = await self.ensure_runtime()
        return await runtime.request(method, params, timeout=REQUEST_TIMEOUT)

    def note(self, live: LiveTurn, level: str, message: str, hint: str = "") -> None:
        """Put a remark of ours into a turn's transcript."""
        turn = live.turn
        self._notes += 1
        notice = Notice(f"note-{self._notes}", "completed", level=level, message=message, hint=hint)
        self.apply(live, [NoticeRaised(turn.thread_id, turn.turn_id, notice=notice)])

    def spawn(self, live: LiveTurn, coroutine: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run something for a turn; it is cancelled when the turn has ended, and a fault of it fails the turn."""
        task = asyncio.ensure_future(coroutine)
        tasks = self._tool_tasks.setdefault(live, set())
        tasks.add(task)

        def ended(done: asyncio.Task[None]) -> None:
            tasks.discard(done)
            if not tasks:
                self._tool_tasks.pop(live, None)
            if not done.cancelled() and (fault := done.exception()) is not None:
                self._fail(live, RuntimeFailedError(f"Unexpected: {type(fault).__name__}: {fault}"))

        task.add_done_callback(ended)
        return task


def _with_paths(request: FileChangeRequest, live: LiveTurn) -> FileChangeRequest:
    """The request with the files that its patch touches, which the wire does not name: absolute, links resolved."""
    item = live.turn.find(request.item_id)
    if not isinstance(item, FileChange):
        return request
    named = [name for c in item.changes for name in (c.path, c.moved_to) if name]
    cwd = live.turn.settings.cwd
    paths = dict.fromkeys(os.path.realpath(os.path.join(cwd, name)) for name in named)
    return replace(request, paths=tuple(paths))
