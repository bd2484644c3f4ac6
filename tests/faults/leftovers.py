"""What a row leaves behind: the tests adopt whoever loses a parent below them, so nothing gets out of sight."""

from __future__ import annotations

import contextlib
import ctypes
import os

import psutil

from codex_jupyter.runtime.kept import MARK
from tests.processes import below, ended

#: What tests start and keep for more than one test.
_KEPT = ("ipykernel", "jupyter", "chrom", "playwright", "node", "xdist", "pytest")
_SUBREAPER = 36


def adopt() -> None:
    """Become the parent of orphans below, so that a daemon or an MCP server whose runtime is gone is seen. Linux."""
    assert ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0) == 0


def now() -> set[psutil.Process]:
    """Everything below the tests that lives."""
    return {process for process in below(os.getpid()) if not ended(process)}


def line_of(process: psutil.Process) -> str:
    """Its command line; ``""`` for one that is gone."""
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def of_ours(processes: set[psutil.Process]) -> list[psutil.Process]:
    """Those that bear our mark, and those that belong to no kernel, server or browser of the tests."""
    kept = {one for one in processes if any(word in line_of(one)[:400] for word in _KEPT)}
    found = []
    for process in processes:
        with contextlib.suppress(psutil.Error):
            if MARK in process.environ() or not kept & {process, *process.parents()}:
                found.append(process)
    return found


def described(processes: list[psutil.Process]) -> str:
    """Who they are, a line each."""
    return "\n".join(f"{process.pid}: {line_of(process)[:160]}" for process in processes)
