"""The model waits."""

from __future__ import annotations

from codex_jupyter.core.items import Sleep
from tests.unit.core.captures import as_captured, ended, shown, started, titles


def test_it_reads_as_captured() -> None:
    assert as_captured("sleep") == ["sleep | Waited 0.7 s"]


def test_a_pause_that_was_cut_short_says_so() -> None:
    page = shown(started(Sleep("s", duration_ms=700)), ended("interrupted"))
    assert titles(page) == ["sleep | Waited 0.7 s | cut short"]
