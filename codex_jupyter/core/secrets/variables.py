"""Which environment variables are secrets: by their names (``names.py``), unless what is in them cannot be one, or because
of what is in them. The same answer decides what commands see and what is hidden.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from codex_jupyter.core.secrets import assigned, shapes
from codex_jupyter.core.secrets.names import named_secret, telling_name

#: Settings, whatever they are of: ``TOKENIZERS_PARALLELISM=false``.
_SWITCHES = frozenset(
    [
        *("0", "1", "true", "false", "yes", "no", "on", "off", "none", "null", "auto", "default"),
        *("enabled", "disabled", "required", "optional", "always", "never"),
    ]
)
#: An address that carries nothing but itself.
_PLAIN_URL = re.compile(r"\Ahttps?://[^\s@?#]*\Z", re.IGNORECASE)
_PLACE = re.compile(r"\A(?:/|~|\./|[A-Za-z]:[\\/])")
_URL_PASSWORD = re.compile(r"\A[a-z][a-z0-9+.-]*://[^/\s@:]*:(?P<value>[^/\s@]+)@", re.IGNORECASE)
#: Shorter values are settings, where a name does not say otherwise.
_SHORT = 8
#: Longer values are not looked through for what they hold.
_MOST = 100_000


def is_secret(name: str, value: str) -> bool:
    """Whether an environment variable is a secret: by its name, unless its value cannot be one, or by its value alone.

    Example:
        >>> is_secret("HF_TOKEN", "hf_abcdef0123"), is_secret("TOKENIZERS_PARALLELISM", "false")
        (True, False)
        >>> is_secret("BACKEND", "postgres://ada:hunter22@db/x")
        True
    """
    return (named_secret(name) and _plausible(name, value.strip())) or bool(_held_in(value))


def _plausible(name: str, value: str) -> bool:
    """Whether a value of a variable with such a name can be a secret. In doubt it can."""
    if not value or value.lower() in _SWITCHES:
        return False
    if telling_name(name):
        return True
    short = len(value) < _SHORT
    setting = short and (value.isdigit() or (value.isalpha() and value.islower()))
    return not setting and not _PLAIN_URL.match(value)


def _held_in(value: str) -> tuple[str, ...]:
    """The secrets that a value has in it, whatever the variable is called."""
    value = value[:_MOST]
    found = [value[a:b] for _, a, b in shapes.spans(value)]
    found += [value[a:b] for _, a, b in assigned.spans(value, acts=True)]
    password = _URL_PASSWORD.match(value)
    return (*found, *([password["value"]] if password else ()))


def secret_values(environ: Mapping[str, str]) -> tuple[str, ...]:
    """What of an environment is hidden wherever it appears, the longest first. Keep the result out of reprs and logs.

    Of an address with a password the whole and the password; of a value that holds a secret, the secret. Places of files are
    shown, unless the name says that it is a secret all the same. Values of less than eight characters count where they are no
    plain words or numbers: those occur by chance everywhere.
    """
    found: set[str] = set()
    for name, value in environ.items():
        held = _held_in(value)
        found.update(held)
        value = value.strip()
        named = named_secret(name) and _plausible(name, value)
        place = _PLACE.match(value) and (not telling_name(name) or _is_place(value))
        if _URL_PASSWORD.match(value) or (named and not place):
            found.add(value)
        found.update(_decoded(each) for each in held)
    return tuple(sorted(filter(_worth_hiding, found), key=lambda value: (-len(value), value)))


def _is_place(value: str) -> bool:
    """A path as people write them; ``/Xy7+q/==`` is a password."""
    parts = [part for part in re.split(r"[\\/]", value) if part]
    return len(parts) > 1 and all(
        re.fullmatch(r"~|[A-Za-z]:|[\w.-]*[a-z][\w.-]*", part) for part in parts
    )


def _worth_hiding(value: str) -> bool:
    if len(value) >= _SHORT:
        return True
    plain = value.isdigit() or value.isalpha()
    return len(value) >= 4 and not plain


def _decoded(value: str) -> str:
    """An address spells ``p@ss`` as ``p%40ss``."""
    return re.sub(r"%([0-7][0-9A-Fa-f])", lambda m: chr(int(m[1], 16)), value)
