"""A cell of the open notebook that Codex runs counts as one that the user ran: its number, ``In``, ``Out``, the history.

IPython counts on before a cell runs (9) or after it (8); ``In`` grows in between. A cell that runs meanwhile, because it waits
for the turn, has a number already: ipykernel replies with the number before the counter's, so for the moment of its reply the
counter is set back to what it would be had that cell run alone.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any


def next_number(shell: Any, source: str, code: str) -> int:
    """Count a cell: it is in ``In`` and in the history from now on.

    Args:
        shell: whose.
        source: as it was compiled.
        code: as it stands in the cell.

    Returns:
        Its number.
    """
    history = shell.history_manager
    number = len(history.input_hist_raw)
    history.store_inputs(number, source, code)
    shell.execution_count += 1
    keep_own_number(shell)
    return number


def keep_value(shell: Any, number: int, value: Any, shown: dict[str, Any]) -> None:
    """The value of a cell is in ``Out``, ``_`` and ``_N``, as IPython keeps it."""
    hook, now = shell.displayhook, shell.execution_count
    shell.execution_count = number + (now - hook.prompt_count)
    try:
        hook.update_user_ns(value)
    finally:
        shell.execution_count = now
    text = shown.get("text/plain")
    if type(text) is str:
        shell.history_manager.output_hist_reprs[number] = text


def keep_own_number(shell: Any) -> None:
    """The cell that runs now keeps its number in the front end, however many count while it waits. On the main thread."""
    if any(isinstance(each, _OwnNumber) for each in shell.events.callbacks["post_run_cell"]):
        return
    shell.events.register("post_run_cell", _OwnNumber(shell))


class _OwnNumber:
    def __init__(self, shell: Any) -> None:
        self._shell = shell

    def __call__(self, result: Any) -> None:
        with suppress(ValueError):
            self._shell.events.unregister("post_run_cell", self)
        number, now = getattr(result, "execution_count", None), self._shell.execution_count
        if type(number) is not int or now <= number + 1:
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:  # nobody replies to it
            return
        self._shell.execution_count = number + 1
        loop.call_soon(self._count_on, number + 1, now)  # behind the reply, which is made at once

    def _count_on(self, then: int, now: int) -> None:
        if self._shell.execution_count == then:
            self._shell.execution_count = now
