"""Who can be asked: the one place that says whether a person answers, and through which line they are asked.

A person is taken to be there only where something shows it. In a kernel the request that runs says whether its front end
answers prompts (``allow_stdin``; nbclient, papermill and nbval say no); in a plain IPython, whether it has a terminal; and
for a page, that it said hello and is still heard (``Panel.absence``). Everybody else is nobody: what would be asked is
declined at once.
"""

from __future__ import annotations

import io
import sys
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import TYPE_CHECKING, Any, Protocol

from codex_jupyter.notebook import kernel_internals, stdin_prompt
from codex_jupyter.session import terminal

if TYPE_CHECKING:
    pass

#: Why nobody can be asked, in words that follow "nobody is here to approve it:".
NO_PROMPTS = "this notebook runs without a person"
CAPTURED = "this cell's output is captured"
INPUT_ENDED = "the input has ended"
IN_A_THREAD = "a thread in the background asks nobody"
IN_THE_BACKGROUND = "a background turn can only ask in a page"


class Line(Protocol):
    """One line of text from a person."""

    def __call__(
        self, prompt: str, *, secret: bool = False, withdrawn: Callable[[], bool] = lambda: False
    ) -> str:
        """Show ``prompt`` and return what was typed.

        Raises:
            EOFError: the prompt was closed.
            stdin_prompt.Withdrawn: ``withdrawn()`` became true first.
            KeyboardInterrupt: the person interrupted.
        """
        ...


def absence(shell: Any) -> str:
    """Why nobody can be asked in a prompt by the running cell, or ``""`` where somebody can.

    Args:
        shell: the IPython shell.
    """
    kernel = kernel_internals.kernel_of(shell)
    if kernel is not None and not kernel_internals.request_allows_stdin(kernel):
        return NO_PROMPTS
    if threading.current_thread() is not threading.main_thread():
        return IN_A_THREAD
    if _captured(shell):
        return CAPTURED
    return "" if kernel is not None else terminal.absence()


def line_of(shell: Any) -> Line:
    """The line to the person who runs the current cell."""
    kernel = kernel_internals.kernel_of(shell)

    def line(
        prompt: str, *, secret: bool = False, withdrawn: Callable[[], bool] = lambda: False
    ) -> str:
        if kernel is None:
            return terminal.line(prompt, secret=secret, withdrawn=withdrawn)
        return stdin_prompt.ask(kernel, prompt, secret=secret, withdrawn=withdrawn)

    return line


def typed(shell: Any) -> bool:
    """Whether a person typed the magic that runs into the running cell, rather than code that the cell called."""
    if absence(shell):
        return False
    outside = (frame for frame in _callers() if not _machinery(frame))
    cell = next(outside, None)
    whole = ("<module>", "<cell line")
    return (
        cell is not None
        and cell.f_globals is shell.user_ns
        and cell.f_code.co_name.startswith(whole)
        and all(above.f_globals is not shell.user_ns for above in outside)  # no cell ran this one
    )


def _callers() -> Iterator[FrameType]:
    """The frames of the calling thread, innermost first."""
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        yield frame
        frame = frame.f_back


def _machinery(frame: FrameType) -> bool:
    """Whether it lies between a magic and whoever wrote it: ours, or IPython's."""
    return str(frame.f_globals.get("__name__")).partition(".")[0] in ("codex_jupyter", "IPython")


def _captured(shell: Any) -> bool:
    """Whether what the cell prints or shows goes to a variable (``%%capture``), so that nobody sees what is asked."""
    publisher = type(getattr(shell, "display_pub", None)).__name__
    return publisher == "CapturingDisplayPublisher" or isinstance(sys.stdout, io.StringIO)
