"""Whether another program holds a database of Codex."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from pathlib import Path

import pytest

from codex_jupyter.runtime import databases


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(databases, "APART", 0.0)


def held(home: Path) -> Path | None:
    return asyncio.run(databases.held(str(home)))


def test_one_that_is_locked_is_found_and_nothing_is_changed(tmp_path: Path) -> None:
    for name in ("logs_2.sqlite", "state_5.sqlite"):
        with contextlib.closing(sqlite3.connect(tmp_path / name)) as made:
            made.execute("PRAGMA journal_mode=WAL")
            made.execute("CREATE TABLE t (x)")
            made.commit()
    assert held(tmp_path) is None
    before = (tmp_path / "state_5.sqlite").read_bytes()
    with contextlib.closing(sqlite3.connect(tmp_path / "state_5.sqlite")) as other:
        other.execute("BEGIN IMMEDIATE")
        assert held(tmp_path) == tmp_path / "state_5.sqlite"
        other.rollback()
    assert held(tmp_path) is None
    assert (tmp_path / "state_5.sqlite").read_bytes() == before


def test_what_is_no_database_or_not_there_is_held_by_nobody(tmp_path: Path) -> None:
    assert held(tmp_path / "none") is None
    (tmp_path / "state_5.sqlite").write_bytes(b"garbage" * 1000)
    (tmp_path / "folder.sqlite").mkdir()
    assert held(tmp_path) is None
