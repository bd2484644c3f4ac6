"""Secrets stay out of commands, and out of what is shown.

Measured with runtime 0.163: by default a command sees the whole environment of the kernel, tokens included, also under
a read-only sandbox; the runtime's own default exclusions know KEY, SECRET and TOKEN, not passwords. So the runtime is
started with a ``shell_environment_policy`` of ours. The runtime's own process keeps the whole environment: it needs the
provider's key.
"""

from __future__ import annotations

import fnmatch
import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

from codex_jupyter.runtime.launch import Launch

#: Names of environment variables that a command does not see. Case does not matter; ``*`` as in a shell.
SECRET_NAMES = (
    "*KEY*",
    "*SECRET*",
    "*TOKEN*",
    "*PASSWORD*",
    "*PASSWD*",
    "*PASSPHRASE*",
    "*PWD_*",
    "*_PWD",
    "*PGPASS*",
    "*CREDENTIAL*",
    "*_PAT",
    "*_AUTH",
    "*AUTH_*",
    "*COOKIE*",
    "*SIGNATURE*",
    "*_DSN",
    "*CONNECTION_STRING*",
    "*DATABASE_URL*",
    "*_DB_URL*",
    "*REDIS_URL*",
    "*MONGO*_UR*",
    "*AMQP_URL*",
    "*WEBHOOK*",
    "*_SAS",
    "CODEX_ACCESS_*",
)

#: What is in them is a secret, even if it is a plain word, a number or an address.
_TELLING_NAMES = (
    *("*PASSWORD*", "*PASSWD*", "*PASSPHRASE*", "*SECRET*", "*PWD_*", "*_PWD", "*PGPASS*", "*_PAT"),
    *(
        "TOKEN",
        "*_TOKEN",
        "*WEBHOOK*",
        "*_DSN",
        "*SIGNATURE*",
        "*CONNECTION_STRING*",
        "*_URL*",
        "*_URI*",
    ),
)

#: What a command needs to work, and what is no secret, however its name looks.
NEEDED_NAMES = (
    "PATH", "HOME", "PWD", "OLDPWD", "LANG", "LC_*", "TERM", "USER", "LOGNAME", "SHELL", "TMPDIR", "TZ",
    "VIRTUAL_ENV", "CONDA_*", "PYTHON*", "SSH_AUTH_SOCK", "XAUTHORITY", "DBUS_SESSION_BUS_ADDRESS",
    "*_REGION", "*_PROFILE", "KEYBOARD*", "KEYRING_*", "XDG_*",
)  # fmt: skip

#: ``scheme://user:password@host``
_URL_WITH_PASSWORD = re.compile(r"\A[a-z][a-z0-9+.-]*://[^/\s@]*:[^/\s@]+@", re.IGNORECASE)
#: An address that carries nothing but itself.
_PLAIN_URL = re.compile(r"\Ahttps?://[^\s@?#]*\Z", re.IGNORECASE)
#: Settings, whatever they are of: ``TOKENIZERS_PARALLELISM=false``.
_SWITCHES = frozenset(
    [
        *("0", "1", "true", "false", "yes", "no", "on", "off", "none", "null", "auto", "default"),
        *("enabled", "disabled", "required", "optional", "always", "never"),
    ]
)
#: Shorter values occur by chance everywhere.
SHORTEST_SECRET = 8


def is_secret(name: str, value: str) -> bool:
    """Whether an environment variable looks like a secret: by its name, unless its value cannot be one, or because it
    is a URL with a password.

    Example:
        >>> is_secret("HF_TOKEN", "hf_abcdef0123"), is_secret("TOKENIZERS_PARALLELISM", "false")
        (True, False)
    """
    if _URL_WITH_PASSWORD.match(value):
        return True
    named = _matches(name, SECRET_NAMES) and not _matches(name, NEEDED_NAMES)
    return named and _plausible(name, value.strip())


def _plausible(name: str, value: str) -> bool:
    """Whether a value of a variable with such a name can be a secret. In doubt it can."""
    if not value or value.lower() in _SWITCHES:
        return False
    if _matches(name, _TELLING_NAMES):
        return True
    short = len(value) < SHORTEST_SECRET
    setting = short and (value.isdigit() or (value.isalpha() and value.islower()))
    return not setting and not _PLAIN_URL.match(value)


def policy_overrides(launch: Launch, environ: Mapping[str, str]) -> tuple[str, ...]:
    """``-c`` overrides that keep secrets out of commands.

    Patterns exclude what looks like a secret whenever it appears; names that no pattern fits are excluded one by one.
    Patterns that would hide an allowed or harmless name give way to the exact names they stand for. What the user's own
    ``config.toml`` excludes stays excluded; the user's ``-c shell_environment_policy...`` comes later and wins.

    Args:
        launch: ``allowed_env`` names what commands may see, ``codex_home`` where ``config.toml`` is.
        environ: the environment the runtime inherits.
    """
    everything = {**environ, **launch.env}
    allowed = {name.upper() for name in launch.allowed_env}
    shown = [
        name
        for name, value in everything.items()
        if name.upper() in allowed or not is_secret(name, value)
    ]
    patterns = [p for p in SECRET_NAMES if not any(_matches(name, (p,)) for name in shown)]
    exact = sorted(
        name
        for name, value in everything.items()
        if is_secret(name, value) and name.upper() not in allowed and not _matches(name, patterns)
    )
    exclude = [*patterns, *exact]
    exclude += [name for name in _users_exclusions(launch, everything) if name not in exclude]
    # The runtime's own exclusions (*KEY*, *SECRET*, *TOKEN*) know no exceptions: ours say the same, with them.
    return (
        "shell_environment_policy.ignore_default_excludes=true",
        f"shell_environment_policy.exclude={json.dumps(exclude)}",
    )


def secret_values(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The values of all secret-like variables of at least ``SHORTEST_SECRET`` characters, longest first.

    Of a URL with a password the password counts too. For ``redact``; keep the result out of reprs and logs.
    """
    found: set[str] = set()
    for name, value in environ.items():
        if not is_secret(name, value):
            continue
        found.add(value)
        if _URL_WITH_PASSWORD.match(value):
            login = value.split("://", 1)[1].split("@", 1)[0]
            found.add(login.split(":", 1)[1])
    kept = [v for v in found if len(v) >= SHORTEST_SECRET and not _is_harmless(v)]
    return tuple(sorted(kept, key=lambda value: (-len(value), value)))


def redact(text: str, values: Iterable[str]) -> str:
    """``text`` with every exact occurrence of a secret value replaced.

    Example:
        >>> redact("key=abcdefgh1", ("abcdefgh1",))
        'key=[hidden]'
    """
    for value in values:
        if value in text:
            text = text.replace(value, "[hidden]")
    return text


def _is_harmless(value: str) -> bool:
    """Paths: hiding them would make a transcript unreadable and protect nobody."""
    return value.startswith(("/", "~", "./"))


def _matches(name: str, patterns: Iterable[str]) -> bool:
    upper = name.upper()
    return any(fnmatch.fnmatchcase(upper, pattern.upper()) for pattern in patterns)


def _users_exclusions(launch: Launch, environ: Mapping[str, str]) -> list[str]:
    home = launch.codex_home or environ.get("CODEX_HOME")
    path = (Path(home) if home else Path.home() / ".codex") / "config.toml"
    try:
        config = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    policy = config.get("shell_environment_policy")
    exclude = policy.get("exclude") if isinstance(policy, dict) else None
    return [name for name in exclude if isinstance(name, str)] if isinstance(exclude, list) else []
