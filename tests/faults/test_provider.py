"""What the provider or the network on the way to it refuses: told by its reason, once, and the conversation goes on."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from codex_jupyter import offline
from codex_jupyter.core.blocks import document
from codex_jupyter.errors import TurnFailedError
from codex_jupyter.offline import Rule, Script, cut, fail, failed, incomplete, raw, say
from codex_jupyter.render import text
from codex_jupyter.session.session import Session
from tests.faults.conftest import DONE, Clock
from tests.faults.rows import fault
from tests.waiting import until

DATA = Path(__file__).parent.parent / "data"
PAGE = {"content-type": "text/html"}


def error(message: str, **more: Any) -> dict[str, Any]:
    return {"error": {"message": message, **more}}


def refused(
    injected: str, moves: Sequence[Any] | Any, seen: str, *, everywhere: bool = False
) -> Any:
    """A row of what no retry can help."""
    moves = moves if isinstance(moves, list) else [moves]
    mark = fault("provider", injected, seen, within=6, everywhere=everywhere)
    return pytest.param(moves, seen, marks=mark, id=injected)


REFUSED = [
    refused("401, a key that is not known", fail(401, error("Incorrect API key provided: sk-1.", code="invalid_api_key")), "The provider refuses this key or sign-in: Incorrect API key provided: sk-1.", everywhere=True),
    refused("401, a sign-in that has expired", fail(401, error("Provided authentication token is expired.", code="token_expired")), "The sign-in has expired"),
    refused("402", fail(402, error("Payment required")), "The provider requires payment: Payment required."),
    refused("403, a country that is not served", fail(403, error("Country, region, or territory not supported", code="unsupported_country_region_territory")), "The provider is not available in the country or region that this machine connects from"),
    refused("403 of a proxy, as a page", fail(403, "<html><body>Denied by Acme</body></html>", headers=PAGE), "The provider, or something in between, forbids this request."),
    refused("404, a model that is not there", fail(404, error("The model `gpt-9` does not exist or you do not have access to it.", code="model_not_found")), "The provider has no such model for this account: The model `gpt-9`"),
    refused("404, an address that is not there", fail(404, "<html>not found</html>", headers=PAGE), "There is no such model or address at the provider."),
    refused("407 of a proxy", fail(407, "who are you?"), "The proxy wants a user name and a password: who are you?"),
    refused("413", fail(413, "too large"), "The request is larger than the provider accepts"),
    refused("451", fail(451, "by order of a court"), "The provider may not answer this for legal reasons: by order of a court."),
    refused("302 without a place to go", fail(302, ""), "Something other than the provider answered"),
    refused("429, a quota that is used up", fail(429, error("You exceeded your current quota.", code="insufficient_quota", type="insufficient_quota")), "Quota exceeded."),
    refused("400, a value that is not supported", fail(400, error("Unsupported parameter: 'reasoning.effort'", code="unsupported_parameter")), "Unsupported parameter: 'reasoning.effort'"),
    refused("400, more than the context holds", fail(400, error("Your input exceeds the context window of this model.", code="context_length_exceeded")), "Your input exceeds the context window of this model."),
    refused("an answer longer than the model may write", [say("Half an", phase="final_answer"), incomplete("max_output_tokens")], "The answer was cut off: it is longer than the model may write in one go.", everywhere=True),
    refused("a content filter", [say("Half an", phase="final_answer"), incomplete("content_filter")], "The provider's content filter stopped the answer."),
    refused("a conversation without room, in the stream", failed("context_length_exceeded"), "Codex ran out of room in the model's context window."),
]  # fmt: skip


def passing(injected: str, moves: Sequence[Any] | Any, seen: str, *, within: float = 15) -> Any:
    """A row of what may be gone with the next try."""
    moves = moves if isinstance(moves, list) else [moves]
    mark = fault("provider", injected, seen, within=within)
    return pytest.param(moves, seen, marks=mark, id=injected)


PASSING = [
    passing("408", fail(408, "timeout"), "The provider timed out waiting for the request"),
    passing("429", fail(429, error("Rate limit reached.", code="rate_limit_exceeded")), "Too many requests to the provider"),
    passing("500", fail(500, error("oops")), "The provider's servers failed"),
    passing("502, as a page", fail(502, "<html>bad gateway</html>", headers=PAGE), "The provider's servers failed."),
    passing("503", fail(503, error("overloaded", code="server_is_overloaded")), "The model's servers are busy"),
    passing("529", fail(529, "busy"), "The model's servers are busy"),
    passing("a login page of the network in place of an answer", fail(200, "<html>Sign in</html>", headers=PAGE), "The answer broke off before its end"),
    passing("a stream that breaks off each time", [say("Half"), cut()], "The answer broke off before its end"),
    passing("an error in the stream that nobody knows", failed("weird_new_code", "Something new."), "Something new."),
]  # fmt: skip


def shown(session: Session) -> str:
    """The transcript of the last turn, as a terminal has it."""
    live = session.last
    assert live is not None
    return text.document(document(live.turn))


def told(session: Session, clock: Clock, prompt: str = "a fault", **options: Any) -> str:
    """The transcript of a turn that fails."""
    with clock, pytest.raises(TurnFailedError) as refusal:
        session.run(prompt, timeout=60, **options)
    assert refusal.value.hint, "no next step"
    said = shown(session)
    # Once, with the next step, and neither our frames nor a wrong way.
    assert said.count(refusal.value.message) == 1
    assert "Traceback" not in said and "/doctor" not in said
    return said


def goes_on(session: Session) -> None:
    """The next cell works, in the same conversation."""
    before = session.thread().id
    assert str(session.run("hello", timeout=60)) == "Done."
    assert session.thread().id == before


@pytest.mark.parametrize(("moves", "seen"), REFUSED)
def test_what_is_refused_for_good_is_told_at_once(
    model: offline.Offline, session: Session, clock: Clock, moves: list[Any], seen: str
) -> None:
    model.server.script = Script.of(
        Rule("fault", [moves], when={"contains": "a fault"}, repeat=True), Rule("any", DONE)
    )
    said = told(session, clock)
    assert seen in said
    assert "Reconnecting" not in said, "a retry that could not help was shown"
    assert len(model.server.requests) <= 3
    model.server.script = Script.of(Rule("any", DONE))
    goes_on(session)


@pytest.mark.parametrize(("moves", "seen"), PASSING)
def test_what_may_pass_is_told_when_it_did_not(
    model: offline.Offline, session: Session, clock: Clock, moves: list[Any], seen: str
) -> None:
    model.server.script = Script.of(Rule("fault", [moves], repeat=True))
    assert seen in told(session, clock)
    model.server.script = Script.of(Rule("any", DONE))
    goes_on(session)


@contextlib.contextmanager
def untrusted() -> Iterator[str]:
    """A server on this machine whose certificate nobody vouches for."""
    certificate = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.load_cert_chain(DATA / "untrusted.pem")
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.socket = certificate.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # the client hangs up
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def closed_port() -> int:
    """A port of this machine where nothing listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def elsewhere(session: Session, clock: Clock, address: str, **options: Any) -> str:
    """The transcript of a turn whose provider is at another address."""
    config = {"model_providers.offline.base_url": address}
    return told(session, clock, new=True, config=config, **options)


