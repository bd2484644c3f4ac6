"""The help screens, as plain text: what the declarations of options and commands hold, laid out.

Nothing is said here about a single option or command; that stands where they are declared. At most 79 columns.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from itertools import groupby

from codex_jupyter.core.document import Table
from codex_jupyter.errors import OptionError
from codex_jupyter.notebook.command import Command
from codex_jupyter.notebook.commands import commands, commands_by_word
from codex_jupyter.settings import OPTIONS_BY_NAME, TYPED_OPTIONS, Option, Scope, did_you_mean

WIDTH = 79
COLUMN = 30

EXAMPLES = """\
  %codex What does load.py do?             ask in one line
  %%codex -s workspace-write               the cell below is the prompt,
  Fix the failing test.                      verbatim, whatever it looks like
  answer = %codex --with df Any outliers?  show a variable, keep the answer
  %codex login                             sign in
"""

REACH: dict[Scope, str] = {
    "turn": "Holds for this turn.",
    "conversation": "Holds from the conversation's start on.",
    "kernel": "Holds for the whole kernel.",
    "cell": "Says what this cell does with the turn.",
}


def help_text() -> str:
    """What ``%codex --help`` prints: examples, options by subject, the words of the commands."""
    parts = ["%codex [options] PROMPT      %%codex [options]      %codex /COMMAND", "", EXAMPLES]
    for group, options in groupby(TYPED_OPTIONS, key=lambda option: option.group):
        parts.append(f"{group}:")
        for option in options:
            parts += _option_lines(option)
    parts += [
        f"{'  --':{COLUMN}}end of the options",
        "",
        "Options stand before the prompt; what follows them is sent as it is.",
        "`%codex /help -s` says more about one; `%config CodexMagics` sets defaults.",
        "",
        "Commands (`%codex /help` says what each does):",
        *_wrapped(" ".join(f"/{command.name}" for command in commands()), "  "),
    ]
    return "\n".join(parts) + "\n"


def command_tables() -> list[tuple[str, Table]]:
    """What ``%codex /help`` shows: (subject, its commands with a line each)."""
    return [
        (
            group,
            Table(
                ("", ""),
                tuple((f"/{each.name} {usage(each)}".rstrip(), each.help) for each in family),
                typed=frozenset({0}),
            ),
        )
        for group, family in groupby(commands(), key=lambda command: command.group)
    ]


def help_on(word: str) -> str:
    """What ``%codex WORD --help`` prints about one command, or about one option such as ``-s``.

    Raises:
        OptionError: nothing has this name.
    """
    option = OPTIONS_BY_NAME.get(word)
    if option is not None:
        return _option_help(option)
    command = commands_by_word().get(word.removeprefix("/"))
    if command is None:
        raise _nothing_of_this_name(word)
    lines = [f"%codex /{command.name} {usage(command)}".rstrip(), f"  {_sentence(command.help)}"]
    if command.aliases:
        lines.append(f"  Also: {', '.join(f'/{alias}' for alias in command.aliases)}")
    lines += [_row(flag.name, flag.help) for flag in command.flags]
    for option in command.options:
        lines += _option_lines(option)
    if isinstance(command.offers, tuple):
        lines += [_row(choice.value, choice.meaning) for choice in command.offers]
    return "\n".join(lines) + "\n"


def usage(command: Command) -> str:
    """What may stand behind a command's word: ``[--device | --api-key]``, ``[MODEL]``."""
    if command.flags:
        return f"[{' | '.join(flag.name for flag in command.flags)}] {command.takes}".rstrip()
    return command.takes


def _nothing_of_this_name(word: str) -> OptionError:
    if word.startswith("-"):
        near = did_you_mean(word, OPTIONS_BY_NAME)
        return OptionError(f"There is no option {word}.{near}", "`%codex --help` lists them.")
    near = did_you_mean(word.removeprefix("/"), commands_by_word(), prefix="/")
    return OptionError(f"There is no command {word!r}.{near}", "`%codex /help` lists them.")


def _option_help(option: Option) -> str:
    value = f" {option.metavar}" if option.metavar else ""
    lines = [
        f"{', '.join(option.names)}{value}",
        f"  {_sentence(option.help)} {REACH[option.scope]}",
    ]
    if option.repeatable:
        lines.append("  May be given more than once.")
    if option.when_unset:
        lines += _wrapped(f"When nobody chose: {option.when_unset}.", "  ")
    values = (*option.choices, *option.kind.unoffered)
    lines += [_row(choice.value, choice.meaning) for choice in values]
    lines += [_row(alias, f"means {value}") for alias, value in option.kind.aliases.items()]
    return "\n".join(lines) + "\n"


def _option_lines(option: Option) -> list[str]:
    names = option.names[:2] if len(option.names[0]) == 2 else option.names[:1]
    value = f" {option.metavar}" if option.metavar else ""
    left, values = f"{', '.join(names)}{value}", " | ".join(c.value for c in option.choices)
    together = _row(left, f"{option.help}: {values}" if values else option.help)
    if len(together) <= WIDTH:
        return [together]
    return [_row(left, f"{option.help}:"), *_wrapped(values, " " * COLUMN)]


def _row(left: str, right: str) -> str:
    """Two columns; a long left one pushes the right one on, or to the next line where it does not fit."""
    left = f"  {left}"
    gap = " " * max(COLUMN - len(left), 2)
    together = f"{left}{gap}{right}".rstrip()
    return together if len(together) <= WIDTH else f"{left}\n{' ' * COLUMN}{right}"


def _wrapped(text: str, indent: str) -> Sequence[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
