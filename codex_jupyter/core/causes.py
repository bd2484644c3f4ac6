"""Why a turn failed and what to do next: one table from what the runtime, the provider or the network said to a cause.

A provider's refusal comes as a status in a sentence of the runtime, under a code that often says no more than that the
connection failed (runtime 0.163: ``unexpected status 401 Unauthorized: ..., url: ...`` as ``httpConnectionFailed``). Here
it becomes a sentence with its true reason and a step that a person can take. Whether another try can help is part of the
cause: what is refused for good is not tried again.

Text only; nothing here changes a turn. ``docs/faults.md`` has a row for each cause, and ``tests/faults`` brings each about.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from codex_jupyter.core.events import Limits
from codex_jupyter.core.plain_message import plain_message
from codex_jupyter.core.resets import resets
from codex_jupyter.core.titles import one_line

#: The longest part of a provider's own words that goes into the sentence, in characters; the rest is in the detail.
OWN_WORDS = 240


@dataclass(frozen=True, slots=True)
class Cause:
    """A reason for a failure.

    Attributes:
        name: of the row, in kebab-case.
        what: the sentence without its full stop, ``""`` to leave what was said as it is.
        step: what to do next; ``{}`` is filled with when a limit resets, where that is known.
        lasting: the same request fails again, so nothing is gained by trying.
        codes: the runtime's codes (``CodexErrorInfo``, schema of runtime 0.163), and ours, that mean this.
        statuses: HTTP statuses that mean this.
        words: parts of what was said, in lower case, that mean this.
    """

    name: str
    what: str
    step: str
    lasting: bool = False
    codes: tuple[str, ...] = ()
    statuses: tuple[int, ...] = ()
    words: tuple[str, ...] = ()


_AGAIN = "Run this cell again; the conversation remembers what was done."

#: In this order: words that tell, then statuses, then codes. Codes that say something definite go before both.
CAUSES = (
    # What the provider says of the request.
    Cause(
        "country",
        "The provider is not available in the country or region that this machine connects from",
        "Connect from a supported region, or use another provider (`model_provider` in config.toml).",
        lasting=True,
        words=("unsupported_country", "country, region, or territory not supported"),
    ),
    Cause(
        "context-window",
        "",
        "Make room with `%codex /compact`, or start afresh with `--new`.",
        lasting=True,
        codes=("contextWindowExceeded",),
        words=("context_length_exceeded", "context window", "context length", "prompt is too long", "input is too long", "exceeds the maximum number of tokens"),
    ),
    Cause(
        "no-such-model",
        "The provider has no such model for this account",
        "Choose another with `-m`; `%codex /model` lists them.",
        lasting=True,
        words=("model_not_found", "model_not_supported", "model is not supported", "does not exist or you do not have access"),
    ),
    Cause(
        "longest-answer",
        "The answer was cut off: it is longer than the model may write in one go",
        "Let it go on: `%codex Go on.`; or ask for less at once.",
        lasting=True,
        words=("reason: max_output_tokens",),
    ),
    Cause(
        "content-filter",
        "The provider's content filter stopped the answer",
        "Ask differently.",
        lasting=True,
        words=("reason: content_filter", "content_policy_violation"),
    ),
    Cause(
        "sign-in-expired",
        "The sign-in has expired",
        "Sign in again with `%codex login`, then run this cell again.",
        lasting=True,
        words=("token_expired", "token is expired", "refresh token", "token has been invalidated", "session has expired"),
    ),
    Cause(
        "quota",
        "The provider requires payment",
        "See the plan and billing of the account; another account or key: `%codex login`.",
        lasting=True,
        statuses=(402,),
        words=("insufficient_quota", "billing_hard_limit"),
    ),
    # What the network says.
    Cause(
        "certificate",
        "The certificate of the provider's server is not trusted here",
        "Behind a proxy that opens TLS, name its authority in SSL_CERT_FILE and restart the kernel; else check this machine's clock.",
        lasting=True,
        words=("invalid peer certificate", "unknownissuer", "certificate verify failed", "self-signed", "self signed", "notvalidforname", "certificate expired"),
    ),
    Cause(
        "plain-http",
        "The provider's address begins with https, but the server there does not speak TLS",
        "Check `base_url` in config.toml and HTTPS_PROXY.",
        lasting=True,
        words=("invalidcontenttype", "corrupt message", "wrong version number", "received corrupt"),
    ),
    Cause(
        "unknown-host",
        "The name of the provider's server cannot be found",
        "Check the network, the VPN and `base_url` in config.toml, then run this cell again.",
        words=("dns error", "failed to lookup address", "name or service not known", "temporary failure in name resolution", "nodename nor servname"),
    ),
    Cause(
        "other-process",
        "",
        "Another process has this conversation open: close it there, or continue in a copy with `%codex /fork`.",
        codes=("activeWriter",),
        words=("active writer",),
    ),
    Cause(
        "unreachable",
        "The provider cannot be reached",
        "Check the network and proxy, then run this cell again.",
        codes=("httpConnectionFailed", "responseStreamConnectionFailed"),
        words=("waiting for network", "connection refused", "error sending request", "connection reset", "network is unreachable"),
    ),
    # What a status says.
    Cause(
        "redirected",
        "Something other than the provider answered: it redirects elsewhere, as a network's login page does",
        "Open any page in a browser and sign in to the network, or check `base_url` in config.toml.",
        lasting=True,
        statuses=(300, 301, 302, 303, 307, 308),
    ),
    Cause(
        "key-refused",
        "The provider refuses this key or sign-in",
        "Sign in with `%codex login`, then run this cell again.",
        lasting=True,
        codes=("unauthorized",),
        statuses=(401,),
    ),
    Cause(
        "forbidden",
        "The provider, or something in between, forbids this request",
        "Check what the account may do (`%codex account`), and the proxy.",
        lasting=True,
        statuses=(403,),
    ),
    Cause(
        "nothing-there",
        "There is no such model or address at the provider",
        "Choose another model with `-m`, or check `base_url` in config.toml.",
        lasting=True,
        statuses=(404, 405, 410),
    ),
    Cause(
        "proxy-login",
        "The proxy wants a user name and a password",
        "Set HTTPS_PROXY=http://name:password@host:port in the kernel's environment and restart the kernel.",
        lasting=True,
        statuses=(407,),
    ),
    Cause(
        "slow-network",
        "The provider timed out waiting for the request",
        "Run this cell again; attach less where the network is slow.",
        statuses=(408,),
    ),
    Cause(
        "too-large",
        "The request is larger than the provider accepts",
        "Attach less, make room with `%codex /compact`, or start afresh with `--new`.",
        lasting=True,
        statuses=(413, 431),
    ),
    Cause(
        "legal",
        "The provider may not answer this for legal reasons",
        "Ask differently, or use another provider.",
        lasting=True,
        statuses=(451,),
    ),
    Cause(
        "too-often",
        "Too many requests to the provider",
        "{}Wait a little, then run this cell again; `%codex /usage` shows the limits.",
        codes=("rateLimitExceeded",),
        statuses=(429,),
    ),
    Cause(
        "bad-request",
        "The provider did not accept the request",
        "Check the model (`-m`), effort (`-e`) and `-c` values.",
        lasting=True,
        codes=("badRequest",),
        statuses=(400, 409, 415, 422),
        words=('{"error"', "invalid_request"),
    ),
    Cause(
        "busy",
        "The model's servers are busy",
        "Run this cell again in a while, or choose another model with `-m`.",
        codes=("serverOverloaded",),
        statuses=(503, 529),
    ),
    Cause(
        "servers-failed",
        "The provider's servers failed",
        "Run this cell again in a while; the conversation remembers what was done.",
        codes=("internalServerError",),
        statuses=(500, 501, 502, 504, 520, 521, 522, 523, 524),
    ),
    Cause(
        "broken-off",
        "The answer broke off before its end",
        "Run this cell again; the conversation remembers what was done. On a guest network, sign in to it in a browser first.",
        codes=("responseStreamDisconnected",),
        words=("stream disconnected",),
    ),
    Cause(
        "kept-failing",
        "",
        "The provider kept failing: run this cell again later, or choose another model with `-m`.",
        codes=("responseTooManyFailedAttempts",),
    ),
    # What only a code says.
    Cause("budget", "", "This session's budget is used up: start afresh with `--new`.", True, ("sessionBudgetExceeded",)),
    Cause(
        "usage-limit", "", "{}See `%codex /usage`; another account or an API key: `%codex login`.", True, ("usageLimitExceeded",)
    ),
    Cause("flex", "", "Run this cell again, or choose another model with `-m`.", codes=("flexUnavailable",)),
    Cause("security-policy", "", "The provider refused this for its security policy: ask differently.", True, ("cyberPolicy",)),
    Cause("policy", "", "The provider stopped this turn for its policy: ask differently.", True, ("misalignmentPolicyViolation",)),
    Cause("denials", "", "The automatic reviewer denied too much: ask yourself with `-a ask`.", codes=("tooManyDenials",)),
    Cause("rollback", "", "Start afresh with `--new`.", codes=("threadRollbackFailed",)),
    Cause("sandbox", "", "The sandbox could not start here; `%codex /doctor` says why.", codes=("sandboxError",)),
    Cause("not-steerable", "", "This turn cannot be steered: wait for its end, or stop it.", codes=("activeTurnNotSteerable",)),
    Cause("runtime-lost", "", "Run the cell again: a new runtime starts and the conversation continues.", codes=("runtimeLost",)),
)  # fmt: skip

#: What nothing better is known of.
UNKNOWN = Cause(
    "unknown", "", "Run this cell again; if it fails again, `%codex /doctor` looks for the cause."
)
#: An error of ours: who raised it knows the next step.
OURS = Cause("ours", "", "")

#: Codes under which anything may come: what was said tells more.
_VAGUE = frozenset({
    "", "other", "badRequest", "unauthorized", "httpConnectionFailed", "responseStreamConnectionFailed",
    "responseStreamDisconnected", "responseTooManyFailedAttempts",
})  # fmt: skip
_BY_NAME = {cause.name: cause for cause in CAUSES}
_BY_CODE = {code: cause for cause in CAUSES for code in cause.codes}
_BY_STATUS = {status: cause for cause in CAUSES for status in cause.statuses}
_BY_WORDS = tuple((word, cause) for cause in CAUSES for word in cause.words)
#: Words that a status tells more than.
_WEAK = frozenset({"unreachable", "bad-request", "broken-off"})

_STATUS = re.compile(r"(?:unexpected|last) status:? (\d{3})\b")
_REFUSAL = re.compile(
    r"\A[^\n]{0,80}?unexpected status \d{3} [^:\n]{0,60}: (.*?)(?:, url: \S+.*)?\Z", re.S
)
_PAGE = re.compile(r"<(?:!doctype|html|head|body)\b", re.I)
_INCOMPLETE = re.compile(r"Incomplete response returned, reason: \w+\Z")
_BEFORE = re.compile(r"\A(?:stream disconnected before completion|Connection failed): ", re.I)


@dataclass(frozen=True, slots=True)
class Explained:
    """A failure in words.

    ``message`` is one sentence, ``detail`` what was said in full where the sentence is not that, ``step`` what to do next,
    ``status`` the HTTP status that came, if one did.
    """

    cause: Cause
    message: str
    detail: str
    step: str
    status: int | None = None


def status_of(said: str) -> int | None:
    """The HTTP status that a sentence of the runtime names, if it names one.

    Example:
        >>> status_of("exceeded retry limit, last status: 429 Too Many Requests")
        429
    """
    found = _STATUS.search(said)
    return int(found[1]) if found else None


def named(name: str) -> Cause:
    """The cause with this name; ``UNKNOWN`` where there is none."""
    return _BY_NAME.get(name, UNKNOWN)


def find(code: str, said: str) -> Cause:
    """The cause of a failure.

    Args:
        code: the runtime's code, or one of ours (those of our exceptions begin with a capital letter).
        said: the message, with its details.

    Example:
        >>> find("httpConnectionFailed", "unexpected status 401 Unauthorized: no, url: http://x").name
        'key-refused'
        >>> find("brandNew", "").name
        'unknown'
    """
    if code[:1].isupper():
        return OURS
    if code not in _VAGUE:
        return _BY_CODE.get(code, UNKNOWN)
    lower, status = said.lower(), status_of(said)
    told = next((cause for word, cause in _BY_WORDS if word in lower), None)
    if told is not None and not (told.name in _WEAK and status is not None):
        return told
    if status is not None:
        return _BY_STATUS.get(status) or _BY_STATUS[400 if status < 500 else 500]
    return _BY_CODE.get(code, UNKNOWN)


def explain(
    code: str,
    message: str,
    detail: str = "",
    limits: Limits | None = None,
    now_ms: int | None = None,
) -> Explained:
    """A failure in words.

    Args:
        code: the runtime's code, or one of ours.
        message: what was said.
        detail: what was said beside it.
        limits: the rate limits known so far; they say when a limit resets.
        now_ms: the time to count from, in milliseconds since the epoch.

    Example:
        >>> said = "unexpected status 404 Not Found: no such thing, url: http://127.0.0.1/v1/responses"
        >>> explain("httpConnectionFailed", said).message
        'There is no such model or address at the provider: no such thing.'
    """
    told = f"{message}\n{detail}"
    cause = find(code, told)
    step = cause.step.replace("{}", resets(limits, now_ms))
    if not cause.what:
        return Explained(cause, message, detail, step, status_of(told))
    own = own_words(message)
    sentence = (
        f"{cause.what}: {own}" if own and own.lower() not in cause.what.lower() else cause.what
    )
    rest = [] if not message.strip() or message.strip() in sentence else [message]
    return Explained(
        cause,
        sentence if sentence.endswith((".", "!", "?", "…")) else f"{sentence}.",
        "\n".join(part for part in (*rest, detail) if part),
        step,
        status_of(told),
    )


def own_words(message: str) -> str:
    """What the provider itself says in a message of the runtime, in a line; ``""`` where that is nothing or a web page.

    Example:
        >>> own_words('unexpected status 403 Forbidden: {"error": {"message": "Not for you."}}, url: http://x/y')
        'Not for you.'
        >>> own_words("unexpected status 502 Bad Gateway: <html><body>Oh</body></html>, url: http://x/y")
        ''
    """
    found = _REFUSAL.match(message)
    said = (found[1] if found else _BEFORE.sub("", message)).strip()
    if not said or _PAGE.search(said, 0, 2_000) or _INCOMPLETE.match(said):
        return ""
    return one_line(plain_message(said, OWN_WORDS)[0], OWN_WORDS)
