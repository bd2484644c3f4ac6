"""What the runtime asks of us: each request goes to the broker, or to one of our tools; each is answered once.

Lives on the session's loop. Who decides is ``broker.py``, how a reply is spelled is ``runtime/replies.py``.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from codex_jupyter.core.events import Event, ItemCompleted
from codex_jupyter.core.items import DynamicToolCall, FileChange
from codex_jupyter.core.requests import Answer, FileChangeRequest, ToolCall

if TYPE_CHECKING:
    from codex_jupyter.core.requests import Request
    from codex_jupyter.runtime.arrivals import RpcId
    from codex_jupyter.runtime.transport import Transport
    from codex_jupyter.session.broker import Broker
    from codex_jupyter.session.live import LiveTurn
    from codex_jupyter.session.ports import KernelTools
    from codex_jupyter.session.routes import Routes
    from codex_jupyter.session.turn_run import TurnRun


class Answering:
    """Takes the runtime's requests.

    Args:
        broker: asks the policy or a person.
        routes: whose turn a request is.

    Attributes:
        workbench: our tools, or None.
    """

    def __init__(self, broker: Broker[LiveTurn], routes: Routes[TurnRun]) -> None:
        self.workbench: KernelTools | None = None
        self._broker = broker
        self._routes = routes
        self._calls: dict[
            str, tuple[str, asyncio.Task[None]]
        ] = {}  # by request: item, tool at work

    def asked(self, transport: Transport, rpc_id: RpcId, request: Request) -> None:
        """The runtime asks. A thread that is not ours has nobody to ask, and is declined."""
        from codex_jupyter.runtime.replies import reply_to

        run = self._routes.turn_of(request)

        def deliver(answer: Answer | None) -> None:
            if answer is None:  # it does not wait any more
                return
            reply = reply_to(request, answer)
            if reply.error is not None:
                transport.refuse(rpc_id, *reply.error)
            else:
                transport.reply(rpc_id, reply.result or {})
            # Also where the reply itself ends the turn: the runtime does not say who wanted that.
            if (reply.interrupt or answer.choice == "stop") and run is not None:
                by = self._broker.answered_by(request.id)
                run.stop(by.stopper if by is not None else "you")

        if run is None:
            deliver(Answer("decline"))
        elif isinstance(request, ToolCall):
            task = run.spawn(self._call(run, transport, rpc_id, request))
            self._calls[request.id] = (request.item_id, task)
            task.add_done_callback(lambda _task: self._calls.pop(request.id, None))
        else:
            if isinstance(request, FileChangeRequest):
                request = with_paths(request, run)
            self._broker.open(run.live, request, deliver)

    def withdrawn(self, request_id: str) -> None:
        """The runtime waits no longer: it was answered, or it gave up. A card closes, and a tool at work ends."""
        self._broker.withdraw(request_id, "Codex no longer waits for it", still_waits=False)
        if call := self._calls.pop(request_id, None):
            call[1].cancel()

    def look(self, events: Iterable[Event]) -> None:
        """That the runtime gave up a call of our tools is told by the end of its item alone (tested)."""
        if not self._calls:
            return
        ended = {
            event.item.id
            for event in events
            if isinstance(event, ItemCompleted) and isinstance(event.item, DynamicToolCall)
        }
        for request_id, (item_id, _task) in tuple(self._calls.items()):
            if item_id in ended:
                self.withdrawn(request_id)

    async def _call(
        self, run: TurnRun, transport: Transport, rpc_id: RpcId, call: ToolCall
    ) -> None:
        from codex_jupyter.runtime.replies import tool_result

        if self.workbench is None:
            transport.reply(rpc_id, tool_result(False, "This tool is not offered here."))
            return
        told = await self.workbench.call(run.live, call)
        transport.reply(rpc_id, tool_result(told.success, told.text, told.images))


def with_paths(request: FileChangeRequest, run: TurnRun) -> FileChangeRequest:
    """The request with the files that its patch touches, which the wire does not name: absolute, links resolved."""
    item = run.turn.find(request.item_id)
    if not isinstance(item, FileChange):
        return request
    named = [name for c in item.changes for name in (c.path, c.moved_to) if name]
    cwd = run.turn.settings.cwd
    paths = dict.fromkeys(os.path.realpath(os.path.join(cwd, name)) for name in named)
    return replace(request, paths=tuple(paths))
