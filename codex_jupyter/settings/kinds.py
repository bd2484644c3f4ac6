"""Kinds of values that options take: how each is read from text, and checked when a program gives it.

``read`` looks at the form only, so that a line can be parsed without touching anything; ``check`` also asks whether a
folder or file exists. Both raise `ValueError`, whose text completes the sentence "the option wants ...".
"""

from __future__ import annotations

import keyword
import math
import os
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

SETTING_KEY = re.compile(r"[A-Za-z0-9_\"-]+(\.[A-Za-z0-9_\"-]+)*")
TIME = re.compile(r"(?P<number>\d+(?:\.\d*)?|\.\d+)(?P<unit>s|m|h)?")
SECONDS_IN = {None: 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}


@dataclass(frozen=True)
class Choice:
    """A value that can be chosen, and what it means in a few words."""

    value: str
    meaning: str = ""


class MissingError(ValueError):
    """What a value names does not exist. The text is a whole sentence."""


class Kind:
    """One kind of value.

    Attributes:
        metavar: what stands for the value in help; ``""`` where none is written.
        choices: the values that are offered, the safest first; empty when any text of the right form will do.
        unoffered: further values that are accepted.
        aliases: other spellings that are understood, and the values they mean.
    """

    def __init__(self, metavar: str) -> None:
        self.metavar = metavar
        self.choices: tuple[Choice, ...] = ()
        self.unoffered: tuple[Choice, ...] = ()
        self.aliases: Mapping[str, str] = {}

    def read(self, text: str) -> Any:
        """The value that ``text`` stands for.

        Raises:
            ValueError: it stands for none.
        """
        raise NotImplementedError

    def check(self, value: Any) -> Any:
        """The value as a setting holds it, from what a program gave; a text means what it means in a cell.

        Raises:
            ValueError: it cannot be one; ``MissingError`` where it names what does not exist.
        """
        if not isinstance(value, str):
            raise ValueError("a text")
        return self.read(value)

    def collect(self, values: Any, one: Any) -> Any:
        """The values of a repeatable option with one more of them; ``None`` are none yet."""
        return (*(values or ()), one)

    def check_all(self, values: Any) -> Any:
        """``check`` for a repeatable option, which also takes a single value."""
        if isinstance(values, str | os.PathLike) or not isinstance(values, Iterable):
            values = (values,)
        collected: Any = ()
        for value in values:
            collected = self.collect(collected, self.check(value))
        return collected


