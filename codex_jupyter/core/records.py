"""What the turn itself has to say, beside its items: decisions, withdrawn requests, the checklist, its error."""

from __future__ import annotations

import re
from collections.abc import Sequence

from codex_jupyter.core import asked
from codex_jupyter.core.document import Block, Body, Checklist, Code, Glyph, Lines, Plain
from codex_jupyter.core.plain_message import plain_message
from codex_jupyter.core.requests import Asked, Decision
from codex_jupyter.core.titles import count, flat, one_line
from codex_jupyter.core.turn import Turn, TurnError, Withdrawn

_DONE: dict[str, tuple[str, Glyph]] = {
    "once": ("allowed once", "allowed"),
    "session": ("allowed for this session", "allowed"),
    "always": ("allowed always (a rule was written)", "allowed"),
    "decline": ("declined", "declined"),
    "stop": ("declined and stopped", "declined"),
    "submit": ("answered", "ok"),
    "skip": ("skipped", "declined"),
}
#: What begins the option that a policy names at its end: ``nobody is asked (-a never)``.
_OPTION = re.compile(r" \((-[a-z] [a-z-]+)\)$")


def decision(record: Decision) -> Block:
    """``You allowed once, 14:02: pip install pyarrow``; what a policy or a rule answered names it instead of you:
    ``Allowed by policy (kernel code runs unasked, -k run), 14:02: …``."""
    what, glyph = _DONE.get(record.choice, (record.choice, "info"))
    when = f", {record.at}" if record.at else ""
    who, comma, more = record.by.partition(", ")
    if who == "you" or not record.by:
        said = f"You{comma + more + ',' if more else ''} {what}{when}"
    else:
        by, colon, why = record.by.partition(": ")
        if colon:  # a policy or a rule answers each time: once says nothing
            what = "allowed" if record.choice == "once" else what
            why = _OPTION.sub(r", \1", why)
            by = f"{by} ({why})"
        said = f"{what[:1].upper()}{what[1:]} by {by}{when}"
    body: tuple[Body, ...] = (Lines((record.note,)),) if record.note else ()
    body += _exactly(record.exact)
    return Block(
        key=f"decision:{record.request_id}",
        kind="decision",
        title=flat(f"{said}: {one_line(record.asked, 300) or 'a request'}"),
        glyph=glyph,
        label="decision",
        body=body,
        fold="body" if body and not record.note else "never",
    )


def _exactly(exact: Asked | None) -> tuple[Body, ...]:
    if exact is None:
        return ()
    said = (Lines((exact.undrawn,)),) if exact.undrawn else ()
    return (*said, *asked.record(exact))


def withdrawn(record: Withdrawn) -> Block:
    """A request that nobody answered, and why it went."""
    why = f" ({record.reason})" if record.reason else ""
    body = _exactly(record.exact)
    return Block(
        key=f"withdrawn:{record.request_id}",
        kind="decision",
        title=flat(f"Not answered{why}: {one_line(record.asked, 300)}"),
        glyph="info",
        label="withdrawn request",
        body=body,
        fold="body" if body else "never",
    )


def checklist(turn: Turn) -> Block | None:
    """The plan's steps, open while the turn runs."""
    if not turn.steps and not turn.explanation:
        return None
    done = sum(step.status == "completed" for step in turn.steps)
    return Block(
        key="checklist",
        kind="checklist",
        title="Plan",
        glyph="plan",
        meta=f"{done} of {len(turn.steps)} done" if turn.steps else "",
        label="plan",
        body=(Checklist(turn.explanation, turn.steps),),
        fold="body",
        open=not turn.ended,
    )


def error(problem: TurnError) -> Block:
    """Why the turn failed, and what to do next, in one block."""
    title, whole = plain_message(problem.message)
    body: list[Body] = []
    detail = "\n".join(part for part in (whole, problem.detail) if part)
    if detail:
        body.append(Plain(detail if len(detail) <= 4000 else detail[:4000] + " …"))
    if problem.hint:
        body.append(Lines(tuple(problem.hint.split("\n")), advice=True))
    return Block(
        key="error",
        kind="error",
        title=title,
        glyph="error",
        meta=problem.code
        if problem.code not in ("", "other") and problem.code[:1].islower()
        else "",
        label="error",
        body=tuple(body),
        fold="never",
        open=True,
    )


def summary(blocks: Sequence[Block]) -> str:
    """``1 thought · 3 commands (1 failed)``: what the blocks given amount to."""
    counted: dict[str, list[int]] = {}
    for block in blocks:
        noun = _NOUNS.get(block.kind)
        if noun is None:
            continue
        tally = counted.setdefault(noun, [0, 0, 0])
        tally[0] += commands_in(block)
        tally[1] += block.glyph == "failed"
        tally[2] += block.glyph == "declined"
    parts = []
    for noun in dict.fromkeys(_NOUNS.values()):
        number, failed, declined = counted.get(noun, (0, 0, 0))
        if number:
            notes = [f"{failed:,} failed"] if failed else []
            notes += [f"{declined:,} declined"] if declined else []
            plural = "searches" if noun == "search" else ""
            parts.append(count(number, noun, plural) + (f" ({', '.join(notes)})" if notes else ""))
    return " · ".join(parts)


def commands_in(block: Block) -> int:
    """How many commands a row stands for: an exploration holds several."""
    if block.kind != "explored":
        return 1
    return sum(isinstance(part, Code) for part in block.body)


_NOUNS = {
    "thought": "thought",
    "command": "command",
    "explored": "command",
    "tool": "tool call",
    "search": "search",
    "image": "image",
    "agent": "agent step",
    "edit": "file change",
    "sleep": "pause",
    "hook": "hook step",
    "commentary": "note",
}
