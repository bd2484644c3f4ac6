"""A turn as a document: which rows there are, in which order, and what is folded. Semantics only.

One item makes at most one row (``item_blocks.py``); runs of reading commands share one (``explored.py``); decisions
stand after what they decided (``records.py``); open requests come last, as cards (``cards.py``). Given the document made
before, every row whose entry did not change is the very same object again, so that ``patch.diff`` passes over it.

However long a turn is, its document is bounded: of the rows that fold into the work the first ``WORK_HEAD`` and the last
``WORK_TAIL`` are shown, of file changes the first ``EDITS_HEAD`` and the last ``EDITS_TAIL``; one row counts what lies
between. Answers, errors, refusals and decisions are all shown. The turn itself keeps every entry.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from codex_jupyter.core import frame, records
from codex_jupyter.core.cards import card
from codex_jupyter.core.diffs import shown
from codex_jupyter.core.document import Block, Document
from codex_jupyter.core.explored import MOST_TOGETHER, explored, explores
from codex_jupyter.core.findings import parse
from codex_jupyter.core.item_blocks import Context, block, key
from codex_jupyter.core.items import AgentMessage, Command, Item, ReviewExited, UserMessage
from codex_jupyter.core.titles import count
from codex_jupyter.core.turn import Turn

WORK_HEAD, WORK_TAIL = 100, 300
EDITS_HEAD, EDITS_TAIL = 50, 150


def document(turn: Turn, before: tuple[Turn, Document] | None = None) -> Document:
    """The document of a turn.

    Args:
        turn: any turn; in any state, with any entries.
        before: an earlier state of the same turn and the document made of it; its unchanged rows are used again.

    Example:
        >>> document(Turn()).footer.text
        'starting'
    """
    rows = _Rows(turn, before)
    rows.write()
    last = before[1] if before else None
    folded = [b for b in rows.blocks if b.fold == "work"]
    blocks = _bounded(rows.blocks, len(folded))
    answers = [
        e for e in turn.entries if isinstance(e, AgentMessage) and rows.roles[e.id] == "answer"
    ]
    head, foot = frame.header(turn), frame.footer(turn, answers)
    made = tuple(rows.kept(b) for b in blocks)
    if last is not None and _identical(last.blocks, made):
        made = last.blocks
    return Document(
        header=last.header if last and last.header == head else head,
        blocks=made,
        footer=last.footer if last and last.footer == foot else foot,
        work=frame.work(turn, folded),
        ended=turn.ended,
    )


def _identical(a: tuple[Block, ...], b: tuple[Block, ...]) -> bool:
    return len(a) == len(b) and all(x is y for x, y in zip(a, b, strict=True))


def roles(turn: Turn) -> dict[str, str]:
    """What each message is to the reader: the cell's own ``prompt`` or a ``steer``; ``answer`` or ``commentary``;
    ``unanswered`` for the last words of a turn that ended without an answer; ``shown`` for a review that a message
    repeats (where the review has findings, the message is the one that steps back); ``refused`` for a declined command
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
                found.update((m.id, "commentary") for m in same)
            elif same:
                found[entry.id] = "shown"
    return found


