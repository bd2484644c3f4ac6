"""What must not reach a model unasked: secrets, by the name they have and by the shape of their value.

``Redactor`` is the last thing every text of the workbench passes. Nothing here repeats what it hides.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from codex_jupyter.core.secrets import HIDDEN, SHAPES, URL_PASSWORD, secret_name, secret_value

#: ``API_KEY = "..."``, ``"password": "..."``: a quoted value behind a name that is looked at.
_ASSIGNED = re.compile(
    r"(?P<before>(?<!\w)(?P<quote>[\"']?)(?P<name>[A-Za-z_][\w-]{1,60})(?P=quote)\s*[=:]\s*)"
    r"(?P<mark>[\"'])(?P<value>(?:\\.|(?!(?P=mark))[^\\\n]){4,4000})(?P=mark)"
)
#: A line of an environment file, or of what ``env`` prints.
_ENV_LINE = re.compile(
    r"(?m)^(?P<before>(?:export )?(?P<name>[A-Z][A-Z0-9_]{2,60})=)(?P<value>[^\s\"'].{3,4000})$"
)


class Redactor:
    """Takes secrets out of text.

    Args:
        environ: environment variables; the values of those with secret names are hidden wherever they appear, and so
            are the keys and tokens that this process signed in with.
        namespace: variables; likewise the exact strings among them.

    Example:
        >>> Redactor({"DB_PASSWORD": "correct-horse-1"}).text("it is correct-horse-1")
        'it is [hidden]'
    """

    def __init__(
        self, environ: Mapping[str, str] | None = None, namespace: Mapping[str, Any] | None = None
    ) -> None:
        from codex_jupyter.runtime.environment import secret_values
        from codex_jupyter.session.credentials import KERNEL_KEYS

        values = {*secret_values(environ or {}), *KERNEL_KEYS.seen}
        for name, value in (namespace or {}).items():
            if type(value) is str and secret_name(name) and _worth_hiding(value):
                values.add(value)
        self._values = sorted(values, key=len, reverse=True)

    def text(self, text: str) -> str:
        """The text without what looks like a secret."""
        for value in self._values:
            if value in text:
                text = text.replace(value, HIDDEN)
        text = SHAPES.sub(HIDDEN, text)
        text = URL_PASSWORD.sub(lambda m: m["before"] + HIDDEN, text)
        text = _ASSIGNED.sub(_hide_assigned, text)
        return _ENV_LINE.sub(_hide_line, text)

    def hides(self, value: str) -> bool:
        """Whether anything of the text would be hidden."""
        return secret_value(value) or any(one in value for one in self._values)

    def __repr__(self) -> str:  # its values are secrets
        return f"<Redactor of {len(self._values)} values>"


def _hide_assigned(match: re.Match[str]) -> str:
    if not secret_name(match["name"]) or HIDDEN in match["value"]:
        return match[0]
    return f"{match['before']}{match['mark']}{HIDDEN}{match['mark']}"


def _hide_line(match: re.Match[str]) -> str:
    return match["before"] + HIDDEN if secret_name(match["name"]) else match[0]


def _worth_hiding(value: str) -> bool:
    """Short values and single lower-case words occur by chance everywhere."""
    return 8 <= len(value) <= 10_000 and not re.fullmatch(r"[a-z]+", value)
