"""``/threads``, ``/resume``, ``/fork``, ``/name``, ``/archive``, ``/transcript``: conversations and where they are kept."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from codex_jupyter.core.blocks import document
from codex_jupyter.core.titles import one_line
from codex_jupyter.errors import OptionError, UserError
from codex_jupyter.notebook.commands.notice import show
from codex_jupyter.notebook.display import publish_once
from codex_jupyter.notebook.options import as_value

if TYPE_CHECKING:
    from codex_jupyter.notebook.magics import CodexMagics
    from codex_jupyter.notebook.options import Command, Options
    from codex_jupyter.runtime.history import StoredThread

#: Turns that ``/transcript`` shows in a cell; a file gets all of them.
SHOWN_TURNS = 5


def threads(magics: CodexMagics, command: Command, options: Options) -> None:
    """List stored conversations, the newest first."""
    from codex_jupyter.session import archive

    session = magics.session()
    rows = archive.stored(session, command.args.strip())
    names = {thread.id: name for name, thread in session.threads.items() if thread.id}
    show(
        "Threads. Go on with one: %codex /resume ID." if rows else "There are no threads yet.",
        rows=[(row.id, told(row, names.get(row.id, ""))) for row in rows],
        offline=session.engine.offline,
    )


def told(row: StoredThread, here: str) -> str:
    """A stored conversation in a line: its title, when it was used, and its name in this kernel."""
    when = (
        time.strftime("%Y-%m-%d %H:%M", time.localtime(row.updated_ms / 1000))
        if row.updated_ms
        else ""
    )
    parts = [one_line(row.name or row.preview or "(nothing asked)", 60), when]
    if here:
        parts.append(f"here as {here!r}")
    return " · ".join(part for part in parts if part)


def resume(magics: CodexMagics, command: Command, options: Options) -> None:
    """Go on with a stored conversation, the last one if none is named."""
    from codex_jupyter.session import archive

    name = options.thread or "main"
    row = archive.resume(magics.session(), command.args.strip(), name)
    show(
        f"The next cell goes on with: {one_line(row.name or row.preview, 80)}",
        rows=[("thread", row.id), ("folder", row.cwd), ("model", row.model)],
        glyph="ok",
        lines=(
            "Kernel tools are there only in threads that began in a notebook; --new begins one.",
        ),
    )


def fork(magics: CodexMagics, command: Command, options: Options) -> None:
    """Branch off the current conversation under a new name."""
    from codex_jupyter.session import archive

    name = command.args.strip() or "fork"
    source = options.thread or "main"
    if name == source:
        raise OptionError(f"This thread is {name!r} already.", "Give the branch another name.")
    archive.fork(magics.session(), source, name)
    show(f"Branched off. Talk in the branch with %codex -t {as_value(name)} PROMPT.", glyph="ok")


def name(magics: CodexMagics, command: Command, options: Options) -> None:
    """Give the current conversation a title."""
    from codex_jupyter.session import archive

    title = command.args.strip()
    if not title:
        raise OptionError("Say the name.", "%codex /name Churn report")
    archive.rename(magics.session(), options.thread or "main", title)
    show(f"This thread is now called {title!r}.", glyph="ok")


def archive(magics: CodexMagics, command: Command, options: Options) -> None:
    """Put a conversation away: a stored one, or the current one, which then begins afresh."""
    from codex_jupyter.session import archive as stored

    row = stored.put_away(magics.session(), command.args.strip(), options.thread or "main")
    what = (
        one_line(row.name or row.preview, 60)
        if row
        else "this thread; the next cell begins a new one"
    )
    show(f"Put away: {what}.", glyph="ok")


def transcript(magics: CodexMagics, command: Command, options: Options) -> None:
    """Show the newest turns of the conversation, or write all of it to a Markdown or html file."""
    from codex_jupyter.session import archive

    session, thread = magics.session(), options.thread or "main"
    target = command.args.strip()
    if not target:
        for turn in archive.turns(session, thread, SHOWN_TURNS):
            publish_once(document(turn))
        return
    from codex_jupyter.render import html, markdown

    path = Path(os.path.expanduser(target))
    if os.path.lexists(path):
        raise UserError(f"{target} exists already. Nothing was written.", "Name another file.")
    documents = [document(turn) for turn in archive.turns(session, thread)]
    if path.suffix == ".html":
        text = "<!doctype html><meta charset=utf-8>" + "\n".join(
            html.document(d) for d in documents
        )
    elif path.suffix == ".md":
        text = "\n\n---\n\n".join(markdown.document(d) for d in documents)
    else:
        raise OptionError("A transcript is written as .md or .html.", "%codex /transcript talk.md")
    try:
        path.write_text(text, encoding="utf-8", errors="replace")
    except (OSError, ValueError) as error:
        why = (error.strerror if isinstance(error, OSError) else "") or str(error)
        raise UserError(f"{target} cannot be written: {why}.", "Name another file.") from None
    show(f"Wrote {len(documents)} turns to {path}.", glyph="ok")
