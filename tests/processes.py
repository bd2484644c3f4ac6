"""Ending the processes that a test left, by their ids."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable

import psutil

from tests.waiting import until


def ended(process: psutil.Process) -> bool:
    """Whether it does nothing any more. Its entry may stay until its parent, or init, takes note."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def kill(processes: Iterable[psutil.Process]) -> None:
    """Kill them and wait until each has ended."""
    killed = list(processes)
    for process in killed:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    until(lambda: all(map(ended, killed)), f"the end of {killed}")


def below(pid: int) -> list[psutil.Process]:
    """What a process has started, and what that has."""
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []
