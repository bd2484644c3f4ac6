"""Completion behind ``%codex`` and ``%%codex``: options, values, commands, names of the kernel.

What an option or a command is comes from its declaration; what changes while the kernel lives (models, names,
conversations) comes from `Sources`. Where the cursor stands is read from the text alone, in `place_of`.

Each offer carries its meaning where IPython has a place for it, the completion's type, which JupyterLab and the terminal
show beside the word; and offers keep their order, the safest value first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

from IPython.core.completer import (
    CompletionContext,
    SimpleCompletion,
    SimpleMatcherResult,
    context_matcher,
)

from codex_jupyter.notebook.cell_text import CELL, MAGIC
from codex_jupyter.notebook.line_words import BLANKS, HELP_NAMES, QUOTES, skip_blanks, word_at
from codex_jupyter.settings import OPTIONS_BY_NAME, TYPED_OPTIONS, Choice, Option, Source
from codex_jupyter.settings.kinds import Names

if TYPE_CHECKING:
    from codex_jupyter.notebook.command import Command

MARK = "_codex_jupyter_matcher"
LINE_BEFORE = re.compile(
    rf"[ \t]*(?:[^=%]*=[ \t]*)?%{MAGIC}[ \t](?P<text>.*)\Z"  # also behind `name = `
)
MENTION = re.compile(r"(?<!\w)@(?P<name>[^\W\d]?\w*)\Z")


class Sources(Protocol):
    """What completion offers that is not declared. Each answers at once."""

    def models(self) -> list[Choice]:
        """Models, for ``-m``."""
        ...

    def variables(self) -> list[Choice]:
        """Variables, for ``--with``, ``-o`` and ``@``."""
        ...

    def conversations(self) -> list[Choice]:
        """Conversations, for ``-t``."""
        ...


@dataclass(frozen=True)
class Place:
    """Where the cursor stands behind the magic, and the piece of text before it to complete.

    Attributes:
        kind: in an option's name, in its value, in a command's word, in what follows a command, in
            the first word of what may be a command or a prompt, or in the prompt.
        fragment: what was typed of it.
        option: the option whose value it is.
        command: the command that it follows.
        given: the fields of the options that stand before it.
    """

    kind: Literal["option", "value", "command", "after command", "word", "prompt"]
    fragment: str
    option: Option | None = None
    command: Command | None = None
    given: frozenset[str] = frozenset()


def place_of(text: str) -> Place:
    """Where the end of ``text``, the text behind ``%codex`` up to the cursor, stands.

    Example:
        >>> place_of("-s wor").kind, place_of("-s wor").fragment
        ('value', 'wor')
        >>> place_of("-q why --mo").kind
        'prompt'
    """
    from codex_jupyter.notebook.commands import commands_by_word

    position = 0
    given: set[str] = set()
    while True:
        position = skip_blanks(text, position)
        word = word_at(text, position)
        end = position + len(word)
        name, equals, joined = word.partition("=")
        option = OPTIONS_BY_NAME.get(name)
        if option is not None and not option.is_flag and (equals or end < len(text)):
            begin = end - len(joined) if equals else skip_blanks(text, end)
            fragment, position = _value_at(text, begin)
            if position is None:
                return Place("value", fragment, option=option, given=frozenset(given))
            given.add(option.field)
        elif end == len(text):
            if word.startswith("-"):
                return Place("option", word, given=frozenset(given))
            if word.startswith("/"):
                return Place("command", word[1:], given=frozenset(given))
            return Place("word", word, given=frozenset(given))
        elif option is not None:
            given.add(option.field)
            position = end
        else:
            command = commands_by_word().get(word.removeprefix("/"))
            rest = text[end:].lstrip(BLANKS)
            if command is not None and (word.startswith("/") or rest.startswith("-") or not rest):
                return _behind(command, text[end:])
            return Place("prompt", text)


def _behind(command: Command, text: str) -> Place:
    """Where the end of ``text``, the text behind a command's word, stands."""
    before, _, fragment = text.rpartition(" ")
    previous = before.rpartition(" ")[2]
    option = next((option for option in command.options if previous in option.names), None)
    if option is not None:
        return Place("value", fragment, option=option)
    return Place("after command", fragment, command=command)


