"""One turn from its request to its end: the one owner of everything that it started.

Its phases and the table of what may happen in which are ``phases.py``. ``TurnRun`` owns the turn's tasks, its open requests,
its stop and what it leaves behind; the engine receives, routes and applies. Runs on the session's loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from codex_jupyter import agent_code, journal
from codex_jupyter.core.causes import with_limit
from codex_jupyter.core.events import Event, StopRequested
from codex_jupyter.core.rights import resting
from codex_jupyter.core.turn import Turn
from codex_jupyter.errors import CodexJupyterError, RuntimeFailedError, TurnFailedError
from codex_jupyter.session import cautions, ending, sandbox, steering, unreachable
from codex_jupyter.session.patience import Patience
from codex_jupyter.session.phases import AT_WORK, TRANSITIONS, Phase, Step
from codex_jupyter.session.recap import brief
from codex_jupyter.session.resting import resting_in

if TYPE_CHECKING:
    from codex_jupyter.core.answerers import Answerer
    from codex_jupyter.core.requests import Answer, Outcome
    from codex_jupyter.core.rights import Rights
    from codex_jupyter.runtime.transport import Transport
    from codex_jupyter.session.broker import Broker
    from codex_jupyter.session.conversations import Conversations
    from codex_jupyter.session.live import LiveTurn
    from codex_jupyter.session.ports import KernelTools
    from codex_jupyter.session.result import Result
    from codex_jupyter.session.routes import Routes
    from codex_jupyter.session.supplier import Ready
    from codex_jupyter.session.thread import Thread
    from codex_jupyter.session.work import Work
    from codex_jupyter.settings import Settings

log = journal.logger("session")

#: Seconds that the end of a turn waits for its tasks, which were cancelled; code in the kernel may take longer.
CANCELLED_IN = 0.2


class Host(Protocol):
    """What a turn needs of the engine that runs it."""

    broker: Broker[LiveTurn]
    routes: Routes[TurnRun]
    conversations: Conversations
    offline: str

    @property
    def workbench(self) -> KernelTools | None:
        """Whose tools a new conversation gets."""
        ...

    async def prepare(self, run: TurnRun) -> Ready:
        """The running runtime, started if need be, for a turn that is about to use it. Raises as ``Engine.prepare``."""
        ...

    def apply(self, live: LiveTurn, events: Iterable[Event]) -> None:
        """Change the turn by events."""
        ...

    def shared(self, run: TurnRun) -> bool:
        """Whether others use the turn's runtime now."""
        ...

    async def settled(self, live: LiveTurn) -> None:
        """Wait, for a bounded time, until the pictures that the turn names are read."""
        ...

    def done(self, run: TurnRun) -> Result:
        """The turn is over; what it has come to."""
        ...

    async def end_runtime(self, transport: Transport) -> None:
        """End a runtime that does not stop."""
        ...


