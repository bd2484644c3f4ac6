"""A runtime's process as the kernel holds it: its pipes, its number, its end. Below the kernel stands ``keeper.py``.

Where no keeper can be started (Windows, a Python without an executable) the process is a child of the kernel itself: what
stays in its process group ends with it then, and ``finds_all`` says that this is not everything.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from codex_jupyter import journal
from codex_jupyter.runtime.child import kill_group, undisturbed

log = journal.logger("runtime")

#: Marks everything that a runtime starts, so that most of it is found where its keeper was killed with it (MCP servers get
#: an environment of their own).
MARK = "CODEX_JUPYTER_RUNTIME"
KEEPER = Path(__file__).with_name("keeper.py")
#: Bytes of the pipes' buffers on our side.
BUFFER = 1 << 16
#: Seconds for the keeper to say that it started the process. A busy machine takes many for any Python.
STARTED_IN = 60.0


class Kept:
    """A process, its pipes, and whoever keeps it.

    Args:
        command: the program by its absolute path, and its arguments.
        env: its environment.
        cwd: its folder; None for ours.

    Raises:
        OSError: it could not be started.

    Attributes:
        pid: the process itself, not its keeper.
        finds_all: whether everything that it starts is found and ended with it, also what moved away from it.
        files: how many files it may have open at a time; 0 where that is not known or there is no limit.
        mark: the value of ``MARK`` in its environment.
        left: how many of those could not be ended; known once ``wait`` has returned.
    """

    def __init__(self, command: Sequence[str], env: Mapping[str, str], cwd: str | None) -> None:
        self.finds_all, self.files, self.left = False, 0, 0
        self.mark = env.get(MARK, "")
        self._code: int | None = None
        self._over = False
        self._line: socket.socket | None = None
        keeps = sys.platform != "win32" and bool(sys.executable)
        ours, theirs = socket.socketpair() if keeps else (None, None)
        started = list(command)
        if theirs is not None:
            keeper = [sys.executable, "-I", "-S", str(KEEPER)]
            started = [*keeper, str(os.getpid()), str(theirs.fileno())]
        flags = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0) if sys.platform == "win32" else 0
        try:
            self._process = subprocess.Popen(
                undisturbed(started),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=BUFFER,
                cwd=cwd,
                env=dict(env),
                start_new_session=True,
                creationflags=flags,
                pass_fds=() if theirs is None else (theirs.fileno(),),
            )
        except BaseException:
            if ours is not None:
                ours.close()
            raise
        finally:
            if theirs is not None:
                theirs.close()
        self.pid = self._process.pid
        if ours is not None:
            self._line = ours
            self._begin(ours, command)

    def _begin(self, line: socket.socket, command: Sequence[str]) -> None:
        line.settimeout(STARTED_IN)
        try:
            line.sendall(json.dumps({"command": list(command)}).encode() + b"\n")
            told = _read(line)
        except OSError:
            told = {}
        if "pid" not in told:
            self._abandon()
            number = told.get("errno")
            if isinstance(number, int):
                raise OSError(number, os.strerror(number), command[0])
            raise OSError(0, "the process that keeps it did not start", command[0])
        line.settimeout(None)
        self.pid, self.finds_all = told["pid"], bool(told["finds_all"])
        self.files = max(0, told["files"])

    def _abandon(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in filter(None, (self.stdin, self.stdout, self.stderr, self._line)):
            pipe.close()

    @property
    def stdin(self) -> IO[bytes]:
        """Where the process reads."""
        assert self._process.stdin is not None
        return self._process.stdin

    @property
    def stdout(self) -> IO[bytes]:
        """What it writes."""
        assert self._process.stdout is not None
        return self._process.stdout

    @property
    def stderr(self) -> IO[bytes]:
        """What it writes beside that."""
        assert self._process.stderr is not None
        return self._process.stderr

    @property
    def keeper(self) -> int:
        """The process id of its keeper; of the process itself where it has none."""
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        """As ``Popen.returncode``, of the process itself; None while it runs, and where nobody knows."""
        return self._code

    def wait(self) -> int | None:
        """Wait until it has ended, and what it started with it; returns ``returncode``.

        What stayed in its group is ended before the process is reaped: until then its number cannot be given to anybody else.
        """
        if self._line is None:
            self._code = wait_and_sweep(self._process)
            return self._code
        try:
            told = _read(self._line)
        except OSError:
            told = {}
        ended = told.get("ended")
        self._code = ended if isinstance(ended, int) else None
        self.left = told.get("left") or 0
        self._over = True
        self._line.close()
        if not told:
            log.warning("the process that keeps the runtime ended before it")
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(1)
        return self._code

    def end(self, *, hard: bool) -> None:
        """Ask the process and its group to end, or end them (``hard``). Does nothing once it has ended."""
        if self._line is None:
            kill_group(self._process, hard=hard)
        elif not self._over:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL if hard else signal.SIGTERM)


def _read(line: socket.socket) -> dict[str, Any]:
    """One line of the keeper; none where its end is closed. There is never more than one under way."""
    data = b""
    while not data.endswith(b"\n"):
        more = line.recv(4096)
        if not more:
            return {}
        data += more
    return json.loads(data)


def wait_and_sweep(process: subprocess.Popen[bytes]) -> int | None:
    """Wait until a child has ended, end what is left of its group, and return its exit code.

    None where somebody else reaped it (the notebook ignores SIGCHLD, or waits for every child): how it ended nobody knows
    then.
    """
    if hasattr(os, "waitid"):
        try:
            os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        except ChildProcessError:
            process.wait()  # reaped already: the group's number may belong to others by now
            return None
        kill_group(process, hard=True)
    return process.wait()


def how_it_ended(code: int | None) -> str:
    """The end of a sentence about a process that ended with this ``returncode``.

    Example:
        >>> how_it_ended(-9)
        'was ended by signal 9'
    """
    if code is not None and code < 0:
        return f"was ended by signal {-code}"
    return f"ended with exit code {code}" if code else "ended"
