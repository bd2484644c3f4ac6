"""``/help``: what can be typed."""

from __future__ import annotations

from codex_jupyter.notebook.command import Caller, TypedCommand, command
from codex_jupyter.settings import Options


@command(
    "help",
    group="This installation",
    help="these commands, or more about one of them",
    takes="[COMMAND]",
    offers="commands",
)
def help(caller: Caller, typed: TypedCommand, options: Options) -> None:
    """Print the list of commands, or the help of one command or option."""
    print(caller.help(typed.args.strip()), end="")
