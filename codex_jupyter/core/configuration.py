"""What is wrong with Codex's configuration, from what the runtime says of it.

It says so twice, in two ways: when it starts, in a warning, after which it goes on with its defaults; and in the refusal of
the first call that needs the configuration (runtime 0.163). Either way nothing may be sent: the defaults are other
permissions than the user set. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Set

from codex_jupyter.core.items import Notice

#: The code of warnings about the configuration.
CODE = "configWarning"
#: What is said of a configuration that cannot be used at all; others are remarks on a part of it.
_UNUSABLE = "Invalid configuration"
#: How a refusal begins that the configuration is the reason of.
_REFUSED = re.compile(
    r"\A(?:failed to (?:read|load|resolve) [^:\n]{0,60}?(?:config|configuration|precedence)[^:\n]{0,20}|invalid configuration): ",
    re.I,
)
#: How a remark begins that the settings of projects nobody trusted are not read, and a line that names one.
_UNTRUSTED = "Project-local config"
_LISTED = re.compile(r"^ *\d+\. (.+)$", re.M)
#: A remark on what is no fault: the sandbox comes with the runtime.
_NO_FAULT = "will use the bundled bubblewrap"
#: The next step.
STEP = "Fix it there: the next cell reads it again."


def unusable(notice: Notice) -> str:
    """Why the configuration cannot be used, ``""`` for a remark that leaves it in force.

    Example:
        >>> told = Notice("1", message="Invalid configuration; using defaults.", detail="/c.toml:2:19: invalid", code=CODE)
        >>> unusable(told)
        '/c.toml:2:19: invalid'
    """
    if notice.code != CODE or not notice.message.startswith(_UNUSABLE):
        return ""
    # The file, and a line that names it again with the place and the reason.
    lines = [line.strip() for line in notice.detail.splitlines() if line.strip()]
    told = [n for n, line in enumerate(lines) if not any(line in other for other in lines[n + 1 :])]
    return " ".join(lines[n] for n in told) or notice.message


def refused_for(message: str) -> str:
    """Why the configuration cannot be used, from the refusal of a call; ``""`` where that is not its reason.

    Example:
        >>> refused_for("failed to read configuration layers: /c.toml:2:19: invalid float, expected `nan`")
        '/c.toml:2:19: invalid float, expected `nan`'
        >>> refused_for("no rollout found for thread id 1")
        ''
    """
    found = _REFUSED.match(message)
    return " ".join(message[found.end() :].split()) if found else ""


def sentence(reason: str) -> str:
    """What is said of it.

    Example:
        >>> sentence("/c.toml:2:19: invalid")
        'Codex cannot use its configuration: /c.toml:2:19: invalid. Nothing was sent.'
    """
    return f"Codex cannot use its configuration: {reason.rstrip('.')}. Nothing was sent."


def worth_saying(notice: Notice, homes: Set[str] = frozenset()) -> bool:
    """Whether a remark that came outside a turn is to be said in the next one.

    Args:
        notice: the remark.
        homes: folders that are a home of Codex although this runtime has another: no project's settings lie there.
    """
    if notice.level not in ("warning", "error") or _NO_FAULT in notice.message:
        return False
    if notice.code != CODE or not notice.message.startswith(_UNTRUSTED):
        return True
    named = _LISTED.findall(f"{notice.message}\n{notice.detail}")
    return not named or not all(name in homes for name in named)
