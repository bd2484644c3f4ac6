"""From the text of an option's value to the value: one reader per kind.

A reader returns the value or raises `ValueError`, whose text completes the sentence "the option
wants ...". It checks the form only: whether a file or a variable exists is for whoever uses it.
Pure.
"""

from __future__ import annotations

import keyword
import math
import re
import tomllib
import unicodedata
from typing import Any

SETTING_KEY = re.compile(r"[A-Za-z0-9_\"-]+(\.[A-Za-z0-9_\"-]+)*")
TIME = re.compile(r"(?P<number>\d+(?:\.\d*)?|\.\d+)(?P<unit>s|m|h)?")
SECONDS_IN = {None: 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}


def read_text(text: str) -> str:
    """Any text that is not blank."""
    if not text.strip():
        raise ValueError("a value that is not empty")
    return text


def read_name(text: str) -> str:
    """The name of a variable that can be assigned to, spelled as Python keeps it: the micro sign is the letter mu."""
    text = unicodedata.normalize("NFKC", text)
    if not text.isidentifier() or keyword.iskeyword(text):
        raise ValueError("the name of a Python variable, such as answer")
    return text


def read_names(text: str) -> tuple[str, ...]:
    """Names, dotted names or paths, separated by commas."""
    names = tuple(name.strip() for name in text.split(","))
    if not all(names):
        raise ValueError("NAME or NAME,NAME with no blank around the comma")
    return names


def read_setting(text: str) -> tuple[str, Any]:
    """A setting as the CLI reads it: the value is TOML, or, where it is not, the text itself."""
    key, equals, value = text.partition("=")
    key = key.strip()
    if not equals or not SETTING_KEY.fullmatch(key):
        raise ValueError('KEY=VALUE, such as model_verbosity=low or \'tools=["a", "b"]\'')
    try:
        return key, tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        if value.lstrip()[:1] in ("[", "{", '"', "'"):
            raise ValueError(
                'VALUE in TOML; quote the whole when it holds blanks: \'KEY=["a", "b"]\''
            ) from None
        return key, value


def read_seconds(text: str) -> float:
    """A time in seconds: a number, or a number with ``s``, ``m`` or ``h``."""
    match = TIME.fullmatch(text)
    seconds = float(match["number"]) * SECONDS_IN[match["unit"]] if match else 0.0
    if not 0 < seconds < math.inf:
        raise ValueError("a time above zero: 90 (seconds), 90s, 5m or 1h")
    return seconds
