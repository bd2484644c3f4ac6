"""The table of causes: what the runtime, the provider, the network or the machine says, what that means, what to do next.

``causes.py`` looks things up in it; ``docs/faults.md`` has a row for each cause, and ``tests/faults`` brings each about.
"""

from __future__ import annotations

from dataclasses import dataclass


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
    # What the machine says.
    Cause(
        "few-files",
        "Codex cannot open another file here",
        "Close what is not needed (other conversations of this kernel), or raise the limit where Jupyter is started: ulimit -n.",
        lasting=True,
        words=("os error 24)", "os error 23)", "too many open files", "files open at a time here"),
    ),
    Cause(
        "disk-full",
        "The disk is full",
        "Make room where CODEX_HOME lies (~/.codex), then run this cell again.",
        lasting=True,
        words=("no space left on device", "os error 28)", "disk quota exceeded", "os error 122)", "database or disk is full"),
    ),
    Cause(
        "no-memory",
        "There is not enough memory for Codex on this machine",
        "Close what is not needed, then run this cell again.",
        words=("cannot allocate memory", "os error 12)"),
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
