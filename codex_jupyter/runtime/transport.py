"""What a session needs of a running app-server: to ask, to answer, and to hear. A protocol; ``client.Runtime`` is the real one.

Tests put a scripted one in its place and run whole turns in milliseconds.
"""

from __future__ import annotations

from typing import Any, Protocol

from codex_jupyter.runtime.arrivals import RpcId
from codex_jupyter.runtime.strays import Strays


class Transport(Protocol):
    """One running app-server.

    What it says comes to whoever made it, as batches of arrivals in order; ``RuntimeEnded`` is the last. A coroutine that
    awaits ``request`` runs on, to its next suspension, before anything that came after the answer is delivered. So whoever
    starts a turn knows its id before its first event, unless the runtime itself says ``turn/started`` before it answers
    (measured on a busy machine: once in 600 turns).
    """

    @property
    def version(self) -> str:
        """The version that it says it is, ``""`` where it says none."""
        ...

    @property
    def alive(self) -> bool:
        """False from the moment in which its end was seen, or asked for."""
        ...

    @property
    def files(self) -> int:
        """How many files it may have open at a time; 0 where that is not known or there is no limit."""
        ...

    async def request(
        self, method: str, params: dict[str, Any] | None = None, timeout: float | None = None
    ) -> dict[str, Any]:
        """Call a method and return its result, ``{}`` for a result that is no object.

        Raises:
            RuntimeRequestError: it answered with an error.
            RuntimeTimeoutError: no answer within ``timeout`` seconds; one that comes later is dropped.
            RuntimeFailedError: it has ended, or ended meanwhile.
        """
        ...

    def reply(self, rpc_id: RpcId, result: dict[str, Any]) -> bool:
        """Answer a request of its. False when there is nobody to answer any more. Each request is answered once."""
        ...

    def refuse(self, rpc_id: RpcId, code: int, message: str) -> bool:
        """Answer a request with a JSON-RPC error. False as for ``reply``."""
        ...

    async def end_strays(self, thread_id: str, since_ms: int | None = None) -> Strays:
        """End what commands of a conversation left running since a time in milliseconds, wherever it moved."""
        ...

    def own_thread(self, thread_id: str, rest: dict[str, Any] | None = None) -> None:
        """Mark a thread as ours: the SDK does not hear its events unless somebody drives it through ``codex``.

        ``rest`` are the parameters of a turn without options, for those that are started through ``codex``.
        """
        ...
