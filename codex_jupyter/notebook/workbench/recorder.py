"""What cells, and the agent's own runs, print and show: kept in memory, bounded, as it passes.

IPython keeps results but no streams and no displays. So the few methods that all output passes through are wrapped on
the shell's own objects (`WrappedMethod`), which works alike in a terminal and on ipykernel 6.29 to 7.4, also for output
from threads. Nothing is changed on its way, but for one thing: a traceback in a run of the agent is shown as a display
and not as an ``error`` output, which would fail the whole cell.

Codex' own output is never kept: not what a magic of ours shows (``muted``), nor what the session's thread publishes.
"""

from __future__ import annotations

import inspect
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from types import FrameType
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from codex_jupyter import agent_code, journal
from codex_jupyter.errors import CodexJupyterError, UserError
from codex_jupyter.notebook import kernel_internals, printing
from codex_jupyter.notebook.workbench.cell_source import is_ours, without_ours
from codex_jupyter.notebook.workbench.clean_cut import clean_start
from codex_jupyter.notebook.workbench.record import TEXT, Cell, Record
from codex_jupyter.notebook.wrapped_method import WrappedMethod

log = journal.logger("workbench")

#: Cells kept.
CELLS = 60

#: The record of the agent's run that the current code belongs to; None for the user's own.
RUN: ContextVar[Record | None] = ContextVar("codex_jupyter_run", default=None)


NESTED = UserError(
    "Codex cannot start another turn from code that it runs itself.",
    "Put the prompt into a cell of its own.",
)


