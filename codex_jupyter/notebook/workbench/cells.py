"""What cells and runs printed and showed, as text for the model, with images as files. ``KernelTools`` takes secrets out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from codex_jupyter.notebook.workbench.cell_source import is_ours, without_ours
from codex_jupyter.notebook.workbench.clean_cut import clean_bounded
from codex_jupyter.notebook.workbench.figures import Figures
from codex_jupyter.notebook.workbench.record import Cell, Output, Record, written

#: Characters of one source, one stream or text, one traceback, and of the whole; images named of one record.
SOURCE, STREAM, ERROR, ROOM, IMAGES = 4_000, 4_000, 6_000, 24_000, 8
#: Cells that are read when nobody says which.
RECENT = 5


@dataclass
class Reading:
    """A text, and what of the user's data is in it: the numbers of cells, how many images."""

    text: str
    cells: list[int] = field(default_factory=list)
    images: int = 0


def read_cells(
    cells: Sequence[Cell],
    figures: Figures,
    *,
    numbers: Sequence[int] = (),
    last: int = RECENT,
    history: Sequence[str] = (),
) -> Reading:
    """Cells with their sources and outputs, oldest first.

    Args:
        cells: recorded ones, oldest first.
        figures: where images go.
        numbers: execution counts to read; none means the last ones.
        last: how many then.
        history: ``In``: sources of cells that ran before anything was recorded.
    """
    known = [cell for cell in cells if not cell.ours]
    if numbers:
        chosen = [next((c for c in reversed(known) if c.number == n), None) for n in numbers[:20]]
    else:
        chosen = list(known[-max(1, min(last, 20)) :])
    reading = Reading("")
    parts: list[str] = []
    for position, cell in enumerate(chosen):
        if cell is not None:
            parts.append(cell_text(cell, figures, reading))
        else:
            parts.append(_unrecorded(numbers[position], history))
    if not parts:
        parts = [_old_ones(history) or "No cell has run yet."]
    text = "\n\n".join(parts)
    while len(text) > ROOM and len(parts) > 1:  # the latest matter most
        parts.pop(0)
        text = "\n\n".join(["(earlier cells left out; ask for them by number)", *parts])
    reading.text = clean_bounded(text, ROOM)
    return reading


def cell_text(cell: Cell, figures: Figures, reading: Reading) -> str:
    """One cell."""
    state = {"failed": f"failed: {cell.error}", "running": "still running"}.get(cell.state, "ok")
    name = f"Cell [{cell.number}]" if cell.number else "Cell (not numbered)"
    outputs = record_text(cell, figures, reading, stem=f"cell-{cell.number}")
    if cell.number and cell.outputs:
        reading.cells.append(cell.number)
    return f"{name} ({state})\n{clean_bounded(cell.source.rstrip(), SOURCE) or '(no code)'}\n{outputs or '(no output)'}"


def record_text(record: Record, figures: Figures, reading: Reading, *, stem: str) -> str:
    """The outputs of a record, in order."""
    parts = [_output(output, figures, reading, stem) for output in list(record.outputs)]
    if record.left_out:
        parts.append(f"({record.left_out} more outputs left out)")
    return "\n".join(part for part in parts if part)


def _output(output: Output, figures: Figures, reading: Reading, stem: str) -> str:
    match output.kind:
        case "stdout" | "stderr":
            left = f"\n({output.dropped:,} characters left out)" if output.dropped else ""
            text = written(output.text, "\n").rstrip()
            return f"{output.kind}:\n{clean_bounded(text, STREAM)}{left}"
        case "error":
            return f"traceback:\n{clean_bounded(output.text.rstrip(), ERROR)}"
    return _bundle(output.kind, output.data, figures, reading, stem)


def _bundle(kind: str, data: dict[str, Any], figures: Figures, reading: Reading, stem: str) -> str:
    title = "value" if kind == "result" else "display"
    told = next((data[m] for m in ("text/plain", "text/markdown", "text/latex") if data.get(m)), "")
    others = [
        m
        for m in data
        if m not in ("text/plain", "text/html", "text/markdown", "text/latex")
        and not m.startswith("image/")
    ]
    line = (
        f"{title}:\n{clean_bounded(told, STREAM)}"
        if told
        else f"{title}: {', '.join(data) or 'nothing'}"
    )
    if others:
        line += f"\n(also as {', '.join(others[:4])})"
    if data.get("image/png") or data.get("image/jpeg"):
        path = figures.add_bundle(data, stem) if reading.images < IMAGES else None
        if path is not None:
            reading.images += 1
            line += f"\nimage: {path} (open it with view_image)"
        else:
            line += f"\nimage: {figures.fault or 'too large, or too many to keep'}"
    elif "image/svg+xml" in data:
        line += "\n(an SVG image)"
    return line


def _unrecorded(number: int, history: Sequence[str]) -> str:
    source = history[number] if 0 < number < len(history) else ""
    if not source or is_ours(source):
        return f"Cell [{number}]: there is no such cell of code."
    return f"Cell [{number}] (its output was not recorded)\n{clean_bounded(without_ours(source).rstrip(), SOURCE)}"


def _old_ones(history: Sequence[str]) -> str:
    numbered = [(n, s) for n, s in enumerate(history) if n and s.strip() and not is_ours(s)][
        -RECENT:
    ]
    return "\n\n".join(_unrecorded(n, history) for n, _ in numbered)
