"""Where an edit leads is looked up: links, second names, programs, modules that would be shadowed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from codex_jupyter.session.file_facts import apart, as_written_and_resolved


def test_both_names_of_a_linked_file_are_looked_at(tmp_path: Path) -> None:
    (tmp_path / ".git/hooks").mkdir(parents=True)
    (tmp_path / "notes").symlink_to(".git/hooks")
    (tmp_path / "shared").mkdir()
    (tmp_path / ".git/hooks/pre-push").symlink_to("../../shared/check")
    base = str(tmp_path.resolve())
    assert as_written_and_resolved(base, ["notes/pre-commit"]) == (
        f"{base}/notes/pre-commit",
        f"{base}/.git/hooks/pre-commit",
    )
    assert f"{base}/.git/hooks/pre-push" in as_written_and_resolved(base, [".git/hooks/pre-push"])
    assert as_written_and_resolved(base, ["a.py", f"{base}/a.py"]) == (f"{base}/a.py",)


@pytest.mark.parametrize("kind", ["link", "hard link", "program", "pipe", "module", "package"])
def test_what_is_more_than_an_ordinary_file_is_named(tmp_path: Path, kind: str) -> None:
    path = tmp_path / {"module": "pandas.py", "package": "random/__init__.py"}.get(kind, "load.py")
    path.parent.mkdir(exist_ok=True)
    if kind == "link":
        path.symlink_to("elsewhere")
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.write_text("")
    if kind == "hard link":
        os.link(path, tmp_path / "second")
    if kind == "program":
        path.chmod(0o744)
    ((named, why),) = apart([str(path)])
    assert named == str(path) and why


def test_an_ordinary_file_and_one_that_is_not_there_yet_are_nothing_special(tmp_path: Path) -> None:
    (tmp_path / "load.py").write_text("")
    assert apart([str(tmp_path / name) for name in ("load.py", "new.py", "notes.md")]) == ()
