"""The table of commands: every ``%codex /COMMAND``, said once.

Only how a command is written lives here: its word, its own options, whether text may follow. What
it does lives in `commands`. Parsing, help and completion are derived from this table. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass


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
class CommandSpec:
    """How one command is written.

    Attributes:
        name: the word after the slash.
        help: one line for the help screen.
        takes: what may follow, as help shows it; ``""`` when nothing may.
        aliases: other words for the same command.
        flags: its own options.
    """

    name: str
    help: str
    takes: str = ""
    aliases: tuple[str, ...] = ()
    flags: tuple[Flag, ...] = ()


COMMAND_TABLE: tuple[CommandSpec, ...] = (
    CommandSpec(
        "login",
        "sign in to ChatGPT, or with an API key",
        flags=(
            Flag("--device", "with a code on another device"),
            Flag("--api-key", "with a key, typed into a hidden field"),
            Flag("--no-browser", "show the address instead of opening a browser"),
        ),
    ),
    CommandSpec("logout", "sign out"),
    CommandSpec("account", "who is signed in, plan and limits", "[refresh]"),
    CommandSpec("status", "thread, model, permissions, tokens"),
    CommandSpec("model", "show or set the model", "[MODEL]"),
    CommandSpec("effort", "show or set the effort", "[LEVEL]"),
    CommandSpec("permissions", "show or set who may do what", "[RULE]", aliases=("approvals",)),
    CommandSpec("pending", "what waits for an answer", "[ANSWER]"),
    CommandSpec("sandbox", "show or set the sandbox", "[MODE]"),
    CommandSpec("new", "begin a new thread", "[NAME]"),
    CommandSpec("resume", "go on with an earlier thread", "[THREAD]"),
    CommandSpec("fork", "branch off this thread", "[NAME]"),
    CommandSpec("threads", "list the threads", "[WORDS]"),
    CommandSpec("name", "name this thread", "NAME"),
    CommandSpec("archive", "put a thread away", "[THREAD]"),
    CommandSpec("compact", "shorten what the thread remembers"),
    CommandSpec("review", "review the changes in the folder", "[WHAT]"),
    CommandSpec("diff", "what the newest turn changed"),
    CommandSpec("steer", "tell a running turn something", "TEXT"),
    CommandSpec("interrupt", "stop the running turn"),
    CommandSpec("stop", "stop every turn that runs"),
    CommandSpec("fix", "explain and mend the last error", "[WORDS]"),
    CommandSpec("context", "what is sent along, switch it off", "[on|off]"),
    CommandSpec("transcript", "show or save the transcript", "[FILE]"),
    CommandSpec("mcp", "the MCP servers and their tools", "[NAME]"),
    CommandSpec("usage", "tokens and limits"),
    CommandSpec("doctor", "check the installation"),
    CommandSpec("help", "this help, or that of one command", "[COMMAND]"),
)
"""Every command, in the order of help."""

COMMANDS_BY_WORD: dict[str, CommandSpec] = {
    word: spec for spec in COMMAND_TABLE for word in (spec.name, *spec.aliases)
}
"""Every word that names a command."""
