"""The engine of a session: joins its parts, and applies events to turns. Lives on the session's loop.

Arrivals come in batches (``arriving.py``), become new turn states, and go out to listeners. Nothing here renders, nothing outside writes a
turn, and how one turn goes from its request to its end is ``turn_run.py``. ``call``, ``running`` and methods that end in
``_soon`` may be used from any thread; all others run on the loop.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Coroutine, Iterable
from typing import TYPE_CHECKING, Any, TypeVar, cast

from codex_jupyter.core.events import Event, NoticeRaised
from codex_jupyter.core.items import Notice
from codex_jupyter.core.reduce import reduce
from codex_jupyter.errors import TurnFailedError
from codex_jupyter.session.answering import Answering
from codex_jupyter.session.arriving import Arriving
from codex_jupyter.session.broker import Broker
from codex_jupyter.session.conversations import Conversations
from codex_jupyter.session.edits import EditLog
from codex_jupyter.session.gate import Gate
from codex_jupyter.session.loop import LoopThread
from codex_jupyter.session.outputs import Outputs
from codex_jupyter.session.pictures import Pictures
from codex_jupyter.session.result import Result, final_response
from codex_jupyter.session.routes import Routes
from codex_jupyter.session.supplier import Needs, Ready, RuntimeSupplier
from codex_jupyter.session.turn_run import TurnRun

if TYPE_CHECKING:
    from codex_jupyter.runtime.api import Api
    from codex_jupyter.runtime.client import Runtime
    from codex_jupyter.runtime.transport import Transport
    from codex_jupyter.session.live import LiveTurn
    from codex_jupyter.session.ports import KernelTools
    from codex_jupyter.session.work import Work

T = TypeVar("T")

#: Seconds that closing waits for turns that were ended by it.
CLOSE_PATIENCE = 2.0


class Engine:
    """Runs turns on one Codex runtime, which it starts when first needed and again when it died.

    Attributes:
        thread: the loop, in its thread.
        gate, broker, arriving, supplier, routes, outputs, pictures, edits: the parts that it joins; each says itself what it does.
        conversations: those of the session.
        workbench: the tools that Codex is offered, and the note that turns carry; None without a notebook.
        offline: how the offline model is labelled, ``""`` where the real one answers.
    """

    def __init__(self, name: str) -> None:
        self.thread = LoopThread(f"codex-{name}")
        self.gate = Gate()
        self.broker: Broker[LiveTurn] = Broker(self.apply, self.gate.clean)
        self.supplier = RuntimeSupplier(lambda batch: self.arriving.receive(batch), self.gate.text)
        self.routes: Routes[TurnRun] = Routes()
        self.workbench: KernelTools | None = None
        self.answering = Answering(self.broker, self.routes, lambda: self.workbench)
        self.conversations = Conversations()
        self.arriving = Arriving(
            *(self.gate, self.routes, self.answering, self.supplier, self.conversations),
            self._change,
        )
        self.outputs = Outputs()
        self.pictures = Pictures(self.apply)
        self.edits = EditLog()
        self.offline = ""
        self._runs: dict[LiveTurn, TurnRun] = {}  # those that are not done
        self._underway: set[TurnRun] = set()  # those that use the runtime

    def call(self, coroutine: Coroutine[Any, Any, T], timeout: float | None = None) -> T:
        """Run on the loop and wait, from any other thread."""
        return self.thread.call(coroutine, timeout)

    # The runtime -----------------------------------------------------------------------------------------------

    @property
    def runtime(self) -> Runtime | None:
        """The runtime, or None while none was needed; it may have ended."""
        return self.supplier.runtime

    async def ensure_runtime(self) -> Runtime:
        """The running runtime, started if need be, and started anew between turns when the account changed.

        Raises:
            RuntimeFailedError: it could not be started; the text says why.
            SignInError: it did not take the key that this kernel holds.
        """
        return await self.supplier.ensure(lambda: self.busy)

    async def api(self) -> Api:
        """The methods of the running runtime. Raises as ``ensure_runtime``."""
        from codex_jupyter.runtime.api import Api

        return Api(await self.ensure_runtime())

    @property
    def busy(self) -> bool:
        """Whether the runtime cannot be exchanged now: a turn runs on it, the SDK works, or somebody signs in."""
        runtime = self.runtime
        return (
            bool(self._underway)
            or self.supplier.signing_in
            or (runtime is not None and runtime.sdk_works)
        )

    async def prepare(self, run: TurnRun) -> Ready:
        """The runtime for a turn that is about to use it, with an account if it needs one.

        Raises:
            NotSignedInError: it needs an account and there is none; nothing was sent.
            RuntimeFailedError, SignInError: as ``ensure_runtime``.
        """
        launch, settings = self.supplier.launch, run.live.settings
        self.gate.know({**os.environ, **(launch.env if launch else {})})
        return await self.supplier.prepare(
            lambda: self.busy,
            Needs(settings.allow_env, settings.codex_bin),
            lambda: self._underway.add(run),
        )

    def shared(self, run: TurnRun) -> bool:
        """Whether others use the turn's runtime now."""
        return bool(self._underway - {run})

    async def end_runtime(self, transport: Transport) -> None:
        """End a runtime that does not stop."""
        if (runtime := self.runtime) is transport and runtime is not None:
            await runtime.close()

    async def close(self) -> None:
        """End the runtime, every turn that runs on it, and every turn that waits to begin."""
        ended = [run for run in self._runs.values() if run.phase != "done"]
        for run in ended:
            if run.at_work:
                run.lose("The session was closed.")
            else:
                run.fail(TurnFailedError("The session was closed. Nothing was sent."))
        await self.supplier.close()
        if ended:
            await asyncio.wait(
                [asyncio.ensure_future(run.closed()) for run in ended], timeout=CLOSE_PATIENCE
            )

    # What happens to turns -----------------------------------------------------------------------------------

    def apply(self, live: LiveTurn, events: Iterable[Event]) -> None:
        """Change a turn by events of our own, which may quote the runtime."""
        self._change(live, list(self.gate.events(events)))

    def _change(self, live: LiveTurn, batch: list[Event]) -> None:
        """Change a turn by clean events, publish it once, and see to what follows."""
        turn = before = live.turn
        for event in self.outputs.kept(batch):
            turn = reduce(turn, event)
        live._swap(turn)
        self.pictures.look(live, batch)
        self.edits.look(live, batch)
        self.answering.look(batch)
        _run_of(live).changed(before, turn)

    # Turns -----------------------------------------------------------------------------------------------------

    def start_soon(self, run: TurnRun, work: Work) -> None:
        """Begin a turn, from any thread; what goes wrong arrives in its result."""
        self._runs[run.live] = run  # from now on it runs: who stops every turn stops this one, too
        self.thread.post(self._start, run, work)

    def _start(self, run: TurnRun, work: Work) -> None:
        run.start(work)
        if run.phase == "done":  # stopped before the loop came to it
            self._runs.pop(run.live, None)

    def done(self, run: TurnRun) -> Result:
        """A turn is over: forget it; what it has come to."""
        self._runs.pop(run.live, None)
        self._underway.discard(run)
        self.conversations.rest(run.thread)
        self.edits.ended(run.live, run.thread)
        turn = run.turn
        run.thread.recap.add(run.live.prompt, final_response(turn) or "", turn)
        return Result(turn, lambda: self.call(self._read_items(turn), timeout=30), run.live.shape)

    async def settled(self, live: LiveTurn) -> None:
        """Wait, for a bounded time, until a turn's pictures are read and its outputs written."""
        await self.pictures.settled(live)
        await self.edits.settled(live)
        if self.workbench is not None:
            await self.workbench.settled(live)
        await self.outputs.settled(live.turn, lambda said: self.apply(live, [said]))

    async def _read_items(self, turn: Any) -> list[Any]:
        from codex_jupyter.runtime import results

        api = await self.api()
        rows = self.gate.open(await api.read_items(turn.thread_id, turn.turn_id))
        return [results.item(item) for item in rows]

    def running(self) -> tuple[LiveTurn, ...]:
        """Turns that have begun or wait to begin; from any thread."""
        return tuple(live for live in tuple(self._runs) if not live.done)

    def note(self, live: LiveTurn, level: str, message: str, hint: str = "") -> None:
        """Put a remark of ours into a turn's transcript."""
        notice = Notice("", "completed", level=level, message=message, hint=hint)
        said = NoticeRaised(live.turn.thread_id, live.turn.turn_id, notice=notice)
        self.apply(live, [said])


def _run_of(live: LiveTurn) -> TurnRun:
    return cast("TurnRun", live.control)
