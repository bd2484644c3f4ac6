"""Why a turn failed and what to do next, from what the runtime, the provider or the network said: by ``cause_table``.

A provider's refusal comes as a status in a sentence of the runtime, under a code that often says no more than that the
connection failed (runtime 0.163: ``unexpected status 401 Unauthorized: ..., url: ...`` as ``httpConnectionFailed``). Here
it becomes a sentence with its true reason and a step that a person can take. Whether another try can help is part of the
cause: what is refused for good is not tried again.

Text only; nothing here changes a turn. ``docs/faults.md`` has a row for each cause, and ``tests/faults`` brings each about.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from codex_jupyter.core.cause_table import CAUSES, OURS, UNKNOWN, Cause
from codex_jupyter.core.events import ErrorReported, Event, Limits, TurnCompleted
from codex_jupyter.core.plain_message import plain_message
from codex_jupyter.core.resets import resets
from codex_jupyter.core.system_errors import few_files
from codex_jupyter.core.titles import one_line

#: The longest part of a provider's own words that goes into the sentence, in characters; the rest is in the detail.
OWN_WORDS = 240


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


def with_limit(event: Event, files: int) -> Event:
    """A failure with how few files the runtime may have open, where that says more than the runtime does.

    It takes another file's failure for whatever it needed the file for (measured at 50: "application network policy is
    unavailable"; at 60 a provider that cannot be reached).

    Args:
        event: all but failures stay as they are.
        files: how many files it may have open; 0 where there is no limit or it is not known.
    """
    few = few_files(files)
    if few is None or not isinstance(event, ErrorReported | TurnCompleted):
        return event
    known = find(event.code, f"{event.message}\n{event.detail}").name
    failed = isinstance(event, ErrorReported) or event.status == "failed"
    if not failed or known not in ("unknown", "unreachable"):
        return event
    return replace(event, detail="\n".join(filter(None, (event.detail, f"The runtime: {few[0]}."))))


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
