"""A fault as a row: what was injected, what a person then sees, what is kept and what goes on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import pytest

Subsystem = Literal["runtime", "provider", "disk", "kernel", "page", "configuration"]


@dataclass(frozen=True)
class Fault:
    """One row of ``docs/faults.md``.

    Attributes:
        subsystem: where it was injected.
        injected: what, as a noun.
        seen: what the user sees.
        kept: what is not lost.
        goes_on: what continues, and how.
        within: seconds from the fault to the word that the user gets, with slack for a busy machine; asserted by
            ``make faults`` alone.
        everywhere: it is part of ``make test`` too, where only the order of events is asserted.
    """

    subsystem: Subsystem
    injected: str
    seen: str
    kept: str = "what was said before"
    goes_on: str = "the next cell, in the same conversation"
    within: float = 10.0
    everywhere: bool = False


def fault(subsystem: Subsystem, injected: str, seen: str, **more: Any) -> pytest.MarkDecorator:
    """The mark of a test that injects a fault; see ``Fault`` for the arguments."""
    return pytest.mark.fault(Fault(subsystem, injected, seen, **more))
