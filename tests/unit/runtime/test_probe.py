"""A sandbox works, is not there, or nobody knows: what each takes, in scripted binaries."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from codex_jupyter import places
from codex_jupyter.runtime import child, probe
from codex_jupyter.runtime.kept import wait_and_sweep
from codex_jupyter.runtime.launch import Launch
from codex_jupyter.runtime.probe import Verdict, judged, try_sandbox

Binary = Callable[[str], Launch]
WORKS = "echo sandboxed"


@pytest.fixture
def binary(tmp_path: Path) -> Binary:
    """A launch of a shell script that stands in for the runtime."""

    def made(script: str) -> Launch:
        file = tmp_path / f"codex-{len(list(tmp_path.iterdir()))}"
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)
        return Launch(codex_bin=str(file))

    return made


def tried(launch: Launch, patience: float = 60) -> Verdict:
    return asyncio.run(try_sandbox(launch, patience))


# --- what each answer takes -------------------------------------------------------------------------------------------

NONE = [
    "bwrap: setting up uid map: Permission denied",
    "bwrap: setting up uid map: Operation not permitted",
    "bwrap: No permissions to create new namespace, likely because the kernel does not allow non-privileged user namespaces.",
    "bwrap: No permissions to creating new namespace, likely because the kernel does not allow it",
    "bwrap: Creating new namespace failed: Operation not permitted",
    "bwrap: loopback: Failed RTM_NEWADDR: Operation not permitted",
    "bwrap: Can't mount proc on /newroot/proc: Operation not permitted",
    "WARNING: proceeding\nbwrap: pivot_root: Operation not permitted",
    "sandbox-exec: sandbox_apply: Operation not permitted",
]
UNKNOWN = {
    "Error: No child processes (os error 10)": "No child processes (os error 10)",
    "\nthread 'main' (9) panicked at linux-sandbox/src/linux_run_main.rs:1362:17:\nfailed to resolve synthetic mount "
    "registry temp directory /nope: No such file or directory (os error 2)\nstack backtrace:\n   0: <unknown>\n"
    "note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace": "failed to resolve synthetic mount "
    "registry temp directory /nope: No such file or directory (os error 2)",
    "bwrap: Can't mkdir /newroot/x: No space left on device": "bwrap: Can't mkdir /newroot/x: No space left on device",
    "bwrap: Creating new namespace failed: Resource temporarily unavailable": "temporarily unavailable",
    "bwrap: Can't find source path /gone: No such file or directory": "source path /gone",
    "Error: Too many open files (os error 24)": "Too many open files",
    "some new words of a later version": "some new words",
    "": "exit code 7",
}


@pytest.mark.parametrize("said", NONE)
def test_only_a_refusal_of_the_system_means_that_there_is_none(said: str) -> None:
    verdict = judged(said, 1)
    assert (verdict.state, verdict.works, verdict.missing) == ("none", False, True)
    assert verdict.reason == said.splitlines()[-1]


@pytest.mark.parametrize("said", UNKNOWN)
def test_every_other_failure_is_unknown_with_its_true_reason(said: str) -> None:
    verdict = judged(said, 7)
    assert verdict.state == "unknown" and not verdict.works and not verdict.missing
    assert UNKNOWN[said] in verdict.reason and "RUST_BACKTRACE" not in verdict.reason


def test_bubblewrap_that_is_not_installed_is_no_machine_without_sandbox() -> None:
    verdict = judged("bubblewrap is unavailable: no system bwrap was found on PATH", 101)
    assert verdict.state == "unknown" and "pip install" in verdict.hint


@pytest.mark.parametrize(("allowed", "state"), [("0", "none"), ("15000", "unknown"), ("", "unknown")])  # fmt: skip
def test_too_many_namespaces_now_are_not_no_namespaces(
    allowed: str, state: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = tmp_path / "max_user_namespaces"
    counted.write_text(allowed)
    monkeypatch.setattr(probe, "_COUNTED", counted)
    said = (
        "bwrap: Creating new namespace failed: nesting depth or max_*_namespaces exceeded (ENOSPC)"
    )
    assert judged(said, 1).state == state


def test_one_that_keeps_nothing_from_writing_is_none(binary: Binary) -> None:
    loose = 'while [ "$1" != -- ]; do shift; done; shift; exec "$@"'
    verdict = tried(binary(loose))
    assert verdict.missing and "writing" in verdict.reason


# --- asking -----------------------------------------------------------------------------------------------------------


def test_what_is_known_is_not_asked_again_and_unknown_is(binary: Binary, tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    for script, times in ((WORKS, 1), ("echo 'bwrap: setting up uid map: x' >&2; exit 1", 1), ("exit 3", 2)):  # fmt: skip
        asked.write_text("")
        launch = binary(f"echo once >> {asked}; {script}")
        assert tried(launch) == tried(launch)
        assert len(asked.read_text().splitlines()) == times


def test_a_slow_one_is_unknown_for_now_and_its_answer_is_taken_when_it_comes(
    binary: Binary, tmp_path: Path
) -> None:
    go, asked = tmp_path / "go", tmp_path / "asked"
    os.mkfifo(go)
    launch = binary(f"echo once >> {asked}; read line < {go}; {WORKS}")
    slow = tried(launch, 0.05)
    assert slow.state == "unknown" and "has not answered" in slow.reason and slow.hint
    go.write_text("go\n")
    assert tried(launch).works
    assert asked.read_text() == "once\n"


def test_one_that_never_answers_is_given_up_with_all_it_started(
    binary: Binary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe, "GIVEN_UP", 0.3)
    verdict = tried(binary("sleep 1000 & wait"))
    assert verdict.state == "unknown" and "did not answer" in verdict.reason
    assert not probe._running


@pytest.mark.parametrize(
    ("value", "reason"),
    [("/nowhere/at/all", "does not exist"), ("FILE", "no folder"), ("CLOSED", "cannot be written")],
)
def test_a_temporary_folder_that_is_none_is_named_with_the_next_step(
    binary: Binary, value: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "FILE").write_text("")
    (tmp_path / "CLOSED").mkdir()
    real = os.access
    monkeypatch.setattr(probe.os, "access", lambda p, m: "CLOSED" not in str(p) and real(p, m))
    path = value if value.startswith("/") else str(tmp_path / value)
    monkeypatch.setenv("TMPDIR", path)
    launch = binary(WORKS)
    verdict = tried(launch)
    assert verdict.state == "unknown"
    assert reason in verdict.reason and path in verdict.reason and "TMPDIR" in verdict.hint
    monkeypatch.delenv("TMPDIR")
    assert tried(launch).works


def test_no_place_for_the_trial_is_no_verdict(
    binary: Binary, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_kind: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(places, "fresh", full)
    verdict = tried(binary(WORKS))
    assert verdict.state == "unknown" and "No space left on device" in verdict.reason


def test_a_folder_that_is_gone_under_the_kernel_is_no_matter(
    binary: Binary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    launch, gone = binary(WORKS), tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert tried(launch).works


def test_a_binary_that_is_not_there_is_no_machine_without_sandbox() -> None:
    verdict = tried(Launch(codex_bin="/nowhere/codex"))
    assert verdict.state == "unknown" and "/nowhere/codex" in verdict.reason


# --- what a child inherits --------------------------------------------------------------------------------------------

CHILD = """
import signal, subprocess, sys
from codex_jupyter.runtime.child import disturbed, undisturbed
for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:  # whatever these tests were started with
    try: signal.signal(number, signal.SIG_DFL)
    except OSError: pass
