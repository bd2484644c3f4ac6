"""The runtime's stored conversations, as a session's user reaches them: list, resume, fork, name, put away, reread.

Each function blocks the calling thread until the runtime has answered; none may be called on the session's loop.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codex_jupyter.errors import CodexJupyterError, UserError
from codex_jupyter.session import notebook_tools
from codex_jupyter.session.session import MAIN, Session
from codex_jupyter.session.thread import Thread, outvote_projects

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codex_jupyter.core.turn import Turn
    from codex_jupyter.runtime.history import StoredThread

#: Seconds for one question to the runtime, its start included.
PATIENCE = 60.0


def stored(session: Session, words: str = "", *, limit: int = 15) -> tuple[StoredThread, ...]:
    """Stored conversations, the one used last first; with ``words``, those whose title has them."""

    async def ask() -> tuple[StoredThread, ...]:
        api = await session.engine.api()
        page = await api.list_threads(limit=limit, search=words)
        return session.engine.gate.open(page).threads

    return session.engine.call(ask(), PATIENCE)


def find(session: Session, text: str) -> StoredThread:
    """The stored conversation that a user means: by the start of its id, by its name, or the last one for ``""``.

    Raises:
        UserError: none or several fit.
    """
    current = {thread.id for thread in session.threads.values()}
    rows = [row for row in stored(session, limit=100) if text or row.id not in current]
    if not text:
        if not rows:
            raise UserError("There is no earlier conversation.", "%codex /threads lists them.")
        return rows[0]
    exact = [row for row in rows if text in (row.id, row.name)]
    fitting = exact or [row for row in rows if row.id.startswith(text)]
    if len(fitting) != 1:
        count = "No conversation" if not fitting else f"{len(fitting)} conversations"
        raise UserError(f"{count} fit {text!r}.", "%codex /threads lists them with their ids.")
    return fitting[0]


def resume(session: Session, text: str, name: str = MAIN) -> StoredThread:
    """Go on with a stored conversation under ``name`` from the next turn on."""
    row = find(session, text)
    conversation = session.conversations.open(name, row.id)
    if conversation.has_tools is None:
        conversation.has_tools = notebook_tools.known(row, session.engine.workbench)
    return row


def fork(session: Session, source: str, name: str) -> Thread:
    """A new conversation ``name`` with the history of the conversation ``source``.

    Raises:
        UserError: there is nothing to branch from yet.
    """
    from codex_jupyter.runtime import threads
    from codex_jupyter.runtime.api import Api

    origin = session.thread(source)
    if not origin.id:
        raise UserError("There is nothing to fork yet.", "Ask something first.")
    settings, _ = session.effective(source)

    async def branch() -> Thread:
        runtime = await session.engine.ensure_runtime()
        api = Api(runtime)
        params = threads.resume_params(origin.id, settings)
        await outvote_projects(api, params)
        response = await api.fork_thread(params)
        thread = origin.branch(name, runtime, response)
        session.conversations.opened(thread)
        await api.name_thread(thread.id, name)  # else it keeps its origin's
        return thread

    thread = session.engine.call(branch(), PATIENCE)
    session.conversations.put(name, thread)
    return thread


def step_back(session: Session, name: str, undone: Sequence[str]) -> str:
    """Have a conversation go on as if its newest turns had not been: as a fork of it that ends before them.

    Args:
        session: whose.
        name: of the conversation.
        undone: the ids of those turns, oldest first.

    Returns:
        What came of it, in words that follow the conversation's name.
    """
    from codex_jupyter.runtime import threads
    from codex_jupyter.runtime.api import Api

    origin = session.thread(name)
    settings, _ = session.effective(name)

    async def branch() -> str:
        runtime = await session.engine.ensure_runtime()
        api = Api(runtime)
        kept = session.engine.gate.open(await api.read_turns(origin.id, last=len(undone) + 1))
        ids = [turn.turn_id for turn in kept]
        if ids[-len(undone) :] != list(undone):
            return "has gone on elsewhere, so Codex still knows this"
        if len(ids) == len(undone):
            thread, words = session.conversations.begin(name), "begins anew"
        else:
            params = threads.resume_params(origin.id, settings)
            await outvote_projects(api, params)
            response = await api.fork_thread(params, last_turn_id=ids[0])
            thread, words = (
                origin.branch(name, runtime, response),
                "continues from before it, as a fork",
            )
            thread.recap = origin.recap.before(len(undone))
            session.conversations.opened(thread)
            session.conversations.put(name, thread)
        session.engine.edits.hand_over(origin, thread, len(undone))
        return words

    if not undone:
        return "goes on as it is: none of them had begun"
    if not origin.id or origin.ephemeral:
        return (
            "goes on: the runtime keeps nothing that it could go back to, so Codex still knows this"
        )
    try:
        return session.engine.call(branch(), PATIENCE)
    except CodexJupyterError as error:
        return f"goes on, so Codex still knows this: {error.message}"


def rename(session: Session, thread: str, title: str) -> None:
    """Give a conversation a title that every Codex front end shows."""
    conversation = _begun(session, thread)

    async def ask() -> None:
        await (await session.engine.api()).name_thread(conversation.id, title)

    session.engine.call(ask(), PATIENCE)


def put_away(session: Session, text: str, thread: str = MAIN) -> StoredThread | None:
    """Archive a stored conversation, or the current one for ``""``, which then begins afresh."""
    row = find(session, text) if text else None
    thread_id = row.id if row else _begun(session, thread).id

    async def ask() -> None:
        await (await session.engine.api()).archive_thread(thread_id)

    session.engine.call(ask(), PATIENCE)
    for name, conversation in session.threads.items():
        if conversation.id == thread_id:
            session.begin_thread(name)
    return row


def turns(session: Session, thread: str, last: int | None = None) -> tuple[Turn, ...]:
    """The turns of a conversation, oldest first; only the newest ``last`` if given.

    They are as the runtime stored them, with what this kernel knows beside that of those it ran itself.
    """
    conversation = _begun(session, thread)

    async def read() -> tuple[Turn, ...]:
        stored = await (await session.engine.api()).read_turns(conversation.id, last=last)
        return tuple(map(conversation.recap.completed, session.engine.gate.open(stored)))

    return session.engine.call(read(), PATIENCE)


def described(session: Session, thread: str) -> StoredThread:
    """The conversation of a name as the runtime lists it; with no more than its id where it does not."""
    from codex_jupyter.runtime.history import StoredThread

    conversation = _begun(session, thread)
    rows = stored(session, limit=100)
    return next((row for row in rows if row.id == conversation.id), StoredThread(conversation.id))


def _begun(session: Session, name: str) -> Thread:
    thread = session.thread(name)
    if not thread.id:
        raise UserError("This conversation has not begun.", "Ask something first.")
    return thread
