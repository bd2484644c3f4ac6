"""The help screens, as plain text: what `option_table` and `command_words` hold, laid out.

Nothing is said here about a single option or command; that stands in the tables. At most 79
columns.
"""

from __future__ import annotations

import textwrap
from itertools import groupby

from codex_jupyter.errors import OptionError
from codex_jupyter.notebook.command_words import COMMAND_TABLE, COMMANDS_BY_WORD, CommandSpec
from codex_jupyter.notebook.option_table import OPTION_TABLE, OptionSpec

WIDTH = 79
COLUMN = 30

EXAMPLES = """\
  %codex What does load.py do?             ask in one line
  %%codex -s workspace-write               the cell below is the prompt,
  Fix the failing test.                      verbatim, whatever it looks like
  answer = %codex --with df Any outliers?  show a variable, keep the answer
  %codex login                             sign in
"""

REACH = {
    "turn": "Holds for this turn.",
    "thread": "Holds from the thread's start on.",
    "cell": "Says what this cell does with the turn.",
}


def help_text() -> str:
    """What ``%codex --help`` prints: examples, options by subject, commands."""
    parts = ["%codex [options] PROMPT      %%codex [options]      %codex /COMMAND", "", EXAMPLES]
    for group, specs in groupby(OPTION_TABLE, key=lambda spec: spec.group):
        parts.append(f"{group}:")
        for spec in specs:
            parts += _option_lines(spec)
    parts += [
        f"{'  --':{COLUMN}}end of the options",
        "",
        "Options stand before the prompt; what follows them is sent as it is.",
        "`%codex /help -s` says more about one; `%config CodexMagics` sets defaults.",
        "",
        "Commands (`%codex /help login` says more about one):",
        *_command_columns(),
    ]
    return "\n".join(parts) + "\n"


def command_help(name: str) -> str:
    """What ``%codex NAME --help`` prints about one command, or about one option such as ``-s``.

    Raises:
        OptionError: nothing has this name.
    """
    option = next((spec for spec in OPTION_TABLE if name in spec.names), None)
    if option is not None:
        return _option_help(option)
    spec = COMMANDS_BY_WORD.get(name.removeprefix("/"))
    if spec is None:
        raise OptionError(f"There is no command {name!r}.", "`%codex --help` lists them.")
    lines = [_usage(spec), f"  {_sentence(spec.help)}"]
    if spec.aliases:
        lines.append(f"  Also: {', '.join(f'/{alias}' for alias in spec.aliases)}")
    lines += [_row(flag.name, flag.help) for flag in spec.flags]
    return "\n".join(lines) + "\n"


def _usage(spec: CommandSpec) -> str:
    usage = f"%codex /{spec.name}"
    if spec.flags:
        usage += f" [{' | '.join(flag.name for flag in spec.flags)}]"
    return f"{usage} {spec.takes}".rstrip()


def _option_help(spec: OptionSpec) -> str:
    value = f" {spec.metavar}" if spec.metavar else ""
    lines = [f"{', '.join(spec.names)}{value}", f"  {_sentence(spec.help)} {REACH[spec.lands]}"]
    if spec.repeatable:
        lines.append("  May be given more than once.")
    lines += [_row(choice.value, choice.meaning) for choice in spec.choices]
    lines += [_row(said, f"means {meant}") for said, meant in spec.understood if said != meant]
    return "\n".join(lines) + "\n"


def _option_lines(spec: OptionSpec) -> list[str]:
    names = spec.names[:2] if len(spec.names[0]) == 2 else spec.names[:1]
    value = f" {spec.metavar}" if spec.metavar else ""
    left, values = f"{', '.join(names)}{value}", " | ".join(c.value for c in spec.choices)
    together = _row(left, f"{spec.help}: {values}" if values else spec.help)
    if len(together) <= WIDTH:
        return [together]
    indent = " " * COLUMN
    wrapped = textwrap.wrap(values, WIDTH, initial_indent=indent, subsequent_indent=indent)
    return [_row(left, f"{spec.help}:"), *wrapped]


def _row(left: str, right: str) -> str:
    """Two columns; a long left one pushes the right one on."""
    left = f"  {left}"
    gap = " " * max(COLUMN - len(left), 2)
    return f"{left}{gap}{right}".rstrip()


def _command_columns() -> list[str]:
    words = " ".join(f"/{spec.name}" for spec in COMMAND_TABLE)
    return textwrap.wrap(words, WIDTH, initial_indent="  ", subsequent_indent="  ")


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
