"""What must not reach a model unasked: secrets, by the name they have and by the shape of their value.

``Redactor`` is the last thing every text of the workbench passes. Nothing here repeats what it hides.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping
from typing import Any

HIDDEN = "[hidden]"

_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[^A-Za-z0-9]+")
_SECRET_WORDS = frozenset(
    [
        "apikey",
        "apikeys",
        "secret",
        "secrets",
        "token",
        "password",
        "passwords",
        "passwd",
        "passphrase",
        "passcode",
        "pwd",
        "credential",
        "credentials",
        "cookie",
        "cookies",
        "dsn",
        "bearer",
        "webhook",
        "authtoken",
        "privatekey",
        "accesskey",
        "secretkey",
        "pgpass",
    ]
)
_SECRET_PAIRS = (
    ("api", "key"), ("api", "keys"), ("access", "keys"), ("private", "keys"), ("secret", "keys"),
    ("access", "key"), ("private", "key"), ("secret", "key"), ("signing", "key"), ("auth", "key"),
    ("account", "key"), ("encryption", "key"), ("connection", "string"), ("conn", "string"), ("database", "url"),
    ("db", "url"), ("redis", "url"), ("auth", "header"),
)  # fmt: skip

_SHAPES = re.compile(
    r"""
    (?<![A-Za-z0-9])(?:
        (?:sk|rk|sess|pk)[-_](?=[A-Za-z_-]*\d)[A-Za-z0-9_-]{12,}        # OpenAI, Anthropic, Stripe and their like
      | gh[pousr]_[A-Za-z0-9]{20,} | github_pat_[A-Za-z0-9_]{20,}
      | glpat-[A-Za-z0-9_-]{16,} | xox[abeoprs]-[A-Za-z0-9-]{10,}
      | (?:AKIA|ASIA)[0-9A-Z]{16} | AIza[0-9A-Za-z_-]{30,} | ya29\.[0-9A-Za-z_-]{20,}
      | hf_[A-Za-z0-9]{20,} | npm_[A-Za-z0-9]{20,} | pypi-[A-Za-z0-9_-]{20,} | whsec_[A-Za-z0-9]{16,}
      | SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,} | dop_v1_[a-f0-9]{20,}
      | eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{6,}(?:\.[A-Za-z0-9_-]*)?   # a JWT
    )
    | -----BEGIN[ A-Z]*PRIVATE\ KEY-----(?:[\s\S]*?-----END[ A-Z]*PRIVATE\ KEY-----|[\s\S]*)
    | (?<=[Bb]earer\ )[A-Za-z0-9._~+/-]{16,}=*
    """,
    re.VERBOSE,
)
_URL_PASSWORD = re.compile(
    r"(?P<before>\b[a-z][a-z0-9+.-]*://[^/\s:@'\"]*:)(?P<value>[^/\s@'\"]+)(?=@)", re.I
)
#: ``API_KEY = "..."``, ``"password": "..."``: a quoted value behind a name that is looked at.
_ASSIGNED = re.compile(
    r"(?P<before>(?<!\w)(?P<quote>[\"']?)(?P<name>[A-Za-z_][\w-]{1,60})(?P=quote)\s*[=:]\s*)"
    r"(?P<mark>[\"'])(?P<value>(?:\\.|(?!(?P=mark))[^\\\n]){4,4000})(?P=mark)"
)
#: A line of an environment file, or of what ``env`` prints.
_ENV_LINE = re.compile(
    r"(?m)^(?P<before>(?:export )?(?P<name>[A-Z][A-Z0-9_]{2,60})=)(?P<value>[^\s\"'].{3,4000})$"
)


def secret_name(name: str) -> bool:
    """Whether a variable, key or column of this name is likely to hold a secret.

    Example:
        >>> secret_name("OPENAI_API_KEY"), secret_name("dbPassword"), secret_name("n_tokens"), secret_name("keys")
        (True, True, False, False)
    """
    words = [word.lower() for word in _WORDS.split(name[:200]) if word]
    if any(word.rstrip("0123456789") in _SECRET_WORDS for word in words):
        return not (
            set(words)
            & {"count", "counts", "length", "len", "ids", "size", "n", "num", "type", "name"}
        )
    return any(pair in _SECRET_PAIRS for pair in itertools.pairwise(words))


def secret_value(value: str) -> bool:
    """Whether a text holds something shaped like a key, a token or a password in a URL.

    Example:
        >>> secret_value("ghp_" + "a1" * 15), secret_value("postgres://ada:hunter22@db/x"), secret_value("sk-learn")
        (True, True, False)
    """
    return bool(_SHAPES.search(value) or _URL_PASSWORD.search(value))


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
        text = _SHAPES.sub(HIDDEN, text)
        text = _URL_PASSWORD.sub(lambda m: m["before"] + HIDDEN, text)
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


def any_secret(names: Iterable[str]) -> bool:
    """Whether one of these names is likely to hold a secret."""
    return any(secret_name(name) for name in names)
