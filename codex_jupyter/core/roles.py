"""What each message of a turn is to its reader: answer or remark, prompt or steer."""

from __future__ import annotations

from codex_jupyter.core.findings import parse
from codex_jupyter.core.items import AgentMessage, Command, ReviewExited, UserMessage
from codex_jupyter.core.turn import Turn


def roles(turn: Turn) -> dict[str, str]:
    """What each message is to the reader: the cell's own ``prompt`` or a ``steer``; ``answer`` or ``commentary``;
    ``unanswered`` for the last words of a turn that ended without an answer; ``shown`` for a review that a message
    repeats (where the review has findings, the message is ``repeated``); ``refused`` for a declined command
    of which no decision tells.

    A provider that tells no phases (None) means its last message as the answer.
    """
    found: dict[str, str] = {}
    messages = [e for e in turn.entries if isinstance(e, AgentMessage)]
    final = any(m.phase in ("final_answer", "partial_answer") for m in messages)
    for message in messages:
        answers = message.phase in ("final_answer", "partial_answer")
        found[message.id] = "answer" if answers else "commentary"
    if not final and messages:
        last = next((m for m in reversed(messages) if m.phase is None and m.text), None)
        if last is not None:
            found[last.id] = "answer"
        elif turn.ended:
            spoken = next((m for m in reversed(messages) if m.text), None)
            if spoken is not None:
                found[spoken.id] = "unanswered"
    asked = False
    decided = {d.item_id for d in turn.decisions}
    for entry in turn.entries:
        if isinstance(entry, Command):
            if entry.status == "declined" and entry.id not in decided:
                found[entry.id] = "refused"
        elif isinstance(entry, UserMessage):
            found[entry.id] = "steer" if asked else "prompt"
            asked = True
        elif isinstance(entry, ReviewExited):
            said = entry.review.strip()
            same = [
                m for m in messages if len(m.text) < len(said) + 100 and str(m.text).strip() == said
            ]
            if same and parse(said)[1]:
                found.update((m.id, "repeated") for m in same)
            elif same:
                found[entry.id] = "shown"
    return found
