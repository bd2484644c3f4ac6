"""A process that we start: what it does not inherit from the kernel, and how it is ended.

What it does not inherit are signals that the kernel ignores or blocks.
A notebook may say ``signal.signal(signal.SIGCHLD, signal.SIG_IGN)``, and a kernel that was started in the background
ignores others. Both live on through ``exec``; measured: a runtime with SIGCHLD ignored cannot wait for its own commands
("No child processes"). Python runs nothing safely between ``fork`` and ``exec`` while other threads live, so where there
is something to restore, a small Python without packages does it and then becomes the command.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

#: ``Popen`` restores these by itself; Python ignores them always.
_RESTORED = frozenset(
    number for name in ("SIGPIPE", "SIGXFZ", "SIGXFSZ") if (number := getattr(signal, name, None))
)

_BECOME = """
import os, signal, sys
for number in signal.valid_signals():
    try: signal.signal(number, signal.SIG_DFL)
    except (OSError, ValueError): pass
signal.pthread_sigmask(signal.SIG_SETMASK, [])
try: os.execv(sys.argv[1], sys.argv[1:])
except OSError as error: sys.exit(f"{sys.argv[1]} cannot be started: {error.strerror} (os error {error.errno})")
"""


def undisturbed(command: Sequence[str]) -> list[str]:
    """The command to start in order to run ``command`` with every signal as a fresh process has it.

    Args:
        command: the program by its absolute path, and its arguments.

    Example:
        >>> undisturbed(["/bin/true"])[-1]
        '/bin/true'
    """
    if sys.platform == "win32" or not sys.executable or not disturbed():
        return list(command)
    return [sys.executable, "-I", "-S", "-c", _BECOME, *command]


def not_started(command: str, said: str) -> OSError | None:
    """Why a command that was to run undisturbed could not be started, by the last line that came of it; None: it was.

    Example:
        >>> not_started("/bin/x", "/bin/x cannot be started: Exec format error (os error 8)").errno
        8
    """
    found = re.fullmatch(re.escape(command) + r" cannot be started: (.*) \(os error (\d+)\)", said)
    return OSError(int(found[2]), found[1]) if found else None


def disturbed() -> bool:
    """Whether a child of this thread would begin with a signal that is ignored or blocked."""
    try:
        status = Path("/proc/thread-self/status").read_text("ascii", "replace")
        masks = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
        ignored = _numbers(masks["SigIgn"])
        blocked = _numbers(masks["SigBlk"])
    except (OSError, KeyError, ValueError):  # no /proc: what Python itself knows
        ignored = {n for n in signal.valid_signals() if signal.getsignal(n) is signal.SIG_IGN}
        blocked = set(signal.pthread_sigmask(signal.SIG_BLOCK, []))
    # 32 and 33 are the C library's own, and no program sees them
    return bool((ignored - _RESTORED | blocked) & set(signal.valid_signals()))


def _numbers(mask: str) -> set[int]:
    bits = int(mask.strip(), 16)
    return {number + 1 for number in range(bits.bit_length()) if bits >> number & 1}


def kill_group(process: subprocess.Popen[bytes], *, hard: bool) -> None:
    """Ask the process and its group to end, or end them (``hard``). Does nothing once it was reaped."""
    if process.returncode is not None:
        return
    if sys.platform == "win32":
        process.terminate()
        return
    try:
        os.killpg(process.pid, signal.SIGKILL if hard else signal.SIGTERM)
    except (ProcessLookupError, PermissionError):
        return
