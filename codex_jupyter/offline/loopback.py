"""A small HTTP(S) server on the loopback interface, in threads of its own, that closes at once.

Shared by the scripted model and the login issuer. It knows neither.
"""

from __future__ import annotations

import json
import socket
import ssl
import sys
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_LOOK_EVERY = 0.05
_HANDSHAKE_TIMEOUT = 10.0


class LoopbackServer(ThreadingHTTPServer):
    """Listens on ``127.0.0.1``, on a port the system chooses.

    Args:
        handler: answers the requests; a :class:`Handler`.
        owner: what the handlers work for; they see it as ``self.server.owner``.
        tls: speak TLS with this context.
    """

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(
        self, handler: type[Handler], owner: Any, tls: ssl.SSLContext | None = None
    ) -> None:
        self.owner = owner
        self._tls = tls
        self._connections: set[socket.socket] = set()
        self._guard = threading.Lock()
        super().__init__(("127.0.0.1", 0), handler)
        threading.Thread(
            target=self.serve_forever,
            kwargs={"poll_interval": _LOOK_EVERY},
            name=f"codex-offline-{self.server_port}",
            daemon=True,
        ).start()

    def close(self) -> None:
        """Stop listening and drop every connection. Call it once."""
        self.shutdown()
        self.server_close()
        with self._guard:
            for connection in self._connections:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue

    def get_request(self) -> tuple[Any, Any]:
        """Accept a connection; a TLS handshake is left to the thread that serves it."""
        connection, address = super().get_request()
        if self._tls is not None:
            connection.settimeout(_HANDSHAKE_TIMEOUT)
            connection = self._tls.wrap_socket(
                connection, server_side=True, do_handshake_on_connect=False
            )
        return connection, address

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve a connection in a thread, and remember it so that it can be dropped."""
        with self._guard:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forget a connection that is done."""
        with self._guard:
            self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is part of the game (an interrupted turn); anything else is a fault of ours."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """One connection. Silent, because standard error belongs to the notebook."""

    server: LoopbackServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: Any) -> None:
        """Print nothing."""

    def read_body(self) -> bytes:
        """The request's body."""
        return self.rfile.read(int(self.headers.get("content-length") or 0))

    def send_json(self, status: int, value: Any) -> None:
        """Answer with JSON."""
        body = json.dumps(value).encode()
        self.send_whole(status, body, {"content-type": "application/json"})

    def send_whole(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        """Answer with a body whose length is known."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
