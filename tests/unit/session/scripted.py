"""A runtime whose every word is written by the test, and a turn that runs on it: whole turns in milliseconds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

from codex_jupyter.core.events import Event, TurnCompleted, TurnStarted
from codex_jupyter.core.reduce import reduce
from codex_jupyter.core.turn import Turn
from codex_jupyter.runtime.failures import RuntimeRequestError
from codex_jupyter.runtime.probe import Verdict
from codex_jupyter.runtime.strays import Strays
from codex_jupyter.runtime.wire_rights import echo_of
from codex_jupyter.session.broker import Broker
from codex_jupyter.session.conversations import Conversations
from codex_jupyter.session.gate import Gate
from codex_jupyter.session.live import LiveTurn
from codex_jupyter.session.result import Result
from codex_jupyter.session.routes import Routes
from codex_jupyter.session.supplier import Ready
from codex_jupyter.session.thread import Thread
from codex_jupyter.session.turn_run import TurnRun
from codex_jupyter.session.work import Work, work_of
from codex_jupyter.settings import Settings

STARTED = {
    "thread": {"id": "t"},
    "cwd": "/",
    "sandbox": {"type": "readOnly"},
    "approvalPolicy": "on-request",
    "approvalsReviewer": "user",
    "model": "m",
    "modelProvider": "p",
}


class ScriptedTransport:
    """``runtime.transport.Transport``, played by the test.

    Attributes:
        calls: the methods that were called, with their parameters, in order.
        replies: what was answered to requests of the runtime.
        hold: methods that are not answered until ``answer`` is called.
        echoes: whether the runtime says what it was told about rights.
    """

    def __init__(self, thread: Thread) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.replies: list[tuple[Any, dict[str, Any]]] = []
        self.hold: set[str] = set()
        self.echoes = True
        self.alive = True
        self.version = "0.0.0"
        self.files = 0
        self.strays = Strays(sure=True)
        self.fails: dict[str, Exception] = {}
        self._thread = thread
        self._held: dict[str, asyncio.Future[dict[str, Any]]] = {}

    @property
    def methods(self) -> list[str]:
        """The names alone."""
        return [method for method, _ in self.calls]

    async def request(
        self, method: str, params: dict[str, Any] | None = None, timeout: float | None = None
    ) -> dict[str, Any]:
        self.calls.append((method, params or {}))
        if method in self.hold:
            self._held[method] = asyncio.get_running_loop().create_future()
            return await asyncio.wait_for(self._held[method], timeout)
        if method in self.fails:
            raise self.fails[method]
        if method == "thread/settings/update" and self.echoes:
            self._thread.hear(echo_of(params))
        return self.answer_to(method)

    def answer_to(self, method: str) -> dict[str, Any]:
        """What a runtime of good will says."""
        answers: dict[str, dict[str, Any]] = {
            "thread/start": STARTED,
            "turn/start": {"turn": {"id": "u"}},
            "review/start": {"turn": {"id": "u"}},
        }
        return answers.get(method, {})

    def answer(self, method: str) -> None:
        """Answer a call that is held."""
        held = self._held.pop(method)
        if not held.done():  # nobody waits for it any more
            held.set_result(self.answer_to(method))

    def reply(self, rpc_id: Any, result: dict[str, Any]) -> bool:
        self.replies.append((rpc_id, result))
        return self.alive

    def refuse(self, rpc_id: Any, code: int, message: str) -> bool:
        self.replies.append((rpc_id, {"error": code}))
        return self.alive

    async def end_strays(self, thread_id: str, since_ms: int | None = None) -> Strays:
        return self.strays

    def own_thread(self, thread_id: str, rest: dict[str, Any] | None = None) -> None:
        pass


class Stage:
    """``turn_run.Host`` for one turn. ``Loop`` of a handle that is used on the test's own loop only."""

    def __init__(self, **settings: Any) -> None:
        self.thread = Thread("main")
        self.transport = ScriptedTransport(self.thread)
        self.broker: Broker[LiveTurn] = Broker(self.apply, Gate().clean)
        self.routes: Routes[TurnRun] = Routes()
        self.conversations = Conversations()
        self.offline = ""
        self.workbench = None
        self.ended_runtimes = 0
        self.others = False
        self.preparing: Callable[[], Any] | None = None
        self.runs: list[TurnRun] = []
        self.settings = Settings(**settings)
        self.run = self.another()

    def another(self) -> TurnRun:
        """One more turn of the same conversation."""
        live = LiveTurn(None, "go", self.settings, Turn())  # type: ignore[arg-type]  # nobody hops
        run = TurnRun(self, live, self.thread, Settings())
        self.runs.append(run)
        return run

    @property
    def live(self) -> LiveTurn:
        return self.run.live

    def start(self, run: TurnRun | None = None, work: Work | None = None) -> None:
        """Begin the turn."""
        (run or self.run).start(work or work_of("go", {}))

    def begun(self) -> None:
        """The runtime says that the turn has begun."""
        self.apply(self.live, [TurnStarted("t", "u")])

    def completed(self, status: str = "completed") -> None:
        """The runtime says that it is over."""
        self.apply(self.live, [TurnCompleted("t", "u", status=status)])

    # --- turn_run.Host ------------------------------------------------------------------------------------------------

    async def prepare(self, run: TurnRun) -> Ready:
        if self.preparing is not None:
            await self.preparing()
        return Ready(self.transport, None, Verdict("works"))

    def apply(self, live: LiveTurn, events: Iterable[Event]) -> None:
        before = turn = live.turn
        for event in events:
            turn = reduce(turn, event)
        live._swap(turn)
        live.control.changed(before, turn)  # type: ignore[attr-defined]

    def note(self, live: LiveTurn, level: str, message: str, hint: str = "") -> None:
        pass

    def shared(self, run: TurnRun) -> bool:
        return self.others

    async def settled(self, live: LiveTurn) -> None:
        pass

    def done(self, run: TurnRun) -> Result:
        return Result(run.turn, list)

    async def end_runtime(self, transport: Any) -> None:
        self.ended_runtimes += 1
        transport.alive = False


async def until(condition: Callable[[], Any], steps: int = 2000) -> None:
    """Let the loop run until ``condition`` holds; every step is a turn of the loop, and no time passes."""
    for _ in range(steps):
        if condition():
            return
        await asyncio.sleep(0)
    raise AssertionError("it never came to that")


REFUSED = RuntimeRequestError(-32600, "no")
