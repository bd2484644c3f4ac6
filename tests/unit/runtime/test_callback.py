"""A pasted address: accepted only if it is this attempt's, relayed only to this attempt's port."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from codex_jupyter.runtime.callback import Callback, CallbackError

STATE = "s3cret-state"


class Server(http.server.ThreadingHTTPServer):
    """A loopback server that notes what it was asked and answers as told."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Pages)
        self.asked: list[str] = []
        self.answers: list[tuple[int, str]] = []


class Pages(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        server = self.server
        assert isinstance(server, Server)
        server.asked.append(self.path)
        status, location = server.answers.pop(0) if server.answers else (200, "")
        self.send_response(status)
        if location:
            self.send_header("Location", location)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    thread = threading.Thread(target=made.serve_forever, args=(0.01,))
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


@pytest.fixture
def callback(server: Server) -> Callback:
    redirect = quote(f"http://localhost:{server.server_port}/auth/callback", safe="")
    made = Callback.of(f"https://issuer/oauth/authorize?redirect_uri={redirect}&state={STATE}")
    assert made is not None
    return made


def test_the_address_of_this_attempt_is_relayed_with_its_redirect(
    server: Server, callback: Callback
) -> None:
    port = server.server_port
    server.answers = [(302, f"http://127.0.0.1:{port}/success?id_token=x"), (200, "")]
    for host in ("localhost", "127.0.0.1"):
        target = callback.accept(
            f"  http://{host}:{port}/auth/callback?code=c%26d&state={STATE}&x=1\n"
        )
        assert target == f"/auth/callback?code=c%26d&state={STATE}"
    callback.relay(target)
    assert server.asked == [target, "/success?id_token=x"]


@pytest.mark.parametrize(
    "address",
    [
        "",
        "not an address",
        "http://[half",
        "https://localhost:{port}/auth/callback?code=c&state={state}",
        "http://evil.example:{port}/auth/callback?code=c&state={state}",
        "http://localhost.evil.example:{port}/auth/callback?code=c&state={state}",
        "http://localhost@evil.example:{port}/auth/callback?code=c&state={state}",
        "http://u:p@localhost:{port}/auth/callback?code=c&state={state}",
        "http://localhost:1/auth/callback?code=c&state={state}",
        "http://localhost:99999999/auth/callback?code=c&state={state}",
        "http://localhost/auth/callback?code=c&state={state}",
        "http://localhost:{port}/cancel?code=c&state={state}",
        "http://localhost:{port}/auth/callback?code=c&state=another",
        "http://localhost:{port}/auth/callback?code=c&state={state}&state=another",
        "http://localhost:{port}/auth/callback?code=c",
        "http://localhost:{port}/auth/callback?state={state}",
        "file:///etc/passwd",
    ],
)
def test_any_other_address_is_refused_unasked(
    server: Server, callback: Callback, address: str
) -> None:
    pasted = address.format(port=server.server_port, state=STATE)
    with pytest.raises(CallbackError) as refused:
        callback.accept(pasted)
    assert server.asked == []
    assert STATE not in str(refused.value)


def test_a_redirect_elsewhere_is_not_followed(server: Server, callback: Callback) -> None:
    other = Server()
    thread = threading.Thread(target=other.serve_forever, args=(0.01,))
    thread.start()
    try:
        for away in (
            f"http://127.0.0.1:{other.server_port}/x",
            "http://evil.example/x",
            "http://[half",
        ):
            server.answers = [(302, away)]
            callback.relay("/auth/callback")
        assert other.asked == []
        server.answers = [(302, "/a"), (302, "/b"), (302, "/c"), (302, "/d")]
        server.asked.clear()
        callback.relay("/start")
        assert len(server.asked) == 3  # and no further
    finally:
        other.shutdown()
        thread.join()
        other.server_close()


def test_a_refusal_and_an_empty_port_are_told_without_the_address(
    server: Server, callback: Callback
) -> None:
    server.answers = [(400, "")]
    with pytest.raises(CallbackError, match="HTTP 400"):
        callback.relay("/auth/callback?code=c")
    nobody = Callback(1, "/auth/callback", STATE)
    with pytest.raises(CallbackError, match="Nobody waits") as refused:
        nobody.relay("/auth/callback?code=c")
    assert "code=" not in str(refused.value)
    assert refused.value.__cause__ is None and refused.value.__suppress_context__


@pytest.mark.parametrize(
    "auth_url",
    [
        "https://issuer/authorize",
        "https://issuer/authorize?redirect_uri=http%3A%2F%2Fevil.example%3A1455%2F&state=s",
        "https://issuer/authorize?redirect_uri=http%3A%2F%2Flocalhost%3A1455%2F",
        "https://issuer/authorize?redirect_uri=http%3A%2F%2Flocalhost%3Ax%2F&state=s",
    ],
)
def test_an_authorization_that_does_not_come_back_here_has_no_callback(auth_url: str) -> None:
    assert Callback.of(auth_url) is None


def test_the_state_is_in_no_repr(callback: Callback) -> None:
    assert STATE not in repr(callback)


@pytest.mark.parametrize("half", ["\ud800", "%ED%A0%80", "\udcff", "é", "\u202e"])
def test_half_a_character_in_a_pasted_address_is_refused_in_a_sentence(half: str) -> None:
    callback = Callback(1455, "/auth/callback", STATE)
    for address in (
        f"http://localhost:1455/auth/callback?code=c&state={STATE}{half}",
        f"{half}http://localhost:1455/auth/callback?code=c&state={STATE}",
        f"http://local{half}host:1455/auth/callback?code=c&state={STATE}",
        half,
    ):
        with pytest.raises(CallbackError):
            callback.accept(address)
    try:
        callback.accept(f"http://localhost:1455/auth/callback?code=c{half}&state={STATE}").encode()
    except CallbackError as error:
        assert str(error)
