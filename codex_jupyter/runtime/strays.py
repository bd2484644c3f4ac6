"""Processes that commands of a conversation left running: found below the runtime's keeper, wherever they moved, and ended.

Every command is told which conversation it is of (``CODEX_THREAD_ID``, and ``CODEX_SESSION_ID`` for those of child agents;
measured), and what it starts inherits that. What threw its environment away is seen, but belongs to nobody that could be named.
Linux only.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from dataclasses import dataclass

from codex_jupyter.runtime.keeper import Table, belonging, processes

#: Seconds that they get to end by themselves, and until those that live on are counted.
ASKED, GIVEN_UP = 0.3, 2.0
_LOOK = 0.02
#: Seconds by which the two clocks may differ that tell when a process and when a turn began.
CLOCK = 0.1
_NAMES = (b"CODEX_THREAD_ID=", b"CODEX_SESSION_ID=")


@dataclass(frozen=True, slots=True)
class Strays:
    """What came of the search: how many were ended, how many live on, and whether that is all there can be."""

    ended: int = 0
    running: int = 0
    sure: bool = False


def end_strays(keeper: int, runtime: int, thread_id: str, since_ms: int | None) -> Strays:
    """End what commands of a conversation left. Blocks for seconds at most.

    Args:
        keeper, runtime: their process ids.
        thread_id: the conversation.
        since_ms: only what began after this time, in milliseconds since the epoch; None for all.
    """
    since = 0.0 if since_ms is None else since_ms / 1000 - CLOCK
    table = processes()
    below = [pid for pid in belonging(table, keeper, runtime) if pid != runtime]
    young = [pid for pid in below if _began(pid) >= since]
    told = {pid: _conversations(pid) for pid in young}
    theirs = {pid for pid, names in told.items() if names and thread_id.encode() in names}
    theirs |= {pid for pid in young if _above(pid, table) & theirs}
    nobodys = [
        pid for pid in young if not told[pid] and pid not in theirs and table[pid][0] == keeper
    ]
    roots = sum(table[pid][0] not in theirs for pid in theirs)
    began, left = time.monotonic(), list(theirs)
    while left and time.monotonic() - began < GIVEN_UP:
        hard = time.monotonic() - began > ASKED
        for pid in left:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL if hard else signal.SIGTERM)
                os.kill(pid, signal.SIGCONT)
        time.sleep(_LOOK)  # noqa: TID251 - the end of somebody else's child has no other sign
        now = processes()
        left = [
            pid for pid in left if pid in now and not now[pid][2] and now[pid][1] == table[pid][1]
        ]
    return Strays(max(0, roots - len(left)), len(left), not nobodys)


def _above(pid: int, table: Table) -> set[int]:
    """Its parents, up to the first."""
    found: set[int] = set()
    while pid in table and pid not in found:
        found.add(pid)
        pid = table[pid][0]
    return found


def _conversations(pid: int) -> tuple[bytes, ...]:
    """The conversations that its environment names; none where it cannot be read."""
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:
            variables = file.read().split(b"\0")
    except OSError:
        return ()
    return tuple(v.split(b"=", 1)[1] for v in variables if v.startswith(_NAMES))


def _began(pid: int) -> float:
    """Since when it runs, in seconds since the epoch; 0 for one that is gone."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as stat, open("/proc/uptime", "rb") as uptime:
            ticks = int(stat.read().rsplit(b")", 1)[1].split()[19])
            age = float(uptime.read().split()[0]) - ticks / os.sysconf("SC_CLK_TCK")
            return time.time() - age
    except (OSError, IndexError, ValueError):
        return 0.0
