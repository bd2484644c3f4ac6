"""What each ``%codex /COMMAND`` does: one function a command, in small modules by subject.

A command is a function ``(magics, command, options) -> value`` registered under its name; the words and flags are
``command_words``. Commands show their outcome with ``notice.show``; they never print markup.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from codex_jupyter.errors import OptionError

if TYPE_CHECKING:
    from codex_jupyter.notebook.magics import CodexMagics
    from codex_jupyter.notebook.options import Command, Options

#: Where each command lives; imported when first used.
HOMES = {
    "help": "basics",
    "status": "basics",
    "new": "basics",
    "interrupt": "turns",
    "stop": "turns",
    "steer": "turns",
    "model": "choices",
    "effort": "choices",
    "sandbox": "choices",
    "permissions": "approvals",
    "pending": "approvals",
    "threads": "conversations",
    "resume": "conversations",
    "fork": "conversations",
    "name": "conversations",
    "archive": "conversations",
    "transcript": "conversations",
    "review": "jobs",
    "compact": "jobs",
    "fix": "jobs",
    "diff": "jobs",
    "doctor": "checks",
    "mcp": "checks",
    "context": "checks",
    "login": "account",
    "logout": "account",
    "account": "account",
    "usage": "account",
}


def run_command(magics: CodexMagics, command: Command, options: Options) -> Any:
    """Run one command.

    Raises:
        OptionError: there is no such command, or its arguments do not fit.
    """
    home = HOMES.get(command.name)
    if home is None:
        raise OptionError(f"There is no command /{command.name}.", "See %codex --help.")
    module = importlib.import_module(f"{__name__}.{home}")
    return getattr(module, command.name.replace("-", "_"))(magics, command, options)


def show_state(magics: CodexMagics, options: Options) -> None:
    """Bare ``%codex``: how things stand, and four examples."""
    from codex_jupyter.notebook.commands.basics import state

    state(magics, options)
