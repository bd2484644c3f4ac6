"""What the runtime asks of us: each request goes to the broker, or to one of our tools; each is answered once.

Lives on the session's loop. Who decides is ``broker.py``, how a reply is spelled is ``runtime/replies.py``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from codex_jupyter.core.events import Event, ItemCompleted
from codex_jupyter.core.items import DynamicToolCall
from codex_jupyter.core.requests import Answer, FileChangeRequest, McpToolRequest, ToolCall
from codex_jupyter.session.file_facts import apart, as_written_and_resolved, led_elsewhere
from codex_jupyter.session.tool_calls import OpenToolCalls

if TYPE_CHECKING:
    from codex_jupyter.core.diffs import Change
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
        tools: our tools as they are now, or None.

    Attributes:
        tool_calls: the calls of MCP tools that are open; hears every event, exactly as it came.
    """

    def __init__(
        self,
        broker: Broker[LiveTurn],
        routes: Routes[TurnRun],
        tools: Callable[[], KernelTools | None],
    ) -> None:
        self._tools = tools
        self.tool_calls = OpenToolCalls()
        self._broker = broker
        self._routes = routes
        self._calls: dict[
            str, tuple[str, asyncio.Task[None]]
        ] = {}  # by request: item, tool at work

    def asked(self, transport: Transport, rpc_id: RpcId, request: Request) -> None:
        """The runtime asks. A thread that is not ours has nobody to ask, and is declined."""
        from codex_jupyter.runtime.replies import reply_to

        run = self._routes.turn_of(request)
        asked = self.tool_calls.placed(request) if isinstance(request, McpToolRequest) else request

        def deliver(answer: Answer | None) -> None:
            if answer is None:  # it does not wait any more
                return
            reply = reply_to(asked, answer)
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
            asked = replace(asked, agent=self._routes.agent_of(request))
            if isinstance(asked, FileChangeRequest):
                changes = self._routes.changes_of(asked)
                asked = with_changes(asked, changes, run.turn.settings.cwd)
            self._broker.open(run.live, asked, deliver)

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

        tools = self._tools()
        if tools is None:
            transport.reply(rpc_id, tool_result(False, "This tool is not offered here."))
            return
        reply = await tools.call(run.live, call)
        transport.reply(rpc_id, tool_result(reply.success, reply.text, reply.images))


def with_changes(
    request: FileChangeRequest, changes: tuple[Change, ...], folder: str
) -> FileChangeRequest:
    """The request with its patch, which the wire does not name, and the files that it touches: absolute, as they are written
    and with links resolved; with those that a link leads to, and what their names do not tell of them."""
    named = [name for c in changes for name in (c.path, c.moved_to) if name]
    paths = as_written_and_resolved(folder, named)
    return replace(
        request,
        paths=paths,
        changes=changes,
        elsewhere=led_elsewhere(folder, named),
        apart=apart(paths),
    )
