"""The verdict on a tier: nothing that did not run, ran empty or was skipped passes."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

import pytest

from tests.environments import ROOT

PASSING = '<testsuite><testcase name="a"/><testcase name="b"/></testsuite>'
FAILING = (
    '<testsuite><testcase name="a"/><testcase name="b"><failure/></testcase>'
    '<testcase name="c"><error/></testcase></testsuite>'
)
SKIPPING = '<testsuite><testcase name="a"/><testcase name="b"><skipped/></testcase></testsuite>'
EMPTY = "<testsuites><testsuite/></testsuites>"


@pytest.fixture
def tiers(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    return importlib.import_module("tiers")


@pytest.mark.parametrize(
    ("report", "status", "counts", "ok"),
    [
        (PASSING, 0, (2, 0, 0), True),
        (FAILING, 1, (1, 2, 0), False),
        (SKIPPING, 0, (1, 0, 1), False),
        (EMPTY, 5, (0, 0, 0), False),
        (EMPTY, 0, (0, 0, 0), False),
        (PASSING, 3, (2, 0, 0), False),
        (None, 0, (0, 1, 0), False),
    ],
)
def test_a_report_and_a_status_make_a_verdict(
    tiers: ModuleType,
    tmp_path: Path,
    report: str | None,
    status: int,
    counts: tuple[int, int, int],
    ok: bool,
) -> None:
    path = tmp_path / "report.xml"
    if report is not None:
        path.write_text(report)
    outcome = tiers.counted(path, status)

    assert (outcome.passed, outcome.failed, outcome.skipped) == counts
    assert outcome.ok is ok
    assert ok or outcome.failed or outcome.why


def test_a_tier_that_cannot_run_is_named_and_fails_the_whole(
    tiers: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fine = tiers.Tier(lambda: tiers.Outcome(passed=3))
    blocked = tiers.Tier(lambda: tiers.Outcome(passed=9), lambda: "no browser here")
    monkeypatch.setattr(tiers, "TIERS", {"fine": fine, "blocked": blocked})

    assert tiers.main(["fine", "blocked"]) == 1
    printed = capsys.readouterr().out
    assert "CANNOT RUN: no browser here" in printed
    assert printed.splitlines()[-1] == "3 passed, 1 failed"

    assert tiers.main(["fine"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "3 passed, 0 failed"


def test_a_tier_that_only_skipped_counts_as_a_failure(
    tiers: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    skipping = tiers.Tier(lambda: tiers.Outcome(skipped=4, why="4 skipped"))
    monkeypatch.setattr(tiers, "TIERS", {"skipping": skipping})

    assert tiers.main(["skipping"]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "0 passed, 1 failed"
