"""The conversation so far was summarised to make room."""

from __future__ import annotations

from tests.unit.core.captures import as_captured


def test_it_reads_as_captured() -> None:
    assert as_captured("contextCompaction") == ["compaction | Conversation summarised to make room"]
