"""What a secret looks like: by the name it has, and by the shape of its value. Pure; repeats nothing that it finds."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable

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

SHAPES = re.compile(
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
URL_PASSWORD = re.compile(
    r"(?P<before>\b[a-z][a-z0-9+.-]*://[^/\s:@'\"]*:)(?P<value>[^/\s@'\"]+)(?=@)", re.I
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
    return bool(SHAPES.search(value) or URL_PASSWORD.search(value))


def any_secret(names: Iterable[str]) -> bool:
    """Whether one of these names is likely to hold a secret."""
    return any(secret_name(name) for name in names)
