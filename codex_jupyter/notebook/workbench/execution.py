"""Running code as a cell would, on the main thread, without the traces of a cell.

Magics, shell lines, display, the value of the last expression and top-level ``await`` work. ``In``, ``Out``, ``_``, the
cell counter, history, hooks, ``sys.last_*`` and the pager's payload are as if nothing had run. A failure is shown as a
display. What it printed and showed is in the ``Record``.
"""

from __future__ import annotations

import ast
import asyncio
import inspect
import linecache
import sys
import tokenize
import traceback
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from io import StringIO
from types import CodeType, TracebackType
from typing import Any

from codex_jupyter import journal
from codex_jupyter.notebook.workbench import cell_changers, inline_figures, interrupting
from codex_jupyter.notebook.workbench.cell_count import keep_value
from codex_jupyter.notebook.workbench.record import Record
from codex_jupyter.notebook.workbench.recorder import NESTED, RUN, Recorder
from codex_jupyter.notebook.wrapped_method import WrappedMethod

log = journal.logger("workbench")


@dataclass
class Execution:
    """One piece of code, compiled and ready to run.

    Attributes:
        code: as it was given.
        name: the file name it has in tracebacks, such as ``<codex 3>``.
        record: what it prints and shows.
        parts: code objects, and whether each is the value to show.
        awaits: needs a running loop.
        error: how it failed, as the last line of a traceback says it, or ``""``.
        exiting: it called ``exit`` or ``quit``, which does nothing here.
        source: the code as it was compiled, without magics.
        number: under which it counts as a cell of the user, 0: it counts as none.
    """

    code: str
    name: str
    record: Record
    parts: list[tuple[CodeType, bool]] = field(default_factory=list)
    awaits: bool = False
    error: str = ""
    exiting: bool = False
    source: str = ""
    number: int = 0


def prepare(
    shell: Any, recorder: Recorder, code: str, name: str, record: Record | None = None
) -> Execution:
    """Transform and compile; what does not compile is shown and noted in ``error``. On the main thread."""
    execution = Execution(code, name, Record() if record is None else record)
    flags = shell.compile.flags
    with recorder.recording(execution.record), last_exception_kept(shell):
        try:
            source = execution.source = shell.transform_cell(code)
            linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
            tree = shell.compile.ast_parse(source, filename=name)
            refuse_nested(tree)
            tree = shell.transform_ast(tree)
            body, last = list(tree.body), None
            if body and isinstance(body[-1], ast.Expr) and not _silenced(source):
                last = body.pop()
            with shell.compile.extra_flags(ast.PyCF_ALLOW_TOP_LEVEL_AWAIT):
                if body:
                    module = ast.Module(body, getattr(tree, "type_ignores", []))
                    execution.parts.append((shell.compile(module, name, "exec"), False))
                if isinstance(last, ast.Expr):
                    expression = ast.Expression(last.value)
                    execution.parts.append((shell.compile(expression, name, "eval"), True))
        except Exception:
            execution.error = shown_error(shell, name)
            execution.parts.clear()
        finally:
            shell.compile.flags = flags
    execution.awaits = any(part.co_flags & inspect.CO_COROUTINE for part, _ in execution.parts)
    return execution


async def run(shell: Any, recorder: Recorder, execution: Execution) -> None:
    """Run it. Raises nothing; only awaits where the code does. On the main thread."""
    with (
        recorder.recording(execution.record),
        shell.builtin_trap,
        shell.display_trap,
        # While code awaits in the background, cells of the user fail or not, as they do.
        nullcontext() if execution.awaits else last_exception_kept(shell),
        payloads_kept(shell),
        cell_changers.kept(shell, whole=not execution.awaits),
        exit_refused(shell, execution),
        inline_figures.only_new(),
    ):
        try:
            for part, shown in execution.parts:
                value = await run_part(shell, part)
                if shown and value is not None:
                    show_value(shell, recorder, execution, value)
        except BaseException as error:
            if isinstance(error, SystemExit):
                execution.exiting = True
                execution.error = "SystemExit"
            elif isinstance(error, GeneratorExit):
                raise
            else:
                execution.error = shown_error(shell, execution.name)
        try:
            inline_figures.flush(shell)
        except BaseException as error:
            log.debug("figures could not be shown: %s", type(error).__name__)
            execution.error = execution.error or f"{type(error).__name__} while showing figures"
        for stream in (sys.stdout, sys.stderr):
            with suppress(Exception):
                stream.flush()


