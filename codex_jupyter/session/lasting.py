"""What was allowed for ever: rules that the runtime wrote into CODEX_HOME, told apart and taken back one by one.

Measured with runtime 0.163: ``always`` for a command appends a line to ``rules/default.rules``; ``always`` for an MCP
tool sets its ``approval_mode`` in ``config.toml``. A conversation that is open keeps what it has read, so a running
runtime is started anew after a rule was taken back. Rules for the session are the broker's.
"""

from __future__ import annotations

import ast
import re
import shlex
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from codex_jupyter import places
from codex_jupyter.errors import UserError

if TYPE_CHECKING:
    from codex_jupyter.session.engine import Engine

_PLAIN = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Lasting:
    """Something that every Codex front end of this user does unasked.

    ``words`` are the beginning of the command (``command``), or the server and the tool (``tool``). ``line`` is the rule
    as it stands in the file, ``""`` for tools.
    """

    kind: Literal["command", "tool"]
    words: tuple[str, ...]
    file: Path
    line: str = ""

    def __str__(self) -> str:
        if self.kind == "tool":
            return f"use {'/'.join(self.words)}"
        return f"run commands that begin with `{shlex.join(self.words)}`"


def lasting(home: Path) -> list[Lasting]:
    """What the files under a CODEX_HOME allow for ever; what cannot be read or told is left out."""
    rules: list[Lasting] = []
    for file in sorted((home / "rules").glob("*.rules")):
        for line in _read(file).splitlines():
            words = _prefix(line)
            if words:
                rules.append(Lasting("command", words, file, line))
    config = home / "config.toml"
    return rules + [Lasting("tool", words, config) for words in _tools(_read(config))]


async def take_back(engine: Engine, rule: Lasting) -> None:
    """Remove the rule from its file; from the next turn on it is asked again. Runs on the session's loop.

    Raises:
        UserError: it is gone already, or the file cannot be changed from here.
    """
    if rule.kind == "command":
        _remove_line(rule)
    else:
        await _unset_tool(engine, rule)
    engine.supplier.credentials.stale = True


def _remove_line(rule: Lasting) -> None:
    by_hand = f"Delete its line in {rule.file}."
    try:
        there = places.strike_line(rule.file, rule.line, "taken back in a notebook")
    except FileNotFoundError:
        there = False
    except (OSError, ValueError) as error:
        why = (error.strerror if isinstance(error, OSError) else "") or str(error)
        raise UserError(f"The rule could not be removed: {why}.", by_hand) from None
    if not there:
        raise UserError("This rule is gone already.", "/permissions shows what is left.")


async def _unset_tool(engine: Engine, rule: Lasting) -> None:
    from codex_jupyter.runtime.failures import RuntimeRequestError

    by_hand = f"Delete its approval_mode in {rule.file}."
    if not all(_PLAIN.fullmatch(word) for word in rule.words):
        raise UserError("This name cannot be changed from here.", by_hand)
    server, tool = rule.words
    path = f"mcp_servers.{server}.tools.{tool}.approval_mode"
    try:
        await (await engine.api()).unset_config(path)
    except RuntimeRequestError as error:
        raise UserError(f"The rule could not be removed: {error.message}", by_hand) from None


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, ValueError):
        return ""


def _prefix(line: str) -> tuple[str, ...]:
    """The prefix that a line of rules allows; ``()`` for any other line.

    Example:
        >>> _prefix('prefix_rule(pattern=["git", "status"], decision="allow")')
        ('git', 'status')
    """
    try:
        call = ast.parse(line.strip(), mode="eval").body
        if not isinstance(call, ast.Call) or ast.unparse(call.func) != "prefix_rule":
            return ()
        arguments = {word.arg: ast.literal_eval(word.value) for word in call.keywords}
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    pattern = arguments.get("pattern")
    if arguments.get("decision", "allow") != "allow" or not isinstance(pattern, list):
        return ()
    return tuple(
        "|".join(map(str, word)) if isinstance(word, list) else str(word) for word in pattern
    )


def _tools(config: str) -> list[tuple[str, str]]:
    """The MCP tools that may be used unasked: (server, tool)."""
    try:
        servers = tomllib.loads(config).get("mcp_servers", {})
        return [
            (str(server), str(tool))
            for server, about in servers.items()
            for tool, settings in about.get("tools", {}).items()
            if settings.get("approval_mode") == "approve"
        ]
    except (ValueError, AttributeError):
        return []
