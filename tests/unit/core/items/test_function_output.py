"""A tool result that the client put before the model."""

from __future__ import annotations

from tests.unit.core.captures import as_captured


def test_it_reads_as_captured() -> None:
    assert as_captured("functionCallOutput") == ["tool | Given to the model: jupyter/notebook"]
