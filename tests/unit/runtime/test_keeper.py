"""The process between a kernel and its runtime, with small programs in the runtime's place."""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from codex_jupyter.errors import RuntimeFailedError
from codex_jupyter.runtime import keeper
from codex_jupyter.runtime.kept import KEEPER, Kept
from codex_jupyter.runtime.launch import Launch, spawn
from tests.processes import ended
from tests.waiting import until

#: Starts a daemon with nothing of its own environment, says its number, and waits.
PROGRAM = """
import os, subprocess, sys
sleep = [sys.executable, "-I", "-S", "-c", "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); signal.pause()"]
if os.fork() == 0:
    os.setsid()
    daemon = subprocess.Popen(sleep, env={}, stdout=subprocess.PIPE)
    daemon.stdout.readline()
    print(daemon.pid, flush=True)
    os._exit(0)
sys.stdin.read()
sys.exit(3)
"""
COMMAND = [sys.executable, "-I", "-S", "-c", PROGRAM]


def started() -> tuple[Kept, psutil.Process]:
    kept = Kept(COMMAND, os.environ, None)
    return kept, psutil.Process(int(kept.stdout.readline()))


def over(kept: Kept, daemon: psutil.Process) -> None:
    kept.stdin.close()
    kept.wait()
    for pipe in (kept.stdout, kept.stderr):
        pipe.close()
    assert ended(daemon) and not psutil.pid_exists(kept.pid)


def test_a_daemon_that_heeds_nothing_ends_with_the_program_that_ended() -> None:
    kept, daemon = started()
    assert kept.finds_all and kept.pid != daemon.pid
    over(kept, daemon)
    assert kept.returncode == 3 and kept.left == 0


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_how_it_ended_by_a_signal_is_known(number: signal.Signals) -> None:
    kept, daemon = started()
    os.kill(kept.pid, number)
    over(kept, daemon)
    assert kept.returncode == -number


def test_its_end_can_be_asked_for_and_forced() -> None:
    kept, daemon = started()
    os.kill(kept.pid, signal.SIGSTOP)
    kept.end(hard=False)
    kept.end(hard=True)
    over(kept, daemon)
    kept.end(hard=True)  # nobody is there any more


def test_with_its_keeper_the_program_ends() -> None:
    kept, daemon = started()
    keeper_of = psutil.Process(kept.pid).parent()
    assert keeper_of is not None and keeper_of.pid != os.getpid()
    keeper_of.kill()
    assert kept.wait() is None
    until(lambda: not psutil.pid_exists(kept.pid), "the end of the program")
    daemon.kill()
    for pipe in (kept.stdin, kept.stdout, kept.stderr):
        pipe.close()


def test_a_program_that_is_not_there_says_so() -> None:
    with pytest.raises(FileNotFoundError):
        Kept(["/nowhere/x"], os.environ, None)
    with pytest.raises(PermissionError):
        Kept(["/etc/passwd"], os.environ, None)


def test_everything_ends_with_a_kernel_that_is_killed_although_a_child_of_it_holds_the_line() -> None:  # fmt: skip
    ours, theirs = socket.socketpair()
    kernel = subprocess.Popen(
        [
            sys.executable, "-I", "-S", "-c",
            "import os, subprocess, sys; subprocess.Popen([sys.executable, '-I', '-S', *sys.argv[1:2], str(os.getpid()), sys.argv[2]], "
            "pass_fds=[int(sys.argv[2])]); sys.stdin.read()",
            str(KEEPER), str(theirs.fileno()),
        ],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, pass_fds=[theirs.fileno()],
    )  # fmt: skip
    theirs.close()
    ours.sendall(json.dumps({"command": COMMAND}).encode() + b"\n")
    told = json.loads(ours.recv(4096))
    assert kernel.stdout is not None and kernel.stdin is not None
    daemon = psutil.Process(int(kernel.stdout.readline()))
    kernel.kill()
    kernel.wait()
    until(lambda: ended(daemon) and not psutil.pid_exists(told["pid"]), "the end of all")
    for end in (ours, kernel.stdin, kernel.stdout):
        end.close()


def test_who_belongs_to_a_runtime() -> None:
    table: keeper.Table = {
        1: (0, 1, False), 10: (1, 10, False),  # the keeper
        11: (10, 11, False), 12: (11, 12, False), 13: (12, 12, True),  # the runtime, a command, one that ended
        14: (10, 14, False),  # an orphan of another session
        15: (1, 11, False), 16: (15, 16, False),  # one that was not adopted, of the runtime's session, and a child of it
        20: (1, 20, False), 21: (20, 20, False),  # of others
    }  # fmt: skip
    assert sorted(keeper.belonging(table, 10, 11)) == [11, 12, 14, 15, 16]


def test_processes_are_listed_where_there_is_no_proc() -> None:
    found = keeper.processes("/nowhere")
    assert found[os.getpid()] == (os.getppid(), os.getsid(0), False)


def test_a_kernel_without_descriptors_says_so_and_what_helps() -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    highest = max(map(int, os.listdir("/proc/self/fd"))) + 3
    resource.setrlimit(resource.RLIMIT_NOFILE, (highest, before[1]))
    held: list[int] = []
    try:
        with pytest.raises(OSError, match="Too many open files"):
            while True:
                held.append(os.dup(0))
        with pytest.raises(RuntimeFailedError, match="as many files open as one process may") as told:  # fmt: skip
            spawn(Path("/bin/true"), Launch(), (), os.environ)
    finally:
        for descriptor in held:
            os.close(descriptor)
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    assert "ulimit -n" in told.value.hint


def test_a_runtime_may_have_as_many_files_open_as_may_be() -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    limits = "import resource; print(resource.getrlimit(resource.RLIMIT_NOFILE)[0], flush=True)"
    resource.setrlimit(resource.RLIMIT_NOFILE, (150, before[1]))
    try:
        kept = Kept([sys.executable, "-I", "-S", "-c", limits], os.environ, None)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    assert int(kept.stdout.readline()) == kept.files == min(before[1], keeper.FILES)
    kept.wait()
    for pipe in (kept.stdin, kept.stdout, kept.stderr):
        pipe.close()
