"""Requests of the runtime that wait for an answer: each is answered once, by whoever comes first, from any thread.

Only the bookkeeping: nothing is sent from here and nothing is decided.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from codex_jupyter.runtime.arrivals import RpcId


@dataclass(frozen=True, slots=True)
class Parked:
    """One waiting request. ``call_id`` is set for calls of our tools, whose end no ``serverRequest/resolved`` tells."""

    rpc_id: RpcId
    request_id: str
    thread_id: str
    turn_id: str
    call_id: str = ""


class Parking:
    """The requests that wait, by their JSON-RPC id."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[RpcId, Parked] = {}
        self._answered: dict[RpcId, Parked] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def park(self, request: Parked) -> None:
        """Let a request wait."""
        with self._lock:
            self._waiting[request.rpc_id] = request

    def take(self, rpc_id: RpcId) -> Parked | None:
        """The waiting request, to be answered by the caller and nobody else; None when it no longer waits."""
        with self._lock:
            request = self._waiting.pop(rpc_id, None)
            if request is not None and not request.call_id:
                self._answered[rpc_id] = request  # until the runtime says that it is resolved
            return request

    def resolve(self, rpc_id: RpcId) -> tuple[Parked | None, bool]:
        """The runtime says that it no longer waits: the request, and whether somebody answered it before."""
        with self._lock:
            waiting = self._waiting.pop(rpc_id, None)
            if waiting is not None:
                return waiting, False
            answered = self._answered.pop(rpc_id, None)
            return answered, answered is not None

    def call_ended(self, thread_id: str, call_id: str) -> list[Parked]:
        """Take out the calls of our tools that the runtime gave up (an interrupt ends their item)."""
        return self._withdraw(lambda r: bool(call_id) and r.call_id == call_id, thread_id)

    def turn_ended(self, thread_id: str, turn_id: str) -> list[Parked]:
        """Take out everything that a turn was waiting for."""
        return self._withdraw(lambda r: r.turn_id == turn_id, thread_id)

    def clear(self) -> list[Parked]:
        """Take out everything: the runtime is gone."""
        with self._lock:
            left = list(self._waiting.values())
            self._waiting.clear()
            self._answered.clear()
            return left

    def _withdraw(self, matches: Callable[[Parked], bool], thread_id: str) -> list[Parked]:
        with self._lock:
            gone = [r for r in self._waiting.values() if r.thread_id == thread_id and matches(r)]
            for request in gone:
                del self._waiting[request.rpc_id]
            return gone
