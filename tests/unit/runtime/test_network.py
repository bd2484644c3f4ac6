"""Why an address cannot be reached, told by real sockets on this machine."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import trustme

from codex_jupyter.runtime import network
from codex_jupyter.runtime.network import Finding, look


@contextmanager
def listening(context: ssl.SSLContext | None = None) -> Iterator[int]:
    """The port of a server that takes one connection: with TLS, or answering in plain http."""

    def serve() -> None:
        try:
            connection, _ = server.accept()
            with connection:
                if context is None:
                    connection.recv(1024)
                    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                else:
                    context.wrap_socket(connection, server_side=True).close()
        except OSError:  # the other side hung up, or nobody came
            pass

    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(30)
        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1]
        thread.join()


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def test_a_closed_port_and_an_address_that_is_none() -> None:
    port = closed_port()
    found = look(f"http://127.0.0.1:{port}/v1", {})
    assert found.cause == "unreachable"
    assert f"127.0.0.1:{port}" in found.detail
    assert look("nonsense", {}).cause == "unknown-host"
    assert look("https://host:99999999/", {}).cause == "unknown-host"


def test_plain_http_behind_https() -> None:
    with listening() as port:
        assert look(f"https://127.0.0.1:{port}/v1", {}).cause == "plain-http"


def test_a_certificate_that_nobody_vouches_for_and_one_that_is_named(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with listening(context) as port:
        assert look(f"https://127.0.0.1:{port}/v1", {}).cause == "certificate"
    file = tmp_path_factory.mktemp("authority") / "authority.pem"
    authority.cert_pem.write_to_path(str(file))
    with listening(context) as port:
        assert look(f"https://127.0.0.1:{port}/v1", {"SSL_CERT_FILE": str(file)}) == Finding()


def test_a_name_that_no_server_has(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(*_: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(network.socket, "create_connection", nobody)
    assert look("https://api.example/v1", {}).cause == "unknown-host"


@pytest.mark.parametrize(
    ("exceptions", "direct"),
    [("", False), ("example.com", True), (".example.com", True), ("other.com, *", True), ("ample.com", False)],
)  # fmt: skip
def test_a_proxy_is_looked_at_where_it_counts(
    monkeypatch: pytest.MonkeyPatch, exceptions: str, direct: bool
) -> None:
    tried: list[tuple[str, int]] = []

    def refuse(address: tuple[str, int], _timeout: float) -> None:
        tried.append(address)
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr(network.socket, "create_connection", refuse)
    environ = {"https_proxy": "http://proxy.local:3128", "NO_PROXY": exceptions}
    found = look("https://api.example.com/v1", environ)
    assert tried == [("api.example.com", 443) if direct else ("proxy.local", 3128)]
    assert found.detail.startswith("api.example.com" if direct else "the proxy proxy.local:3128")