class Completions:
    """The matcher that IPython asks, with the sources it looks things up in."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    def matcher(self) -> Any:
        """A matcher of IPython's second version, to stand in ``Completer.custom_matchers``."""
        second_version: Any = context_matcher(identifier="codex_jupyter", priority=100)

        @second_version
        def match(context: CompletionContext) -> SimpleMatcherResult:
            fragment, offered, sure = self.offers(context.full_text, _offset_of(context))
            return SimpleMatcherResult(
                completions=[SimpleCompletion(text=o.value, type=o.meaning) for o in offered],
                suppress=sure and bool(offered),
                matched_fragment=fragment,
                ordered=True,
            )

        return match

    def offers(self, cell: str, cursor: int) -> tuple[str, list[Choice], bool]:
        """What may stand at the cursor.

        Args:
            cell: the whole text of the cell.
            cursor: the offset in it.

        Returns:
            The piece of text that is completed; words with their meanings, in the order in which they are to be shown;
            and whether nothing else can be meant.
        """
        text, in_body = _behind_magic(cell, cursor)
        if text is None:
            return "", [], False
        place = Place("prompt", text) if in_body else place_of(text)
        if place.kind == "prompt":
            return self._mentions(place.fragment)
        if place.kind == "value":
            fragment, choices = self._values(place.option, place.fragment)
            return fragment, _beginning(choices, fragment), True
        if place.kind == "option":
            return place.fragment, _options(place), True
        if place.kind == "after command":
            choices = self._behind_command(place.command)
            return place.fragment, _beginning(choices, place.fragment), True
        if place.kind == "command":
            return place.fragment, _beginning(_words(aliases=True), place.fragment), True
        if not place.fragment:
            slashed = [Choice(f"/{word.value}", word.meaning) for word in _words()]
            return "", [*_options(place), *slashed], True
        if place.fragment.startswith("@"):
            return self._mentions(place.fragment)
        return place.fragment, _beginning(_words(), place.fragment), False

    def _mentions(self, text: str) -> tuple[str, list[Choice], bool]:
        mention = MENTION.search(text)
        if mention is None:
            return "", [], False
        return mention["name"], _beginning(self._sources.variables(), mention["name"]), True

    def _values(self, option: Option | None, fragment: str) -> tuple[str, Iterable[Choice]]:
        if option is None:
            return fragment, ()
        if isinstance(option.kind, Names):
            fragment = fragment.rpartition(",")[2]
        return fragment, option.choices or self._offered(option.offers)

    def _behind_command(self, command: Command | None) -> Iterable[Choice]:
        if command is None:
            return ()
        flags = [Choice(flag.name, flag.help) for flag in command.flags]
        options = [Choice(option.names[0], option.help) for option in command.options]
        values = [choice for option in command.options for choice in option.choices]
        return [*flags, *options, *self._offered(command.offers), *values]

    def _offered(self, offers: tuple[Choice, ...] | Source) -> Iterable[Choice]:
        if isinstance(offers, tuple):
            return offers
        if offers == "models":
            return self._sources.models()
        if offers == "variables":
            return self._sources.variables()
        if offers == "conversations":
            return self._sources.conversations()
        if offers == "commands":
            return _words()
        return ()  # IPython completes files by itself


def install(shell: Any, sources: Sources) -> None:
    """Offer completions in ``shell``, an `InteractiveShell`. Twice is once, with the newest
    sources."""
    uninstall(shell)
    matcher = Completions(sources).matcher()
    setattr(shell, MARK, matcher)
    shell.Completer.custom_matchers.append(matcher)


def uninstall(shell: Any) -> None:
    """Take off what `install` put there; other matchers stay."""
    matcher = getattr(shell, MARK, None)
    if matcher is None:
        return
    delattr(shell, MARK)
    if matcher in shell.Completer.custom_matchers:
        shell.Completer.custom_matchers.remove(matcher)


def _behind_magic(cell: str, cursor: int) -> tuple[str | None, bool]:
    """The text of ours before the cursor, and whether it stands in the body of a cell; None where
    nothing is ours."""
    before = cell[:cursor]
    magic = CELL.match(cell)
    if magic is not None:
        if cursor >= magic.end() and magic["end"]:
            return before[magic.end() :].rpartition("\n")[2], True
        return (before[magic.start("text") + 1 :] if cursor > magic.start("text") else None), False
    line = LINE_BEFORE.match(before.rpartition("\n")[2])
    return (line["text"] if line else None), False


def _offset_of(context: CompletionContext) -> int:
    lines = context.full_text.split("\n")[: context.cursor_line]
    return sum(len(line) + 1 for line in lines) + context.cursor_position


def _options(place: Place) -> list[Choice]:
    """The options that may still be given: by their long name, or by the alias being typed."""
    offered = []
    for option in TYPED_OPTIONS:
        if option.field in place.given and not option.repeatable:
            continue
        names = (option.name, *reversed(option.names))
        fits = [name for name in names if name.startswith(place.fragment)]
        offered += [Choice(name, option.help) for name in fits[:1]]
    return [
        *offered,
        *_beginning([Choice(HELP_NAMES[0], "what can be written here")], place.fragment),
    ]


def _words(*, aliases: bool = False) -> list[Choice]:
    from codex_jupyter.notebook.commands import commands

    return [
        Choice(word, command.help)
        for command in commands()
        for word in (command.words if aliases else command.words[:1])
    ]


def _beginning(choices: Iterable[Choice], fragment: str) -> list[Choice]:
    return [choice for choice in choices if choice.value.startswith(fragment)]


def _value_at(text: str, begin: int) -> tuple[str, int | None]:
    """The value that begins here and where it ends, or None for its end where it is being typed."""
    if text[begin : begin + 1] in tuple(QUOTES):
        close = text.find(text[begin], begin + 1)
        if close < 0:
            return text[begin + 1 :], None
        return text[begin + 1 : close], close + 1
    word = word_at(text, begin)
    end = begin + len(word)
    return word, end if end < len(text) else None