@fault(
    "provider", "a certificate that nobody vouches for",
    "The certificate of the provider's server is not trusted here", goes_on="the next conversation", within=6,
)  # fmt: skip
def test_an_untrusted_certificate_is_told_by_name(session: Session, clock: Clock) -> None:
    with untrusted() as address:
        said = elsewhere(session, clock, address)
    assert "The certificate of the provider's server is not trusted here" in said
    assert "SSL_CERT_FILE" in said and "Reconnecting" not in said


@fault(
    "provider", "an https address behind which plain http is spoken",
    "The provider's address begins with https, but the server there does not speak TLS",
    goes_on="the next conversation", within=6,
)  # fmt: skip
def test_plain_http_behind_https_is_told_by_name(
    model: offline.Offline, session: Session, clock: Clock
) -> None:
    address = model.server.base_url.replace("http://", "https://")
    said = elsewhere(session, clock, address)
    assert "does not speak TLS" in said and "base_url" in said and "Reconnecting" not in said


@fault(
    "provider", "a name that no server has", "The name of the provider's server cannot be found",
    goes_on="the next conversation", within=6,
)  # fmt: skip
def test_a_name_that_nobody_has_is_told_by_name(session: Session, clock: Clock) -> None:
    said = elsewhere(session, clock, "http://no-such-host.invalid/v1", network_timeout=3)
    # Beside the retry while it waits, and as the end of a turn that nobody watches.
    assert said.count("The name of the provider's server cannot be found") == 2
    assert said.count("no-such-host.invalid: ") == 2 and "Nobody is watching this turn" in said


