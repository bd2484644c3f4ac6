"""What the runtime says, taken in order: events through the gate to the turns they belong to, requests to who answers them.

Lives on the session's loop. What is long is worked at in steps, and between them the loop goes on: a turn can be stopped
while megabytes of it arrive.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from codex_jupyter.core.events import Event
from codex_jupyter.core.raw import Raw, exact
from codex_jupyter.session.answering import Answering
from codex_jupyter.session.conversations import Conversations
from codex_jupyter.session.gate import Gate
from codex_jupyter.session.routes import Routes
from codex_jupyter.session.supplier import RuntimeSupplier
from codex_jupyter.session.turn_run import TurnRun

if TYPE_CHECKING:
    from codex_jupyter.session.live import LiveTurn


class Arriving:
    """Receives the batches of a session's runtime.

    Args:
        gate: takes secrets out.
        routes: whose turn an event is.
        answering: takes requests.
        supplier: hears of the account and of the runtime's end, and what is said outside every turn.
        conversations: hear of threads.
        change: changes a turn by clean events.
    """

    def __init__(
        self,
        gate: Gate,
        routes: Routes[TurnRun],
        answering: Answering,
        supplier: RuntimeSupplier,
        conversations: Conversations,
        change: Callable[[LiveTurn, list[Event]], None],
    ) -> None:
        self._gate, self._routes, self._answering = gate, routes, answering
        self._supplier, self._conversations, self._change = supplier, conversations, change

    def receive(self, arrivals: list[Any]) -> Iterator[None]:
        """One batch, in order; a step for each ``next``. The next batch comes after the last one."""
        from codex_jupyter.runtime import arrivals as arrived

        runtime = self._supplier.runtime
        events: list[Raw[Event]] = []
        for arrival in arrivals:
            if isinstance(arrival, Raw):
                events.append(arrival)
                self._answering.tool_calls.heard(exact(arrival))
                continue
            yield from self._flush(events)
            if isinstance(arrival, arrived.RequestArrived):
                assert runtime is not None
                self._answering.asked(runtime, arrival.rpc_id, exact(arrival.request))
            elif isinstance(arrival, arrived.RequestResolved):
                self._answering.withdrawn(arrival.request_id)
            elif isinstance(arrival, arrived.AccountChanged | arrived.LoginCompleted):
                self._supplier.account_changed(arrival)
            elif isinstance(arrival, arrived.RuntimeEnded):
                self._answering.tool_calls.forget()
                self._supplier.account_changed(arrival)
                for run in self._routes.running():
                    run.lose(arrival.message)
            elif isinstance(arrival, arrived.ThreadChanged):
                if arrival.parent_id:
                    self._routes.adopt(arrival.thread_id, arrival.parent_id)
                self._conversations.changed(arrival)
        yield from self._flush(events)

    def _flush(self, raws: list[Raw[Event]]) -> Iterator[None]:
        """What arrived so far, through the gate and to the turns it belongs to."""
        said, events = list(raws), dict[TurnRun, list[Event]]()
        raws.clear()
        for event in self._gate.arriving(said):
            if event is None:
                self._apply(events)
                yield
                continue
            run, placed = self._routes.place(event)
            if run is not None and placed is not None:
                events.setdefault(run, []).append(run.heard(placed))
            elif run is None:
                self._supplier.remarks.hear(event)
        self._apply(events)

    def _apply(self, events: dict[TurnRun, list[Event]]) -> None:
        for run, batch in events.items():
            self._change(run.live, batch)
        events.clear()
