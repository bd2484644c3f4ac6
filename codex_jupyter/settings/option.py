"""What an option is: its spellings, its kind of value, what it means, and what is said of a wrong value."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from codex_jupyter.errors import OptionError
from codex_jupyter.settings.kinds import Choice, Flag, Kind, MissingError

Scope = Literal["turn", "conversation", "kernel", "cell"]
"""How far an option reaches: this turn, the conversation from its start on, everything in this kernel, or only what this
cell does with its turn."""

Source = Literal["models", "variables", "conversations", "commands", "files"]
"""What can only be known while a kernel lives: where completion looks up what to offer."""

CELL = "this cell"
"""Where the options of a cell come from, in messages."""


@dataclass(frozen=True)
class Option:
    """How one option is written, and what becomes of it.

    Attributes:
        field: the field that declares and holds it.
        names: its spellings, short ones first; none when only ``%config`` and programs can set it.
        kind: what its value may be.
        help: one line for the help screen, without a full stop.
        scope: how far it reaches.
        group: the heading it stands under in help.
        repeatable: whether it may be given more than once; its values are then collected.
        trait: whether ``%config CodexMagics.<field>`` sets its default.
        offers: what Tab offers for its value, where that is not the kind's own choices.
        when_unset: what holds when nobody chose, in words; with such words the option is shown by ``/status``.
        by_codex: where the value that Codex has by itself comes from, in words.
        shown_as: what it is called where its value is shown; ``""`` for the field's name.
        keyword: whether programs give it to ``session.run`` and ``session.start``.
        default: what holds when nobody chose, as a value.
    """

    field: str
    names: tuple[str, ...]
    kind: Kind
    help: str
    scope: Scope
    group: str
    repeatable: bool = False
    trait: bool = False
    offers: tuple[Choice, ...] | Source = ()
    when_unset: str = ""
    by_codex: str = ""
    shown_as: str = ""
    keyword: bool = True
    default: Any = None

    @property
    def label(self) -> str:
        """What it is called where its value is shown."""
        return self.shown_as or self.field

    @property
    def name(self) -> str:
        """The spelling that messages use, such as ``--model``; the field's name when it has none."""
        return next((name for name in self.names if name.startswith("--")), self.field)

    @property
    def is_flag(self) -> bool:
        """True when the option takes no value."""
        return isinstance(self.kind, Flag)

    @property
    def metavar(self) -> str:
        """What stands for the value in help; ``""`` for a flag."""
        return self.kind.metavar

    @property
    def choices(self) -> tuple[Choice, ...]:
        """The values that are offered; empty when any text of the right form will do."""
        return self.kind.choices

    @property
    def keywords(self) -> tuple[str, ...]:
        """The names by which programs give it: the field, and the long spelling where that differs."""
        if not self.keyword:
            return ()
        return tuple(dict.fromkeys((self.field, self.name.lstrip("-").replace("-", "_"))))

    def meaning(self, value: Any) -> str:
        """What one of the values means, or ``""``."""
        values = (*self.choices, *self.kind.unoffered)
        return next((choice.meaning for choice in values if choice.value == value), "")

    def read(self, text: str) -> Any:
        """The value that ``text`` stands for, by its form alone.

        Raises:
            OptionError: ``text`` is not a value of this option; the hint says what is.
        """
        try:
            return self.kind.read(text)
        except ValueError as wrong:
            problem = "is not known" if self.choices else "cannot be understood"
            raise OptionError(
                f"{self.name} {quoted(text)} {problem}.{self._nearest(text)}",
                f"{self.name} wants {wrong}.",
            ) from None

    def check(self, value: Any, origin: str) -> Any:
        """The value as a setting holds it; a folder or file that it names exists.

        Args:
            value: from a cell, ``%config`` or a program.
            origin: where it comes from, for the message, such as ``"this cell"`` or ``"this call"``.

        Raises:
            OptionError: it cannot be a value of this option.
        """
        try:
            return self.kind.check_all(value) if self.repeatable else self.kind.check(value)
        except MissingError as missing:
            raise OptionError(
                f"{missing} Nothing was sent.", f"Check {self._place(origin).rstrip(' =')}."
            ) from None
        except ValueError as wrong:
            raise OptionError(
                f"{self._place(origin)}{quoted(value)} does not work."
                f"{self._nearest(value)} Nothing was sent.",
                f"{self.field} wants {wrong}.",
            ) from None

    def _place(self, origin: str) -> str:
        """What stands before the value where it was written."""
        if origin.startswith("%config"):
            return f"{origin}.{self.field} = "
        if origin == CELL and self.names:
            return f"{'/'.join(self.names[:2])} "
        return f"{self.field}="

    def _nearest(self, value: Any) -> str:
        if not isinstance(value, str):
            return ""
        return did_you_mean(value, [choice.value for choice in self.choices])


def option(
    *names: str,
    kind: Kind,
    help: str,
    scope: Scope,
    group: str,
    default: Any = None,
    repeatable: bool = False,
    trait: bool = False,
    offers: tuple[Choice, ...] | Source = (),
    when_unset: str = "",
    by_codex: str = "",
    shown_as: str = "",
    keyword: bool = True,
) -> Any:
    """A field of a dataclass that declares its option; see `Option`."""
    declared = Option(
        field="",
        names=names,
        kind=kind,
        help=help,
        scope=scope,
        group=group,
        repeatable=repeatable,
        trait=trait,
        offers=offers,
        when_unset=when_unset,
        by_codex=by_codex,
        shown_as=shown_as,
        keyword=keyword,
        default=default,
    )
    metadata = {"option": declared}
    if isinstance(default, dict):
        return dataclasses.field(default_factory=lambda: dict(default), metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


def options_of(declaring: type) -> tuple[Option, ...]:
    """The options that the fields of a dataclass declare, in their order."""
    return tuple(
        dataclasses.replace(field.metadata["option"], field=field.name)
        for field in dataclasses.fields(declaring)
        if "option" in field.metadata
    )


def did_you_mean(word: str, words: Iterable[str], *, prefix: str = "", suffix: str = "") -> str:
    """`` Did you mean ...?``, or nothing when none of ``words`` is near.

    Example:
        >>> did_you_mean("hihg", ["low", "high"])
        ' Did you mean high?'
    """
    import difflib

    near = difflib.get_close_matches(word, list(words), n=1, cutoff=0.6)
    return f" Did you mean {prefix}{near[0]}{suffix}?" if near else ""


def quoted(value: Any) -> str:
    """A value as a message repeats it: short, on one line."""
    text = value if isinstance(value, str) else repr(value)
    text = text if len(text) <= 40 else text[:37] + "..."
    return repr(text) if isinstance(value, str) else text
