"""Patches are taken back where their files are what they left, and nothing else is touched."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from codex_jupyter.core.diffs import Change
from codex_jupyter.errors import UserError
from codex_jupyter.session.edits import FileEdit, edit_of
from codex_jupyter.session.undoing import carry_out, plan

PATCH = "@@ -1 +1 @@\n-old\n+new\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(os.path.realpath(tmp_path))


def updated(folder: Path, name: str = "a.txt") -> FileEdit:
    (folder / name).write_text("new\n")
    return edit_of(Change(name, "update", PATCH), str(folder))


def conflicts(*edits: FileEdit) -> str:
    return "\n".join(plan(edits).conflicts)


def test_several_patches_of_several_files(folder: Path) -> None:
    first = updated(folder)
    (folder / "a.txt").write_text("newer\n")
    second = edit_of(Change("a.txt", "update", "@@ -1 +1 @@\n-new\n+newer\n"), str(folder))
    (folder / "made").mkdir()
    (folder / "made/b.txt").write_text("b")
    added = edit_of(Change("made/b.txt", "add", "b"), str(folder))
    deleted = edit_of(Change("gone/c.txt", "delete", "c\n"), str(folder))
    (folder / "d2.txt").write_text("new\n")
    moved = edit_of(Change("d.txt", "update", PATCH, moved_to="d2.txt"), str(folder))
    made = plan([first, second, added, deleted, moved])
    assert made.conflicts == ()
    os.chmod(folder / "a.txt", 0o754)
    carry_out(made.steps)
    assert (folder / "a.txt").read_text() == "old\n"
    assert (folder / "a.txt").stat().st_mode & 0o777 == 0o754
    assert not (folder / "made/b.txt").exists()
    assert (folder / "gone/c.txt").read_text() == "c\n"
    assert (folder / "d.txt").read_text() == "old\n" and not (folder / "d2.txt").exists()
    assert sorted(path.name for path in folder.rglob("*") if path.is_file()) == [
        "a.txt",
        "c.txt",
        "d.txt",
    ]


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda file: file.write_text("mine\n"), "changed since"),
        (lambda file: file.write_text("new\nmine\n"), "changed since"),
        (lambda file: file.unlink(), "changed since"),
        (lambda file: (file.unlink(), file.mkdir()), "plain file"),
        (lambda file: file.write_bytes(b"\xff"), "no text"),
        (lambda file: os.link(file, file.with_name("second")), "second name"),
    ],
)
def test_what_changed_since_refuses_the_whole(folder: Path, spoil: object, why: str) -> None:
    edits = [updated(folder), updated(folder, "b.txt")]
    spoil(folder / "a.txt")  # type: ignore[operator]
    found = plan(edits)
    assert len(found.conflicts) == 1 and why in found.conflicts[0]


def test_no_link_leads_it_elsewhere(folder: Path) -> None:
    """A command of Codex puts a link in the place of its file: what that leads to is not written."""
    (folder / "work").mkdir()
    edit = updated(folder / "work")
    victim = folder / "victim.txt"
    victim.write_text("new\n")
    (folder / "work/a.txt").unlink()
    (folder / "work/a.txt").symlink_to(victim)
    assert "link" in conflicts(edit)

    (folder / "work/a.txt").unlink()
    (folder / "work").rmdir()
    (folder / "other").mkdir()
    (folder / "other/a.txt").write_text("new\n")
    (folder / "work").symlink_to(folder / "other")
    assert "link" in conflicts(edit)
    assert victim.read_text() == "new\n" and (folder / "other/a.txt").read_text() == "new\n"


def test_a_link_that_comes_at_the_last_moment_is_not_followed(folder: Path) -> None:
    (folder / "work").mkdir()
    made = plan([updated(folder / "work")])
    (folder / "other").mkdir()
    (folder / "other/a.txt").write_text("new\n")
    os.rename(folder / "work", folder / "was")
    (folder / "work").symlink_to(folder / "other")
    with pytest.raises(UserError, match="was not taken back"):
        carry_out(made.steps)
    assert (folder / "other/a.txt").read_text() == "new\n"


def test_what_was_written_in_between_is_not_lost(folder: Path) -> None:
    made = plan([updated(folder), updated(folder, "b.txt")])
    (folder / "b.txt").write_text("mine\n")
    with pytest.raises(
        UserError, match=r"changed at this moment.*Taken back before it: .*a\.txt|a\.txt"
    ):
        carry_out(sorted(made.steps, key=lambda step: step.path))
    assert (folder / "b.txt").read_text() == "mine\n"


def test_what_a_patch_hides_is_not_taken_back(folder: Path) -> None:
    (folder / "a.txt").write_text("x\n")
    hidden = Change("a.txt", "update", "@@ -1 +1 @@\n-key=[hidden]\n+x\n")
    assert "secret" in conflicts(edit_of(hidden, str(folder)))
    other = Change("a.txt", "update", "@@ -1 +1 @@\n-old\n+y\n")
    assert "other lines" in conflicts(edit_of(other, str(folder)))
