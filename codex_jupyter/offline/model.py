"""The scripted model: a real HTTP server that speaks the Responses API as far as the Codex runtime uses it.

It stands where the world ends. The runtime in front of it is the real one: commands really run, patches really change
files, approvals really wait. It listens on the loopback interface only, on a port the system chooses, and answers

    POST /v1/responses             as the script says; an honest refusal where it says nothing
    GET  /v1/models                an empty list
    POST /v1/images/generations    a band of colours

Standard library only. Which reply is due is counted per turn and rule, so turns of several threads may run at once.

Example:
    >>> from codex_jupyter.offline import ScriptedModel, Script, say
    >>> with ScriptedModel(Script.reply([say("Hello")])) as server:
    ...     server.base_url.startswith("http://127.0.0.1:")
    True
"""

from __future__ import annotations

import json
import secrets
import select
import socket
import threading
from base64 import b64encode
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Iterator, Sequence

from .drawing import band
from .loopback import Handler, LoopbackServer
from .moves import Move
from .request import Request
from .script import Rule, Script, ScriptError
from .sse import Hold, Pause, Piece, head, stream
from .unscripted import exhausted, unscripted

_WRITE_AT_ONCE = 64 * 1024
_TURNS_REMEMBERED = 10_000
_LOOK_EVERY = 0.05

TurnKey = tuple[str, ...]


class Gates:
    """Named gates that replies wait at, and tests open. Thread-safe."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._open: set[str] = set()
        self._waiting: Counter[str] = Counter()
        self._closed = False

    def release(self, gate: str) -> None:
        """Open ``gate``, for those who wait and those who come later."""
        with self._changed:
            self._open.add(gate)
            self._changed.notify_all()

    def shut(self, gate: str) -> None:
        """Close ``gate`` again."""
        with self._changed:
            self._open.discard(gate)

    def waiting(self, gate: str) -> int:
        """How many replies wait at ``gate`` now."""
        with self._changed:
            return self._waiting[gate]

    def await_arrival(self, gate: str, timeout: float, count: int) -> None:
        """Return when ``count`` replies wait at ``gate``.

        Raises:
            TimeoutError: they did not within ``timeout`` seconds.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: self._waiting[gate] >= count, timeout):
                seen = self._waiting[gate]
                raise TimeoutError(
                    f"{seen} of {count} replies reached the gate {gate!r} within {timeout} s"
                )

    def await_departure(self, gate: str, timeout: float) -> None:
        """Return when nobody waits at ``gate`` any more.

        Raises:
            TimeoutError: somebody still did after ``timeout`` seconds.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: not self._waiting[gate], timeout):
                raise TimeoutError(f"a reply is still held at {gate!r} after {timeout} s")

    def pass_through(self, gate: str, gone: Callable[[], bool]) -> bool:
        """Wait at ``gate``; ``False`` when the server closed, or ``gone()``, before it opened."""
        with self._changed:
            self._waiting[gate] += 1
            self._changed.notify_all()
            try:
                while gate not in self._open and not self._closed:
                    if gone():
                        return False
                    self._changed.wait(_LOOK_EVERY)
                return not self._closed
            finally:
                self._waiting[gate] -= 1
                self._changed.notify_all()

    def pause(self, seconds: float) -> bool:
        """Let ``seconds`` pass; ``False`` when the server closed meanwhile."""
        with self._changed:
            return not self._changed.wait_for(lambda: self._closed, seconds)

    def close(self) -> None:
        """Let everybody go."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()


class ScriptedModel:
    """The server. Start it with :meth:`start` or ``with``; it can be started once.

    Args:
        script: what it plays; without one it answers every prompt with the honest refusal.
        keep: how many requests :attr:`requests` remembers.

    Attributes:
        script: may be replaced between turns.
    """

    def __init__(self, script: Script | None = None, *, keep: int = 1000) -> None:
        self.script = script or Script()
        self.gates = Gates()
        self._requests: deque[Request] = deque(maxlen=keep)
        self._arrived = threading.Condition()
        self._turns: OrderedDict[TurnKey, _Turn] = OrderedDict()
        self._turns_lock = threading.Lock()
        self._serial = 0
        self._prefix = secrets.token_hex(3)
        self._server: LoopbackServer | None = None
        self._port = 0

    # -- life --------------------------------------------------------------------------------------

    def start(self) -> ScriptedModel:
        """Listen, and return this server."""
        if self._port:
            raise RuntimeError("this scripted model was started before; make a new one")
        self._server = LoopbackServer(_Handler, self)
        self._port = self._server.server_port
        return self

    def close(self) -> None:
        """Stop listening, and end every reply that is still on its way. Harmless when repeated."""
        server, self._server = self._server, None
        if server is not None:
            self.gates.close()
            server.close()

    def __enter__(self) -> ScriptedModel:
        return self.start()

    def __exit__(self, *_exc: object) -> None:
        self.close()

    @property
    def base_url(self) -> str:
        """Where it listens, with the ``/v1`` that a provider's ``base_url`` ends with."""
        return f"http://127.0.0.1:{self._port}/v1"

    # -- what a test asks --------------------------------------------------------------------------

    @property
    def requests(self) -> list[Request]:
        """The requests for a reply so far, oldest first."""
        with self._arrived:
            return list(self._requests)

    def wait_for_request(
        self, wanted: Callable[[Request], bool] = lambda _: True, timeout: float = 20
    ) -> Request:
        """The first request for which ``wanted`` holds, waiting for it if need be.

        Raises:
            TimeoutError: none came within ``timeout`` seconds.
        """
        with self._arrived:
            self._arrived.wait_for(lambda: any(map(wanted, self._requests)), timeout)
            for request in self._requests:
                if wanted(request):
                    return request
        raise TimeoutError(f"no such request within {timeout} s")

    def release(self, gate: str) -> None:
        """Open a gate that a ``wait`` move (or a message's ``gate``) holds at; it stays open."""
        self.gates.release(gate)

    def wait_until_held(self, gate: str, timeout: float = 20, count: int = 1) -> None:
        """Return when ``count`` replies are held at ``gate``.

        Raises:
            TimeoutError: they were not within ``timeout`` seconds.
        """
        self.gates.await_arrival(gate, timeout, count)

    # -- what the server does ----------------------------------------------------------------------

    def reply_to(self, request: Request) -> tuple[Sequence[Move], str]:
        """Note the request and choose its reply: the moves, and a serial for the ids in it.

        Raises:
            ScriptError: the reply could not be computed.
        """
        with self._arrived:
            self._requests.append(request)
            self._arrived.notify_all()
        with self._turns_lock:
            self._serial += 1
            serial = f"{self._prefix}{self._serial:x}"
            rule, number = self._turn(request).next(self.script.find(request))
        if rule is None:
            return unscripted(request, self.script), serial
        moves = rule.reply(request, number)
        return (exhausted(rule) if moves is None else moves), serial

    def _turn(self, request: Request) -> _Turn:
        turn = request.turn_id or f"prompt {len(request.prompts)}"
        key = (request.thread_id, turn, request.subagent or "", request.kind)
        found = self._turns.pop(key, None) or _Turn()
        self._turns[key] = found
        while len(self._turns) > _TURNS_REMEMBERED:
            self._turns.popitem(last=False)
        return found


