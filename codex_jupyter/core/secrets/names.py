"""Names that tell of a secret: of environment variables, and of what is assigned in code, settings and JSON.

``ENVIRONMENT`` is the table for variables; its patterns also keep variables out of commands. ``WORDS`` and ``PAIRS`` are the
table for everything else that has a name. A name alone decides nothing: whether the value behind it can be a secret is
``could_be`` for variables, and ``assigned.py`` for text.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from functools import lru_cache

#: Patterns of environment variables, and whether whatever is in them is a secret, be it a word, a number or an address.
#: Case does not matter; ``*`` as in a shell.
ENVIRONMENT: dict[str, bool] = {
    # What one types
    "*PASSWORD*": True,
    "*PASSWD*": True,
    "*PASSPHRASE*": True,
    "*PASSCODE*": True,
    "*_PASS": True,
    "*_PASS_*": True,
    "PASS": True,
    "*PWD_*": True,
    "*_PWD": True,
    "*PGPASS*": True,
    "*_PIN": False,
    "*_OTP": False,
    "*MNEMONIC*": False,
    # What one is given
    "*SECRET*": True,
    "TOKEN": True,
    "*_TOKEN": True,
    "*TOKEN*": False,
    "*_PAT": True,
    "*KEY*": False,
    "*CREDENTIAL*": False,
    "*CREDS*": False,
    "*_CRED": False,
    "*COOKIE*": False,
    "*SIGNATURE*": True,
    "*BEARER*": False,
    "*JWT*": False,
    "*_SAS": False,
    "CODEX_ACCESS_*": False,
    # Who one is
    "AUTH": False,
    "*_AUTH": False,
    "*AUTH_*": False,
    "*AUTHORIZATION*": False,
    # Where one connects, with the password in it
    "DSN": True,
    "*_DSN": True,
    "*CONNECTION_STRING*": True,
    "*CONNSTR*": True,
    "*CONN_STR*": True,
    "*DATABASE_URL*": True,
    "*_DB_URL*": True,
    "*REDIS_URL*": True,
    "*MONGO*_UR*": True,
    "*AMQP_URL*": True,
    "*WEBHOOK*": True,
}
#: Together with a pattern above these say that an address or a plain word is a secret, too.
_ADDRESSES = ("*_URL*", "*_URI*")
#: What a command needs to work, and what is no secret, however its name looks.
NEEDED = (
    "PATH", "HOME", "PWD", "OLDPWD", "LANG", "LC_*", "TERM", "USER", "LOGNAME", "SHELL", "TMPDIR", "TZ",
    "VIRTUAL_ENV", "CONDA_*", "PYTHON*", "SSH_AUTH_SOCK", "XAUTHORITY", "DBUS_SESSION_BUS_ADDRESS",
    "*_REGION", "*_PROFILE", "KEYBOARD*", "KEYRING_*", "XDG_*",
)  # fmt: skip
#: A variable that is called so says where something is, not what it is.
_PLACES = ("*_FILE", "*_PATH", "*_DIR", "*_HOME", "*_FOLDER")

#: Words of any name that tell of a secret, and whether a plain word behind them is one, too.
WORDS: dict[str, bool] = {
    "password": True,
    "passwords": True,
    "passwd": True,
    "passphrase": True,
    "passcode": True,
    "pwd": True,
    "pgpass": True,
    "pgpassword": True,
    "secret": True,
    "secrets": True,
    "apikey": True,
    "apikeys": True,
    "secretkey": True,
    "accesskey": True,
    "accountkey": True,
    "privatekey": True,
    "sharedaccesskey": True,
    "token": False,
    "authtoken": False,
    "accesstoken": False,
    "refreshtoken": False,
    "sessiontoken": False,
    "identitytoken": False,
    "registrytoken": False,
    "idtoken": False,
    "usertoken": False,
    "credential": False,
    "credentials": False,
    "creds": False,
    "cookie": False,
    "cookies": False,
    "bearer": False,
    "jwt": False,
    "dsn": False,
    "webhook": False,
    "authorization": False,
    "otp": False,
}
#: The same for two words that follow each other.
PAIRS: dict[tuple[str, str], bool] = {
    ("api", "key"): True,
    ("api", "keys"): True,
    ("access", "key"): True,
    ("access", "keys"): True,
    ("private", "key"): True,
    ("private", "keys"): True,
    ("secret", "key"): True,
    ("secret", "keys"): True,
    ("signing", "key"): True,
    ("auth", "key"): True,
    ("account", "key"): True,
    ("shared", "key"): True,
    ("master", "key"): True,
    ("storage", "key"): True,
    ("subscription", "key"): True,
    ("key", "data"): False,
    ("encryption", "key"): True,
    ("license", "key"): False,
    ("auth", "header"): False,
    ("connection", "string"): False,
    ("conn", "string"): False,
    ("conn", "str"): False,
    ("database", "url"): False,
    ("db", "url"): False,
    ("redis", "url"): False,
    **{
        (whose, "pass"): True
        for whose in ("db", "database", "smtp", "mail", "email", "user", "ftp")
    },
    **{(whose, "pass"): True for whose in ("mysql", "pg", "sql", "root", "admin", "login", "http")},
}
#: Beside such words these say that something about the secret is meant.
_ABOUT = frozenset(["count", "counts", "length", "len", "ids", "size", "n", "num", "type", "name"])
#: In text, where a name may be anybody's, these as well.
_ABOUT_IN_TEXT = _ABOUT | frozenset(
    [
        "id",
        "file",
        "files",
        "path",
        "paths",
        "dir",
        "folder",
        "url",
        "uri",
        "endpoint",
        "limit",
        "limits",
        "max",
        "min",
        "index",
        "idx",
        "position",
        "positions",
        "field",
        "fields",
        "label",
        "labels",
        "hint",
        "prompt",
        "expires",
        "expiry",
        "expiration",
        "expire",
        "ttl",
        "age",
        "policy",
        "policies",
        "manager",
        "provider",
        "providers",
        "class",
        "cls",
        "fn",
        "func",
        "function",
        "format",
        "regex",
        "pattern",
        "placeholder",
        "usage",
        "used",
        "budget",
        "window",
        "per",
        "rate",
        "required",
        "enabled",
        "disabled",
        "mode",
        "algorithm",
        "algo",
        "method",
        "scheme",
        "embedding",
        "embeddings",
        "bucket",
        "version",
        "status",
        "error",
        "errors",
        "message",
        "title",
        "description",
    ]
)

_SPLIT = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[^A-Za-z0-9]+")


@lru_cache(maxsize=4096)
def words_of(name: str) -> tuple[str, ...]:
    """The words of a name in lower case: ``dbPassword``, ``DB_PASSWORD`` and ``db-password`` are two words each."""
    return tuple(word.lower() for word in _SPLIT.split(name[:200]) if word)


def secret_name(name: str) -> bool:
    """Whether a variable, key or column of this name is likely to hold a secret.

    Example:
        >>> secret_name("OPENAI_API_KEY"), secret_name("dbPassword"), secret_name("n_tokens"), secret_name("keys")
        (True, True, False, False)
    """
    return _strength(name, _ABOUT) is not None


def any_secret(names: Iterable[str]) -> bool:
    """Whether one of these names is likely to hold a secret."""
    return any(secret_name(name) for name in names)


@lru_cache(maxsize=4096)
def strength_in_text(name: str) -> bool | None:
    """What a name in text says of the value behind it: True: a secret, even a plain word; False: one that looks like it;
    None: nothing.

    Example:
        >>> strength_in_text("password"), strength_in_text("token"), strength_in_text("token_count")
        (True, False, None)
    """
    return _strength(name, _ABOUT_IN_TEXT)


def _strength(name: str, about: frozenset[str]) -> bool | None:
    words = words_of(name)
    found: bool | None = None
    for word in words:
        telling = WORDS.get(word.rstrip("0123456789"))
        if telling is not None:
            if about.intersection(words):
                return None
            found = found or telling
    for pair in itertools.pairwise(words):
        telling = PAIRS.get(pair)
        if telling is not None and not (about is _ABOUT_IN_TEXT and set(words) & about - set(pair)):
            found = found or telling
    return found


# --- environment variables --------------------------------------------------------------------------------------------


def named_secret(name: str) -> bool:
    """Whether an environment variable is called like a secret.

    Example:
        >>> named_secret("DB_PASS"), named_secret("AWS_CREDS"), named_secret("SSH_AUTH_SOCK")
        (True, True, False)
    """
    return matches(name, ENVIRONMENT) and not matches(name, NEEDED)


def telling_name(name: str) -> bool:
    """Whether whatever is in a variable of this name is a secret."""
    if matches(name, _PLACES):
        return False
    return matches(name, (pattern for pattern, telling in ENVIRONMENT.items() if telling)) or (
        matches(name, _ADDRESSES)
    )


def matches(name: str, patterns: Iterable[str]) -> bool:
    """Whether one of these patterns fits the name of a variable."""
    upper = name.upper()
    return any(fnmatchcase(upper, pattern.upper()) for pattern in patterns)