async def run_part(shell: Any, part: CodeType) -> Any:
    """One code object in the user's namespace. Its frame is what a ``Guard`` looks for."""
    value = eval(part, shell.user_global_ns, shell.user_ns)
    if part.co_flags & inspect.CO_COROUTINE:
        value = await value
    return value


def drive(coroutine: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine that awaits nothing.

    Example:
        >>> async def hello(): print("hello")
        >>> drive(hello())
        hello
    """
    try:
        coroutine.send(None)
    except StopIteration:
        return
    coroutine.close()
    raise RuntimeError("the code awaited although it does not say await")


def drive_nested(
    coroutine: Coroutine[Any, Any, None],
    started: Callable[[asyncio.Task[None]], None] = lambda _: None,
) -> None:
    """Run a coroutine to its end while a cell blocks, also inside the loop that already runs in this thread.

    ``nest_asyncio2`` is applied only here and in ``go_on_nested``, once, when there is such a loop.

    Args:
        coroutine: what to run.
        started: gets its task, so that it can be cancelled.
    """
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        from IPython.core.async_helpers import get_asyncio_loop

        loop = get_asyncio_loop()
    else:
        import nest_asyncio2

        nest_asyncio2.apply(loop)
    task = loop.create_task(coroutine)
    started(task)
    _finish(loop, task)


def go_on_nested(task: asyncio.Task[None], seconds: float) -> None:
    """Go on for a while with a task of the loop that runs in this thread, inside a callback of that loop."""
    import nest_asyncio2

    loop = task.get_loop()
    nest_asyncio2.apply(loop)
    _finish(loop, task, seconds)


def _finish(
    loop: asyncio.AbstractEventLoop, task: asyncio.Task[None], seconds: float | None = None
) -> None:
    try:
        if seconds is None:
            loop.run_until_complete(task)
        else:
            loop.run_until_complete(asyncio.wait({task}, timeout=seconds))
    except BaseException as error:
        # An interrupt that hit the loop itself, or a task that the code made: end the code's own task too.
        for _ in range(3):
            if task.done():
                break
            task.cancel()
            with suppress(BaseException):
                loop.run_until_complete(asyncio.wait([task], timeout=1))
        if not isinstance(error, (KeyboardInterrupt, asyncio.CancelledError)):
            raise


def show_value(shell: Any, recorder: Recorder, execution: Execution, value: Any) -> None:
    """The value of the last expression, as display data; of a cell that counts, it is in ``Out``."""
    data, metadata = shell.display_formatter.format(value)
    if execution.number:
        keep_value(shell, execution.number, value, data)
    if not data:  # it showed itself
        return
    execution.record.show(data, "result", metadata=metadata)
    if not execution.record.silent:
        recorder.publish_unrecorded(data, metadata)


def shown_error(shell: Any, name: str) -> str:
    """Show the current exception as IPython would, without our own frames; returns its last line."""
    etype, value, tb = sys.exc_info()
    if etype is None or value is None:
        return ""
    if isinstance(value, asyncio.CancelledError):
        etype, value = KeyboardInterrupt, KeyboardInterrupt()
    while tb is not None and tb.tb_frame.f_code.co_filename != name:
        tb = tb.tb_next
    try:
        lines = traceback.format_exception_only(etype, value)
        named = (line for line in lines if line.startswith((etype.__qualname__, etype.__module__)))
        told = next(named, lines[-1]).splitlines()[0]
    except BaseException as error:
        told = f"{etype.__name__} (its message raised {type(error).__name__})"
    try:
        with last_exception_kept(shell):
            shell.showtraceback(exc_tuple=(etype, value, without_handlers(tb)), tb_offset=0)
    except BaseException as error:
        print(f"{told} ({type(error).__name__} while showing it)", file=sys.stderr)
    return told


def without_handlers(tb: TracebackType | None) -> TracebackType | None:
    """A traceback without the frames of the handler that raised in the code's place."""
    kept: list[TracebackType] = []
    while tb is not None and tb.tb_frame.f_code.co_filename != interrupting.__file__:
        kept.append(tb)
        tb = tb.tb_next
    whole = None
    for part in reversed(kept):
        whole = TracebackType(whole, part.tb_frame, part.tb_lasti, part.tb_lineno)
    return whole


#: Below these the agent's code, or what it made, is on the stack: where an interrupt may raise.
BODY = frozenset(
    {run_part.__code__, show_value.__code__, shown_error.__code__, inline_figures.flush.__code__}
)


def refuse_nested(tree: ast.Module) -> None:
    """Refuse code with a prompt for Codex in it, before anything of it runs.

    Raises:
        UserError: it has one.
    """
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in ("run_line_magic", "run_cell_magic")
            and node.args
            and isinstance(node.args[0], ast.Constant)
            and node.args[0].value == "codex"
        ):
            raise NESTED


