"""What each ``%codex /COMMAND`` does: small modules by subject, which declare their commands (``notebook/command.py``).

Every module of this package is a place for commands, and no other is: a command is added by writing it in one of them or
in a new one. Commands show their outcome with ``notice.show``; they never print markup. The modules are imported when a
line is first read, not when the extension is loaded.
"""

from __future__ import annotations

import importlib
from functools import cache
from typing import get_args

from codex_jupyter.notebook.command import Command, Group


@cache
def commands() -> tuple[Command, ...]:
    """Every command, in the order of help."""
    groups = get_args(Group)
    return tuple(sorted(_declared(), key=lambda command: groups.index(command.group)))


@cache
def commands_by_word() -> dict[str, Command]:
    """Every word that names a command."""
    return {word: command for command in commands() for word in command.words}


def _declared() -> list[Command]:
    import pkgutil

    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    modules = [importlib.import_module(f"{__name__}.{name}") for name in names]
    return [
        value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, Command) and value.run.__module__ == module.__name__
    ]
