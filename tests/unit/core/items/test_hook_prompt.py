"""Text that a hook put before the model."""

from __future__ import annotations

from tests.unit.core.captures import as_captured


def test_it_reads_as_captured() -> None:
    assert as_captured("hookPrompt") == ["hook | A hook told the model"]
