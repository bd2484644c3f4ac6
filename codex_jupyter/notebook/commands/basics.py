"""``/help``, ``/status``, ``/new`` and bare ``%codex``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codex_jupyter.notebook.commands.in_force import told
from codex_jupyter.notebook.commands.notice import show
from codex_jupyter.notebook.options import as_value

if TYPE_CHECKING:
    from codex_jupyter.notebook.magics import CodexMagics
    from codex_jupyter.notebook.options import Command, Options

#: The settings that ``/status`` shows, in this order.
SHOWN = ("model", "effort", "sandbox", "approval", "kernel")
EXAMPLES = """\
%codex What does load.py do?
%codex -s workspace-write Fix the failing test.
answer = %codex -q How many rows have no date?
%codex --help"""


def help(magics: CodexMagics, command: Command, options: Options) -> None:
    """Print the help, or that of one command."""
    from codex_jupyter.notebook.help import command_help, help_text

    print(command_help(command.args.lstrip("/")) if command.args else help_text())


def status(magics: CodexMagics, command: Command, options: Options) -> None:
    """Who, where, which thread, and who may do what."""
    from codex_jupyter.notebook.commands.account import account_rows

    session = magics.session()
    rows = state_rows(magics, options)
    runtime = session.engine.runtime
    if runtime is not None and runtime.alive:  # asking starts nothing
        standing = session.account()
        rows += [("account", str(standing)), *account_rows(standing)]
    else:
        rows.append(("account", "%codex account asks"))
    show("Codex", rows=rows, offline=session.engine.offline)


def state(magics: CodexMagics, options: Options) -> None:
    """The state, and four examples to go on with."""
    show(
        "Codex is ready. Ask in a cell:",
        code=EXAMPLES,
        rows=state_rows(magics, options),
        offline=magics.session().engine.offline,
    )


def new(magics: CodexMagics, command: Command, options: Options) -> None:
    """Begin a thread afresh; the old one stays on disk."""
    name = command.args.strip() or options.thread or "main"
    magics.session().begin_thread(name)
    if name == "main":
        show("The next cell begins a new thread.", glyph="ok")
    else:
        show(f"Begins a new thread {name!r}: %codex -t {as_value(name)} PROMPT.", glyph="ok")


def state_rows(magics: CodexMagics, options: Options) -> list[tuple[str, str]]:
    """What holds for the next turn, and where each choice comes from."""
    session = magics.session()
    name = options.thread or "main"
    runtime = session.engine.runtime
    running = runtime is not None and runtime.alive
    rows: list[tuple[str, Any]] = [
        (
            "runtime",
            f"running, process {runtime.pid}" if running and runtime else "starts when needed",
        ),
        *((field, told(session, name, field)) for field in SHOWN),
        ("folder", told(session, name, "cwd")),
        ("thread", session.thread(name).id or "begins with the next prompt"),
    ]
    return rows