@fault(
    "provider", "nothing that listens at the provider's address", "The provider cannot be reached",
    goes_on="the next conversation",
)  # fmt: skip
def test_an_address_where_nothing_listens_is_named(session: Session, clock: Clock) -> None:
    said = elsewhere(session, clock, f"http://127.0.0.1:{closed_port()}/v1", network_timeout=3)
    assert "The provider cannot be reached" in said and "Connection refused" in said


# --- what is no failure, and misleads when it is not told -------------------------------------------------------------


def call(call_id: str, command: str) -> dict[str, Any]:
    """A command under an id of the model's choice."""
    item = {
        "type": "function_call", "id": f"fc_{command}", "call_id": call_id, "name": "exec_command",
        "arguments": json.dumps({"cmd": command}), "status": "completed",
    }  # fmt: skip
    return raw({"type": "response.output_item.done", "output_index": 0, "item": item})


@fault(
    "provider", "an answer of nothing", "The model answered with nothing", goes_on="the next cell, in the same conversation", within=15,
    everywhere=True,
)  # fmt: skip
def test_an_answer_of_nothing_is_said(
    model: offline.Offline, session: Session, clock: Clock
) -> None:
    model.server.script = Script.of(Rule("silence", [[]]))
    with clock:
        assert str(session.run("a fault", timeout=60)) == ""
    assert "The model answered with nothing." in shown(session)
    model.server.script = Script.of(Rule("any", DONE))
    goes_on(session)
    assert "answered with nothing" not in shown(session)


@fault(
    "provider", "two commands under one call id, as some servers number them", "both, each with what it printed",
    kept="both, in the file", within=10,
)  # fmt: skip
def test_a_call_id_that_comes_again_hides_no_command(
    model: offline.Offline, session: Session, clock: Clock, scratch: Path
) -> None:
    moves = [[call("call_0", "echo the first")], [call("call_0", "echo the second")], *DONE]
    model.server.script = Script.of(Rule("twice", moves))
    with clock:
        session.run("a fault", timeout=60, cwd=scratch, sandbox="workspace-write")
    said = shown(session)
    for which in ("first", "second"):
        assert f"$ echo the {which}" in said and f"    the {which}\n" in said


@fault(
    "provider", "429 with Retry-After: 3600", "that it was Too many requests, since when the next try is put off, and Stop",
    kept="the prompt", within=60,
)  # fmt: skip
def test_a_try_that_is_put_off_says_since_when_and_can_be_stopped(
    model: offline.Offline, session: Session, clock: Clock
) -> None:
    refusal = fail(429, error("Rate limit reached."), headers={"Retry-After": "3600"})
    model.server.script = Script.of(Rule("wait", [[refusal]], repeat=True))
    live = session.start("a fault")
    with clock:
        until(lambda: "another try, put off since" in shown(session), "since when", every=0.2)
    said = shown(session)
    assert (
        "Too many requests to the provider. Codex waits for as long as the provider asked" in said
    )
    live.interrupt()
    until(lambda: live.done, "the stop")
    assert "Stopped by you" in shown(session)
    model.server.script = Script.of(Rule("any", DONE))
    goes_on(session)