class Flag(Kind):
    """Given or not given."""

    def __init__(self) -> None:
        super().__init__("")

    def check(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise ValueError("True or False")
        return value


class Text(Kind):
    """Any text that is not blank."""

    def read(self, text: str) -> str:
        if not text.strip():
            raise ValueError("a value that is not empty")
        return text


class OneOf(Kind):
    """One of the values of a ``Literal``.

    Args:
        metavar: as of every kind.
        literal: the type.
        meanings: the values that are offered, the safest first, and what each means.
        unoffered: values that are accepted and not offered, and what each means.
        aliases: other spellings, such as the CLI's, and the values they mean.

    Raises:
        ValueError: the type and the values are not the same set, or an alias means none of them.
    """

    def __init__(
        self,
        metavar: str,
        literal: Any,
        meanings: Mapping[str, str],
        *,
        unoffered: Mapping[str, str] | None = None,
        aliases: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(metavar)
        self.choices = tuple(Choice(*item) for item in meanings.items())
        self.unoffered = tuple(Choice(*item) for item in (unoffered or {}).items())
        self.aliases = dict(aliases or {})
        self._accepted = {choice.value for choice in (*self.choices, *self.unoffered)}
        if self._accepted != set(get_args(literal)):
            raise ValueError(f"{metavar}: the values are not those of {literal}")
        if not self._accepted.issuperset(self.aliases.values()):
            raise ValueError(f"{metavar}: an alias means no value")

    def read(self, text: str) -> str:
        value = self.aliases.get(text, text)
        if value in self._accepted:
            return value
        raise ValueError(f"one of: {', '.join(choice.value for choice in self.choices)}")


class Name(Kind):
    """The name of a variable that can be assigned to, spelled as Python keeps it: the micro sign is the letter mu."""

    def read(self, text: str) -> str:
        text = unicodedata.normalize("NFKC", text)
        if not text.isidentifier() or keyword.iskeyword(text):
            raise ValueError("the name of a Python variable, such as answer")
        return text


class Names(Kind):
    """Names, dotted names or paths, separated by commas; each option adds to them."""

    def read(self, text: str) -> tuple[str, ...]:
        names = tuple(name.strip() for name in text.split(","))
        if not all(names):
            raise ValueError("NAME or NAME,NAME with no blank around the comma")
        return names

    def collect(self, values: Any, one: Any) -> Any:
        return (*(values or ()), *one)


class Files(Names):
    """Paths of files, separated by commas; ``check`` gives existing ones, ``~`` expanded, absolute."""

    def check(self, value: Any) -> tuple[Path, ...]:
        names = (os.fspath(value),) if isinstance(value, os.PathLike) else self._names(value)
        return tuple(_existing(name, "file", os.path.isfile) for name in names)

    def _names(self, value: Any) -> tuple[str, ...]:
        if not isinstance(value, str):
            raise ValueError("the path of a file")
        return self.read(value)


class Folder(Text):
    """The path of a folder; ``check`` gives an existing one, ``~`` expanded, absolute."""

    def check(self, value: Any) -> Path:
        if not isinstance(value, str | os.PathLike):
            raise ValueError("the path of a folder")
        return _existing(os.fspath(value), "folder", os.path.isdir)


class Program(Text):
    """An executable: its path, which ``check`` gives with ``~`` expanded and absolute, or the bare name of one on ``PATH``.

    Whether it can be started is seen when it is.
    """

    def check(self, value: Any) -> str:
        if not isinstance(value, str | os.PathLike):
            raise ValueError("the path of an executable, or its name on PATH")
        named = self.read(os.fspath(value))
        if os.path.basename(named) == named:
            return named
        return os.path.abspath(os.path.expanduser(named))


class Setting(Kind):
    """A setting as the CLI reads it: the value is TOML, or, where it is not, the text itself."""

    def read(self, text: str) -> dict[str, Any]:
        import tomllib

        key, equals, value = text.partition("=")
        key = key.strip()
        if not equals or not SETTING_KEY.fullmatch(key):
            raise ValueError('KEY=VALUE, such as model_verbosity=low or \'tools=["a", "b"]\'')
        try:
            return {key: tomllib.loads(f"value = {value}")["value"]}
        except tomllib.TOMLDecodeError:
            if value.lstrip()[:1] in ("[", "{", '"', "'"):
                raise ValueError(
                    'VALUE in TOML; quote the whole when it holds blanks: \'KEY=["a", "b"]\''
                ) from None
            return {key: value}

    def collect(self, values: Any, one: Any) -> Any:
        return {**(values or {}), **one}

    def check_all(self, values: Any) -> dict[str, Any]:
        if not isinstance(values, Mapping) or not all(isinstance(key, str) for key in values):
            raise ValueError(
                "a dict from dotted keys to values, such as {'model_verbosity': 'low'}"
            )
        return dict(values)


class Seconds(Kind):
    """A time in seconds, above zero: a number, or a number with ``s``, ``m`` or ``h``."""

    WANTED = "a time above zero: 90 (seconds), 90s, 5m or 1h"

    def read(self, text: str) -> float:
        match = TIME.fullmatch(text)
        return self._positive(float(match["number"]) * SECONDS_IN[match["unit"]] if match else 0.0)

    def check(self, value: Any) -> float:
        if isinstance(value, str):
            return self.read(value)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(self.WANTED)
        return self._positive(float(value))

    def _positive(self, seconds: float) -> float:
        if not 0 < seconds < math.inf:
            raise ValueError(self.WANTED)
        return seconds


def _existing(name: str, what: str, exists: Any) -> Path:
    path = os.path.abspath(os.path.expanduser(name))
    if not name or not exists(path):
        raise MissingError(f"There is no {what} {name!r}.")
    return Path(path)
