"""``/logs``: what went wrong, or was passed over, inside the extension; also the row and the lines of it in ``/doctor``."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from pathlib import Path

from codex_jupyter import journal, places
from codex_jupyter.core.document import Plain
from codex_jupyter.errors import UserError
from codex_jupyter.notebook.command import Caller, TypedCommand, command
from codex_jupyter.notebook.notice import Section, show
from codex_jupyter.settings import Options

#: Entries that a cell shows, and characters of one line.
SHOWN = 30
WIDEST = 200


@command(
    "logs",
    group="This installation",
    help="what went wrong inside the extension",
    takes="[FILE]",
    offers="files",
)
def logs(caller: Caller, typed: TypedCommand, options: Options) -> None:
    """Show the newest entries of the extension's own log, or write all of them to a file."""
    clean = cleaner(caller)
    kept = journal.entries()
    target = typed.args.strip()
    if target:
        path = Path(os.path.expanduser(target))
        write(path, "".join(whole(entry, clean) + "\n" for entry in kept), target)
        show(f"Wrote {len(kept)} entries to {path}.", glyph="ok")
        return
    if not kept:
        show("Nothing was logged in this kernel.")
        return
    left_out = len(kept) - SHOWN
    show(
        "What the extension logged, the newest last",
        sections=[section(entry, clean) for entry in kept[-SHOWN:]],
        lines=(
            *((f"{left_out} older entries are not shown.",) if left_out > 0 else ()),
            "%codex /logs FILE writes all of it.",
        ),
    )


def troubles(caller: Caller) -> list[tuple[str, str]]:
    """The rows of ``/doctor``: how many warnings and errors were logged, and the newest three."""
    serious = [entry for entry in journal.entries() if entry.serious]
    if not serious:
        return [("logged", "no warning and no error")]
    errors = sum(entry.level >= logging.ERROR for entry in serious)
    clean = cleaner(caller)
    count = f"{_count(errors, 'error')}, {_count(len(serious) - errors, 'warning')}: %codex /logs"
    return [("logged", count), *(("", line(entry, clean)) for entry in serious[-3:])]


def cleaner(caller: Caller) -> Callable[[str], str]:
    """Takes the secrets out of what is shown or written here: those the sessions know, and those of the notebook."""
    from codex_jupyter.notebook.workbench import shell_state
    from codex_jupyter.session.registry import sessions

    caller.session()
    cleaners = [session.engine.gate.text for session in sessions()]
    cleaners.append(shell_state.install(caller.shell).cleaner().text)

    def clean(text: str) -> str:
        for each in cleaners:
            text = each(text)
        return text

    return clean


def line(entry: journal.Entry, clean: Callable[[str], str]) -> str:
    """One entry in one line: the time, the level, the part of the extension, what was said, and of what kind it was."""
    message = clean(entry.text)
    kind = clean(entry.trace).rpartition("\n")[2]
    words = " ".join(f"{message}: {kind}".split() if kind else message.split())
    head = f"{_when(entry)} {logging.getLevelName(entry.level).lower()} {entry.room}: "
    return head + (words if len(words) <= WIDEST else words[: WIDEST - 1] + "…")


def whole(entry: journal.Entry, clean: Callable[[str], str]) -> str:
    """An entry with all that it holds, the traceback included."""
    head = f"{_when(entry)} {logging.getLevelName(entry.level)} {entry.room}: {clean(entry.text)}"
    return f"{head}\n{clean(entry.trace)}" if entry.trace else head


def section(entry: journal.Entry, clean: Callable[[str], str]) -> Section:
    """An entry as a row, with its traceback folded."""
    body = (Plain(clean(entry.trace)),) if entry.trace else ()
    return Section(
        line(entry, clean), body, "failed" if entry.serious else "none", fold="body", open=False
    )


def write(path: Path, text: str, named: str, *, replace: bool = False) -> None:
    """Write a new file that its owner alone can read, in the place of the one of that name where ``replace`` says so.

    Raises:
        UserError: there is such a file already, or it cannot be written.
    """
    try:
        with places.create(path, replace=replace) as file:
            file.write(text)
    except FileExistsError:
        raise UserError(
            f"{named} exists already. Nothing was written.", "Name another file."
        ) from None
    except (OSError, ValueError) as error:
        why = (error.strerror if isinstance(error, OSError) else "") or str(error)
        raise UserError(f"{named} cannot be written: {why}.", "Name another file.") from None


def _when(entry: journal.Entry) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(entry.at))


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
