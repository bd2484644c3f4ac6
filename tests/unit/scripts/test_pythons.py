"""What is claimed of Python's versions is what `make pythons` ran; it says what it did not find."""

from __future__ import annotations

import importlib
import json
import re
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

from tests.environments import ROOT

RAN: dict[str, list[str]] = json.loads((ROOT / "scripts" / "pythons.json").read_text())
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


@pytest.fixture
def pythons(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    return importlib.import_module("pythons")


def test_classifiers_and_readme_claim_what_ran() -> None:
    claimed = re.findall(r"Python :: (3\.\d+)", "\n".join(PROJECT["classifiers"]))
    assert claimed == list(RAN)
    assert all(version.startswith(f"{minor}.") for minor in RAN for version in RAN[minor])
    assert PROJECT["requires-python"] == f">={next(iter(RAN))}"
    sentence = f"Python {next(iter(RAN))} to {list(RAN)[-1]}"
    assert sentence in (ROOT / "README.md").read_text()


def interpreter(folder: Path, name: str, said: str) -> None:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\nprintf '%b\\n' '{said}'\n")
    path.chmod(0o755)


def test_released_cpythons_are_found_once_each(
    pythons: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    interpreter(tmp_path / "a", "python3", "CPython 3.13.9 final True\\n/opt/a")
    interpreter(tmp_path / "b", "python3.13", "CPython 3.13.9 final True\\n/opt/b")
    interpreter(tmp_path / "b", "python3.12", "CPython 3.12.10 final True\\n/opt/c")
    interpreter(tmp_path / "c", "python3.14", "CPython 3.14.0 candidate True\\n/opt/d")
    interpreter(tmp_path / "d", "python3.11", "PyPy 3.11.9 final True\\n/opt/e")
    interpreter(tmp_path / "e", "python3.11", "CPython 3.11.9 final False\\n/opt/f")
    interpreter(tmp_path / "f", "python3.11", "pyenv: python3.11: command not found")
    candidates = sorted(tmp_path.glob("*/python*"))
    monkeypatch.setattr(pythons, "candidates", lambda: iter([*candidates, tmp_path / "none"]))

    assert [(python.version, str(python.path)) for python in pythons.found()] == [
        ("3.12.10", "/opt/c"),
        ("3.13.9", "/opt/a"),
    ]


def test_this_interpreter_is_among_those_found(pythons: ModuleType) -> None:
    base = ".".join(map(str, sys.version_info[:3]))
    assert sys.version_info.releaselevel != "final" or base in {p.version for p in pythons.found()}


def test_the_table_says_what_ran_what_failed_and_what_is_not_here(pythons: ModuleType) -> None:
    new, old = pythons.Python("3.13.9", Path("/n")), pythons.Python("3.11.2", Path("/o"))
    fine = dict.fromkeys(pythons.TIERS, "ok, 3 passed in 1 s")
    verdicts = {old: fine, new: {**fine, "unit": "FAILED: x"}}
    lines = pythons.table(verdicts, {"3.11", "3.13"}).splitlines()

    assert lines[0].split() == ["Python", "unit", "contract", "interpreter"]
    assert lines[1].startswith("3.11.2  ok, 3 passed")
    assert lines[2].startswith("3.13.9  FAILED: x")
    assert lines[3:] == ["3.12: no interpreter found", "3.14: no interpreter found"]


@pytest.mark.parametrize(
    ("verdict", "status", "recorded"),
    [("ok, 3 passed in 1 s", 0, True), ("FAILED: 1 passed, 1 failed", 1, False)],
)
def test_only_what_passed_is_recorded(
    pythons: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    verdict: str,
    status: int,
    recorded: bool,
) -> None:
    found = [pythons.Python(version, Path("/p")) for version in ("3.11.2", "3.11.7", "3.12.1")]
    record = tmp_path / "pythons.json"
    monkeypatch.setattr(pythons, "RECORD", record)
    monkeypatch.setattr(pythons, "found", lambda: found)
    monkeypatch.setattr(pythons, "run", lambda _: dict.fromkeys(pythons.TIERS, verdict))

    assert pythons.main(["3.12"]) == status  # some of them are no record
    assert not record.exists()
    assert pythons.main([]) == status
    assert record.exists() is recorded
    if recorded:
        assert json.loads(record.read_text()) == {"3.11": ["3.11.2", "3.11.7"], "3.12": ["3.12.1"]}
    assert pythons.main(["3.10"]) == 1
