"""Which frames only end a cell, so that an interrupt right after another one has nothing of the user's to interrupt."""

from __future__ import annotations

from collections.abc import Callable
from types import FrameType
from typing import Any

from codex_jupyter.session.interrupts import INTERRUPTS

PACKAGE = __name__.partition(".")[0]


def install(shell: Any) -> None:
    """Have interrupts end a cell once, also while its error is drawn and its reply is sent. Twice is once."""
    if INTERRUPTS.ending is None:
        INTERRUPTS.ending = ends_a_cell_of(shell)
        if (
            getattr(shell, "kernel", None) is None
        ):  # a kernel puts its own handler back after each request
            shell.events.register("post_run_cell", _settle)


def uninstall(shell: Any) -> None:
    """Let interrupts be as they were."""
    INTERRUPTS.settle()
    INTERRUPTS.ending = None
    if _settle in shell.events.callbacks["post_run_cell"]:
        shell.events.unregister("post_run_cell", _settle)


def ends_a_cell_of(shell: Any) -> Callable[[FrameType | None], bool]:
    """Says of a frame whether it is ours or the shell's, and runs no code of a cell."""

    def ends_a_cell(frame: FrameType | None) -> bool:
        if _package(frame) == "IPython":  # a magic of ours returns through it
            return True
        while frame is not None:
            if frame.f_globals is shell.user_global_ns:
                return False
            if _package(frame) == PACKAGE:
                return True
            frame = frame.f_back
        return True

    return ends_a_cell


def _package(frame: FrameType | None) -> str:
    return "" if frame is None else str(frame.f_globals.get("__name__")).partition(".")[0]


def _settle(_result: Any) -> None:
    INTERRUPTS.settle()
