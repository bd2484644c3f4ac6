"""The rows of a turn's entries, one after the other, and how the next ones are made from these.

Runs of reading commands share a row, decisions stand after what they decided. Rows up to the first entry that changed
are taken over as they are; of the others, those whose entry is the same object are.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from codex_jupyter.core import records
from codex_jupyter.core.block_parts import key
from codex_jupyter.core.document import Block
from codex_jupyter.core.explored import MOST_TOGETHER, explored, explores
from codex_jupyter.core.item import Context, Item
from codex_jupyter.core.items import Command
from codex_jupyter.core.kinds import block
from codex_jupyter.core.roles import roles
from codex_jupyter.core.turn import Turn


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of ``turn``. ``counts[i]`` is how many there are after entry ``i``, or -1 where a run of reading commands
    is still open behind it."""

    turn: Turn
    context: Context
    roles: dict[str, str]
    blocks: tuple[Block, ...]
    counts: tuple[int, ...]
    #: The entry after which each decision and withdrawn request stands; None: before all, ``""``: after all.
    places: tuple[str | None, ...]


def rows(turn: Turn, before: Rows | None = None) -> Rows:
    """The rows of a turn; ``before`` those of an earlier state of it."""
    return _Writer(turn, before).write()


def context_of(turn: Turn) -> Context:
    """What the rows of this turn depend on beside their items."""
    settings = turn.settings
    return Context(
        cwd=settings.cwd,
        home=settings.home,
        sandbox=settings.sandbox,
        ended=turn.state if turn.ended else "",
        leftovers=turn.leftovers,
        agents=turn.agents,
    )


@dataclass(slots=True)
class _Writer:
    turn: Turn
    before: Rows | None
    roles: dict[str, str] = field(default_factory=dict)
    context: Context = field(default_factory=Context)
    blocks: list[Block] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    earlier: dict[str, Block] = field(default_factory=dict)
    same: dict[str, Item] = field(default_factory=dict)
    run: list[Command] = field(default_factory=list)
    places: tuple[str | None, ...] = ()

    def write(self) -> Rows:
        turn = self.turn
        self.roles = roles(turn)
        self.context = context_of(turn)
        after = self._decisions()
        start = self._take_over()
        if start == 0:
            self.blocks += after.pop(None, [])
        for entry in turn.entries[start:]:
            self._entry(entry)
            decided = after.get(entry.id) if entry.id else None
            if decided:
                self._flush()
                self.blocks += decided
            self.counts.append(-1 if self.run else len(self.blocks))
        self._flush()
        self.blocks += after.get("", [])
        made = tuple(self._kept(b) for b in self.blocks)
        return Rows(turn, self.context, self.roles, made, tuple(self.counts), self.places)

    def _take_over(self) -> int:
        """Take over what certainly stays; returns the number of entries that are done with."""
        before, turn = self.before, self.turn
        if before is None:
            return 0
        old, start = before.turn, 0
        if before.context == self.context:
            moved = {i for i, role in self.roles.items() if before.roles.get(i) != role}
            recorded = old.decisions == turn.decisions and old.withdrawn == turn.withdrawn
            if recorded and before.places == self.places:
                for was, now in zip(old.entries, turn.entries, strict=False):
                    if was is not now or now.id in moved:
                        break
                    start += 1
                while start and before.counts[start - 1] < 0:
                    start -= 1
            self.same = {e.id: e for e in old.entries[start:] if e.id not in moved}
        done = before.counts[start - 1] if start else 0
        self.blocks += before.blocks[:done]
        self.counts += before.counts[:start]
        self.earlier = {b.key: b for b in before.blocks[done:]}
        return start

    def _entry(self, entry: Item) -> None:
        old = self.earlier.get(key(entry))
        if old is not None and self.same.get(entry.id) is entry:
            self._flush()
            self.blocks.append(old)
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
        old = self.earlier.get(f"explored:{run[0].id}")
        unchanged = old is not None and records.commands_in(old) == len(run)
        if old is not None and unchanged and all(self.same.get(c.id) is c for c in run):
            self.blocks.append(old)
        else:
            self.blocks.append(explored(run, self.context.cwd, self.context.home))

    def _decisions(self) -> dict[str | None, list[Block]]:
        """Decisions and withdrawn requests by their place (see ``Rows.places``)."""
        turn = self.turn
        after: dict[str | None, list[Block]] = {}
        if not turn.decisions and not turn.withdrawn:
            return after
        there = {entry.id for entry in turn.entries if entry.id}
        places: list[str | None] = []
        for made, record in [
            *((records.decision(d), d) for d in turn.decisions),
            *((records.withdrawn(w), w) for w in turn.withdrawn),
        ]:
            place: str | None = next((i for i in (record.item_id, record.after) if i in there), "")
            if not place and not record.after:
                place = None
            places.append(place)
            after.setdefault(place, []).append(made)
        self.places = tuple(places)
        return after

    def _kept(self, made: Block) -> Block:
        """The earlier object where it says the same."""
        old = self.earlier.get(made.key)
        return old if old is not None and (old is made or old == made) else made
