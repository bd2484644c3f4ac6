"""What became of code that the agent ran in the user's kernel: how it ended, what it changed. Data, and its words for people.

What the model is told of it is made from the same fields, in ``notebook/workbench/report.py``; nothing is read out of words.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

#: ``failed``: it raised. ``exited``: it called ``exit`` or raised SystemExit. ``time_limit``: it ran too long. ``interrupted``:
#: a person interrupted the kernel. ``stopped``: its turn was stopped. ``stuck``: it was told to end and did not.
Kind = Literal["ok", "failed", "exited", "time_limit", "interrupted", "stopped", "stuck"]


@dataclass(frozen=True, slots=True)
class Changes:
    """Names of variables that code made, changed and deleted, in the order in which they stand in the namespace."""

    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.new or self.changed or self.deleted)

    def __str__(self) -> str:
        parts = [
            f"{word} {', '.join(names[:20])}"
            + (f" and {len(names) - 20} more" if len(names) > 20 else "")
            for word, names in (
                ("new:", self.new),
                ("changed:", self.changed),
                ("deleted:", self.deleted),
            )
            if names
        ]
        return "; ".join(parts)


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run ended.

    Attributes:
        kind: see ``Kind``.
        error: what it raised, as the last line of a traceback says it, or ``""``.
        seconds: how long it ran.
        limit: the seconds that it was given.
        waited: the kernel was busy first.
    """

    kind: Kind
    error: str = ""
    seconds: float = 0.0
    limit: float = 0.0
    waited: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """One piece of code that was run: how it ended, what it changed, whether it put anything out, how many figures."""

    ending: Ending
    changes: Changes = field(default_factory=Changes)
    printed: bool = False
    figures: int = 0


def run_lines(run: Run) -> tuple[str, ...]:
    """How a run ended and what it changed, a line each; its output is in the cell.

    Example:
        >>> run_lines(Run(Ending("ok", seconds=0.1), Changes(new=("x",)), printed=True))
        ('Finished after 0.1 s.', 'Output is in the cell.', 'Variables new: x')
    """
    lines = [ending_text(run.ending)]
    if run.printed:
        lines.append("Output is in the cell.")
    if run.changes:
        lines.append(f"Variables {run.changes}")
    return tuple(lines)


def ending_text(ending: Ending) -> str:
    """How a run ended, in a sentence."""
    after = f"after {ending.seconds:.1f} s"
    waited = " It waited until the kernel was idle." if ending.waited else ""
    match ending.kind:
        case "ok":
            return f"Finished {after}.{waited}"
        case "failed":
            return f"Failed {after}: {ending.error}{waited}"
        case "exited":
            return f"The code asked to exit {after}; the kernel goes on.{waited}"
        case "time_limit":
            return f"Interrupted by the time limit of {ending.limit:g} s. What it had done remains.{waited}"
        case "interrupted":
            return f"Interrupted by the user {after}."
        case "stopped":
            return f"Stopped by the user {after}."
        case "stuck":
            return f"The code could not be interrupted and is STILL RUNNING {after}. The kernel is busy until it ends."
