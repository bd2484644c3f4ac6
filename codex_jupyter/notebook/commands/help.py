"""``/help``: what can be typed."""

from __future__ import annotations

from codex_jupyter.notebook.command import Caller, TypedCommand, command
from codex_jupyter.notebook.notice import Section, show
from codex_jupyter.settings import Options


@command(
    "help",
    group="This installation",
    help="these commands, or more about one of them",
    takes="[COMMAND]",
    offers="commands",
)
def help(caller: Caller, typed: TypedCommand, options: Options) -> None:
    """Show the list of commands, or print the help of one command or option."""
    if word := typed.args.strip():
        print(caller.help(word), end="")
        return
    show(
        "Commands",
        sections=[Section(group, (table,)) for group, table in caller.commands()],
        lines=("`%codex /help login` says more about one; `%codex --help` lists the options.",),
    )
