"""What nobody should overlook when a turn begins, each said once: full access, no sandbox, remarks on the configuration."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from codex_jupyter.core.events import NoticeRaised
from codex_jupyter.core.items import Notice
from codex_jupyter.session import sandbox

if TYPE_CHECKING:
    from codex_jupyter.core.rights import Rights
    from codex_jupyter.core.turn import Turn
    from codex_jupyter.session.supplier import Ready
    from codex_jupyter.session.thread import Thread


LOST = "This is a new conversation, which was told what this notebook still holds of the one that Codex lost."


def of(turn: Turn, thread: Thread, rights: Rights, ready: Ready) -> Iterator[NoticeRaised]:
    """What is to be said in this turn; the conversation remembers what it was told."""
    lost = (_warning(LOST, ""),) if thread.lost else ()
    for notice in (*ready.remarks(), *lost, *_of_rights(thread, rights, ready)):
        yield NoticeRaised(turn.thread_id, turn.turn_id, notice=notice)


def _of_rights(thread: Thread, rights: Rights, ready: Ready) -> Iterator[Notice]:
    verdict = ready.sandbox
    full = rights.sandbox.kind == "full-access"
    if full and not thread.warned_of_full_access:
        thread.warned_of_full_access = True
        yield _warning(sandbox.FULL_ACCESS, sandbox.FULL_ACCESS_HINT)
    if full or verdict.works:
        return
    told = f"{verdict.state} {verdict.reason}"
    if told != thread.told_of_sandbox:
        thread.told_of_sandbox = told
        words = sandbox.no_sandbox if verdict.missing else sandbox.unconfirmed
        yield _warning(words(verdict.reason), verdict.hint)


def _warning(message: str, hint: str) -> Notice:
    return Notice("", "completed", level="warning", message=message, hint=hint)
