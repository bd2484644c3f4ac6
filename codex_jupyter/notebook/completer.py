"""Completion behind ``%codex`` and ``%%codex``: options, values, commands, names of the kernel.

What an option or a command is comes from its table; what changes while the kernel lives (models,
names, threads) comes from `Sources`, which answer from what is known already: a key press must not
wait. Where the cursor stands is read from the text alone, in `place_of`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from IPython.core.completer import (
    CompletionContext,
    SimpleCompletion,
    SimpleMatcherResult,
    context_matcher,
)

from codex_jupyter.notebook.cell_text import CELL, MAGIC
from codex_jupyter.notebook.command_words import COMMAND_TABLE, COMMANDS_BY_WORD, CommandSpec
from codex_jupyter.notebook.option_table import OPTION_TABLE, OPTIONS_BY_NAME, OptionSpec
from codex_jupyter.notebook.options import HELP_NAMES, QUOTES

MARK = "_codex_jupyter_matcher"
LINE_BEFORE = re.compile(
    rf"[ \t]*(?:[^=%]*=[ \t]*)?%{MAGIC}[ \t](?P<text>.*)\Z"  # also behind `name = `
)
BLANKS = " \t"
WORD = re.compile(r"[^ \t]*")
MENTION = re.compile(r"(?<!\w)@(?P<name>[^\W\d]?\w*)\Z")


class Sources(Protocol):
    """What completion offers that no table holds. Each answers at once, from what is known."""

    def models(self) -> list[str]:
        """Names of models, for ``-m``."""
        ...

    def names(self) -> list[str]:
        """Names of variables, for ``--with``, ``-o`` and ``@``."""
        ...

    def threads(self) -> list[str]:
        """Names of threads, for ``-t``."""
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
    option: OptionSpec | None = None
    command: CommandSpec | None = None
    given: frozenset[str] = frozenset()


def place_of(text: str) -> Place:
    """Where the end of ``text``, the text behind ``%codex`` up to the cursor, stands.

    Example:
        >>> place_of("-s wor").kind, place_of("-s wor").fragment
        ('value', 'wor')
        >>> place_of("-q why --mo").kind
        'prompt'
    """
    position = 0
    given: set[str] = set()
    while True:
        position = _past_blanks(text, position)
        word = _word_at(text, position)
        end = position + len(word)
        name, equals, joined = word.partition("=")
        spec = OPTIONS_BY_NAME.get(name)
        if spec is not None and not spec.is_flag and (equals or end < len(text)):
            begin = end - len(joined) if equals else _past_blanks(text, end)
            fragment, position = _value_at(text, begin)
            if position is None:
                return Place("value", fragment, option=spec, given=frozenset(given))
            given.add(spec.field)
        elif end == len(text):
            if word.startswith("-"):
                return Place("option", word, given=frozenset(given))
            if word.startswith("/"):
                return Place("command", word[1:], given=frozenset(given))
            return Place("word", word, given=frozenset(given))
        elif spec is not None:
            given.add(spec.field)
            position = end
        else:
            command = COMMANDS_BY_WORD.get(word.removeprefix("/"))
            rest = text[end:].lstrip(BLANKS)
            if command is not None and (word.startswith("/") or rest.startswith("-") or not rest):
                return Place("after command", text.rpartition(" ")[2], command=command)
            return Place("prompt", text)


class Completions:
    """The matcher that IPython asks, with the sources it looks things up in."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    def matcher(self) -> Any:
        """A matcher of IPython's second version, to stand in ``Completer.custom_matchers``."""
        second_version: Any = context_matcher(identifier="codex_jupyter", priority=100)

        @second_version
        def match(context: CompletionContext) -> SimpleMatcherResult:
            fragment, found, sure = self.offers(context.full_text, _offset_of(context))
            return SimpleMatcherResult(
                completions=found, suppress=sure and bool(found), matched_fragment=fragment
            )

        return match

    def offers(self, cell: str, cursor: int) -> tuple[str, list[SimpleCompletion], bool]:
        """What may stand at the cursor: the typed piece, the completions, and whether only these
        make sense there."""
        text, in_body = _behind_magic(cell, cursor)
        if text is None:
            return "", [], False
        place = Place("prompt", text) if in_body else place_of(text)
        if place.kind == "prompt":
            return self._mentions(place.fragment)
        if place.kind == "value":
            fragment, words = self._values(place.option, place.fragment)
            return fragment, _matching(words, fragment, "value"), True
        if place.kind == "option":
            return place.fragment, _options(place), True
        if place.kind == "after command":
            words = self._behind_command(place.command)
            return place.fragment, _matching(words, place.fragment, "value"), True
        commands = [spec.name for spec in COMMAND_TABLE]
        if place.kind == "command":
            return place.fragment, _matching(COMMANDS_BY_WORD, place.fragment, "command"), True
        if not place.fragment:
            slashed = _matching((f"/{name}" for name in commands), "", "command")
            return "", [*_options(place), *slashed], True
        if place.fragment.startswith("@"):
            return self._mentions(place.fragment)
        return place.fragment, _matching(commands, place.fragment, "command"), False

    def _mentions(self, text: str) -> tuple[str, list[SimpleCompletion], bool]:
        mention = MENTION.search(text)
        if mention is None:
            return "", [], False
        return mention["name"], _matching(self._sources.names(), mention["name"], "instance"), True

    def _values(self, option: OptionSpec | None, fragment: str) -> tuple[str, Iterable[str]]:
        if option is None:
            return fragment, ()
        if option.choices:
            return fragment, [choice.value for choice in option.choices]
        if option.field == "model":
            return fragment, self._sources.models()
        if option.field == "thread":
            return fragment, self._sources.threads()
        if option.field == "with_names":
            return fragment.rpartition(",")[2], self._sources.names()
        if option.field in ("output", "output_schema"):
            return fragment, self._sources.names()
        if option.field == "local_provider":
            return fragment, ("lmstudio", "ollama")
        return fragment, ()  # IPython completes files by itself

    def _behind_command(self, command: CommandSpec | None) -> Iterable[str]:
        if command is None:
            return ()
        if command.flags:
            return [flag.name for flag in command.flags]
        if command.name == "help":
            return [spec.name for spec in COMMAND_TABLE]
        if command.name in ("resume", "archive"):
            return self._sources.threads()
        same = OPTIONS_BY_NAME.get(f"--{command.name}")
        if same is None and command.name == "permissions":
            same = OPTIONS_BY_NAME["--approval"]
        return self._values(same, "")[1]


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


