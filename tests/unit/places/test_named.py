"""Files that the user names or owns: made anew and private, or changed by one line and nothing else."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from codex_jupyter.places import create, named, strike_line

RULE = 'prefix_rule(pattern=["git", "status"], decision="allow")'
TEXT = f'# mine\r\nprefix_rule(pattern=["ls"], decision="allow")\n{RULE}\n\n# ünïcode\n{RULE} # not this\n'


def struck(text: str) -> str:
    note = "# taken back".ljust(len(RULE))
    return "".join(
        line.replace(RULE, note) if line.rstrip("\r\n") == RULE else line
        for line in text.splitlines(keepends=True)
    )


def test_a_line_is_struck_and_every_other_byte_stays(tmp_path: Path) -> None:
    file = tmp_path / "default.rules"
    file.write_bytes(TEXT.encode())
    assert strike_line(file, RULE, "taken back")
    assert file.read_bytes() == struck(TEXT).encode() != TEXT.encode()
    assert not strike_line(file, RULE, "taken back")


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_the_last_line_with_any_end(tmp_path: Path, end: str) -> None:
    file = tmp_path / "default.rules"
    file.write_bytes(f"# a\n{RULE}{end}".encode())
    assert strike_line(file, RULE, "taken back")
    assert file.read_bytes().endswith(f"# taken back{' ' * (len(RULE) - 12)}{end}".encode())


def test_every_copy_of_it_goes(tmp_path: Path) -> None:
    file = tmp_path / "default.rules"
    file.write_text(f"{RULE}\n{RULE}\n")
    assert strike_line(file, RULE, "taken back") and RULE not in file.read_text()


def test_links_modes_and_other_names_of_the_file_stay(tmp_path: Path) -> None:
    dotfiles = tmp_path / "dotfiles"
    dotfiles.mkdir()
    real = dotfiles / "codex.rules"
    real.write_text(f"{RULE}\n")
    real.chmod(0o640)
    link, other = tmp_path / "default.rules", tmp_path / "hard"
    link.symlink_to(real)
    os.link(real, other)
    before = real.stat()
    assert strike_line(link, RULE, "taken back")
    assert link.is_symlink() and RULE not in real.read_text() and RULE not in other.read_text()
    after = real.stat()
    assert (after.st_ino, after.st_mode, after.st_uid) == (before.st_ino, before.st_mode, before.st_uid)  # fmt: skip
    assert sorted(p.name for p in tmp_path.iterdir()) == ["default.rules", "dotfiles", "hard"]


def test_what_others_append_meanwhile_is_never_lost(tmp_path: Path) -> None:
    file = tmp_path / "default.rules"
    rules = [f'prefix_rule(pattern=["tool{n}"], decision="allow")' for n in range(200)]
    file.write_text("".join(f"{rule}\n" for rule in rules))
    added = [f"# added {n}" for n in range(500)]

    def others() -> None:
        for line in added:
            with open(file, "a") as appended:  # without any lock
                appended.write(f"{line}\n")

    other = threading.Thread(target=others)
    other.start()
    for rule in rules:
        assert strike_line(file, rule, "taken back")
    other.join()
    lines = file.read_text().splitlines()
    assert [line for line in lines if line.startswith("# added")] == added
    assert len(lines) == 700 and not [line for line in lines if line.startswith("prefix")]


def test_a_file_that_is_replaced_meanwhile_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "default.rules"
    file.write_text(f"{RULE}\n")
    real = os.fsync

    def replaced(descriptor: int) -> None:
        real(descriptor)
        monkeypatch.setattr(named.os, "fsync", real)
        (tmp_path / "new").write_text(f"# by an editor\n{RULE}\n")
        (tmp_path / "new").replace(file)

    monkeypatch.setattr(named.os, "fsync", replaced)
    assert strike_line(file, RULE, "taken back")
    assert file.read_text().startswith("# by an editor\n# taken back")


def test_a_file_that_another_program_holds_is_not_waited_for_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import fcntl

    file = tmp_path / "default.rules"
    file.write_text(f"{RULE}\n")
    monkeypatch.setattr(named.time, "sleep", lambda _seconds: None)
    with file.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(TimeoutError, match="another program"):
            strike_line(file, RULE, "taken back")
    assert file.read_text() == f"{RULE}\n"


def test_a_short_line_becomes_a_comment_too(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_text("ab\ncd\n")
    assert strike_line(file, "ab", "taken back")
    assert file.read_text() == "# \ncd\n"


def test_a_new_file_is_private_and_stands_in_nothings_place(tmp_path: Path) -> None:
    with create(tmp_path / "a") as file:
        file.write("text \ud83d")
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o600
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for name in ("a", "link"):
        with pytest.raises(FileExistsError):
            create(tmp_path / name)
    assert not (tmp_path / "nowhere").exists()


def test_what_has_the_name_is_kept_or_taken_away_and_never_followed(tmp_path: Path) -> None:
    elsewhere, file = tmp_path / "elsewhere", tmp_path / "talk.md"
    elsewhere.write_text("mine\n")
    file.symlink_to(elsewhere)
    with pytest.raises(FileExistsError):
        create(file)
    for text in ("first\n", "second\n"):
        with create(file, replace=True) as written:
            written.write(text)
        assert file.read_text() == text
    assert not file.is_symlink() and elsewhere.read_text() == "mine\n"
    assert file.stat().st_mode & 0o777 == 0o600
    with pytest.raises(OSError):
        create(tmp_path, replace=True)
