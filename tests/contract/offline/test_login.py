"""The real runtime signs in to the offline issuer, by each way, and fails by each way."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse

import pytest

from codex_jupyter import offline
from codex_jupyter.offline import Script, call, say
from codex_jupyter.offline.grants import Account, Limits
from tests.login_ports import login_ports
from tests.waiting import until

from .conftest import Runtime

DONE = [say("Done.", phase="final_answer")]


@pytest.fixture(scope="module")
def stand_in():
    with offline.start(Script.reply(DONE), needs_account=True) as started:
        yield started


@pytest.fixture
def ports():
    """For a sign-in by browser: others wait for them until the test is over."""
    with login_ports():
        yield


@pytest.fixture
def issuer(stand_in):
    stand_in.issuer.mend()
    stand_in.issuer.grants.consent = "grant"
    return stand_in.issuer


@pytest.fixture(scope="module")
def shared(stand_in, tmp_path_factory):
    folder = tmp_path_factory.mktemp("login")
    started = Runtime(stand_in.env, stand_in.config_overrides, folder)
    yield started
    started.close()


@pytest.fixture
def runtime(shared, issuer):
    yield shared
    shared.call("account/logout")


def begin(runtime, kind: str = "chatgpt"):
    return runtime.call("account/login/start", type=kind)


def outcome(runtime, attempt):
    """How it ended; a success once the runtime knows the account, which older ones tell a moment before."""

    def ended():
        return [
            params
            for method, params in runtime.notes
            if method == "account/login/completed" and params["loginId"] == attempt["loginId"]
        ]

    (told,) = runtime.wait_for(ended, "the end of the login")
    if told["success"]:
        until(lambda: account(runtime), "the account")
    return told


def here(address: str) -> str:
    """An address with the number of this machine in place of its name, which older runtimes use."""
    return address.replace("//localhost:", "//127.0.0.1:", 1)


def account(runtime):
    return runtime.call("account/read")["account"]


def test_by_browser(ports, runtime, issuer, stand_in) -> None:
    assert runtime.call("account/read")["requiresOpenaiAuth"] is True
    attempt = begin(runtime)
    assert here(issuer.visit(attempt["authUrl"])).startswith("http://127.0.0.1:1455/success")
    assert outcome(runtime, attempt)["success"] is True
    who = account(runtime)
    assert (who["type"], who["email"], who["planType"]) == ("chatgpt", "ada@example.com", "plus")
    assert runtime.turn("hello").said == ["Done."]
    told = stand_in.server.requests[-1]
    bearer = told.headers["authorization"].removeprefix("Bearer ")
    assert bearer in issuer.secrets
    assert bearer not in repr(told)
    kept = json.loads((stand_in.codex_home / "auth.json").read_text())["tokens"]
    for name in ("id_token", "access_token", "refresh_token"):
        assert kept[name] in issuer.secrets
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(attempt["authUrl"]).query)
    assert query["state"][0] in issuer.secrets


def test_by_an_address_that_the_browser_could_not_reach(ports, runtime, issuer) -> None:
    attempt = begin(runtime)
    address = issuer.callback(attempt["authUrl"])
    assert here(address).startswith("http://127.0.0.1:1455/auth/callback?code=")
    assert account(runtime) is None
    assert here(issuer.visit(address)).startswith("http://127.0.0.1:1455/success")
    assert outcome(runtime, attempt)["success"] is True


def test_a_wrong_state_leaves_the_login_pending(ports, runtime, issuer) -> None:
    attempt = begin(runtime)
    address = issuer.callback(attempt["authUrl"])
    state = urllib.parse.parse_qs(urllib.parse.urlsplit(address).query)["state"][0]
    with pytest.raises(urllib.error.HTTPError) as refused:
        issuer.visit(address.replace(urllib.parse.quote(state), "another"))
    with refused.value as answer:
        assert (answer.code, b"State mismatch" in answer.read()) == (400, True)
    assert account(runtime) is None
    issuer.visit(address)
    assert outcome(runtime, attempt)["success"] is True


def test_a_refusal_on_the_page(ports, runtime, issuer) -> None:
    issuer.grants.consent = "deny"
    attempt = begin(runtime)
    issuer.visit(attempt["authUrl"])
    ended = outcome(runtime, attempt)
    assert ended["success"] is False
    assert "refused" in ended["error"]
    assert account(runtime) is None


def test_a_page_that_asks_a_person(ports, runtime, issuer) -> None:
    issuer.grants.consent = "ask"
    attempt = begin(runtime)
    assert issuer.callback(attempt["authUrl"]) == attempt["authUrl"]
    runtime.call("account/login/cancel", loginId=attempt["loginId"])
    assert outcome(runtime, attempt)["success"] is False


def test_a_failing_token_exchange(ports, runtime, issuer) -> None:
    issuer.fail("token", 400, {"error": "invalid_grant"})
    attempt = begin(runtime)
    issuer.visit(attempt["authUrl"])
    ended = outcome(runtime, attempt)
    assert (ended["success"], "Token exchange failed" in ended["error"]) == (False, True)


def test_by_device_code(runtime, issuer) -> None:
    before = len(issuer.asked)
    attempt = begin(runtime, "chatgptDeviceCode")
    assert attempt["verificationUrl"] == f"{issuer.url}/codex/device"
    assert attempt["userCode"] in issuer.secrets
    issuer.approve(attempt["userCode"])
    assert outcome(runtime, attempt)["success"] is True
    assert account(runtime)["planType"] == "plus"
    places = [asked.place for asked in issuer.asked[before:]]
    assert places[0] == "usercode"
    assert "device token" in places


@pytest.mark.parametrize("settle", ["deny", "expire"])
def test_a_device_code_that_leads_nowhere(runtime, issuer, settle) -> None:
    attempt = begin(runtime, "chatgptDeviceCode")
    getattr(issuer, settle)(attempt["userCode"])
    ended = outcome(runtime, attempt)
    assert (ended["success"], "400" in ended["error"]) == (False, True)


def test_device_codes_switched_off_or_broken(runtime, issuer) -> None:
    issuer.fail("usercode", 404)
    refused = runtime.raw("account/login/start", type="chatgptDeviceCode")["error"]
    assert (refused["code"], "not enabled" in refused["message"]) == (-32600, True)
    issuer.fail("usercode", 500)
    assert runtime.raw("account/login/start", type="chatgptDeviceCode")["error"]["code"] == -32603


def test_a_code_that_a_person_types_on_the_page(runtime, issuer) -> None:
    attempt = begin(runtime, "chatgptDeviceCode")
    form = urllib.parse.urlencode({"user_code": attempt["userCode"].lower()})
    assert "Device approved" in issuer.post(attempt["verificationUrl"], form)
    assert outcome(runtime, attempt)["success"] is True


def test_limits_refresh_and_logout(ports, runtime, issuer) -> None:
    issuer.grants.account = Account("grace@example.com", "pro", "acc-other")
    issuer.grants.limits = Limits(primary=97, secondary=31)
    attempt = begin(runtime)
    issuer.visit(attempt["authUrl"])
    outcome(runtime, attempt)
    assert account(runtime)["email"] == "grace@example.com"
    limits = runtime.call("account/rateLimits/read")["rateLimits"]
    assert (limits["primary"]["usedPercent"], limits["secondary"]["usedPercent"]) == (97, 31)
    runtime.call("account/read", refreshToken=True)
    runtime.call("account/logout")
    assert account(runtime) is None
    places = [asked.place for asked in issuer.asked if asked.status == 200]
    assert {"refresh", "revoke", "usage"} <= set(places)


@pytest.mark.since("0.157.0", "workspaces of an account")
def test_the_workspaces_of_an_account_are_asked_for(ports, runtime, issuer) -> None:
    attempt = begin(runtime)
    issuer.visit(attempt["authUrl"])
    outcome(runtime, attempt)
    runtime.wait_for(lambda: [a for a in issuer.asked if a.place == "accounts"], "the question")


def test_a_signed_in_runtime_can_make_an_image(ports, runtime, issuer, stand_in) -> None:
    attempt = begin(runtime)
    issuer.visit(attempt["authUrl"])
    outcome(runtime, attempt)
    stand_in.server.script = Script.reply(
        [call("imagegen", {"prompt": "a dot"}, namespace="image_gen")], DONE
    )
    (item,) = runtime.turn("draw").items("imageGeneration")
    assert item["status"] == "completed"
    stand_in.server.script = Script.reply(DONE)
