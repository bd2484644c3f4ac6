"""The two servers over plain HTTP, without a runtime."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import threading
import urllib.error
import urllib.parse
import urllib.request

import pytest

from codex_jupyter.offline import (
    LoginIssuer,
    Request,
    Rule,
    Script,
    ScriptedModel,
    burst,
    fail,
    pause,
    say,
    wait,
)
from codex_jupyter.offline.sse import stream
from codex_jupyter.offline.unscripted import unscripted
from tests.waiting import GENEROUS

LOCAL = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def post(url: str, body: bytes, **headers: str) -> tuple[int, str]:
    try:
        with LOCAL.open(urllib.request.Request(url, body, headers), timeout=GENEROUS) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.read().decode()


def ask(server: ScriptedModel, prompt: str = "hello", **headers: str) -> tuple[int, str]:
    item = {"role": "user", "content": [{"type": "input_text", "text": prompt}]}
    body = json.dumps({"model": "m", "input": [item]}).encode()
    return post(f"{server.base_url}/responses", body, **headers)


def test_a_plain_client_is_answered_too() -> None:
    with ScriptedModel(Script.reply([say("one")], [say("two")])) as server:
        assert "one" in ask(server)[1]
        assert "two" in ask(server)[1]
        assert "no further reply" in ask(server)[1]
        with LOCAL.open(f"{server.base_url}/models", timeout=GENEROUS) as listed:
            assert json.load(listed) == {"object": "list", "data": []}
        assert post(f"{server.base_url}/images/generations", b"{}")[0] == 200
        assert post(f"{server.base_url}/elsewhere", b"")[0] == 404


def test_bodies_it_cannot_read_are_refused_with_the_reason() -> None:
    with ScriptedModel() as server:
        status, told = post(f"{server.base_url}/responses", b"x", **{"content-encoding": "zstd"})
        assert (status, "enable_request_compression" in told) == (415, True)
        for body in (b"{", b"[]", b"\xff"):
            assert post(f"{server.base_url}/responses", body)[0] == 400
        assert server.requests == []


def test_the_log_is_bounded_and_can_be_waited_for() -> None:
    with ScriptedModel(Script.reply([say("x")]), keep=3) as server:
        for number in range(5):
            ask(server, f"number {number}")
        assert [request.prompt for request in server.requests] == [f"number {n}" for n in (2, 3, 4)]
        assert server.wait_for_request(lambda request: "4" in request.prompt).prompt == "number 4"
        with pytest.raises(TimeoutError, match="no such request"):
            server.wait_for_request(lambda request: False, timeout=0.01)


def test_closing_ends_replies_that_wait_or_pause() -> None:
    script = Script.of(
        Rule("held", [[wait("never")]], {"contains": "held"}),
        Rule("slow", [[say("begun"), pause(600)]], {"contains": "slow"}),
    )
    server = ScriptedModel(script).start()
    ended = []

    def client(prompt: str) -> None:
        try:
            ended.append(ask(server, prompt))
        except (OSError, http.client.HTTPException):
            ended.append(None)

    clients = [threading.Thread(target=client, args=(prompt,)) for prompt in ("held", "slow")]
    for each in clients:
        each.start()
    server.wait_until_held("never")
    server.wait_for_request(lambda request: request.prompt == "slow")
    server.close()
    server.close()
    for each in clients:
        each.join(GENEROUS)
    assert len(ended) == 2
    with pytest.raises(RuntimeError, match="make a new one"):
        server.start()
    with pytest.raises(OSError):
        LOCAL.open(f"{server.base_url}/models", timeout=GENEROUS)


def test_gates_open_shut_and_time_out() -> None:
    with ScriptedModel() as server:
        with pytest.raises(TimeoutError, match="0 of 1 replies reached the gate 'g'"):
            server.wait_until_held("g", timeout=0.01)
        server.release("g")
        assert server.gates.pass_through("g", lambda: False)
        server.gates.shut("g")
        assert not server.gates.pass_through("g", lambda: True)
        assert server.gates.waiting("g") == 0
        server.gates.close()
        assert not server.gates.pass_through("g", lambda: False)


def test_an_http_failure_has_its_status_headers_and_body() -> None:
    with ScriptedModel(
        Script.reply([fail(429, "slow down", headers={"retry-after": "9"})])
    ) as server:
        assert ask(server) == (429, "slow down")
        assert ask(server) == (429, "slow down")


def test_a_long_reply_is_written_in_few_pieces() -> None:
    request = Request({}, {"input": []})
    events = b"".join(p for p in stream([burst(1000, "ab ")], request, "s") if isinstance(p, bytes))
    assert events.count(b"event: response.output_text.delta") == 1000
    assert events.endswith(b"\n\n")


def test_the_reviewer_of_approvals_is_refused_in_its_own_form() -> None:
    (move,) = unscripted(Request({"x-openai-subagent": "guardian"}, {}), Script())
    assert json.loads(move["say"])["outcome"] == "deny"


# -- the issuer -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def issuer():
    with LoginIssuer() as started:
        yield started


def challenge(verifier: str) -> str:
    return (
        base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    )


def authorize(issuer: LoginIssuer, **changed: str) -> dict[str, str]:
    query = {
        "redirect_uri": "http://127.0.0.1:1455/auth/callback",
        "code_challenge": challenge("verifier"),
        "code_challenge_method": "S256",
        "state": "the state",
    }
    url = f"{issuer.url}/oauth/authorize?{urllib.parse.urlencode(query | changed)}"
    address = urllib.parse.urlsplit(issuer.callback(url))
    return dict(urllib.parse.parse_qsl(address.query))


def exchange(issuer: LoginIssuer, **fields: str) -> dict:
    form = {
        "grant_type": "authorization_code",
        "redirect_uri": "http://127.0.0.1:1455/auth/callback",
        "code_verifier": "verifier",
    }
    return json.loads(
        issuer.post(f"{issuer.url}/oauth/token", urllib.parse.urlencode(form | fields))
    )


def test_a_code_is_spent_once_and_only_by_its_owner(issuer) -> None:
    granted = authorize(issuer)
    assert granted["state"] == "the state"
    with pytest.raises(urllib.error.HTTPError):
        exchange(issuer, code=authorize(issuer)["code"], code_verifier="another")
    with pytest.raises(urllib.error.HTTPError):
        exchange(issuer, code=authorize(issuer)["code"], redirect_uri="http://127.0.0.1:1/x")
    tokens = exchange(issuer, code=granted["code"])
    assert {tokens["id_token"], tokens["refresh_token"], granted["code"]} <= set(issuer.secrets)
    with pytest.raises(urllib.error.HTTPError):
        exchange(issuer, code=granted["code"])


def test_a_refresh_token_is_spent_once_and_can_be_revoked(issuer) -> None:
    token = exchange(issuer, code=authorize(issuer)["code"])["refresh_token"]
    renewed = exchange(issuer, grant_type="refresh_token", refresh_token=token)
    with pytest.raises(urllib.error.HTTPError):
        exchange(issuer, grant_type="refresh_token", refresh_token=token)
    issuer.post(f"{issuer.url}/oauth/revoke", f"token={renewed['refresh_token']}")
    with pytest.raises(urllib.error.HTTPError):
        exchange(issuer, grant_type="refresh_token", refresh_token=renewed["refresh_token"])


@pytest.mark.parametrize(
    "changed",
    [
        {"redirect_uri": "https://example.com/steal"},
        {"redirect_uri": "http://127.0.0.1.example.com/"},
        {"code_challenge": ""},
        {"code_challenge_method": "plain"},
    ],
)
def test_a_request_that_no_issuer_would_grant(issuer, changed) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        authorize(issuer, **changed)
    refused.value.close()
    assert refused.value.code == 400


def test_failures_are_switched_per_place(issuer) -> None:
    issuer.fail("token", 503, {"error": "down"})
    with pytest.raises(urllib.error.HTTPError) as refused:
        exchange(issuer, code="x")
    refused.value.close()
    assert refused.value.code == 503
    with pytest.raises(urllib.error.HTTPError) as refused:
        exchange(issuer, grant_type="refresh_token", refresh_token="x")
    refused.value.close()
    assert refused.value.code == 401
    issuer.mend("token")
    assert exchange(issuer, code=authorize(issuer)["code"])["token_type"] == "Bearer"
    with pytest.raises(KeyError, match="known: authorize"):
        issuer.fail("nowhere", 500)
    with pytest.raises(KeyError):
        issuer.approve("NONE-SUCH")


def test_it_is_trusted_only_by_who_trusts_its_authority(issuer) -> None:
    with pytest.raises(OSError, match="certificate verify failed"):
        LOCAL.open(issuer.url, timeout=GENEROUS)


def test_what_it_is_asked_is_noted_without_secrets_in_the_repr(issuer) -> None:
    code = authorize(issuer)["code"]
    exchange(issuer, code=code)
    noted = issuer.asked[-1]
    assert (noted.place, noted.method, noted.status, noted.body["code"]) == (
        "token",
        "POST",
        200,
        code,
    )
    assert code not in repr(noted)


def test_closing_removes_the_certificate() -> None:
    issuer = LoginIssuer().start()
    ca = issuer.ca_file
    assert ca.exists()
    issuer.close()
    issuer.close()
    assert not ca.exists()
    with pytest.raises(RuntimeError, match="make a new one"):
        issuer.start()
