"""Reading commands as one row: which commands only read, and what a run of them explored."""

from __future__ import annotations

from collections.abc import Sequence

from codex_jupyter.core.document import Block, Body, Code, Terminal
from codex_jupyter.core.items.command import Action, Command, where_kept
from codex_jupyter.core.titles import file_name, flat, one_line, short_path, unwrap

#: Most commands in one row; a further one opens the next row.
MOST_TOGETHER = 20
#: Names in a title before the rest is counted, and characters of output shown for each command of a row.
MOST_NAMES, OUTPUT_SHOWN = 4, 4 * 1024


def explores(command: Command) -> bool:
    """True for a command that only reads, lists or searches, and that did not fail.

    A search that found nothing exits with 1; that is no failure.
    """
    if not command.actions or any(
        a.kind not in ("read", "list", "search") for a in command.actions
    ):
        return False
    if command.status in ("declined", "aborted") or command.source == "userShell" or command.late:
        return False
    searched = any(a.kind == "search" for a in command.actions)
    if command.status == "failed" and not (searched and command.exit_code == 1):
        return False
    return command.exit_code in (None, 0) or (command.exit_code == 1 and searched)


def explored(commands: Sequence[Command], cwd: str, home: str) -> Block:
    """The row for a run of reading commands; its key is that of the first, so that it stays while the run grows."""
    live = any(c.status == "in_progress" for c in commands)
    names = list(dict.fromkeys(_named(a, cwd, home) for c in commands for a in c.actions))
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    body: list[Body] = []
    for command in commands:
        body.append(Code(unwrap(command.command), "bash", typed=True))
        if command.output:
            body.append(Terminal(command.output.trimmed(OUTPUT_SHOWN), live=False))
            body += [where_kept(command)] if command.kept else []
    return Block(
        key=f"explored:{commands[0].id}",
        kind="explored",
        title=flat(f"{'Exploring' if live else 'Explored'} {', '.join(names[:MOST_NAMES])}{more}"),
        glyph="running" if live else "ok",
        label="exploration",
        body=tuple(body),
    )


def _named(action: Action, cwd: str, home: str) -> str:
    path = short_path(action.path, cwd, home)
    if action.kind == "read":
        return one_line(action.name or file_name(action.path) or unwrap(action.command), 60)
    if action.kind == "list":
        return one_line(path or ".", 60) + "/" * (not (path or ".").endswith("/"))
    where = f" in {one_line(path, 40)}" if path else ""
    query = one_line(action.query, 40)
    return f"“{query}”{where}" if query else one_line(unwrap(action.command), 60)
