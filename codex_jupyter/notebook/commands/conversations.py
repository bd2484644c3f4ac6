"""``/new``, ``/threads``, ``/resume``, ``/fork``, ``/name``, ``/archive``, ``/transcript``: conversations and where they are kept."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from codex_jupyter.core.titles import one_line
from codex_jupyter.core.transcript import transcript as transcript_of
from codex_jupyter.errors import OptionError, UserError
from codex_jupyter.notebook.command import Caller, Flag, TypedCommand, command
from codex_jupyter.notebook.commands.logs import write
from codex_jupyter.notebook.display import publish_once
from codex_jupyter.notebook.line_words import as_value
from codex_jupyter.notebook.notice import show
from codex_jupyter.session.notebook_tools import notes
from codex_jupyter.settings import Options

if TYPE_CHECKING:
    from codex_jupyter.runtime.history import StoredThread

#: Turns that ``/transcript`` shows in a cell; a file gets all of them.
SHOWN_TURNS = 5


@command(
    "new",
    group="Conversations",
    help="begin a new conversation",
    takes="[NAME]",
)
def new(caller: Caller, typed: TypedCommand, options: Options) -> None:
    """Begin a thread afresh; the old one stays on disk."""
    name = typed.args.strip() or options.thread or "main"
    caller.session().begin_thread(name)
    if name == "main":
        show("The next cell begins a new conversation.", glyph="ok")
    else:
        show(f"A new conversation, {name!r}: %codex -t {as_value(name)} PROMPT.", glyph="ok")


@command(
    "threads",
    group="Conversations",
    help="list the conversations",
    takes="[WORDS]",
)
def threads(caller: Caller, typed: TypedCommand, options: Options) -> None:
    """List stored conversations, the newest first."""
    from codex_jupyter.session import archive

    session = caller.session()
    rows = archive.stored(session, typed.args.strip())
    names = {thread.id: name for name, thread in session.threads.items() if thread.id}
    show(
        "Conversations. Continue one: %codex /resume ID."
        if rows
        else "There are no conversations yet.",
        rows=[(row.id, in_a_line(row, names.get(row.id, ""))) for row in rows],
        offline=session.engine.offline,
    )


def in_a_line(row: StoredThread, here: str) -> str:
    """A stored conversation in a line: its title, when it was used, and its name in this kernel."""
    when = clock(row.updated_ms)
    parts = [one_line(row.name or row.preview or "(nothing asked)", 60), when]
    if here:
        parts.append(f"here as {here!r}")
    return " · ".join(part for part in parts if part)


def clock(at_ms: int | None) -> str:
    """``2026-05-04 14:02`` of a time in milliseconds since the epoch; ``""`` where there is none."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(at_ms / 1000)) if at_ms else ""


@command(
    "resume",
    group="Conversations",
    help="continue an earlier conversation",
    takes="[THREAD]",
    offers="conversations",
)
def resume(caller: Caller, typed: TypedCommand, options: Options) -> None:
    """Go on with a stored conversation, the last one if none is named."""
    from codex_jupyter.session import archive

    name = options.thread or "main"
    session = caller.session()
    row = archive.resume(session, typed.args.strip(), name)
    has_tools = session.thread(name).has_tools
    show(
        f"The next cell continues: {one_line(row.name or row.preview, 80)}",
        rows=[("thread", row.id), ("folder", row.cwd), ("model", row.model)],
        glyph="ok",
        lines=tuple(f"It {note}." for note in notes(has_tools, True)),
    )


@command(
    "fork",
    group="Conversations",
    help="fork this conversation",
    takes="[NAME]",
)
def fork(caller: Caller, typed: TypedCommand, options: Options) -> None:
    """Branch off the current conversation under a new name."""
    from codex_jupyter.session import archive

    name = typed.args.strip() or "fork"
    source = options.thread or "main"
    if name == source:
        raise OptionError(f"This conversation is {name!r} already.", "Give the fork another name.")
    archive.fork(caller.session(), source, name)
    show(f"Forked. Continue in the fork with %codex -t {as_value(name)} PROMPT.", glyph="ok")


@command(
    "name",
    group="Conversations",
    help="name this conversation",
    takes="NAME",
)
def name(caller: Caller, typed: TypedCommand, options: Options) -> None:
    """Give the current conversation a title."""
    from codex_jupyter.session import archive

    title = typed.args.strip()
    if not title:
        raise OptionError("Say the name.", "%codex /name Churn report")
    archive.rename(caller.session(), options.thread or "main", title)
    show(f"This conversation is now called {title!r}.", glyph="ok")


@command(
    "archive",
    group="Conversations",
    help="archive a conversation",
    takes="[THREAD]",
    offers="conversations",
)
def archive(caller: Caller, typed: TypedCommand, options: Options) -> None:
    """Put a conversation away: a stored one, or the current one, which then begins afresh."""
    from codex_jupyter.session import archive as stored

    row = stored.put_away(caller.session(), typed.args.strip(), options.thread or "main")
    what = (
        one_line(row.name or row.preview, 60)
        if row
        else "this conversation; the next cell begins a new one"
    )
    show(f"Archived: {what}.", glyph="ok")


@command(
    "transcript",
    group="Conversations",
    help="show or save the transcript",
    takes="[FILE]",
    flags=(Flag("--replace", "write over a file of that name"),),
    offers="files",
)
def transcript(caller: Caller, typed: TypedCommand, options: Options) -> None:
    """Show the newest turns of the conversation, or write all of it to a Markdown or html file."""
    from codex_jupyter.session import archive

    session, thread = caller.session(), options.thread or "main"
    target = typed.args.strip()
    if not target:
        for turn in archive.turns(session, thread, SHOWN_TURNS):
            publish_once(transcript_of(turn, clock(turn.started_ms)))
        return
    from codex_jupyter.render import html, markdown

    path, replace = Path(os.path.expanduser(target)), "replace" in typed.flags
    if os.path.lexists(path) and not replace:
        raise UserError(
            f"{target} exists already. Nothing was written.",
            f"Name another file, or write over it: %codex /transcript --replace {target}",
        )
    if path.suffix not in (".html", ".md"):
        raise OptionError("A transcript is written as .md or .html.", "%codex /transcript talk.md")
    documents = [
        transcript_of(turn, clock(turn.started_ms)) for turn in archive.turns(session, thread)
    ]
    row = archive.described(session, thread)
    title = one_line(row.name or row.preview, 80) or "A conversation with Codex"
    facts = " · ".join(filter(None, (row.model, row.cwd, row.id)))
    if path.suffix == ".html":
        text = html.page(title, facts, documents)
    else:
        head = f"# {markdown.escaped(title)}\n\n{markdown.escaped(facts)}\n"
        text = "\n\n---\n\n".join([head, *map(markdown.document, documents)])
    write(path, text, target, replace=replace)
    show(f"Wrote {len(documents)} turns to {path}.", glyph="ok")
