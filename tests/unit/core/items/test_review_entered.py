"""A review began."""

from __future__ import annotations

from tests.unit.core.captures import as_captured


def test_it_reads_as_captured() -> None:
    assert as_captured("enteredReviewMode") == ["review | Review: current changes"]
