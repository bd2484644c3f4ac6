"""What this kernel still holds of a conversation: told to a new one where the runtime has lost it.

In memory only, bounded, and as clean as the turns themselves: what was hidden in them is hidden here.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import replace

from codex_jupyter.core.turn import Turn
from codex_jupyter.errors import BusyError
from codex_jupyter.session.work import Ask, Work

#: As many of the newest turns are held, and as many characters of one prompt or answer, and of all together.
TURNS, LONGEST, TOGETHER = 40, 4_000, 24_000

#: The last is what a runtime says whose database was locked until it ended: what was said went with it (measured).
_GONE = re.compile(r"no rollout found|thread not found|list_turns is not supported yet", re.I)
_UNREADABLE = re.compile(
    r"thread-store internal error|failed to read (?:session metadata|thread)", re.I
)
_FILE = re.compile(r"/\S+\.jsonl")


def lost_because(refusal: str) -> str:
    """What is said where the runtime refuses to go on with a conversation since it has lost it; ``""`` for other reasons.

    Example:
        >>> lost_because("no rollout found for thread id 1")
        'Codex no longer has this conversation: its record is gone. Nothing was sent.'
        >>> lost_because("list_turns is not supported yet")
        'Codex no longer has this conversation: its record is gone. Nothing was sent.'
        >>> lost_because("model is not supported")
        \'\'
    """
    if _GONE.search(refusal):
        return "Codex no longer has this conversation: its record is gone. Nothing was sent."
    if _UNREADABLE.search(refusal):
        file = _FILE.search(refusal)
        where = f", {file[0]}" if file else ""
        return f"Codex cannot read its record of this conversation{where}. Nothing was sent."
    return ""


async def refuse_while_held(codex_home: str | None) -> None:
    """Raise where another program holds a database of Codex: what cannot be read then is not lost.

    Raises:
        BusyError: it names the database.
    """
    from codex_jupyter.runtime import databases

    if (path := await databases.held(codex_home)) is not None:
        raise BusyError(
            f"Another program holds Codex's database {path}. Nothing was sent.",
            "Wait for it or end it, then run the cell again: the conversation continues.",
        )


#: The next step then.
STEP = (
    "Run the cell again: it begins a new conversation, which is told what this notebook still holds of the old one. "
    "With --new it is not."
)


class Recap:
    """The prompts and answers of a conversation, the newest of them, and what the runtime does not store of its turns."""

    def __init__(self) -> None:
        self._turns: deque[tuple[str, str, Turn]] = deque(maxlen=TURNS)

    def add(self, prompt: str, answer: str, turn: Turn) -> None:
        """A turn that is over; its entries are the runtime's to store."""
        self._turns.append((_cut(prompt), _cut(answer), replace(turn, entries=())))

    def before(self, count: int) -> Recap:
        """What is held of the turns before the newest so many."""
        kept = Recap()
        kept._turns.extend(list(self._turns)[: max(0, len(self._turns) - count)])
        return kept

    def completed(self, stored: Turn) -> Turn:
        """A stored turn with what only this kernel knows of it: who may do what, the decisions, who stopped it."""
        for _, _, held in self._turns:
            if held.turn_id == stored.turn_id:
                return replace(held, entries=stored.entries)
        return stored

    @property
    def text(self) -> str:
        """As much as fits, in order; ``""`` where nothing is held."""
        kept: list[str] = []
        left = TOGETHER
        for prompt, answer, _ in reversed(self._turns):
            said = f"User: {prompt}\nCodex: {answer or '(no answer)'}"
            if len(said) > left:
                break
            kept.append(said)
            left -= len(said)
        return "\n\n".join(reversed(kept))


def brief(work: Work, held: str) -> Work:
    """The work, with what is still held of a conversation that was lost before it."""
    if not held or not isinstance(work, Ask):
        return work
    parts = dict(work.parts)
    parts["data"] = {**(parts.get("data") or {}), "earlier_conversation": held}
    return replace(work, parts=parts)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} [...]"