class _Turn:
    """Which reply of which rule is due. A steered turn whose new prompt has no rule goes on with the old one."""

    def __init__(self) -> None:
        self._used: Counter[Rule] = Counter()
        self._last: Rule | None = None

    def next(self, rule: Rule | None) -> tuple[Rule | None, int]:
        rule = rule or self._last
        if rule is None:
            return None, 0
        self._last = rule
        number = self._used[rule]
        self._used[rule] += 1
        return rule, number


class _Handler(Handler):
    def do_GET(self) -> None:
        if self._path() == "/models":
            self.send_json(200, {"object": "list", "data": []})
        else:
            self._nothing_here()

    def do_POST(self) -> None:
        body = self.read_body()
        if self._path() == "/responses":
            self._respond(body)
        elif self._path() == "/images/generations":
            drawn = b64encode(band()).decode("ascii")
            self.send_json(200, {"created": 1, "data": [{"b64_json": drawn, "revised_prompt": ""}]})
        else:
            self._nothing_here()

    def _path(self) -> str:
        return self.path.split("?")[0].removeprefix("/v1")

    def _respond(self, body: bytes) -> None:
        if encoding := self.headers.get("content-encoding"):
            problem = f"the offline model reads no {encoding} bodies: set features.enable_request_compression=false"
            self.send_json(415, {"error": {"message": problem}})
            return
        try:
            asked = json.loads(body)
            if not isinstance(asked, dict):
                raise ValueError("not an object")
        except ValueError as problem:
            self.send_json(400, {"error": {"message": f"the request is not JSON: {problem}"}})
            return
        request = Request({name.lower(): value for name, value in self.headers.items()}, asked)
        try:
            reply, serial = self.server.owner.reply_to(request)
            top = head(reply)
            if top.body is not None:
                self.send_whole(top.status, top.body, top.headers)
                return
            # Played to its end before the first byte leaves, so that a mistake in it can still be told.
            pieces = list(_joined(stream(reply, request, serial)))
        except ScriptError as problem:
            self.send_json(400, {"error": {"message": f"the offline model's script: {problem}"}})
            return
        self.send_response(top.status)
        for name, value in top.headers.items():
            self.send_header(name, value)
        self.send_header("connection", "close")
        self.end_headers()
        self._send(pieces)

    def _send(self, pieces: Sequence[Piece]) -> None:
        for piece in pieces:
            if isinstance(piece, Hold):
                if not self.server.owner.gates.pass_through(piece.gate, self._gone):
                    return
            elif isinstance(piece, Pause):
                if not self.server.owner.gates.pause(piece.seconds):
                    return
            else:
                self.wfile.write(piece)
                self.wfile.flush()

    def _gone(self) -> bool:
        """Whether the runtime hung up, as it does when a turn is interrupted."""
        readable, _, _ = select.select([self.connection], [], [], 0)
        if not readable:
            return False
        try:
            return self.connection.recv(1, socket.MSG_PEEK) == b""
        except OSError:
            return True

    def _nothing_here(self) -> None:
        self.send_json(404, {"error": {"message": f"the offline model does not serve {self.path}"}})


def _joined(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """The same stream with neighbouring bytes written together."""
    buffer = bytearray()
    for piece in pieces:
        if isinstance(piece, bytes):
            buffer += piece
            if len(buffer) >= _WRITE_AT_ONCE:
                yield bytes(buffer)
                buffer.clear()
        else:
            if buffer:
                yield bytes(buffer)
                buffer.clear()
            yield piece
    if buffer:
        yield bytes(buffer)
