"""Stored threads: find, read, continue elsewhere, put away; and the commands a thread left running.

Each function is one call of the runtime with typed results. What history lacks (measured): plan checklists, turn diffs,
token usage, the partial text of interrupted turns, approvals and warnings.

All raise ``RuntimeRequestError`` when the runtime refuses, and ``RuntimeFailedError`` when it has ended.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from codex_jupyter.core.json_fields import Json, rows, seconds_to_ms, table, text, whole
from codex_jupyter.core.kinds import read_item
from codex_jupyter.core.turn import State, Turn, TurnError
from codex_jupyter.runtime.translate import error_code, error_detail

if TYPE_CHECKING:
    from codex_jupyter.runtime.client import Runtime

#: Seconds for one call; long histories are read in pages.
PATIENCE = 30.0


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


async def list_threads(
    runtime: Runtime,
    *,
    limit: int = 20,
    cursor: str = "",
    search: str = "",
    cwd: str = "",
    archived: bool = False,
) -> Page:
    """Threads, the one used last first.

    Args:
        runtime: a running runtime.
        limit: how many at most.
        cursor: ``Page.next`` of the page before.
        search: only threads whose title has this in it.
        cwd: only threads of this folder.
        archived: those that were put away, instead of the others.
    """
    params: Json = {"limit": limit, "sortKey": "recency_at", "sortDirection": "desc"}
    params |= {"cursor": cursor} if cursor else {}
    params |= {"searchTerm": search} if search else {}
    params |= {"cwd": cwd} if cwd else {}
    params |= {"archived": True} if archived else {}
    answer = await runtime.request("thread/list", params, timeout=PATIENCE)
    found = tuple(thread_of(row) for row in rows(answer.get("data")))
    return Page(found, text(answer, "nextCursor"))


async def read_thread(runtime: Runtime, thread_id: str) -> StoredThread:
    """One thread, without its turns; threads that another process works on can be read too."""
    answer = await runtime.request("thread/read", {"threadId": thread_id}, timeout=PATIENCE)
    return thread_of(answer.get("thread"))


async def read_turns(
    runtime: Runtime, thread_id: str, *, last: int | None = None, page: int = 50
) -> tuple[Turn, ...]:
    """The turns of a thread, oldest first, with all that history keeps of them.

    Args:
        runtime: a running runtime.
        thread_id: the thread; an ephemeral one has no history and is refused.
        last: only so many, the newest.
        page: how many are asked for at once.
    """
    found: list[Turn] = []
    cursor = ""
    while last is None or len(found) < last:
        limit = page if last is None else min(last - len(found), page)
        params: Json = {"threadId": thread_id, "limit": limit, "itemsView": "full"}
        params |= {"sortDirection": "desc"}
        params |= {"cursor": cursor} if cursor else {}
        answer = await runtime.request("thread/turns/list", params, timeout=PATIENCE)
        found += [turn_of(row, thread_id) for row in rows(answer.get("data"))]
        cursor = text(answer, "nextCursor")
        if not cursor:
            break
    return tuple(reversed(found))


async def fork(runtime: Runtime, thread_id: str, *, last_turn_id: str = "", **params: Any) -> Json:
    """A new thread with the history of another, up to and including ``last_turn_id`` (``""``: all of it).

    Args:
        runtime: a running runtime.
        thread_id: the thread to start from; another process may hold it.
        last_turn_id: where the history is cut.
        params: as ``threads.resume_params`` makes them, without ``threadId``.

    Returns:
        The response, which serves as ``defaults`` in ``threads``.
    """
    wanted: Json = {**params, "threadId": thread_id, "excludeTurns": True}
    if last_turn_id:
        wanted["lastTurnId"] = last_turn_id
    return await runtime.request("thread/fork", wanted, timeout=PATIENCE)


async def rename(runtime: Runtime, thread_id: str, name: str) -> None:
    """Give a thread a name that every Codex front end shows."""
    params = {"threadId": thread_id, "name": name}
    await runtime.request("thread/name/set", params, timeout=PATIENCE)


async def archive(runtime: Runtime, thread_id: str) -> None:
    """Put a thread away; ``unarchive`` brings it back."""
    await runtime.request("thread/archive", {"threadId": thread_id}, timeout=PATIENCE)


async def unarchive(runtime: Runtime, thread_id: str) -> None:
    """Bring back a thread that was put away."""
    await runtime.request("thread/unarchive", {"threadId": thread_id}, timeout=PATIENCE)


async def compact(runtime: Runtime, thread_id: str) -> None:
    """Begin to summarise a thread to make room; it runs as a turn of its own with a ``Compaction`` item."""
    await runtime.request("thread/compact/start", {"threadId": thread_id}, timeout=PATIENCE)


async def review(
    runtime: Runtime,
    thread_id: str,
    kind: Literal["uncommitted", "branch", "commit", "custom"] = "uncommitted",
    target: str = "",
) -> str:
    """Begin a review on a thread and return the id of its turn.

    Args:
        runtime: a running runtime.
        thread_id: where the review appears.
        kind: of uncommitted changes, against a base branch, of one commit, or as instructed.
        target: the branch, the commit's id or the instructions.
    """
    wanted: Mapping[str, Json] = {
        "uncommitted": {"type": "uncommittedChanges"},
        "branch": {"type": "baseBranch", "branch": target},
        "commit": {"type": "commit", "sha": target},
        "custom": {"type": "custom", "instructions": target},
    }
    params = {"threadId": thread_id, "target": wanted[kind]}
    answer = await runtime.request("review/start", params, timeout=PATIENCE)
    return text(table(answer.get("turn")), "id")


async def terminals(
    runtime: Runtime, thread_id: str, *, timeout: float = PATIENCE
) -> tuple[Terminal, ...]:
    """The commands of a thread that still run although their call has returned."""
    answer = await runtime.request(
        "thread/backgroundTerminals/list", {"threadId": thread_id}, timeout=timeout
    )
    return tuple(
        Terminal(
            process_id=text(row, "processId"),
            item_id=text(row, "itemId"),
            command=text(row, "command"),
            cwd=text(row, "cwd"),
            pid=whole(row, "osPid"),
        )
        for row in map(table, rows(answer.get("data")))
    )


async def end_terminals(runtime: Runtime, thread_id: str, *, timeout: float = PATIENCE) -> None:
    """End all of them; an interrupt alone does not."""
    await runtime.request(
        "thread/backgroundTerminals/clean", {"threadId": thread_id}, timeout=timeout
    )


async def end_terminal(
    runtime: Runtime, thread_id: str, process_id: str, *, timeout: float = PATIENCE
) -> bool:
    """End one of them; False when it had ended before."""
    params = {"threadId": thread_id, "processId": process_id}
    answer = await runtime.request("thread/backgroundTerminals/terminate", params, timeout=timeout)
    return answer.get("terminated") is True


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
    error = TurnError(
        text(wrong, "message"), error_detail(wrong), error_code(wrong.get("codexErrorInfo"))
    )
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
