"""Codex's own databases: whether another program keeps the runtime from writing them."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from pathlib import Path

from codex_jupyter.runtime.threads import default_codex_home

#: Seconds between two looks: the runtime itself writes for a moment, now and then.
APART = 0.5


async def held(codex_home: str | None) -> Path | None:
    """The database that another program has locked for half a second at least; None where all can be written.

    Waits for no lock, and changes nothing.

    Args:
        codex_home: where they lie; None for the user's own.
    """
    home = Path(codex_home) if codex_home else default_codex_home()
    if await asyncio.to_thread(_locked, home) is None:
        return None
    await asyncio.sleep(APART)
    return await asyncio.to_thread(_locked, home)


def _locked(home: Path) -> Path | None:
    return next(filter(_is_locked, sorted(home.glob("*.sqlite"))), None)


def _is_locked(path: Path) -> bool:
    try:
        with contextlib.closing(
            sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True, timeout=0, isolation_level=None)
        ) as database:
            database.execute("BEGIN IMMEDIATE")
            database.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        return "locked" in str(error)
    except (sqlite3.Error, OSError):  # gone, or none of theirs: that is for the runtime to say
        return False
    return False