signal.pthread_sigmask(signal.SIG_SETMASK, [])
signal.signal(signal.SIGPIPE, signal.SIG_IGN); signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
exec(sys.argv[1])
shown = "import signal; print([int(s) for s in signal.valid_signals() if signal.getsignal(s) == signal.SIG_IGN], [int(s) for s in signal.pthread_sigmask(signal.SIG_BLOCK, [])])"
print(disturbed(), flush=True)
p = subprocess.Popen(undisturbed([sys.executable, "-I", "-S", "-c", shown]))
p.wait()
"""


@pytest.mark.parametrize(
    ("does", "found"),
    [
        ("pass", "False"),
        ("signal.signal(signal.SIGCHLD, signal.SIG_IGN)", "True"),
        ("signal.signal(signal.SIGTERM, signal.SIG_IGN); signal.signal(signal.SIGHUP, signal.SIG_IGN)", "True"),
        ("signal.signal(signal.SIGINT, signal.SIG_IGN)", "True"),
        ("signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM, signal.SIGCHLD])", "True"),
        ("signal.signal(signal.SIGCHLD, lambda *a: None)", "False"),
        ("signal.signal(signal.SIGPIPE, signal.SIG_IGN)", "False"),
        ("import ctypes; ctypes.CDLL(None).signal(17, ctypes.c_void_p(1))", "True"),
    ],
)  # fmt: skip
def test_no_ignored_or_blocked_signal_is_inherited(does: str, found: str) -> None:
    done = subprocess.run([sys.executable, "-c", CHILD, does], capture_output=True, text=True, check=True)  # fmt: skip
    first, then = done.stdout.splitlines()
    assert first == found
    # Python itself ignores SIGPIPE (13) and SIGXFSZ (25).
    assert then == "[13, 25] []"


def test_a_command_that_is_not_there_says_so() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CHILD.replace("[sys.executable, ", "['/nowhere/x', "), "signal.signal(signal.SIGCHLD, signal.SIG_IGN)"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "/nowhere/x cannot be started" in done.stderr and "Traceback" not in done.stderr


def test_how_a_runtime_ended_that_somebody_else_reaped_nobody_knows() -> None:
    process = subprocess.Popen(["/bin/true"], start_new_session=True)
    os.waitpid(process.pid, 0)
    assert wait_and_sweep(process) is None
    assert signal.getsignal(signal.SIGCHLD) == signal.SIG_DFL
    assert child.kill_group(process, hard=True) is None