@contextmanager
def last_exception_kept(shell: Any) -> Iterator[None]:
    """``%debug`` and ``%tb`` keep on meaning the user's own last exception."""
    names = ("last_type", "last_value", "last_traceback", "last_exc")
    before = {name: getattr(sys, name) for name in names if hasattr(sys, name)}
    shown = getattr(shell, "_last_traceback", None)
    handler = shell.InteractiveTB
    inner = {
        name: getattr(handler, name) for name in ("tb", "etype", "value") if hasattr(handler, name)
    }
    try:
        yield
    finally:
        for name in names:
            if name in before:
                setattr(sys, name, before[name])
            elif hasattr(sys, name):
                delattr(sys, name)
        shell._last_traceback = shown
        for name, value in inner.items():
            setattr(handler, name, value)


@contextmanager
def exit_refused(shell: Any, execution: Execution) -> Iterator[None]:
    """``exit()`` and ``quit()`` would end the user's kernel: they are noted, and do nothing."""
    if not hasattr(shell, "ask_exit"):  # a bare shell has nothing to end
        yield
        return

    def around(inner: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if RUN.get() is None:  # a cell of the user, while the code awaits
            return inner(*args, **kwargs)
        execution.exiting = True
        return None

    refused = WrappedMethod(shell, "ask_exit", around)
    try:
        yield
    finally:
        refused.undo()


@contextmanager
def payloads_kept(shell: Any) -> Iterator[None]:
    """What the code left for the front end to do when the cell ends stays undone; a pager's text is shown instead."""
    manager = getattr(shell, "payload_manager", None)
    if manager is None:
        yield
        return
    before = list(manager.read_payload())
    manager.clear_payload()
    try:
        yield
    finally:
        left = list(manager.read_payload())
        manager.clear_payload()
        for payload in before:
            manager.write_payload(payload, single=False)
        for payload in left:
            data = payload.get("data")
            if payload.get("source") == "page" and isinstance(data, dict):
                shell.display_pub.publish(data=data, metadata={})


def _silenced(source: str) -> bool:
    """Whether the last line ends with a semicolon, which shows no value."""
    last = ""
    try:
        for token in tokenize.generate_tokens(StringIO(source).readline):
            if token.type not in (
                tokenize.NEWLINE,
                tokenize.NL,
                tokenize.COMMENT,
                tokenize.ENDMARKER,
                tokenize.DEDENT,
            ):
                last = token.string
    except (tokenize.TokenError, SyntaxError, IndentationError):
        return False
    return last == ";"


#: What puts the shell's own state in place and back: an interrupt waits for its end.
HELD = frozenset(
    {run.__code__}
    | {
        inspect.unwrap(manager).__code__
        for manager in (
            last_exception_kept,
            exit_refused,
            payloads_kept,
            cell_changers.kept,
            inline_figures.only_new,
        )
    }
)
