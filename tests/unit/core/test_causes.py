"""Why a turn failed: what the runtime, the provider or the network says becomes its true reason and a next step."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codex_jupyter.core import events as ev
from codex_jupyter.core.cause_table import CAUSES, OURS, UNKNOWN
from codex_jupyter.core.causes import explain, find, own_words, with_limit
from codex_jupyter.core.events import Limits, Window
from codex_jupyter.core.reduce import reduce
from codex_jupyter.core.turn import Turn

#: Every ``CodexErrorInfo`` of runtime 0.163.
CODES = [
    "contextWindowExceeded",
    "sessionBudgetExceeded",
    "usageLimitExceeded",
    "rateLimitExceeded",
    "flexUnavailable",
    "serverOverloaded",
    "cyberPolicy",
    "misalignmentPolicyViolation",
    "tooManyDenials",
    "internalServerError",
    "unauthorized",
    "badRequest",
    "threadRollbackFailed",
    "sandboxError",
    "httpConnectionFailed",
    "responseStreamConnectionFailed",
    "responseStreamDisconnected",
    "responseTooManyFailedAttempts",
    "activeTurnNotSteerable",
]
URL = ", url: http://127.0.0.1:38863/v1/responses"
#: (code, message) as runtime 0.163 gave them -> (cause, part of the sentence, part of the step).
SAID = [
    ("httpConnectionFailed", f"unexpected status 401 Unauthorized: Incorrect API key provided: sk-1{URL}", "key-refused", "refuses this key or sign-in: Incorrect API key provided: sk-1.", "%codex login"),
    ("httpConnectionFailed", f"unexpected status 401 Unauthorized: Provided authentication token is expired.{URL}", "sign-in-expired", "has expired", "%codex login"),
    ("httpConnectionFailed", f"unexpected status 402 Payment Required: Payment required{URL}", "quota", "payment", "billing"),
    ("httpConnectionFailed", f"unexpected status 403 Forbidden: Country, region, or territory not supported{URL}", "country", "country or region", "another provider"),
    ("httpConnectionFailed", f"unexpected status 403 Forbidden: <html><body>Acme</body></html>{URL}", "forbidden", "forbids this request.", "proxy"),
    ("httpConnectionFailed", f"unexpected status 404 Not Found: The model `gpt-9` does not exist or you do not have access to it.{URL}", "no-such-model", "gpt-9", "/model"),
    ("httpConnectionFailed", f"unexpected status 404 Not Found: <html>not found</html>{URL}", "nothing-there", "no such model or address", "base_url"),
    ("httpConnectionFailed", f"unexpected status 407 Proxy Authentication Required: proxy auth required{URL}", "proxy-login", "proxy wants", "HTTPS_PROXY"),
    ("httpConnectionFailed", f"unexpected status 408 Request Timeout: timeout{URL}", "slow-network", "timed out waiting", "again"),
    ("httpConnectionFailed", f"unexpected status 413 Payload Too Large: too large{URL}", "too-large", "larger than the provider accepts", "/compact"),
    ("badRequest", '{"error": {"message": "Your input is too long: context length exceeded.", "type": "invalid_request_error"}}', "context-window", "", "/compact"),
    ("badRequest", "prompt is too long: 210000 tokens > 200000 maximum", "context-window", "", "/compact"),
    ("other", "context length", "context-window", "", "/compact"),
    ("httpConnectionFailed", f"unexpected status 302 Found: {URL}", "redirected", "login page", "browser"),
    ("httpConnectionFailed", f"unexpected status 451 Unavailable For Legal Reasons: legal{URL}", "legal", "legal reasons", "another"),
    ("httpConnectionFailed", f"unexpected status 418 I'm a teapot: short{URL}", "bad-request", "short", "-m"),
    ("httpConnectionFailed", f"unexpected status 502 Bad Gateway: <html>bad gateway</html>{URL}", "servers-failed", "servers failed.", "again"),
    ("httpConnectionFailed", f"unexpected status 529 <unknown status code>: x{URL}", "busy", "busy", "again"),
    ("httpConnectionFailed", f"unexpected status 599 <unknown status code>: x{URL}", "servers-failed", "failed", "again"),
    ("internalServerError", "We're currently experiencing high demand, which may cause temporary errors.", "servers-failed", "high demand", "again"),
    ("serverOverloaded", "Selected model is at capacity. Please try a different model.", "busy", "at capacity", "-m"),
    ("responseTooManyFailedAttempts", "exceeded retry limit, last status: 429 Too Many Requests", "too-often", "Too many requests", "/usage"),
    ("usageLimitExceeded", "Quota exceeded. Check your plan and billing details.", "usage-limit", "Quota exceeded", "/usage"),
    ("rateLimitExceeded", "rate limit exceeded: Rate limit reached. Please try again in 11.054s.", "too-often", "11.054s", "again"),
    ("other", '{"error": {"message": "Your input exceeds the context window of this model.", "code": "context_length_exceeded"}}', "context-window", "exceeds the context window", "/compact"),
    ("other", '{"error": {"message": "Unsupported parameter: \'reasoning.effort\'", "code": "unsupported_parameter"}}', "bad-request", "Unsupported parameter", "-e"),
    ("other", "Incomplete response returned, reason: max_output_tokens", "longest-answer", "cut off", "Go on"),
    ("other", "stream disconnected before completion: Incomplete response returned, reason: content_filter", "content-filter", "content filter", "differently"),
    ("other", "stream disconnected before completion: stream closed before response.completed", "broken-off", "broke off", "again"),
    ("other", "stream disconnected before completion: Something new.", "broken-off", "Something new.", "again"),
    ("responseStreamDisconnected", "Connection failed: error sending request: dns error: failed to lookup address information", "unknown-host", "cannot be found", "base_url"),
    ("responseStreamDisconnected", "Connection failed: error sending request: invalid peer certificate: UnknownIssuer", "certificate", "not trusted", "SSL_CERT_FILE"),
    ("responseStreamDisconnected", "Connection failed: error sending request: received corrupt message of type InvalidContentType", "plain-http", "https", "base_url"),
    ("responseStreamDisconnected", "Reconnecting... waiting for network", "unreachable", "cannot be reached", "network"),
    ("other", "failed to open a lock: No file descriptors available (os error 24)", "few-files", "cannot open another file", "ulimit -n"),
    ("other", "failed to append to the rollout: No space left on device (os error 28)", "disk-full", "disk is full", "CODEX_HOME"),
    ("other", "error returned from database: (code: 13) database or disk is full", "disk-full", "disk is full", "Make room"),
    ("other", "failed to spawn: Cannot allocate memory (os error 12)", "no-memory", "not enough memory", "Close"),
    ("other", "Connection refused (os error 111)", "unreachable", "cannot be reached", "network"),
    ("", "thread 1 already has an active writer", "other-process", "active writer", "/fork"),
    ("contextWindowExceeded", "401 unauthorized", "context-window", "401", "/compact"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "message", "name", "word", "step"), SAID)
def test_what_was_said_has_its_true_reason(
    code: str, message: str, name: str, word: str, step: str
) -> None:
    why = explain(code, message)
    assert why.cause.name == name
    assert word in why.message and step in why.step
    assert "url:" not in why.message and "<html" not in why.message
    # Nothing that was said is lost.
    assert message in f"{why.message}\n{why.detail}"


@pytest.mark.parametrize("code", CODES)
def test_every_code_of_the_runtime_has_a_next_step(code: str) -> None:
    cause = find(code, "")
    assert cause is not UNKNOWN and code in cause.codes
    assert cause.step.removeprefix("{}")[0].isupper()


def test_names_codes_and_statuses_mean_one_thing() -> None:
    for field in ("codes", "statuses", "words"):
        named = [value for cause in CAUSES for value in getattr(cause, field)]
        assert len(named) == len(set(named)), field
    assert len({cause.name for cause in CAUSES}) == len(CAUSES)
    assert all(word == word.lower() for cause in CAUSES for word in cause.words)


def test_every_cause_is_tried() -> None:
    tried = {name for _, _, name, _, _ in SAID} | {find(code, "").name for code in CODES}
    assert {cause.name for cause in CAUSES} - tried == {"runtime-lost"}


def test_a_limit_says_when_it_resets() -> None:
    limits = Limits(
        primary=Window(100.0, 300, 1_795_254_000), secondary=Window(40.0, 10_080, 1_795_800_000)
    )
    at = 1_795_246_500_000

    def step(code: str, limits: Limits | None, at: int | None = None) -> str:
        return explain(code, "", "", limits, at).step

    assert step("usageLimitExceeded", limits, at).startswith("The limit resets in 2 h 5 min (")
    assert "The limit resets" in step("usageLimitExceeded", limits)
    assert "resets" not in step("usageLimitExceeded", Limits())
    assert step("rateLimitExceeded", Limits(primary=Window(1.0, 1, 10**30)))


def test_what_is_unknown_has_a_next_step_and_what_is_ours_has_its_own() -> None:
    assert find("brandNew", "") is find("", "") is find("other", "") is UNKNOWN
    why = explain("NotSignedInError", "connection refused")
    assert (why.cause, why.message, why.step) == (OURS, "connection refused", "")


@given(st.sampled_from(["", "other", *CODES, "NotSignedInError"]), st.text(), st.text())
def test_anything_can_be_said(code: str, message: str, detail: str) -> None:
    why = explain(code, message, detail)
    told = f"{why.message}\n{why.detail}"
    assert message.strip() in told and detail in told


@given(st.integers(100, 599), st.text(alphabet='ab :,<>{}"\n', max_size=60))
def test_any_refusal_names_its_status(status: int, body: str) -> None:
    why = explain("httpConnectionFailed", f"unexpected status {status} Some Reason: {body}{URL}")
    assert why.status == status and why.cause is not UNKNOWN
    assert "\n" not in own_words(why.detail)


# --- retries ----------------------------------------------------------------------------------------------------------


def reported(detail: str, number: int) -> ev.ErrorReported:
    return ev.ErrorReported(
        "t", "1", message=f"Reconnecting... {number}/5", detail=detail,
        code="responseStreamDisconnected", will_retry=True,
    )  # fmt: skip


def after(*events: ev.Event) -> Turn:
    turn = Turn("t", "1", state="running")
    for event in events:
        turn = reduce(turn, event)
    return turn


REFUSED = f"unexpected status 401 Unauthorized: no{URL}"
BUSY = f"unexpected status 502 Bad Gateway: no{URL}"


def test_what_is_refused_for_good_is_not_shown_as_a_retry_and_ends_as_failed() -> None:
    once = after(reported(REFUSED, 1))
    assert not once.hopeless and not once.entries and once.error is None
    twice = reduce(once, reported(REFUSED, 2))
    assert twice.hopeless and not twice.entries and twice.error is not None
    end = reduce(twice, ev.TurnCompleted("t", "1", status="interrupted"))
    assert end.state == "failed" and end.error == twice.error
    assert end.error is not None and end.error.status == 401


def test_an_account_that_was_renewed_in_between_leaves_nothing_behind() -> None:
    turn = after(reported(REFUSED, 1), ev.TurnCompleted("t", "1", status="completed"))
    assert turn.state == "completed" and not turn.entries and turn.error is None


def test_what_may_pass_is_retried_for_all_to_see() -> None:
    turn = after(*(reported(BUSY, number) for number in range(1, 6)))
    assert not turn.hopeless and len(turn.entries) == 1 and turn.error is None


def test_a_person_who_stops_it_has_stopped_it() -> None:
    turn = after(
        reported(REFUSED, 1), reported(REFUSED, 2), ev.StopRequested("t", "1", by="you"),
        ev.TurnCompleted("t", "1", status="interrupted"),
    )  # fmt: skip
    assert (turn.state, turn.stopped_by) == ("interrupted", "you")


#: What runtime 0.163 said when it could not open another file -> whether the limit is the reason that a person is told.
WITH_FEW_FILES = [
    ("other", "Fatal error: application network policy is unavailable", True),
    ("httpConnectionFailed", f"error sending request{URL}", True),
    ("other", "failed to open a lock: No file descriptors available (os error 24)", True),
    ("httpConnectionFailed", f"unexpected status 401 Unauthorized: no{URL}", False),
    ("usageLimitExceeded", "You've hit your usage limit.", False),
]


@pytest.mark.parametrize(("code", "said", "limit"), WITH_FEW_FILES)
@pytest.mark.parametrize("ended", [False, True])
def test_a_runtime_that_may_have_few_files_open_fails_for_that(
    code: str, said: str, limit: bool, ended: bool
) -> None:
    event: ev.Event = (
        ev.TurnCompleted("t", "u", status="failed", message=said, code=code)
        if ended
        else ev.ErrorReported("t", "u", said, code=code)
    )
    told = with_limit(event, 50)
    assert isinstance(told, ev.TurnCompleted | ev.ErrorReported)
    assert (find(told.code, f"{told.message}\n{told.detail}").name == "few-files") == limit
    assert with_limit(event, 0) is with_limit(event, 4096) is event


def test_a_turn_that_did_not_fail_has_no_reason() -> None:
    for event in (ev.TurnCompleted("t", "u", status="completed"), ev.TurnStarted("t", "u")):
        assert with_limit(event, 20) is event
