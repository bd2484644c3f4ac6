"""The executable that is the runtime: found by what a user writes, looked at, and refused with the reason."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from codex_jupyter.errors import RuntimeFailedError
from codex_jupyter.runtime import binary, versions
from codex_jupyter.runtime.binary import inspect, locate
from tests.waiting import until

Made = Callable[..., Path]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """An executable shell script."""

    def make(script: str, name: str = "codex", folder: str = "bin", mode: int = 0o755) -> Path:
        path = tmp_path / folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(mode)
        return path

    return make


def said(named: str) -> RuntimeFailedError:
    with pytest.raises(RuntimeFailedError) as failed:
        inspect(named, dict(os.environ))
    return failed.value


def test_the_one_of_the_sdk_is_taken_as_it_is() -> None:
    found = inspect(None, {})
    assert found.bundled and found.path.is_file() and found.path.is_absolute()


def test_a_users_own_is_asked_for_its_version_once(made: Made, tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    path = made(f'echo "$@" >> {asked}; echo "codex-cli 0.171.0"')
    for _ in range(3):
        assert inspect(str(path), dict(os.environ)) == binary.Binary(path, "0.171.0", bundled=False)
    assert asked.read_text() == "--version\n"
    made(f'echo "$@" >> {asked}; echo "codex-cli 0.172.0-rc.1"')  # it was updated
    assert inspect(str(path), dict(os.environ)).version == "0.172.0"


def test_path_means_what_a_shell_would_start(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    path = made('echo "codex-cli 0.171.0"')
    monkeypatch.setenv("PATH", f"{path.parent}{os.pathsep}/usr/bin{os.pathsep}/bin")
    assert locate("path") == locate("codex") == path


def test_a_bare_name_is_never_one_of_the_current_folder(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoy = made("exit 0", folder="work")
    monkeypatch.chdir(decoy.parent)
    for entries in (".", "", "work", f"{os.pathsep}.{os.pathsep}"):
        monkeypatch.setenv("PATH", entries)
        for name in ("path", "codex"):
            with pytest.raises(RuntimeFailedError, match="There is no codex on PATH"):
                locate(name)
    assert locate("./codex") == decoy  # whoever writes a path means it


def test_a_home_is_written_with_a_tilde(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    path = made('echo "codex-cli 0.171.0"')
    monkeypatch.setenv("HOME", str(path.parent.parent))
    assert locate("~/bin/codex") == path


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ('echo "v22.1.0"', "does not answer as Codex does: v22.1.0"),
        ('echo "codex, a collection of pages"', "does not answer as Codex does"),
        ("exit 3", "exit code 3"),
        ('echo "no library libx" >&2; exit 127', "no library libx"),
        ('echo "codex-cli 0.171.0"; exit 1', "does not answer as Codex does"),
        ('echo "codex-cli 0.120.0"', "is 0.120.0"),
        ("kill -9 $$", "exit code -9"),
    ],
)
def test_one_that_is_not_what_it_should_be_is_refused(made: Made, script: str, why: str) -> None:
    path = made(script)
    error = said(str(path))
    assert why in error.message and str(path) in error.message
    assert "the one that came with the SDK" in error.hint


def test_a_warning_before_the_version_is_passed_over(made: Made) -> None:
    path = made('echo "WARNING: no home for 1.2.3" >&2; echo "codex-cli 0.171.0"')
    assert inspect(str(path), dict(os.environ)).version == "0.171.0"


@pytest.mark.parametrize("printed", ["codex-cli 0.171.0", "v22.1.0"])
def test_of_one_that_prints_for_ever_no_more_is_read_than_a_version_takes(
    made: Made, tmp_path: Path, printed: str
) -> None:
    left = tmp_path / "left"
    error = said(str(made(f'echo $$ > {left}; exec yes "{printed}"')))
    assert "does not answer as Codex does" in error.message and len(error.message) < 400
    assert not Path(f"/proc/{left.read_text().strip()}").exists()


def test_an_old_one_is_refused_with_the_oldest_that_works(made: Made) -> None:
    assert versions.OLDEST in said(str(made('echo "codex-cli 0.120.0"'))).message


def test_one_that_never_answers_is_ended_with_what_it_started(
    made: Made, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(binary, "SAYS_VERSION_IN", 3)  # a busy machine takes its time to begin
    left = tmp_path / "left"
    path = made(f"sleep 1000 & echo $! > {left}; wait")
    assert "did not say its version within 3 s" in said(str(path)).message
    number = int(left.read_text())
    status = Path(f"/proc/{number}/stat")

    def gone() -> bool:
        try:
            return status.read_text().rsplit(")", 1)[1].split()[0] == "Z"
        except (FileNotFoundError, ProcessLookupError):
            return True

    until(gone, "what it started to end")


def test_what_is_not_there_or_is_no_program_is_said(made: Made, tmp_path: Path) -> None:
    assert "There is no Codex runtime at" in said(str(tmp_path / "nowhere")).message
    assert "is not an executable file" in said(str(tmp_path)).message
    assert "There is no Codex runtime at" in said(str(made("x") / "codex")).message
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    assert "is not an executable file" in said(str(fifo)).message


def test_a_file_without_the_right_is_said(made: Made) -> None:
    path = made("x", mode=0o644)
    error = said(str(path))
    assert "may not be executed" in error.message and error.hint == f"chmod +x {path}"


@pytest.mark.parametrize("ignored", [False, True])
def test_a_file_of_another_machine_is_said(tmp_path: Path, *, ignored: bool) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN) if ignored else None
    path = tmp_path / "codex"
    path.write_bytes(b"\x7fELF\x02\x01\x01\x00 of another machine")
    path.chmod(0o755)
    try:
        failed = said(str(path))
    finally:
        if before is not None:
            signal.signal(signal.SIGINT, before)
    assert failed.message.endswith("cannot be started: the program is not one for this machine.")
