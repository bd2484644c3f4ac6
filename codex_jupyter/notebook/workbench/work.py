"""What a job does on the kernel's main thread: run code as a cell would, or call a function. Both in three steps.

``prepare`` gets it ready, ``run`` does it, ``record`` is what it printed and showed; how it failed is in fields.
"""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable
from typing import Any, Protocol

from codex_jupyter.agent_code import FILE
from codex_jupyter.notebook.workbench import execution
from codex_jupyter.notebook.workbench.cell_count import next_number
from codex_jupyter.notebook.workbench.cell_feed import CellRecord
from codex_jupyter.notebook.workbench.record import Record
from codex_jupyter.notebook.workbench.recorder import Recorder

_numbers = itertools.count(1)


class Work(Protocol):
    """Something to run on the main thread, once.

    Attributes:
        record: what it prints and shows.
        awaits: whether it needs a running loop; known once it is prepared.
        error: how it failed, as the last line of a traceback says it, or ``""``.
        exited: it asked to exit.
    """

    record: Record
    awaits: bool
    error: str
    exited: bool

    def prepare(self) -> None:
        """Get ready. On the main thread; may run code of the agent (its cell is transformed and compiled)."""
        ...

    async def run(self) -> None:
        """Do it. Raises nothing that the code raises; awaits only where ``awaits`` says so."""
        ...


class CodeWork:
    """Code in the user's namespace, its output shown as it comes.

    Args:
        shell: whose namespace.
        recorder: records what it prints and shows.
        code: as it would stand in a cell.
    """

    def __init__(self, shell: Any, recorder: Recorder, code: str) -> None:
        self.record, self.awaits, self.error, self.exited = Record(), False, "", False
        self._shell, self._recorder, self._code = shell, recorder, code
        self._execution: execution.Execution | None = None

    def prepare(self) -> None:
        """Transform and compile; what does not compile is shown."""
        name = f"{FILE}{next(_numbers)}>"
        prepared = execution.prepare(self._shell, self._recorder, self._code, name, self.record)
        self.awaits, self.error = prepared.awaits, prepared.error
        self._execution = prepared

    async def run(self) -> None:
        """Run what compiled."""
        prepared = self._execution
        if prepared is not None and not prepared.error:
            await execution.run(self._shell, self._recorder, prepared)
            self.error, self.exited = prepared.error, prepared.exiting


class CellWork(CodeWork):
    """A cell of the open notebook: its outputs go into that cell, and it counts as run by the user.

    Its rights are those of the agent's code all the same: nothing of ours answers it.
    """

    def __init__(self, shell: Any, recorder: Recorder, code: str, record: CellRecord) -> None:
        super().__init__(shell, recorder, code)
        self.record: Record = record
        self._cell = record

    @property
    def number(self) -> int:
        """Under which it counts, 0 before it began."""
        return self._cell.number

    def prepare(self) -> None:
        """Transform, compile and count it; what does not compile is shown and counts, as it does for IPython."""
        super().prepare()
        if self._execution is not None:
            source = self._execution.source or self._code
            number = next_number(self._shell, source, self._code)
            self._cell.number = self._execution.number = number
            names = getattr(self._shell.compile, "_filename_map", None)
            if type(names) is dict:  # a traceback names it as it names every cell
                names[self._execution.name] = number


class CallWork:
    """A call of something that runs foreign code; what ``show`` makes of its value is recorded.

    Args:
        shell: shows a failure.
        recorder: records what it prints and shows.
        call: gives a value; one made with ``async def`` is awaited. Any other awaitable is a value like all values.
        silent: keep its output from the cell.
        show: a mime bundle of the value; may run foreign code as well.
    """

    def __init__(
        self,
        shell: Any,
        recorder: Recorder,
        call: Callable[[], Any],
        *,
        silent: bool,
        show: Callable[[Any], dict[str, Any]],
    ) -> None:
        self.record, self.awaits, self.error, self.exited = Record(silent=silent), False, "", False
        self._shell, self._recorder, self._call, self._show = shell, recorder, call, show

    def prepare(self) -> None:
        """See whether it awaits."""
        self.awaits = inspect.iscoroutinefunction(self._call)

    async def run(self) -> None:
        """Call it."""
        with self._recorder.recording(self.record):
            try:
                value = call_foreign(self._call)
                if self.awaits:
                    value = await value
                self.record.show(call_foreign(lambda: self._show(value)), "result")
            except BaseException as error:
                if isinstance(error, GeneratorExit):
                    raise
                self.exited = isinstance(error, SystemExit)
                self.error = execution.shown_error(self._shell, self._call.__code__.co_filename)


def call_foreign(call: Callable[[], Any]) -> Any:
    """A frame for foreign code to be below of."""
    return call()