class Recorder:
    """Listens to one shell. ``cells`` are the recent ones, oldest first."""

    def __init__(self, shell: Any) -> None:
        self.shell = shell
        self.cells: deque[Cell] = deque(maxlen=CELLS)
        #: How many cells have run in all, those that were forgotten included.
        self.count = 0
        self.on_finished: list[Callable[[Cell], None]] = []
        #: The picture of a figure that was shown as an SVG, or nothing.
        self.picture_of: Callable[[Any], bytes] = lambda svg: b""
        #: The newest cell that failed by its own code, with what it raised.
        self.failure: tuple[Cell, BaseException] | None = None
        self._running: list[tuple[Any, Cell]] = []
        self._drawn = 0  # id of the exception whose traceback was shown last
        self._muted = 0
        self._wrapped: list[WrappedMethod] = []
        self._listeners = 0
        self._streams: list[tuple[Any, WrappedMethod]] = []

    # --- listening ------------------------------------------------------------------------------------------------------

    def install(self) -> None:
        """Begin to listen; twice is once."""
        if self._wrapped:
            return
        shell = self.shell
        self._wrapped = [
            WrappedMethod(shell.display_pub, "publish", self._published),
            WrappedMethod(shell.display_pub, "clear_output", self._cleared),
            WrappedMethod(shell.displayhook, "write_format_data", self._resulted),
            WrappedMethod(shell.displayhook, "write_output_prompt", self._quietly),
            WrappedMethod(shell, "_showtraceback", self._raised),
        ]
        shell.events.register("pre_run_cell", self._begun)
        shell.events.register("post_run_cell", self._finished)

    def uninstall(self) -> None:
        """Stop listening."""
        if not self._wrapped:
            return
        for wrapped in reversed(self._wrapped):
            wrapped.undo()
        self._wrapped = []
        self._listeners = 0
        self._running, self.failure = [], None
        self._leave_streams()
        self.shell.events.unregister("pre_run_cell", self._begun)
        self.shell.events.unregister("post_run_cell", self._finished)

    def _listen_to_streams(self) -> None:
        """Wrap ``write`` of the streams that stand there now, for as long as one more cell or run lasts.

        Not once and for all: IPython 9 itself replaces ``write`` while a cell runs and puts back what it found before.
        """
        self._listeners += 1
        for name in ("stdout", "stderr"):
            stream = getattr(sys, name)
            if stream is None or any(known is stream for known, _ in self._streams):
                continue
            try:
                self._streams.append((stream, WrappedMethod(stream, "write", self._writer(name))))
            except (
                AttributeError,
                TypeError,
            ):  # a stream whose methods cannot be replaced stays unheard
                continue

    def _leave_streams(self) -> None:
        self._listeners = max(0, self._listeners - 1)
        if not self._listeners:
            for _, wrapped in reversed(self._streams):
                wrapped.undo()
            self._streams.clear()

    @contextmanager
    def muted(self) -> Iterator[None]:
        """While a magic of ours runs: what it shows is not the cell's."""
        self._muted += 1
        try:
            yield
        finally:
            self._muted -= 1

    @contextmanager
    def recording(self, record: Record) -> Iterator[None]:
        """While the agent's code runs: what it shows belongs to ``record`` alone."""
        self._listen_to_streams()
        token = RUN.set(record)
        try:
            with agent_code.running():
                yield
        finally:
            RUN.reset(token)
            self._leave_streams()

    def publish_unrecorded(
        self, data: dict[str, Any], metadata: dict[str, Any] | None = None
    ) -> None:
        """Show something in the calling cell that is recorded already, or is not to be."""
        self._quietly(self.shell.display_pub.publish, data=data, metadata=metadata or {})

    @property
    def target(self) -> Record | None:
        """Where output of the calling code belongs."""
        run = RUN.get()
        if run is not None:
            return run
        if self._muted or threading.current_thread().name.startswith("codex-"):
            return None
        if kernel_internals.in_subshell():
            return None
        return self._running[-1][1] if self._running else None

    # --- the wrapped methods --------------------------------------------------------------------------------------------

    def _writer(self, name: str) -> Callable[..., Any]:
        def write(inner: Callable[..., Any], text: Any, *args: Any, **kwargs: Any) -> Any:
            target = self.target
            if target is not None:
                if type(text) is str:
                    target.write(name, text)
                elif type(text) is bytes:  # ipykernel's copy of what a subprocess wrote
                    target.write(name, text.decode(errors="replace"))
                if target.silent:
                    return len(text)
            return inner(text, *args, **kwargs)

        return write

    def _published(self, inner: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        target = self.target
        data = kwargs.get("data", args[0] if args else None)
        if target is not None and type(data) is dict:
            data = self._pictured(data)
            display_id = str((kwargs.get("transient") or {}).get("display_id") or "")
            metadata = kwargs.get("metadata", args[1] if len(args) > 1 else None)
            if kwargs.get("update"):
                self._updated(target, data, display_id, metadata)
            else:
                target.show(data, display_id=display_id, metadata=metadata)
            if target.silent:
                return None
        return self._quietly(inner, *args, **kwargs)

    def _pictured(self, data: dict[str, Any]) -> dict[str, Any]:
        """The bundle, with the picture of a figure that is shown in no format that a model sees."""
        picture = self.picture_of(data["image/svg+xml"]) if "image/svg+xml" in data else b""
        return {**data, "image/png": picture} if picture and "image/png" not in data else data

    def _updated(
        self, target: Record, data: dict[str, Any], display_id: str, metadata: Any
    ) -> None:
        if not target.update(data, display_id, metadata):
            any(cell.update(data, display_id) for cell in reversed(self.cells))

    def _cleared(self, inner: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        target = self.target
        if target is not None:
            target.clear(wait=bool(kwargs.get("wait", args[0] if args else False)))
        if RUN.get() is not None:  # the turn itself stands in the cell that would be cleared
            return None
        return self._quietly(inner, *args, **kwargs)

    def _resulted(
        self, inner: Callable[..., Any], format_dict: Any, *args: Any, **kwargs: Any
    ) -> Any:
        target = self.target
        if target is not None and type(format_dict) is dict:
            target.show(self._pictured(format_dict), "result")
        return self._quietly(inner, format_dict, *args, **kwargs)

    def _quietly(self, inner: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """In a terminal IPython prints what it shows: recorded as what it is, and not as printed text once more."""
        token = RUN.set(None)
        try:
            with self.muted():
                return inner(*args, **kwargs)
        finally:
            RUN.reset(token)

    def _raised(self, inner: Callable[..., Any], etype: Any, evalue: Any, stb: Any) -> Any:
        self._drawn = id(evalue)
        text = stb if type(stb) is str else "\n".join(str(line) for line in stb)
        run = RUN.get()
        if run is not None:
            run.fail(text, (getattr(etype, "__name__", str(etype)), _message(evalue)))
            if run.silent:
                return None
            from codex_jupyter.notebook.workbench.traceback_view import bundle

            return self.publish_unrecorded(bundle(text))
        target = self.target
        if target is not None:
            target.fail(text)
        with printing.substituting() if isinstance(evalue, CodexJupyterError) else nullcontext():
            return self._quietly(inner, etype, evalue, stb)

    # --- cells ----------------------------------------------------------------------------------------------------------

    def _begun(self, info: Any) -> None:
        if RUN.get() is not None:  # run_cell inside the agent's own code
            return
        if kernel_internals.in_subshell():
            return
        if self._running and _inside_a_cell():
            self._listen_to_streams()
            self._running.append((info, self._running[-1][1]))
            return
        while self._running:  # its end was never told
            _, cell = self._running.pop()
            cell.state, cell.error = "failed", "its end was not told"
            self._leave_streams()
        self._listen_to_streams()
        source = info.raw_cell if type(info.raw_cell) is str else ""
        # IPython counts on before this hook or after the cell, depending on its version; ``In`` grows in between.
        cell = Cell(
            len(self.shell.history_manager.input_hist_raw),
            clean_start(without_ours(source), TEXT),
            is_ours(source),
        )
        self._running.append((info, cell))
        self.cells.append(cell)
        self.count += 1

    def _finished(self, result: Any) -> None:
        if RUN.get() is not None or kernel_internals.in_subshell() or not self._running:
            return
        info = getattr(result, "info", None)
        places = [n for n, (begun, _) in enumerate(self._running) if begun is info]
        at = places[-1] if places else 0 if result is None or not _inside_a_cell() else -1
        if at < 0:  # a run within the cell that was never begun
            return
        _, cell = self._running[at]
        for _ in self._running[at:]:
            self._leave_streams()
        del self._running[at:]
        if self._running:  # a run within the cell
            return
        self._close(cell, result)

    def _close(self, cell: Cell, result: Any) -> None:
        error = getattr(result, "error_before_exec", None) or getattr(result, "error_in_exec", None)
        cell.state = "ok" if error is None and result is not None else "failed"
        cell.error = type(error).__name__ if error is not None else "" if result else "interrupted"
        cell.by_us = isinstance(error, CodexJupyterError)
        cell.number = getattr(result, "execution_count", None) or 0
        if error is not None and not cell.ours and not cell.by_us:
            self.failure = (cell, error)
            if self._drawn != id(error):
                from codex_jupyter.objects.exceptions import line_of

                cell.fail(line_of(error))  # IPython told it in another way
        for listener in tuple(self.on_finished):
            listener(cell)


def _message(error: object) -> str:
    """What an exception says; one whose own code fails says nothing."""
    try:
        return str(error)
    except BaseException as fault:
        log.debug("the words of an exception raised %s", type(fault).__name__)
        return ""


def _inside_a_cell() -> bool:
    """Whether the calling code was called by a cell that runs: in its thread below the shell, or in another thread."""
    if threading.current_thread() is not threading.main_thread():
        return True
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        if frame.f_code is _RUN_CODE:
            return True
        frame = frame.f_back
    return False


#: Where the shell runs the code of a cell.
_RUN_CODE = InteractiveShell.run_code.__code__

#: What must run to its end once it has begun, whoever interrupts.
HELD = frozenset(
    inspect.unwrap(function).__code__
    for function in (
        Recorder.muted,
        Recorder.recording,
        Recorder._quietly,
        Recorder._listen_to_streams,
        Recorder._leave_streams,
        Recorder._raised,
        Record.write,
        Record.show,
        Record.update,
        Record.fail,
        Record.clear,
    )
)
