"""Cells that the agent proposes: put below one after the other, and remembered until the agent knows what became of them.

The reply of a finishing cell can carry one insertion. So the first proposal is inserted when the waiting cell ends, and
each next one when the one before has run. Nothing is inserted for a turn in the background or without a front end: there
the transcript's card is what the user copies from. Nor is a cell inserted that the notebook has already, word for word: a
notebook that is run again gets no second copy.
"""

from __future__ import annotations

import difflib
import re
import threading
import time
from dataclasses import dataclass
from typing import Any

from codex_jupyter.notebook.workbench.record import Cell
from codex_jupyter.notebook.workbench.saved_cells import SavedCells

#: Proposed cells of one call, characters of one.
MOST, LONGEST = 10, 20_000
#: From this likeness on an executed cell is taken for the proposal, edited.
ALIKE = 0.6
_WORDS = re.compile(r"\w+|[^\w\s]")


@dataclass
class Proposal:
    """One proposed cell. ``state``: waiting, inserted, ran, dropped (a later turn proposed something else). ``placed``: when the
    notebook was seen to have it (epoch seconds; 0: not yet)."""

    number: int
    code: str
    batch: int
    insertable: bool
    state: str = "waiting"
    cell: Cell | None = None
    edited: bool = False
    told: bool = False
    placed: float = 0.0


class Proposals:
    """The proposals of one shell."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._all: list[Proposal] = []
        self._lock = threading.Lock()

    def propose(
        self,
        codes: list[str],
        *,
        batch: int,
        insertable: bool,
        saved: SavedCells | None = None,
    ) -> list[Proposal]:
        """Remember proposed cells; those of an earlier turn that are not run yet give way to them.

        Args:
            codes: the cells.
            batch: the turn's number.
            insertable: whether a cell that is about to finish can carry them.
            saved: what the notebook's file holds, and what came into the notebook since is known here; None where no
                notebook keeps the cells (a console).
        """
        with self._lock:
            placed = self._placed(saved) if saved is not None else frozenset()
            for old in self._all:
                if old.batch != batch and old.state in ("waiting", "inserted"):
                    old.state = "dropped"
            first = self._all[-1].number + 1 if self._all else 1
            new = [
                Proposal(first + i, code.strip("\n"), batch, insertable)
                for i, code in enumerate(codes)
            ]
            for proposal in new if insertable else ():
                if proposal.code.strip() in placed:
                    proposal.state, proposal.placed = "inserted", time.time()
            self._all.extend(new)
            del self._all[:-100]
            return new

    def cell_finished(self, cell: Cell) -> None:
        """A cell of the user ended, on the main thread and before its reply goes out: match it, insert the next one."""
        with self._lock:
            if not cell.ours:
                self._match(cell)
            if any(p.state == "inserted" for p in self._all):
                return
            following = next((p for p in self._all if p.state == "waiting" and p.insertable), None)
            if following is not None:
                following.state, following.placed = "inserted", time.time()
                self._shell.set_next_input(following.code)

    def news(self) -> list[Proposal]:
        """Proposals that ran and that no turn has been told of; mark them ``told`` when one is."""
        with self._lock:
            return [p for p in self._all if p.state == "ran" and not p.told]

    def _placed(self, saved: SavedCells) -> frozenset[str]:
        since = (p.code.strip() for p in self._all if p.placed > saved.at)
        return saved.sources.union(since)

    def _match(self, cell: Cell) -> None:
        source = cell.source.strip()
        open_ones = [p for p in self._all if p.state in ("inserted", "waiting", "dropped")]
        exact = next((p for p in open_ones if p.code.strip() == source), None)
        found = exact or next(
            (p for p in open_ones if p.state == "inserted" and _likeness(p.code, source) >= ALIKE),
            None,
        )
        if found is not None:
            found.state, found.cell, found.edited = "ran", cell, found is not exact
            found.placed = time.time() if exact else 0.0


def _likeness(one: str, other: str) -> float:
    """From 0 to 1, word by word: every cell of the user waits for it."""
    words = [_WORDS.findall(text[:4_000]) for text in (one, other)]
    return difflib.SequenceMatcher(None, *words, autojunk=False).ratio()
