"""One prompt at a time over the kernel's stdin channel, answered only by the reply to this very prompt.

ipykernel's ``input()`` takes any reply for its own: measured, a "yes" typed into the box of a withdrawn question
answered the next one. A page's reply names its request, so this speaks the two messages itself. Consoles (whatever uses
``jupyter_client``'s ``input()``) name none; but each answers its prompts one after the other, so their replies belong to
what they were asked in that order; and since a console takes a line that was typed before it asked, one that is there at once is
asked for again. Main thread only, while a cell runs. What is typed is returned and kept nowhere here
(a page saves the text of an open prompt in the notebook, of a secret one only dots).
"""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from codex_jupyter.notebook import kernel_internals
from codex_jupyter.session.terminal import Withdrawn

#: Milliseconds between two looks at whether the question was withdrawn.
POLL = 50
#: Seconds in which nobody reads a question and types an answer.
AT_ONCE = 0.4
AGAIN = "\nThat was typed before the question appeared. Type it again. "

__all__ = ["Withdrawn", "ask"]

#: Of each client the prompts that it has not replied to, the oldest first: what a reply without a name is taken for.
_unanswered: dict[bytes, deque[str]] = {}


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
    wanted, open_prompts, since = _send(kernel, prompt, secret)
    try:
        while not withdrawn():
            received = kernel_internals.receive_input_reply(kernel, POLL)
            if received is None or _answered(*received) != wanted:
                continue  # nothing yet, or typed into a box that asks nothing any more
            value = str(received[0]["content"].get("value", ""))
            if value == "\x04":
                raise EOFError
            named = received[0]["parent_header"].get("msg_id")
            if not named and time.monotonic() - since < AT_ONCE:
                wanted, open_prompts, since = _send(kernel, f"{AGAIN}{prompt}", secret)
                continue
            return value
    except KeyboardInterrupt:  # a console gives its prompt up with it, and replies no more
        if wanted in open_prompts:
            open_prompts.remove(wanted)
        raise
    raise Withdrawn


def _send(kernel: Any, prompt: str, secret: bool) -> tuple[str, deque[str], float]:
    """Ask; returns the id of the prompt, all open ones of who was asked, and when that was."""
    wanted, client = kernel_internals.send_input_request(kernel, prompt, secret)
    open_prompts = _unanswered.setdefault(client, deque(maxlen=100))
    open_prompts.append(wanted)
    return wanted, open_prompts, time.monotonic()


def _answered(reply: dict[str, Any], client: bytes) -> str:
    """The id of the prompt that a reply is for, which is then no longer open; ``""``: of none of ours."""
    open_prompts = _unanswered.get(client, deque())
    named = reply["parent_header"].get("msg_id", "")
    if not named:
        return open_prompts.popleft() if open_prompts else ""
    if named in open_prompts:
        open_prompts.remove(named)
    return named
