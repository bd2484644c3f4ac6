"""One agent speaking to others."""

from __future__ import annotations

from tests.unit.core.captures import as_captured


def test_it_reads_as_captured() -> None:
    assert as_captured("collabAgentToolCall") == [
        "agent | Started an agent: @@default say hi from child | mock-model",
        "agent | Waited for agents",
    ]
