"""The note that a turn carries: what happened in the notebook since the conversation's last turn, in a few lines.

Names, numbers of cells and kinds of errors, never values: what cells printed travels as data without authority
(``outputs``), bounded, and secrets are taken out of both by ``KernelTools``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from codex_jupyter.core.runs import Changes
from codex_jupyter.notebook.workbench.clean_cut import clean_end, clean_start
from codex_jupyter.notebook.workbench.proposals import Proposal
from codex_jupyter.notebook.workbench.record import Cell
from codex_jupyter.objects.changes import Snapshot
from codex_jupyter.objects.statics import type_title
from codex_jupyter.objects.variables import list_names
from codex_jupyter.render.characters import one_line

if TYPE_CHECKING:
    from codex_jupyter.core.turn import Turn

#: Characters of the note, and of what proposed cells put out.
ROOM, OUTPUTS = 1_800, 2_000
CELLS, NAMES = 12, 25


@dataclass
class Note:
    """``text`` is ours; ``outputs`` is what cells printed; ``sent`` says for the footer what of the user's is in it."""

    text: str = ""
    outputs: str = ""
    sent: tuple[str, ...] = ()


@dataclass
class Memory:
    """What a conversation was last told: the names then, and the cells that had run.

    A turn carried it, with news of ``proposals``; where that was never ``sent`` (None: not known yet), what it knew ``before``
    holds. It does not hold the turn, which holds its conversation: what is told of one that nobody has any more goes with it.
    """

    names: Snapshot | None = None
    cells: int = 0
    remarks: list[str] = field(default_factory=list)
    sent: bool | None = None
    proposals: Sequence[Proposal] = ()
    before: Memory | None = None

    def follow(self, turn: Turn) -> None:
        """The turn that carried it has changed."""
        if turn.turn_id:
            self.sent = True
        elif turn.ended:
            self.sent = False


def compose(
    memory: Memory,
    now: Snapshot,
    cells: Sequence[Cell],
    count: int,
    proposals: Sequence[Proposal],
    namespace: dict[str, Any],
    hidden: dict[str, Any],
) -> Note:
    """The note for the next turn.

    Args:
        memory: what the conversation knows.
        now: the names now.
        cells: recent ones, oldest first; the last may still run.
        count: how many cells ran so far, in all.
        proposals: proposed cells that ran since.
        namespace: the variables, for the first note, which names their types.
        hidden: ``user_ns_hidden``.
    """
    lines: list[str] = []
    sent: list[str] = []
    lines += memory.remarks
    fresh = [
        c
        for c in list(cells)[max(0, len(cells) - (count - memory.cells)) :]
        if not c.ours and c.state != "running"
    ]
    if fresh:
        shown = ", ".join(_cell(cell) for cell in fresh[-CELLS:])
        lines.append(
            f"Cells run: {f'{len(fresh) - CELLS} earlier ones, ' if len(fresh) > CELLS else ''}{shown}."
        )
    if memory.names is None:
        variables = list_names(namespace, hidden).variables
        if variables:
            shown = ", ".join(
                f"{one_line(n, 40)} ({type_title(type(v))})"
                for n, v in list(variables.items())[-NAMES:]
            )
            more = f"{len(variables) - NAMES} more, " if len(variables) > NAMES else ""
            lines.append(f"Variables: {more}{shown}.")
            sent.append(f"names of {len(variables)} variable{'' if len(variables) == 1 else 's'}")
    else:
        changes = memory.names.until(now)
        if changes:
            lines.append(f"Variables since your last turn: {_bounded(changes)}.")
            sent.append("names of changed variables")
    for proposal in proposals:
        cell = proposal.cell
        if cell is not None:
            edited = ", edited" if proposal.edited else ""
            lines.append(f"Your proposed cell {proposal.number} was run{edited}: {_cell(cell)}.")
    if not lines:
        return Note()
    if any(c.state == "failed" for c in fresh):
        lines.append("read_cells shows tracebacks and outputs.")
    outputs = _outputs(proposals)
    if outputs:
        sent += [
            f"cell {p.cell.number}'s output"
            for p in proposals
            if p.cell is not None and p.cell.outputs
        ]
    return Note(cut_lines("\n".join(lines), ROOM), outputs, tuple(sent))


def cut_lines(text: str, room: int) -> str:
    """The text, cut at its end."""
    return text if len(text) <= room else text[: room - 1] + "…"


def _cell(cell: Cell) -> str:
    number = f"[{cell.number}]" if cell.number else "a cell"
    return f"{number} failed with {cell.error}" if cell.state == "failed" else f"{number} ok"


def _bounded(changes: Changes) -> str:
    return one_line(str(changes), 900)


def _outputs(proposals: Sequence[Proposal]) -> str:
    parts = []
    for proposal in proposals:
        if proposal.cell is None or not proposal.cell.outputs:
            continue
        told = "\n".join(
            output.text.strip() or str(output.data.get("text/plain") or "")
            for output in proposal.cell.outputs
        ).strip()
        parts.append(f"[{proposal.cell.number}]\n{clean_end(told, 600)}")
    return clean_start("\n".join(parts), OUTPUTS)