class TurnRun:
    """The machine behind one ``LiveTurn``.

    Args:
        host: the engine.
        live: what the user holds; its ``turn`` is written by ``Host.apply`` and, before anything was sent, from here.
        thread: the conversation.
        usual: the settings of a turn of this conversation without options: what it rests with afterwards.

    Attributes:
        phase: see the module.
        transport: the runtime that it runs on, None before it has one.
        going: the runtime says that it has begun, or it has ended.
    """

    def __init__(self, host: Host, live: LiveTurn, thread: Thread, usual: Settings) -> None:
        self.live = live
        live.control = self
        self.thread = thread
        self.phase: Phase = "queued"
        self.transport: Transport | None = None
        self._host = host
        self._usual = usual
        self._patience = Patience(live, host.apply, self.fail)
        self._error: CodexJupyterError | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._drive: asyncio.Task[None] | None = None
        self._closing: asyncio.Task[None] | None = None
        self._over = asyncio.Event()
        self.going = asyncio.Event()
        self._on_its_way = True  # until the drive has nothing left but to wait for the end

    def __repr__(self) -> str:
        return f"<run of turn {self.live.number}: {self.phase}>"

    @property
    def turn(self) -> Turn:
        """The turn as it is now."""
        return self.live.turn

    @property
    def at_work(self) -> bool:
        """Whether the runtime may work for the turn now."""
        return self.phase in AT_WORK

    @property
    def shared(self) -> bool:
        """Whether others use its runtime now."""
        return self._host.shared(self)

    async def end_runtime(self) -> None:
        """End its runtime, which does not stop."""
        if self.transport is not None:
            await self._host.end_runtime(self.transport)

    def _take(self, step: Step) -> bool:
        """Make a transition; False where it comes too late."""
        phase = TRANSITIONS.get((self.phase, step))
        if phase is None:
            return False
        self.phase = phase
        return True

    # --- the beginning ------------------------------------------------------------------------------------------------

    def start(self, work: Work) -> None:
        """Begin with ``work``, after the turns before it in its conversation."""
        if self.phase != "queued":  # stopped before the loop took it up
            return
        self._drive = asyncio.ensure_future(self._run(work))
        self._drive.add_done_callback(self._driven)

    def _driven(self, drive: asyncio.Task[None]) -> None:
        """A drive that was cancelled before its first step had no chance to say so itself."""
        if drive.cancelled():
            self.fail(ending.never_began(self.live))

    async def _run(self, work: Work) -> None:
        async with self.thread.line.place_of(self.live, self._host.apply):
            if not self._take("come"):
                return
            limit = self.live.settings.timeout
            loop = asyncio.get_running_loop()
            alarm = loop.call_later(limit, self.stop, "time limit") if limit else None
            try:
                try:
                    await self._send(work)
                except RuntimeFailedError:
                    if self.phase != "preparing" or self.transport is None or self.transport.alive:
                        raise
                    await self._send(work)  # it ended before anything was sent: on a new one
            except CodexJupyterError as error:
                self.fail(error)
            except asyncio.CancelledError:
                if self.phase not in ("closing", "done"):  # it was not given up from here
                    raise
            except Exception as error:  # a fault of ours must not leave a cell waiting for ever
                log.exception("turn %s could not be sent", self.live.number)
                self.fail(ending.unexpected(error))
            self._on_its_way = False
            try:
                await self._over.wait()  # the conversation is the next turn's only then
            finally:
                if alarm:
                    alarm.cancel()

    async def _send(self, work: Work) -> None:
        from codex_jupyter.runtime.api import Api

        waiting = self._patience.of
        with waiting("the Codex runtime"):
            ready = await self._host.prepare(self)
        self.transport, thread, live = ready.transport, self.thread, self.live
        with waiting("the conversation to be opened"):
            tools = self._host.workbench
            home = self._patience.codex_home = ready.codex_home
            await thread.open(ready.transport, live.settings, tools, home)
        self._host.conversations.opened(thread)

        def rights_of(settings: Settings) -> Rights:
            return thread.rights(
                settings,
                sandbox_works=not ready.sandbox.missing,
                sandbox_confirmed=ready.sandbox.works,
                environment=ready.environment,
            )

        rights, model = rights_of(live.settings), thread.model_for(live.settings)
        sandbox.refuse_unasked(rights.sandbox.kind, work.asks)
        sandbox.refuse_home(rights.sandbox.kind, rights.folder, live.settings.cwd)
        sandbox.keep_our_files_out(rights)
        usual = resting_in(self._usual, live.settings)
        rest = resting(rights_of(usual)), thread.model_for(usual)
        header = thread.header(rights, model, self._host.offline, ready.own)
        live._swap(replace(self.turn, thread_id=thread.id, settings=header))
        for event in cautions.of(self.turn, thread, rights, ready):
            self._host.apply(live, [event])
        with waiting("the Codex runtime to confirm what this turn may do"):
            await thread.lend(ready.transport, rights, model, rest)
        if not self._take("send"):
            return
        self._host.routes.activate(thread.id, self)
        with waiting("the Codex runtime to begin"):
            briefed = brief(work, thread.untold)
            turn_id = await briefed.begin(Api(ready.transport), thread.id, rights, model)
        if turn_id:
            self._host.routes.name(turn_id, self)
            self.named()

    def named(self) -> None:
        """The runtime says which turn it is: what its conversation was lent is taken back."""
        if self._take("begin"):
            self.thread.lost = False
            self.spawn(self._patience.watch())
        self._take_back_soon()

    def _take_back_soon(self) -> None:
        if self.thread.lends and self.turn.turn_id:
            self.spawn(self._take_back())

    async def _take_back(self) -> None:
        """Let the conversation rest again; where that fails it is tried once more at the turn's end."""
        if self.transport is None or not self.transport.alive or not self.thread.lends:
            return  # a runtime that is gone lends nothing any more
        try:
            await self.thread.take_back(self.transport)
        except CodexJupyterError as error:
            log.warning("turn %s: what was lent was not taken back: %s", self.live.number, error)

    # --- while it runs ------------------------------------------------------------------------------------------------

    def heard(self, event: Event) -> Event:
        """The event as it is meant: see ``Thread.meant`` and ``causes.with_limit``."""
        event = with_limit(event, self.transport.files if self.transport else 0)
        return self.thread.meant(event, failed=self.turn.error is not None)

    def changed(self, before: Turn, turn: Turn) -> None:
        """The turn was changed by events."""
        self._patience.heard()
        if turn.turn_id and self.phase == "sending":
            self.named()
        elif turn.turn_id and not before.turn_id:
            self._take_back_soon()
        if turn.state == "running":
            self.thread.begun = True  # from now on the runtime keeps something that can be resumed
        if turn.state == "running" or turn.ended:
            self.going.set()
        if turn.ended and not before.ended and self._take("end"):
            self._close_soon()
        elif turn.hopeless and not before.hopeless and self._take("stop"):
            self.spawn(ending.stop(self))
        elif turn.unreachable and not before.unreachable and self.transport is not None:
            self.spawn(unreachable.watch(self.live, self.transport, self._host.apply))
        elif turn.error is not None and before.error is None and not self.going.is_set():
            # Nothing else is said of a turn that failed before it began (tested: a review without a repository).
            self.thread.stale_error = turn.error.message
            self.fail(TurnFailedError(turn.error.message, turn.error.hint))

    def spawn(self, coroutine: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run something for the turn; it is cancelled when the turn has ended, and a fault of it fails the turn."""
        task = asyncio.ensure_future(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._spawned)
        return task

    def _spawned(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (fault := task.exception()) is not None:
            log.error("turn %s: a task failed", self.live.number, exc_info=fault)
            self.fail(ending.unexpected(fault))

    async def steer(self, text: str) -> None:
        """See ``steering.steer``."""
        await steering.steer(self, text)

    def answer(self, request_id: str, answer: Answer, by: Answerer) -> Outcome:
        """Answer one of the session's open requests."""
        return self._host.broker.answer(request_id, answer, by)

    def decline_unseen(self) -> None:
        """Nobody can be asked any more: decline what waits of this turn."""
        self._host.broker.decline_unseen(self.live)

    async def retry_review(self, review_id: str, by: Answerer) -> None:
        """Allow the one action that the automatic reviewer denied. Raises ``UserError``: it cannot be."""
        from codex_jupyter.session import reviewing

        agent_code.refuse("overrule a denial")
        events = await reviewing.retry(self.transport, self.turn, review_id, by)
        self._host.apply(self.live, events)

    # --- the end ------------------------------------------------------------------------------------------------------

    def stop(self, by: str) -> None:
        """Stop the turn, whatever phase it is in; asking twice is asking once."""
        phase = self.phase
        if not self._take("stop"):
            return
        turn = self.turn
        self._host.apply(self.live, [StopRequested(turn.thread_id, turn.turn_id, by)])
        if phase in AT_WORK:
            self.spawn(ending.stop(self))
        else:
            self._give_up(ending.never_began(self.live))

    def lose(self, message: str) -> None:
        """The runtime is gone, or will be: the turn ends as failed, with what it has."""
        self._host.apply(self.live, [ending.lost(self.turn, message)])

    def fail(self, error: CodexJupyterError) -> None:
        """The turn could not begin, or broke: show why in its transcript, and hand the same error to who waits."""
        if self._take("fail"):
            self._give_up(error)

    def _give_up(self, error: CodexJupyterError) -> None:
        """In ``closing``: the turn's end is ours to say, and whatever was still on its way to begin it ends."""
        self._error = error
        self._host.apply(self.live, [ending.failed(self.turn, error)])
        self._close_soon()
        self._give_up_sending()

    def _give_up_sending(self) -> None:
        """Nobody waits any more for an answer to the call that begins the turn."""
        drive = self._drive
        if self._on_its_way and drive is not None and drive is not asyncio.current_task():
            drive.cancel()

    def _close_soon(self) -> None:
        self._closing = asyncio.ensure_future(self._close())

    async def _close(self) -> None:
        """After the last event: nothing waits, nothing runs, nothing is lent, the result is known."""
        turn, host = self.turn, self._host
        try:
            host.broker.withdraw_all(
                self.live, "the turn ended", still_wait=self._error is not None
            )
            stopped = turn.state == "interrupted" or bool(turn.stopped_by)
            if stopped and (left := await ending.end_leftovers(self.transport, turn)):
                host.apply(self.live, [left])
            if tasks := tuple(self._tasks):
                for task in tasks:
                    task.cancel()
                await asyncio.wait(tasks, timeout=CANCELLED_IN)
            await host.settled(self.live)
            await self._take_back()
        except Exception:  # whoever waits must hear of the end, whatever comes after it
            log.exception("turn %s was not closed in full", self.live.number)
        finally:
            host.routes.deactivate(self.thread.id, self)
            self._take("close")
            result = host.done(self)
            error = self._error or ending.complaint(self.live)
            if error is not None:
                error.result = result  # type: ignore[attr-defined]  # for `-o NAME` and the transcript
            self.live._resolve(error or result)
            self._over.set()
            self._give_up_sending()

    async def closed(self) -> None:
        """Wait until the turn is done."""
        await self._over.wait()
