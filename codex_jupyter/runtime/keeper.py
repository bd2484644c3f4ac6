"""A small process between a kernel and its runtime: whatever the runtime started ends with it, and it with the kernel.

Run by itself, from the standard library alone: ``python -I -S keeper.py``; ``kept.py`` is its other half. What a runtime
starts leaves its process group, its session and its parent (measured: commands have groups of their own, MCP servers an
environment without a mark of ours, daemons all of that), and a kernel that is killed can end nothing. So this process is the
parent of the runtime, and on Linux whoever loses a parent below it becomes its child: nothing below it gets away, and its
end of a socket tells when the kernel is gone, however that went.

Elsewhere than on Linux only what stayed in the runtime's session is found, which the first answer says.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import sys
import time

#: Seconds that a runtime gets to end by itself once its kernel is gone, and that what it left gets after it was asked to.
GOODBYE, ASKED = 1.5, 0.5
#: Seconds after which what cannot be ended is left and counted.
GIVEN_UP = 5.0
#: Seconds between two looks whether a killed process has gone, and whether the kernel is still there.
LOOK, LOOK_AT_KERNEL = 0.01, 1.0
#: What is asked of the kernel of Linux: to get the orphans below, and to be killed with the parent.
_SUBREAPER, _DIES_WITH_PARENT = 36, 1
#: Files that a runtime may have open at a time, where whoever set the limits allows so many: it has 50 with one conversation,
#: and four more for each other (measured).
FILES = 4096

#: For each process its parent, its session and whether it is a zombie.
Table = dict[int, tuple[int, int, bool]]


def _prctl(option: int, value: int) -> bool:
    try:
        import ctypes

        return ctypes.CDLL(None).prctl(option, value, 0, 0, 0) == 0
    except (ImportError, OSError, AttributeError):
        return False


def processes(proc: str = "/proc") -> Table:
    """All processes of this machine that can be seen: from ``/proc``, else from ``ps``."""
    found: Table = {}
    try:
        names = [name for name in os.listdir(proc) if name.isdigit()]
    except OSError:
        return _from_ps()
    for name in names:
        try:
            with open(f"{proc}/{name}/stat", "rb") as file:
                state, parent, _, session = file.read().rsplit(b")", 1)[1].split()[:4]
        except (OSError, IndexError, ValueError):
            continue  # it ended meanwhile
        found[int(name)] = int(parent), int(session), state in (b"Z", b"X")
    return found


def _from_ps() -> Table:
    found: Table = {}
    with os.popen("ps -A -o pid=,ppid=,stat=") as said:
        for line in said:
            pid, parent, state = line.split(None, 2)
            with contextlib.suppress(OSError):
                found[int(pid)] = int(parent), os.getsid(int(pid)), state.startswith("Z")
    return found


def belonging(table: Table, keeper: int, runtime: int) -> list[int]:
    """Who lives below the keeper or in the runtime's session, and below those; not the keeper itself."""
    mine = {keeper, *(pid for pid, (_, session, _) in table.items() if session == runtime)}
    grew = True
    while grew:
        more = {pid for pid, (parent, _, _) in table.items() if parent in mine} - mine
        mine |= more
        grew = bool(more)
    return [pid for pid in mine if pid != keeper and pid in table and not table[pid][2]]


def files_allowed() -> tuple[int, int]:
    """How many files a runtime gets to have open at a time: at least ``FILES``, or as many as may be; and how many may be."""
    import resource  # which there is not on Windows, where no keeper runs

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    ours = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    return (soft if soft == resource.RLIM_INFINITY else max(soft, ours)), hard


def _allow_files() -> None:
    import resource

    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, files_allowed())


