"""What the turn itself has to say, beside its items: decisions, withdrawn requests, the checklist, its error."""

from __future__ import annotations

from collections.abc import Sequence

from codex_jupyter.core import asked
from codex_jupyter.core.document import Block, Body, Checklist, Code, Facts, Glyph, Lines, Plain
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
#: What a choice means where it means something else than for a command.
_DONE_OTHERWISE: dict[tuple[str, str], tuple[str, Glyph]] = {
    ("once", "rights"): ("allowed for this turn", "allowed"),
    ("once", "page"): ("confirmed that the page was opened", "ok"),
    ("submit", "kernel"): ("accepted in part", "allowed"),
}
#: How much of an answer, and how many answers, the one line names.
_ANSWER, _ANSWERS = 60, 3


def decision(record: Decision) -> Block:
    """``You allowed once, 14:02: pip install pyarrow``, with the rest of the record folded under it.

    Who else answered is named instead of you: ``Allowed by policy (kernel code runs without asking, -k run), 14:02: …``,
    ``Answered by a program (allowed once), 14:02: …``.
    """
    done = _DONE_OTHERWISE.get((record.choice, record.kind))
    what, glyph = done or _DONE.get(record.choice, (record.choice, "info"))
    when = f", {clock(record.at)}" if record.at else ""
    by = record.by
    if by.kind == "person":
        said = f"You{', ' + by.apart + ',' if by.apart else ''} {what}{when}"
    elif by.kind == "program":
        said = "Answered by a program" + ("" if record.choice == "submit" else f" ({what})") + when
    else:  # a policy or a rule answers each time: once says nothing
        what = "allowed" if record.choice == "once" and by.words else what
        said = f"{what[:1].upper()}{what[1:]} by {by}{when}"
    rows = _details(record)
    body = (*_exactly(record.exact), *((Facts(rows),) if rows else ()))
    if record.note:
        body = (*body, Lines((record.note,), advice=True))
    title = f"{said}: {one_line(record.asked, 300) or 'a request'}{_told(record)}"
    return Block(
        key=f"decision:{record.request_id}",
        kind="decision",
        title=flat(title),
        glyph=glyph,
        label="decision",
        body=body,
        fold="body",
        open=bool(record.note),
    )


def _exactly(exact: Asked | None) -> tuple[Body, ...]:
    if exact is None:
        return ()
    said = (Lines((exact.undrawn,)),) if exact.undrawn else ()
    return (*said, *asked.record(exact))


def _told(record: Decision) -> str:
    """The answers, as far as the line has room for them."""
    if not record.answers:
        return ""
    told = [one_line(", ".join(values), _ANSWER) for _, values in record.answers[:_ANSWERS]]
    more = ["…"] if len(record.answers) > _ANSWERS else []
    return f" → {'; '.join([*told, *more])}"


def _details(record: Decision) -> tuple[tuple[str, str], ...]:
    """What the record keeps besides its line and what was asked, in words."""
    outside = "no sandbox: there is none here" if record.outside == "unavailable" else ""
    if record.outside and not outside:
        outside = f"the sandbox ({record.outside})"
    drawn = {name for name, _ in record.exact.facts} if record.exact else frozenset[str]()
    rows = [
        *((one_line(question, 200), ", ".join(given)) for question, given in record.answers),
        ("in", "" if "in" in drawn else record.where),
        ("outside of", outside),
        ("why", "" if "why" in drawn else record.why),
        ("allowed from now on", record.rule),
    ]
    when = _moment(record.at)
    if record.by.words:  # of which rule or policy, the line says
        rows.append(("answered", when))
    else:
        rows.append(("answered by", f"{record.by}, {when}" if when else str(record.by)))
    return tuple((name, value) for name, value in rows if value)


def clock(at: str) -> str:
    """``14:02`` of an ISO time."""
    return at[11:16] if len(at) > 16 else at


def _moment(at: str) -> str:
    """``2026-05-04 14:02:31 +02:00`` of an ISO time."""
    return f"{at[:10]} {at[11:19]} {at[19:]}".rstrip() if len(at) > 16 else at


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
        meta=_told_by(problem),
        label="error",
        body=tuple(body),
        fold="never",
        open=True,
    )


def _told_by(problem: TurnError) -> str:
    """What the failure is called by who reported it: ``HTTP 404``, or the runtime's code."""
    if problem.status is not None:
        return f"HTTP {problem.status}"
    return problem.code if problem.code != "other" and problem.code[:1].islower() else ""


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
