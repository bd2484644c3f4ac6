"""``/status``, and bare ``%codex``: how things stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codex_jupyter.notebook.command import Caller, TypedCommand, command
from codex_jupyter.notebook.in_force import rows_in_force, state_table
from codex_jupyter.notebook.login_ways import as_written
from codex_jupyter.notebook.notice import show
from codex_jupyter.settings import Options

if TYPE_CHECKING:
    from codex_jupyter.runtime.client import Runtime

EXAMPLES = """\
%codex What does load.py do?
%codex -s workspace-write Fix the failing test.
answer = %codex -q How many rows have no date?
%codex --help"""

ACCOUNT = "/login, /account"


@command(
    "status",
    group="What holds",
    help="conversation, model, permissions, account",
)
def status(caller: Caller, typed: TypedCommand, options: Options) -> None:
    """Who, where, which thread, and who may do what."""
    from codex_jupyter.notebook.commands.account import account_rows, typed_for

    session = caller.session()
    rows = state_rows(caller, options)
    runtime = session.engine.runtime
    if runtime is not None and runtime.alive:  # asking starts nothing
        standing = session.account()
        rows.append(("account", str(standing), ACCOUNT))
        rows += [(name, value, typed_for(name)) for name, value in account_rows(standing)]
    else:
        rows.append(("account", "not asked yet", ACCOUNT))
    show("Codex", table=state_table(rows), offline=session.engine.offline)


def state(caller: Caller, options: Options) -> None:
    """The state, and four examples to go on with."""
    show(
        "Codex is ready. Ask in a cell:",
        code=EXAMPLES,
        table=state_table(state_rows(caller, options)),
        offline=caller.session().engine.offline,
    )


def described(runtime: Runtime) -> str:
    """Which Codex runs: ``0.171.0, ~/bin/codex, process 4711``."""
    _, path = runtime.own
    parts = [runtime.version or "version unknown", as_written(path) if path else ""]
    return ", ".join([*filter(None, parts), f"process {runtime.pid}"])


def state_rows(caller: Caller, options: Options) -> list[tuple[str, str, str]]:
    """What holds for the next turn, where each choice comes from, and what changes it."""
    session = caller.session()
    name = options.thread or "main"
    runtime = session.engine.runtime
    running = runtime is not None and runtime.alive
    return [
        ("runtime", described(runtime) if running and runtime else "starts when needed", "/doctor"),
        *rows_in_force(session, name),
        (
            "conversation",
            session.thread(name).id or "begins with the next prompt",
            "--new, /resume, /threads",
        ),
    ]