class Keeper:
    """The runtime's parent.

    Args:
        kernel: the process id of the kernel.
        line: the socket to it.
    """

    def __init__(self, kernel: int, line: socket.socket) -> None:
        self._kernel, self._line = kernel, line
        self._runtime = 0
        self._code: int | None = None
        self._over = False  # somebody asked this process to end
        self._woken, wake = os.pipe()
        os.set_blocking(wake, False)
        os.set_blocking(self._woken, False)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, self._asked_to_end)

    def _asked_to_end(self, *_: object) -> None:
        self._over = True

    def _tell(self, **what: object) -> None:
        with contextlib.suppress(OSError):
            self._line.sendall(json.dumps(what).encode() + b"\n")

    def keep(self) -> None:
        """Start what the first line of the kernel names, tell its number, and end everything once it or the kernel ends."""
        with self._line.makefile("rb") as lines:
            told = json.loads(lines.readline() or b"{}")
        if not told:
            return
        finds_all = _prctl(_SUBREAPER, 1) and os.path.isdir("/proc/self")
        try:
            self._runtime = self._start(told["command"])
        except OSError as error:
            self._tell(errno=error.errno)
            return
        self._tell(pid=self._runtime, finds_all=finds_all, files=files_allowed()[0])
        self._let_go_of_the_pipes()
        self._wait()
        left = self._sweep()
        self._tell(ended=self._status(), left=left)

    def _start(self, command: list[str]) -> int:
        """Fork and become the command, with the signals of a fresh process. Raises ``OSError``: it cannot be."""
        failed, tell = os.pipe()
        me, pid = os.getpid(), os.fork()
        if pid == 0:
            try:
                os.setsid()
                signal.set_wakeup_fd(-1)
                for number in signal.valid_signals():
                    with contextlib.suppress(OSError, ValueError):
                        signal.signal(number, signal.SIG_DFL)
                signal.pthread_sigmask(signal.SIG_SETMASK, [])
                _prctl(_DIES_WITH_PARENT, signal.SIGKILL)
                _allow_files()
                if os.getppid() == me:
                    os.execv(command[0], command)
            except OSError as error:
                os.write(tell, str(error.errno or 0).encode())
            finally:
                os._exit(127)
        os.close(tell)
        with os.fdopen(failed, "rb") as said:
            number = said.read()
        if number:
            os.waitpid(pid, 0)
            raise OSError(int(number), os.strerror(int(number)))
        return pid

    @staticmethod
    def _let_go_of_the_pipes() -> None:
        """They are the runtime's: who reads it sees their end when that closes them. No folder is held either."""
        nothing = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1, 2):
            os.dup2(nothing, standard)
        os.close(nothing)
        os.chdir("/")

    def _wait(self) -> None:
        """Until the runtime has ended, or had time to once its kernel is gone."""
        goodbye = 0.0
        waits = select.poll()
        waits.register(self._woken, select.POLLIN)
        waits.register(self._line, select.POLLIN)
        while not self._has_ended():
            if not goodbye and (self._over or os.getppid() != self._kernel):
                goodbye = time.monotonic() + GOODBYE
            if goodbye and time.monotonic() >= goodbye:
                return
            for descriptor, _ in waits.poll(1000 * (LOOK if goodbye else LOOK_AT_KERNEL)):
                if descriptor == self._woken:
                    with contextlib.suppress(BlockingIOError):
                        os.read(self._woken, 1024)
                else:  # the kernel never says a second word: its end is closed
                    self._over = True
                    waits.unregister(self._line)

    def _has_ended(self) -> bool:
        """Whether the runtime has ended. It is not reaped before all is over: until then its number is nobody else's."""
        if not hasattr(os, "waitid"):  # macOS before Python 3.13
            if self._code is None:
                self._code = self._status()
            return self._code is not None
        while True:
            try:
                ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            except ChildProcessError:
                return True
            if ended is None:
                return False
            if ended.si_pid == self._runtime:
                return True
            os.waitpid(ended.si_pid, os.WNOHANG)

    def _status(self) -> int | None:
        """As ``Popen.returncode``."""
        if self._code is not None:
            return self._code
        try:
            pid, status = os.waitpid(self._runtime, os.WNOHANG)
        except ChildProcessError:
            return None
        return os.waitstatus_to_exitcode(status) if pid else None

    def _sweep(self) -> int:
        """End everything that is left; returns how many could not be ended. First they are asked to."""
        began = time.monotonic()
        asked: set[int] = set()
        while left := belonging(processes(), os.getpid(), self._runtime):
            passed = time.monotonic() - began
            if passed > GIVEN_UP:
                return len(left)
            for pid in left:
                with contextlib.suppress(OSError):
                    if passed > ASKED:
                        os.kill(pid, signal.SIGKILL)
                    elif pid not in asked:
                        asked.add(pid)
                        os.kill(pid, signal.SIGTERM)
                        os.kill(pid, signal.SIGCONT)
            time.sleep(LOOK)  # noqa: TID251 - the end of a grandchild has no other sign
            self._reap()
        return 0

    def _reap(self) -> None:
        for pid, (parent, _, zombie) in processes().items():
            if zombie and parent == os.getpid() and pid != self._runtime:
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(pid, os.WNOHANG)


if __name__ == "__main__":
    os.set_inheritable(int(sys.argv[2]), False)
    Keeper(int(sys.argv[1]), socket.socket(fileno=int(sys.argv[2]))).keep()
