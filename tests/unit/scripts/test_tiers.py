"""The verdict on a tier: nothing that did not run, ran empty or was skipped passes."""

from __future__ import annotations

import importlib
import re
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

from tests.conftest import TIERS_WITH_A_DIRECTORY
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


def test_the_tiers_with_a_folder_are_the_same_everywhere(tiers: ModuleType) -> None:
    """What marks them, what leaves them out of the unit tier, here and in the Makefile, and what runs them."""
    folders = {f"tests/{name}" for name in TIERS_WITH_A_DIRECTORY}
    makefile = (ROOT / "Makefile").read_text()
    markers = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["pytest"]["ini_options"][
        "markers"
    ]

    assert set(tiers.TESTS_WITH_A_TIER) == folders
    assert set(re.findall(r"--ignore=(tests/\w+)", makefile)) == folders
    for name in TIERS_WITH_A_DIRECTORY:
        assert (ROOT / "tests" / name).is_dir()
        assert name in tiers.TIERS
        assert re.search(rf"^{name}:", makefile, re.MULTILINE)
        assert any(marker.startswith(f"{name}: ") for marker in markers)
    assert list(tiers.TIERS) == [
        "check", "js", "unit", "contract", "kernel", "attacks", "faults", "browser", "notebooks",
    ]  # fmt: skip


def test_a_tier_says_how_its_tests_are_dealt_out(
    tiers: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands: list[list[str]] = []
    monkeypatch.setattr(tiers, "run", lambda command: commands.append(command) or 1)
    for tier in ("kernel", "attacks", "notebooks"):
        tiers.pytest(tier, f"tests/{tier}")
    kernel, attacks, notebooks = commands

    assert "--dist=worksteal" in kernel and "--numprocesses=3" in kernel
    assert "--dist=loadgroup" in attacks and "--numprocesses=3" in attacks
    assert not any(option.startswith("--dist") for option in notebooks)