def _options(place: Place) -> list[SimpleCompletion]:
    """The options that may still be given: by their long name, or by the alias being typed."""
    found = []
    for spec in OPTION_TABLE:
        if spec.field in place.given and not spec.repeatable:
            continue
        names = (spec.name, *reversed(spec.names))
        fits = [name for name in names if name.startswith(place.fragment)]
        found += fits[:1]
    found += [name for name in HELP_NAMES[:1] if name.startswith(place.fragment)]
    return [SimpleCompletion(text=name, type="option") for name in found]


def _matching(words: Iterable[str], fragment: str, kind: str) -> list[SimpleCompletion]:
    return [SimpleCompletion(text=word, type=kind) for word in words if word.startswith(fragment)]


def _value_at(text: str, begin: int) -> tuple[str, int | None]:
    """The value that begins here and where it ends, or None for its end where it is being typed."""
    if text[begin : begin + 1] in tuple(QUOTES):
        close = text.find(text[begin], begin + 1)
        if close < 0:
            return text[begin + 1 :], None
        return text[begin + 1 : close], close + 1
    word = _word_at(text, begin)
    end = begin + len(word)
    return word, end if end < len(text) else None


def _past_blanks(text: str, position: int) -> int:
    while position < len(text) and text[position] in BLANKS:
        position += 1
    return position


def _word_at(text: str, position: int) -> str:
    match = WORD.match(text, position)
    return match[0] if match else ""