@dataclass(slots=True)
class _Rows:
    """The rows of one document, in the making."""

    turn: Turn
    before: tuple[Turn, Document] | None
    blocks: list[Block] = field(default_factory=list)
    roles: dict[str, str] = field(default_factory=dict)
    known: dict[str, Block] = field(default_factory=dict)
    same: dict[str, Item] = field(default_factory=dict)
    context: Context = field(default_factory=Context)
    run: list[Command] = field(default_factory=list)

    def write(self) -> None:
        turn = self.turn
        self.roles = roles(turn)
        self.context = _context(turn)
        if self.before is not None:
            old, document_ = self.before
            self.known = {b.key: b for b in document_.blocks}
            if _context(old) == self.context:
                was = roles(old)
                self.same = {e.id: e for e in old.entries if was.get(e.id) == self.roles.get(e.id)}
        after = self._decisions()
        self.blocks += after.pop("", [])
        for entry in turn.entries:
            self._entry(entry)
            decided = after.pop(entry.id, None)
            if decided:
                self._flush()
                self.blocks += decided
        self._flush()
        for decided in after.values():
            self.blocks += decided
        self._closing()

    def _entry(self, entry: Item) -> None:
        name = key(entry)
        unchanged = self.same.get(entry.id) is entry
        if unchanged and name in self.known:
            self._flush()
            self.blocks.append(self.known[name])
            return
        if isinstance(entry, Command) and explores(entry):
            self.run.append(entry)
            if len(self.run) >= MOST_TOGETHER:
                self._flush()
            return
        made = block(entry, self.context, self.roles.get(entry.id, ""))
        if made is not None:
            self._flush()
            self.blocks.append(made)

    def _flush(self) -> None:
        """Close the run of reading commands."""
        if not self.run:
            return
        run, self.run = self.run, []
        old = self.known.get(f"explored:{run[0].id}")
        if (
            old is not None
            and all(self.same.get(c.id) is c for c in run)
            and records.commands_in(old) == len(run)
        ):
            self.blocks.append(old)
        else:
            self.blocks.append(explored(run, self.context.cwd, self.context.home))

    def _decisions(self) -> dict[str, list[Block]]:
        """Decisions and withdrawn requests by the entry they stand after (``""``: before all)."""
        if not self.turn.decisions and not self.turn.withdrawn:
            return {}
        there = {entry.id for entry in self.turn.entries}
        after: dict[str, list[Block]] = {}
        for made, record in [
            *((records.decision(d), d) for d in self.turn.decisions),
            *((records.withdrawn(w), w) for w in self.turn.withdrawn),
        ]:
            place = record.item_id if record.item_id in there else record.after
            after.setdefault(place, []).append(made)
        return after

    def _closing(self) -> None:
        """The checklist above the answer, the error below it, and last what waits for a person."""
        turn = self.turn
        plan = records.checklist(turn)
        if plan is not None:
            at = len(self.blocks)
            while at and self.blocks[at - 1].kind == "answer":
                at -= 1
            self.blocks.insert(at, plan)
        if turn.error is not None:
            self.blocks.append(records.error(turn.error))
        for request in turn.requests:
            shown_card = card(request, turn)
            self.blocks.append(
                Block(
                    key=f"card:{request.id}",
                    kind="card",
                    title=shown_card.title,
                    glyph="ask",
                    label="request",
                    fold="never",
                    open=True,
                    card=shown_card,
                )
            )

    def kept(self, made: Block) -> Block:
        """The earlier object where it says the same."""
        old = self.known.get(made.key)
        return old if old is not None and (old is made or old == made) else made


def _context(turn: Turn) -> Context:
    settings = turn.settings
    return Context(
        cwd=settings.cwd,
        home=settings.home,
        ended=turn.state if turn.ended else "",
        leftovers=turn.leftovers,
        agents=turn.agents,
    )


_TOTAL = re.compile(r"\+([\d,]+) −([\d,]+)")


def _bounded(blocks: list[Block], folded: int) -> list[Block]:
    """At most so many rows of work and of file changes; one row stands for the middle of each."""
    if folded > WORK_HEAD + WORK_TAIL + 1:
        blocks = _without_middle(
            blocks, lambda b: b.fold == "work", WORK_HEAD, WORK_TAIL, _omitted_work
        )
    if sum(b.kind == "edit" for b in blocks) > EDITS_HEAD + EDITS_TAIL + 1:
        blocks = _without_middle(
            blocks, lambda b: b.kind == "edit", EDITS_HEAD, EDITS_TAIL, _omitted_edits
        )
    return blocks


def _without_middle(
    blocks: list[Block],
    chosen: Callable[[Block], bool],
    head: int,
    tail: int,
    summary: Callable[[list[Block]], Block],
) -> list[Block]:
    places = [i for i, b in enumerate(blocks) if chosen(b)]
    middle = places[head : len(places) - tail]
    out = set(middle)
    row = summary([blocks[i] for i in middle])
    result: list[Block] = []
    for i, b in enumerate(blocks):
        if i == middle[0]:
            result.append(row)
        if i not in out:
            result.append(b)
    return result


def _omitted_work(middle: list[Block]) -> Block:
    number = sum(map(records.commands_in, middle))
    said = records.summary(middle)
    title = f"{count(number, 'more step')} not shown here" + (f": {said}" if said else "")
    return Block("omitted:work", "notice", title, "info", label="omitted", fold="work")


def _omitted_edits(middle: list[Block]) -> Block:
    added = removed = 0
    for b in middle:
        found = _TOTAL.search(b.meta)
        if found:
            added += int(found[1].replace(",", ""))
            removed += int(found[2].replace(",", ""))
    title = f"{count(len(middle), 'more file change')} not shown here"
    return Block(
        "omitted:edits", "edit", title, "edit", shown(added, removed), "omitted", fold="body"
    )
