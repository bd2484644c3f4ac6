"""Stored conversations and their turns, as the wire describes them -> our types. Total; the calls are ``api.py``."""

from __future__ import annotations

from dataclasses import dataclass

from codex_jupyter.core.causes import explain
from codex_jupyter.core.json_fields import rows, seconds_to_ms, table, text, whole
from codex_jupyter.core.kinds import read_item
from codex_jupyter.core.turn import State, Turn, TurnError
from codex_jupyter.runtime.translate import error_code, error_detail


@dataclass(frozen=True, slots=True)
class StoredThread:
    """What the runtime knows of a thread without its turns.

    ``name`` is ``""`` until somebody gives one; ``preview`` is the start of its first prompt. ``status``: notLoaded, idle,
    active or systemError. Times are milliseconds since the epoch, or None.
    """

    id: str
    name: str = ""
    preview: str = ""
    cwd: str = ""
    model: str = ""
    status: str = ""
    created_ms: int | None = None
    updated_ms: int | None = None
    ephemeral: bool = False
    parent_id: str = ""
    forked_from: str = ""
    branch: str = ""
    #: The file in which the runtime keeps it, and the name of the program that began it.
    path: str = ""
    originator: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Some threads, and the cursor of the next page or ``""``."""

    threads: tuple[StoredThread, ...]
    next: str = ""


@dataclass(frozen=True, slots=True)
class Terminal:
    """A command that still runs after its call returned. ``pid`` is the operating system's, or None."""

    process_id: str
    item_id: str
    command: str
    cwd: str = ""
    pid: int | None = None


# --- from the wire ----------------------------------------------------------------------------------------------------


def thread_of(wire: object) -> StoredThread:
    """The thread that a wire ``Thread`` describes. Total."""
    source = table(wire)
    return StoredThread(
        id=text(source, "id"),
        name=text(source, "name"),
        preview=text(source, "preview"),
        cwd=text(source, "cwd"),
        model=text(source, "model"),
        status=text(table(source.get("status")), "type"),
        created_ms=seconds_to_ms(source, "createdAt"),
        updated_ms=seconds_to_ms(source, "recencyAt") or seconds_to_ms(source, "updatedAt"),
        ephemeral=source.get("ephemeral") is True,
        parent_id=text(source, "parentThreadId"),
        forked_from=text(source, "forkedFromId"),
        branch=text(table(source.get("gitInfo")), "branch"),
        path=text(source, "path"),
        originator=text(source, "originator"),
    )


def terminal_of(wire: object) -> Terminal:
    """The command that a wire ``BackgroundTerminal`` describes. Total."""
    source = table(wire)
    return Terminal(
        process_id=text(source, "processId"),
        item_id=text(source, "itemId"),
        command=text(source, "command"),
        cwd=text(source, "cwd"),
        pid=whole(source, "osPid"),
    )


_STATES: dict[str, State] = {
    "completed": "completed",
    "failed": "failed",
    "interrupted": "interrupted",
    "inProgress": "running",
}


def turn_of(wire: object, thread_id: str) -> Turn:
    """The turn that a wire ``Turn`` of history describes. Total."""
    source = table(wire)
    wrong = table(source.get("error"))
    code = error_code(wrong.get("codexErrorInfo"))
    why = explain(code, text(wrong, "message"), error_detail(wrong))
    error = TurnError(why.message, why.detail, code, status=why.status)
    return Turn(
        thread_id=thread_id,
        turn_id=text(source, "id"),
        state=_STATES.get(text(source, "status"), "failed"),
        entries=tuple(read_item(row) for row in rows(source.get("items"))),
        error=error if wrong else None,
        started_ms=seconds_to_ms(source, "startedAt"),
        ended_ms=seconds_to_ms(source, "completedAt"),
        duration_ms=whole(source, "durationMs"),
    )
