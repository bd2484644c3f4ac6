"""The actor of a session: owns the runtime, the threads and every turn; lives on the session's loop.

Arrivals come in from the runtime in batches, become new turn states, and go out to listeners. Nothing here renders,
and nothing outside writes a turn. Methods without ``async`` that end in ``_soon`` and ``call`` may be used from any
thread; all others run on the loop.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Coroutine, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from codex_jupyter.core import cards
from codex_jupyter.core.events import (
    Event,
    LeftoversEnded,
    NoticeRaised,
    RuntimeLost,
    StopRequested,
    TurnCompleted,
)
from codex_jupyter.core.items import FileChange, Notice
from codex_jupyter.core.reduce import coalesce, reduce
from codex_jupyter.core.requests import Answer, FileChangeRequest, ToolCall
from codex_jupyter.errors import (
    CodexJupyterError,
    NotSignedInError,
    RuntimeFailedError,
    TurnFailedError,
    TurnInterruptedError,
    UserError,
)
from codex_jupyter.session import children, reviewing, sandbox
from codex_jupyter.session.broker import Broker
from codex_jupyter.session.credentials import Credentials
from codex_jupyter.session.loop import LoopThread
from codex_jupyter.session.redaction import Redaction
from codex_jupyter.session.result import Result
from codex_jupyter.session.thread import Thread

if TYPE_CHECKING:
    from codex_jupyter.core.policy import Rule
    from codex_jupyter.core.requests import Request
    from codex_jupyter.core.turn import Turn
    from codex_jupyter.runtime.client import Launch, Runtime
    from codex_jupyter.runtime.probe import Verdict
    from codex_jupyter.runtime.sign_in import SignIn
    from codex_jupyter.session.live import LiveTurn
    from codex_jupyter.session.presentation import Workbench

T = TypeVar("T")

#: Turns remembered after their end, so that late output of left-over commands still finds its place.
REMEMBERED_TURNS = 64
#: Seconds: how long a stop waits for the runtime before it asks again, and before it is done without it.
STOP_STEP, STOP_STEPS = 0.4, 4
#: As many steps while other turns run on the same runtime: ending it would end them too.
SHARED_STOP_STEPS = 50
REQUEST_TIMEOUT = 60.0


class Engine:
    """Runs turns on one Codex runtime, which it starts when first needed and again when it died."""

    def __init__(self, name: str) -> None:
        self.thread = LoopThread(f"codex-{name}")
        self.broker = Broker(self.apply, lambda live, request: cards.describe(request, live.turn))
        self.workbench: Workbench | None = None
        self.launch: Launch | None = None
        self.offline = ""
        self.runtime: Runtime | None = None
        self.credentials = Credentials()
        self.redaction = Redaction()
        self.sandbox: Verdict | None = None
        self._allowed_env: tuple[str, ...] = ()
        self._started_with_env: tuple[str, ...] = ()
        self._told_no_sandbox = False
        self.sign_in: SignIn | None = None
        self._underway: set[LiveTurn] = set()
        self._starting = asyncio.Lock()
        self._threads: list[Thread] = []
        self._turns: dict[str, LiveTurn] = {}
        self._active: dict[str, LiveTurn] = {}
        self._drives: dict[LiveTurn, asyncio.Task[None]] = {}
        self._tool_tasks: dict[LiveTurn, set[asyncio.Task[None]]] = {}
        self._parents: dict[str, str] = {}
        self._calls: dict[str, asyncio.Task[None]] = {}
        self._notes = 0

    def call(self, coroutine: Coroutine[Any, Any, T], timeout: float | None = None) -> T:
        """Run on the loop and wait, from any other thread."""
        return self.thread.call(coroutine, timeout)

    def remember_soon(self, thread: Thread) -> None:
        """Know a conversation, so that it is resumed when the runtime starts anew; from any thread."""
        self.thread.post(self._threads.append, thread)

    # The runtime -----------------------------------------------------------------------------------------------

    async def ensure_runtime(self) -> Runtime:
        """The running runtime, started if need be, and started anew between turns when the account changed.

        Raises:
            RuntimeFailedError: it could not be started; the text says why.
            SignInError: it did not take the key that this kernel holds.
        """
        from codex_jupyter.runtime.client import Launch, Runtime
        from codex_jupyter.runtime.probe import sandbox_works
        from codex_jupyter.runtime.sign_in import SignIn

        async with self._starting:
            launch = self.launch or Launch()
            if self.runtime is not None and self.runtime.alive:
                same_env = self._allowed_env == self._started_with_env
                if self.busy or (same_env and not self.credentials.outdated(launch)):
                    return self.runtime
            if self.runtime is not None:
                await self.runtime.close()
            for thread in self._threads:
                thread.loaded = False
            self._started_with_env = self._allowed_env
            allowed = (*launch.allowed_env, *self._allowed_env)
            wanted = replace(self.credentials.launch(launch), allowed_env=allowed)
            started, self.sandbox = await asyncio.gather(
                Runtime.start(wanted, on_batch=self._receive), sandbox_works(launch)
            )
            self.runtime, self.sign_in = started, SignIn(started)
            await self.credentials.supply(started, launch)
            return started

    @property
    def busy(self) -> bool:
        """Whether the runtime cannot be exchanged now: a turn runs on it, or somebody signs in through it."""
        return bool(self._underway) or (
            self.sign_in is not None and self.sign_in.current is not None
        )

    async def close(self) -> None:
        """End the runtime and every turn that runs on it."""
        for live in list(self._active.values()):
            self._lose(live, "The session was closed.")
        runtime, self.runtime = self.runtime, None
        if runtime is not None:
            await runtime.close()

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
                self._account_changed(arrival)
            elif isinstance(arrival, RuntimeEnded):
                self._account_changed(arrival)
                self._flush(events)
                for live in list(self._active.values()):
                    self._lose(live, arrival.message)
            elif isinstance(arrival, ThreadChanged):
                if arrival.parent_id:
                    self._parents[arrival.thread_id] = arrival.parent_id
            elif hasattr(arrival, "turn_id"):
                for child in children.started(arrival):
                    self._adopt(child, arrival.thread_id)
                live, event = self._place(arrival)
                if live is not None and event is not None:
                    events.setdefault(live, []).append(event)
        self._flush(events)

    def _flush(self, events: dict[LiveTurn, list[Event]]) -> None:
        for live, batch in events.items():
            self.apply(live, batch)
        events.clear()

    def _account_changed(self, arrival: Any) -> None:
        """The runtime itself signed somebody in or out, or is gone: no reason to start it anew."""
        from codex_jupyter.runtime.client import Launch

        self.credentials.settle(self.launch or Launch())
        if self.sign_in is not None:
            self.sign_in.hear(arrival)

    def _place(self, event: Event) -> tuple[LiveTurn | None, Event | None]:
        """Where an event belongs; what a child agent's thread says becomes progress in its parent's turn."""
        parent = self._ancestor(event.thread_id)
        if parent is None:
            return self._find(event), event
        live = self._active.get(parent)
        if live is None:
            return None, None
        return live, children.progress(event, live.turn.thread_id, live.turn.turn_id)

    def _adopt(self, child: str, parent: str) -> None:
        """Remember whose agent a thread is; never in a circle."""
        above = self._ancestor(parent) or parent
        if child not in (parent, above) and child not in self._parents:
            self._parents[child] = above

    def _ancestor(self, thread_id: str) -> str | None:
        """The thread of ours above a child agent's thread, or None for a thread that is no child."""
        parent = self._parents.get(thread_id)
        while parent is not None and parent in self._parents:
            parent = self._parents[parent]
        return parent

    def _find(self, event: Any) -> LiveTurn | None:
        """The turn an event belongs to: by its turn id, else the turn that runs on its thread."""
        known = self._turns.get(event.turn_id) if event.turn_id else None
        if known is not None:
            return known
        active = self._active.get(event.thread_id)
        if active is not None and event.turn_id and active.turn.turn_id in ("", event.turn_id):
            self._turns[event.turn_id] = active
            return active
        return active if not event.turn_id else None

    def apply(self, live: LiveTurn, events: Iterable[Event]) -> None:
        """Change a turn by events, publish it once, and see to its end if it ended."""
        turn = before = live.turn
        for event in self.redaction.events(coalesce(list(events))):
            turn = reduce(turn, event)
        live._swap(turn)
        if turn.ended and not before.ended:
            self.spawn(live, self._finish(live))

    # Requests --------------------------------------------------------------------------------------------------

    def _request_arrived(self, rpc_id: Any, request: Request) -> None:
        from codex_jupyter.runtime.replies import reply_to

        runtime = self.runtime
        assert runtime is not None
        parent = self._ancestor(request.thread_id)
        live = self._active.get(parent) if parent else self._find(request)
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

        if (
            live is None
        ):  # a thread that the user drives through session.codex: nobody to ask, so decline
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
        self.thread.post(self._begin, live, thread, work)

    def _begin(self, live: LiveTurn, thread: Thread, work: dict[str, Any]) -> None:
        self._drives[live] = asyncio.ensure_future(self._drive(live, thread, work))

    async def _drive(self, live: LiveTurn, thread: Thread, work: dict[str, Any]) -> None:
        """One turn from its request to its end, after the turns before it on the same thread."""
        try:
            async with thread.lock:
                if live.turn.ended:
                    return
                limit = live.settings.timeout
                loop = asyncio.get_running_loop()
                alarm = (
                    loop.call_later(limit, self.interrupt, live, "time limit") if limit else None
                )
                try:
                    await self._start(live, thread, work)
                    await resolved(live)
                finally:
                    if alarm:
                        alarm.cancel()
                    self._active.pop(thread.id, None)
                    self._underway.discard(live)
        except CodexJupyterError as error:
            self._fail(live, error)
        except asyncio.CancelledError:
            self._fail(live, never_began(live))
        except Exception as error:  # a fault of ours must not leave a cell waiting for ever
            self._fail(live, RuntimeFailedError(f"Unexpected: {type(error).__name__}: {error}"))
        finally:
            self._drives.pop(live, None)

    async def _start(self, live: LiveTurn, thread: Thread, work: dict[str, Any]) -> None:
        if not self.busy:
            self._allowed_env = live.settings.allow_env
        runtime = await self.ensure_runtime()
        self._underway.add(live)
        self.redaction.know({**os.environ, **(self.launch.env if self.launch else {})})
        await self._require_account(runtime)
        home = self.launch.codex_home if self.launch else None
        await thread.ensure(runtime, live.settings, self.workbench, home)
        self._active[thread.id] = live
        works = self.sandbox is None or self.sandbox.works
        live._swap(thread.adopt(live.turn, live.settings, self.offline, sandbox_works=works))
        method, params = thread.opening(live.settings, live.prompt, work, sandbox_works=works)
        self._say_what_holds(live, thread)
        response = await runtime.request(method, params, timeout=REQUEST_TIMEOUT)
        if "turn" in response:  # a summary's turn tells its id with its first event
            self._turns[response["turn"]["id"]] = live
        while len(self._turns) > REMEMBERED_TURNS:
            self._turns.pop(next(iter(self._turns)))
        if live.turn.stopped_by:
            self.spawn(live, self._stop(live))

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
        """Say something to a running turn."""
        from codex_jupyter.runtime.failures import RuntimeRequestError

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
        except RuntimeRequestError as error:
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
        if turn.turn_id:
            self.spawn(live, self._stop(live))
        elif live not in self._active.values() and live in self._drives:
            self._drives[
                live
            ].cancel()  # still waiting for its runtime, its thread or the turn before it

    async def _stop(self, live: LiveTurn) -> None:
        """``turn/interrupt`` can be refused too early or go unanswered: ask again, then end it without the runtime."""
        runtime, turn = self.runtime, live.turn
        for step in range(SHARED_STOP_STEPS):
            if runtime is None or not runtime.alive or live.turn.ended:
                break
            if step >= STOP_STEPS and not self._underway - {live}:
                break
            try:
                await runtime.request(
                    "turn/interrupt",
                    {"threadId": turn.thread_id, "turnId": turn.turn_id or live.turn.turn_id},
                    timeout=STOP_STEP,
                )
            except (CodexJupyterError, TimeoutError):
                await asyncio.sleep(STOP_STEP / 4)
                continue
            if await settled(live, STOP_STEP):
                return
        if not live.turn.ended:  # a runtime that does not stop is not left running
            self._lose(live, "The runtime did not stop in time, so it was ended.")
            if runtime is not None:
                await runtime.close()

    async def _finish(self, live: LiveTurn) -> None:
        """After the last event: nothing waits, nothing is left running after a stop, the result is known."""
        turn = live.turn
        self.broker.withdraw_all(live, "the turn ended")
        if turn.state == "interrupted" or turn.stopped_by:
            await self._end_leftovers(live)
        current = asyncio.current_task()
        for task in list(self._tool_tasks.get(live, ())):
            if task is not current:
                task.cancel()
        turn = live.turn
        result = Result(turn, lambda: self.call(self._read_items(turn), timeout=30))
        if turn.state == "completed":
            live._resolve(result)
            return
        if turn.state == "interrupted" and turn.stopped_by != "time limit":
            error: TurnFailedError = TurnInterruptedError(
                f"Stopped by {turn.stopped_by or 'the runtime'}.",
                "The next cell continues this thread; --new starts afresh.",
            )
        elif turn.stopped_by == "time limit":
            seconds = live.settings.timeout or 0
            error = TurnFailedError(
                f"Stopped after {seconds:g} s (--timeout).",
                (turn.error.message if turn.error else "") or "Give it more time, or ask for less.",
            )
        else:
            what = turn.error
            error = TurnFailedError(
                what.message if what else "The turn failed.", what.hint if what else ""
            )
        error.result = result  # type: ignore[attr-defined]  # for `-o NAME` and the transcript
        live._resolve(error)

    async def _end_leftovers(self, live: LiveTurn) -> None:
        """End the commands that an interrupted turn left running; ``turn/interrupt`` alone does not."""
        runtime, turn = self.runtime, live.turn
        if runtime is None or not runtime.alive or not turn.thread_id:
            return
        thread = {"threadId": turn.thread_id}
        try:
            listing = await runtime.request("thread/backgroundTerminals/list", thread, timeout=1)
            before = left = len(listing.get("data", ()))
            if before:
                await runtime.request("thread/backgroundTerminals/clean", thread, timeout=1)
                listing = await runtime.request(
                    "thread/backgroundTerminals/list", thread, timeout=1
                )
                left = len(listing.get("data", ()))
        except (CodexJupyterError, TimeoutError):
            return
        self.apply(live, [LeftoversEnded(turn.thread_id, turn.turn_id, before - left, left)])

    async def _read_items(self, turn: Any) -> list[Any]:
        from codex_jupyter.runtime import results

        runtime = await self.ensure_runtime()
        return await results.items(runtime, turn)

    def _lose(self, live: LiveTurn, message: str) -> None:
        turn = live.turn
        self.apply(live, [RuntimeLost(turn.thread_id, turn.turn_id, message)])

    def _fail(self, live: LiveTurn, error: CodexJupyterError) -> None:
        """The turn could not begin: show why in its transcript, and hand the same error to who waits."""
        if not live.turn.ended:
            turn = live.turn
            status = "interrupted" if isinstance(error, TurnInterruptedError) else "failed"
            completed = TurnCompleted(
                turn.thread_id,
                turn.turn_id,
                status=status,
                message="" if status == "interrupted" else error.message,
                code=type(error).__name__,
                hint=error.hint,
                at_ms=int(time.time() * 1000),
            )
            for event in self.redaction.events((completed,)):
                turn = reduce(turn, event)
            live._swap(turn)
        error.result = Result(live.turn, list)  # type: ignore[attr-defined]
        live._resolve(error)

    def running(self) -> tuple[LiveTurn, ...]:
        """Turns that have begun or wait to begin; from any thread."""
        return tuple(self._drives)

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


