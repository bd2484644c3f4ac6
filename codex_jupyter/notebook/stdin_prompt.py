"""One prompt at a time over the kernel's stdin channel, answered only by the reply to this very prompt.

ipykernel's ``input()`` takes any reply for its own: measured, a "yes" typed into the box of a withdrawn question
answered the next one. A reply names its request, so this speaks the two messages itself. Main thread only, while a cell
runs. What is typed is returned and kept nowhere here (a page saves the text of an open prompt in the notebook, of a
secret one only dots).
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from codex_jupyter.notebook import kernel_internals
from codex_jupyter.session.terminal import Withdrawn

#: Milliseconds between two looks at whether the question was withdrawn.
POLL = 50

__all__ = ["Withdrawn", "ask"]


def ask(
    kernel: Any, prompt: str, *, secret: bool = False, withdrawn: Callable[[], bool] = lambda: False
) -> str:
    """Show a prompt in the running cell and wait for what is typed into it.

    Args:
        kernel: the ipykernel.
        prompt: what is asked; the page shows it beside the box.
        secret: mask what is typed.
        withdrawn: looked at twenty times a second; True ends the wait.

    Raises:
        Withdrawn: ``withdrawn()`` became true first.
        EOFError: the person closed the prompt.
        KeyboardInterrupt: the kernel was interrupted.
    """
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    wanted = kernel_internals.send_input_request(kernel, prompt, secret)
    while not withdrawn():
        reply = kernel_internals.receive_input_reply(kernel, POLL)
        if reply is None or reply["parent_header"].get("msg_id") != wanted:
            continue  # nothing yet, or typed into a box that asks nothing any more
        value = str(reply["content"].get("value", ""))
        if value == "\x04":
            raise EOFError
        return value
    raise Withdrawn
