"""The sample project: it fails as the script `quickstart` says, and nobody's files are overwritten."""

from __future__ import annotations

import subprocess
import sys

import pytest

from codex_jupyter.offline import write_project


def check(folder) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-B", "check.py"], cwd=folder, capture_output=True, text=True
    )


def test_its_check_fails_for_the_reason_the_script_gives(tmp_path) -> None:
    folder = write_project(tmp_path / "deep" / "churn")
    assert folder.is_absolute()
    failed = check(folder)
    assert failed.returncode == 1
    assert "offset-naive and offset-aware" in failed.stderr


def test_it_can_be_written_again_after_it_was_fixed(tmp_path) -> None:
    folder = write_project(tmp_path)
    load = folder / "load.py"
    before = load.read_text()
    load.write_text(before + "# changed\n")
    write_project(tmp_path)
    assert load.read_text() == before


def test_other_files_of_these_names_are_left_alone(tmp_path) -> None:
    (tmp_path / "load.py").write_text("mine = True\n")
    with pytest.raises(FileExistsError, match="not the sample's"):
        write_project(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["load.py"]