def never_began(live: LiveTurn) -> CodexJupyterError:
    """Why a turn ended while it still waited for its runtime, its thread or the turn before it."""
    if live.turn.stopped_by == "time limit":
        return TurnFailedError(
            f"Stopped after {live.settings.timeout or 0:g} s (--timeout): the time limit passed before the turn "
            "began. Nothing was sent.",
            "Give it more time.",
        )
    return TurnInterruptedError("Stopped before it began. Nothing was sent.")


async def resolved(live: LiveTurn) -> None:
    """Wait on the loop until the turn's outcome is known, whatever it is."""
    loop, known = asyncio.get_running_loop(), asyncio.Event()
    live._done.add_done_callback(lambda _: loop.call_soon_threadsafe(known.set))
    await known.wait()


async def settled(live: LiveTurn, timeout: float | None) -> bool:
    """True once the turn has ended; False when ``timeout`` seconds passed first."""
    ended = asyncio.get_running_loop().create_future()

    def look(turn: Turn) -> None:
        if turn.ended and not ended.done():
            ended.set_result(None)

    unsubscribe = live.subscribe(look)
    try:
        if live.turn.ended:
            return True
        await asyncio.wait_for(ended, timeout)
        return True
    except TimeoutError:
        return False
    finally:
        unsubscribe()
