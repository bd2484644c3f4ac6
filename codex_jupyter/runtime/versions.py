"""What versions of Codex have: the one place that knows.

What a runtime can do is asked of the runtime where it can be: one that is called by a method that it does not have answers
with the names of all that it has (measured with 0.144 to 0.171, ``INVALID`` and ``unknown variant``). Everything else is
known by the version that was tried: ``make compat`` runs the tests on the oldest and the newest, and writes
``docs/versions.md``.

Pure: nothing is asked here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from codex_jupyter.errors import CodexJupyterError

#: The oldest version that ``make compat`` ran, as SDK and as binary. An older binary is not started.
OLDEST = "0.154.0"
#: The newest SDK that it ran: what is recommended where a newer one has moved what is leaned on.
NEWEST_SDK = "0.163.0"
#: The newest binary that it ran.
NEWEST_BINARY = "0.171.0"

#: What to do about a runtime that lacks something.
UPDATE = "Update it: pip install -U openai-codex, and restart the kernel; or name another with codex_bin."

#: A method that no version has; the answer to it names all that there are.
NO_METHOD = "codex-jupyter/none"

_VERSION = re.compile(r"(?<![\w.])(\d+)\.(\d+)\.(\d+)(?![\d.])")
_UNKNOWN = re.compile(r"unknown variant `([^`]*)`")
_EXPECTED = re.compile(r"expected (?:one of )?(.*)", re.S)
_QUOTED = re.compile(r"`([^`]+)`")


@dataclass(frozen=True, slots=True)
class Feature:
    """Something that a user can have of Codex.

    Attributes:
        words: what it is, as the end of "This Codex has no ...".
        methods: what it takes of the runtime.
        needed: nothing works without it.
    """

    words: str
    methods: tuple[str, ...]
    needed: bool = False


#: By what it takes. Every method of ``api.py`` belongs to one (tested).
FEATURES = (
    Feature(
        "turns that keep to their permissions",
        (
            "thread/start", "thread/resume", "thread/settings/update", "turn/start", "turn/interrupt",
            "config/read", "account/read",
        ),
        needed=True,
    ),
    Feature("steering of a running turn", ("turn/steer",)),
    Feature("reviews (/review)", ("review/start",)),
    Feature("summaries (/compact)", ("thread/compact/start",)),
    Feature("forks of a conversation (/fork)", ("thread/fork",)),
    Feature("lists of conversations (/threads, /resume)", ("thread/list", "thread/read")),
    Feature("stored turns (/transcript)", ("thread/turns/list", "thread/items/list")),
    Feature("conversations that are put to rest when nobody uses them", ("thread/unsubscribe",)),
    Feature("names of conversations", ("thread/name/set",)),
    Feature("archives (/archive)", ("thread/archive", "thread/unarchive")),
    Feature(
        "commands in the background (/ps, /stop)",
        ("thread/backgroundTerminals/list", "thread/backgroundTerminals/clean"),
    ),
    Feature(
        "another try of what the reviewing model denied", ("thread/approveGuardianDeniedAction",)
    ),
    Feature(
        "signing in (%codex login)",
        ("account/login/start", "account/login/cancel", "account/logout"),
    ),
    Feature("limits of the account (/usage)", ("account/rateLimits/read",)),
    Feature("lists of models (/model)", ("model/list",)),
    Feature("lists of MCP servers (/mcp)", ("mcpServerStatus/list",)),
    Feature("taking back a lasting rule of MCP servers", ("config/value/write",)),
)  # fmt: skip


class FeatureMissingError(CodexJupyterError):
    """This runtime does not have what was asked of it; another version does."""


def number(version: str) -> tuple[int, int, int] | None:
    """The first version in a text as numbers, None where there is none.

    Example:
        >>> number("codex-cli 0.171.0-alpha.3")
        (0, 171, 0)
        >>> number("node v22") is None
        True
    """
    found = _VERSION.search(version)
    return None if found is None else (int(found[1]), int(found[2]), int(found[3]))


def too_old(version: str) -> bool:
    """Whether a version is known to be older than the oldest that was tried; False where nothing is known.

    Example:
        >>> too_old("0.147.0"), too_old("0.154.0"), too_old("")
        (True, False, False)
    """
    this, oldest = number(version), number(OLDEST)
    return this is not None and oldest is not None and this < oldest


def newer(version: str, than: str) -> bool:
    """Whether a version is known to be newer than another.

    Example:
        >>> newer("0.172.0", "0.171.0"), newer("", "0.171.0")
        (True, False)
    """
    this, other = number(version), number(than)
    return this is not None and other is not None and this > other


def lacks(refusal: str, method: str) -> bool:
    """Whether a runtime refused a call because it has no such method, and not because of a value in it.

    Example:
        >>> lacks("Invalid request: unknown variant `thread/fly`, expected one of `initialize`", "thread/fly")
        True
        >>> lacks("Invalid request: unknown variant `nobody`, expected one of `user`", "thread/start")
        False
    """
    found = _UNKNOWN.search(refusal)
    return found is not None and found[1] == method


def methods_named(refusal: str) -> frozenset[str]:
    """The methods that a runtime names when it refuses one that it does not have; none where it names none.

    Example:
        >>> sorted(methods_named("unknown variant `x`, expected one of `initialize`, `turn/start`"))
        ['initialize', 'turn/start']
    """
    found = _EXPECTED.search(refusal)
    return frozenset(_QUOTED.findall(found[1])) if found else frozenset()


def absent(methods: Iterable[str]) -> tuple[Feature, ...]:
    """What cannot be had of a runtime with these methods.

    Example:
        >>> have = {method for feature in FEATURES for method in feature.methods}
        >>> absent(have), [feature.words for feature in absent(have - {"turn/steer"})]
        ((), ['steering of a running turn'])
    """
    have = set(methods)
    return tuple(feature for feature in FEATURES if not have.issuperset(feature.methods))


def missing(method: str, version: str) -> FeatureMissingError:
    """What is said where a runtime lacks a method that a command needs.

    Example:
        >>> print(missing("review/start", "0.150.0").message)
        This Codex (0.150.0) has no reviews (/review).
    """
    words = next((one.words for one in FEATURES if method in one.methods), f"method {method}")
    which = f" ({version})" if version else ""
    return FeatureMissingError(f"This Codex{which} has no {words}.", UPDATE)


def sdk_moved(version: str, name: str) -> tuple[str, str]:
    """What is said, and what to do, where an SDK no longer has a name that is leaned on.

    Example:
        >>> sdk_moved("0.199.0", "openai_codex.client.CodexClient._router")[0]
        'openai-codex 0.199.0 has changed openai_codex.client.CodexClient._router, which is needed here. Nothing was started.'
    """
    return (
        f"openai-codex {version} has changed {name}, which is needed here. Nothing was started.",
        f"The newest that works is {NEWEST_SDK}: pip install openai-codex=={NEWEST_SDK}, and restart the kernel.",
    )
