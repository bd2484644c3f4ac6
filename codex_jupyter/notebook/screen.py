"""The terminal that a person reads: how wide it is, whether it has colours, whether a line of it may be drawn anew.

Of a kernel's console little is known. One that ``jupyter console`` started still holds the terminal that both were started in;
of others nothing is: text is plain there, and sentences are left to the front end to wrap.
"""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from typing import Any

from codex_jupyter.notebook import kernel_internals
from codex_jupyter.session import terminal

#: Cells of a line where nobody says how wide the terminal is, and the least that is drawn for.
UNKNOWN, LEAST = 100, 20


@dataclass(frozen=True, slots=True)
class Screen:
    """What is known of the terminal at this moment.

    Attributes:
        width: cells of a line.
        known: that is known.
        color: shows colours.
        redraws: obeys what erases a line, and nobody else writes to it.
    """

    width: int
    known: bool
    color: bool
    redraws: bool


def screen(shell: Any) -> Screen:
    """The terminal or console that shows what the running cell prints."""
    kernel = kernel_internals.kernel_of(shell)
    plain = (
        bool(os.environ.get("NO_COLOR")) or str(getattr(shell, "colors", "")).lower() == "nocolor"
    )
    if kernel is not None:
        width = kernel_internals.terminal_width(sys.stdout)
        known = bool(width)
        return Screen(max(width or UNKNOWN, LEAST), known, known and not plain, False)
    width = max(shutil.get_terminal_size((UNKNOWN, 24)).columns, LEAST)
    obeys = terminal.draws()
    return Screen(width, True, obeys and not plain, obeys)
