"""What holds for the next turn of a thread, in words: what was chosen and where, or what Codex has it at by itself."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from codex_jupyter.core.document import Table
from codex_jupyter.settings import SETTINGS, Option

if TYPE_CHECKING:
    from codex_jupyter.session.session import Session


#: Heads of a table of settings: what it is, what holds, how to say something else.
HEADS = ("", "now", "set by")


def state_table(rows: list[tuple[str, str, str]]) -> Table:
    """What holds, and what is typed to change or see more of it."""
    return Table(HEADS, tuple(rows), typed=frozenset({2}))


def rows_in_force(session: Session, name: str) -> list[tuple[str, str, str]]:
    """Every setting that has words for what holds when nobody chose: its label, what holds for a thread, its option."""
    return [
        (option.label, in_force(session, name, option.field), set_by(option))
        for option in SETTINGS.values()
        if option.when_unset
    ]


def set_by(option: Option) -> str:
    """What is typed to set it: ``-m MODEL``; where no cell can, the trait."""
    return (
        f"{option.names[0]} {option.metavar}"
        if option.names
        else f"%config CodexMagics.{option.field}"
    )


def in_force(session: Session, name: str, field: str) -> str:
    """The value of a setting and where it comes from: ``gpt-5.4 (this conversation)``, ``read-only (as Codex has it …)``."""
    settings, origins = session.effective(name)
    value = getattr(settings, field)
    option = SETTINGS[field]
    verdict = session.engine.supplier.sandbox
    if field == "sandbox" and value != "full-access" and verdict is not None and verdict.missing:
        why = f" ({session.engine.gate.text(verdict.reason)})" if verdict.reason else ""
        return f"unavailable{why}: every command is asked for"
    if field == "codex_bin" and value is None and (named := os.environ.get("CODEX_BIN")):
        return f"{named} (CODEX_BIN)"
    if value is not None:
        return f"{value} ({origins[field]})" if field in origins else str(value)
    upcoming = session.upcoming(name) if option.by_codex else None
    by_codex = str(getattr(upcoming, field)) if upcoming is not None else ""
    return f"{by_codex} ({option.by_codex})" if by_codex else option.when_unset
