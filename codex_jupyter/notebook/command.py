"""What a command is: how it is written, what it does, and what it may use of the cell that it is typed in.

A command is one function, declared where it is written::

    @command("stop", group="Turns", help="stop every turn that runs")
    def stop(caller: Caller, typed: TypedCommand, options: Options) -> None:
        ...

The modules of ``commands/`` are looked through for declarations, so that is all it needs: the parser, ``/help``,
completion and ``docs/commands.md`` follow from it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

from codex_jupyter.settings import OPTIONS_BY_NAME, Choice, Option, Options, Source

if TYPE_CHECKING:
    from codex_jupyter.core.document import Table
    from codex_jupyter.session.session import Session

Group = Literal["Conversations", "Turns", "What holds", "Account", "This installation"]
"""The headings of ``/help``, in their order."""


@dataclass(frozen=True)
class Flag:
    """An option that belongs to one command and takes no value, such as ``--device`` of
    ``login``."""

    name: str
    help: str

    @property
    def word(self) -> str:
        """The flag without its dashes: ``device``."""
        return self.name.lstrip("-")


@dataclass(frozen=True)
class TypedCommand:
    """A command that was typed in the place of a prompt.

    Attributes:
        name: the command's own name, whichever alias was typed.
        args: the text behind the command and its options, to the byte; ``""`` when there is none.
        flags: the command's own options that were given, without dashes, such as ``{"device"}``.
    """

    name: str
    args: str = ""
    flags: frozenset[str] = field(default=frozenset())


class Caller(Protocol):
    """What a command may use of the cell that it is typed in."""

    shell: Any

    def session(self) -> Session:
        """The kernel's default session."""
        ...

    def ask(self, prompt: str, options: Options, sent: tuple[str, ...] = ()) -> Any:
        """Run a prompt as a turn. ``sent``: what of the user's data the prompt itself holds, for the footer."""
        ...

    def run_job(self, title: str, options: Options, work: dict[str, Any]) -> Any:
        """Run a turn that is not a prompt of the user's: a review, a summary."""
        ...

    def commands(self) -> list[tuple[str, Table]]:
        """Every command, by subject."""
        ...

    def help(self, word: str) -> str:
        """The help of a command or an option."""
        ...


Run = Callable[[Caller, TypedCommand, Options], Any]


@dataclass(frozen=True)
class Command:
    """How one command is written, and the function that it is.

    Attributes:
        name: the word after the slash.
        run: what it does; raises ``UserError`` where it cannot.
        help: one line for the help screen, without a full stop.
        group: the heading it stands under in help.
        takes: what may follow, as help shows it; ``""`` when nothing may.
        aliases: other words for the same command.
        flags: its own options.
        offers: what Tab offers behind it.
        options: options of a turn that may be written behind it, such as ``-s read-only`` behind ``/permissions``.
        refuses_keys: whether a word behind it is taken for a key, which the notebook would save, and refused.
    """

    name: str
    run: Run
    help: str
    group: Group
    takes: str = ""
    aliases: tuple[str, ...] = ()
    flags: tuple[Flag, ...] = ()
    offers: tuple[Choice, ...] | Source = ()
    options: tuple[Option, ...] = ()
    refuses_keys: bool = False

    @property
    def words(self) -> tuple[str, ...]:
        """Every word that names it."""
        return (self.name, *self.aliases)


def command(
    name: str,
    *,
    help: str,
    group: Group,
    takes: str = "",
    aliases: tuple[str, ...] = (),
    flags: tuple[Flag, ...] = (),
    offers: tuple[Choice, ...] | Source = (),
    options: tuple[str, ...] = (),
    refuses_keys: bool = False,
) -> Callable[[Run], Command]:
    """Make a function the command of this name; see `Command`. ``options`` are spellings, such as ``"-s"``."""
    behind = tuple(OPTIONS_BY_NAME[spelling] for spelling in options)

    def declare(run: Run) -> Command:
        return Command(name, run, help, group, takes, aliases, flags, offers, behind, refuses_keys)

    return declare
