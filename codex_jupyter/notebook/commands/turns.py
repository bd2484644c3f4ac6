"""``/steer``, ``/interrupt`` and ``/stop``: speaking to turns that run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codex_jupyter.core.titles import count
from codex_jupyter.errors import OptionError, UserError
from codex_jupyter.notebook.command import Caller, TypedCommand, command
from codex_jupyter.notebook.notice import show
from codex_jupyter.settings import Options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codex_jupyter.session.live import LiveTurn


@command(
    "steer",
    group="Turns",
    help="send a message to the running turn",
    takes="TEXT",
)
def steer(caller: Caller, typed: TypedCommand, options: Options) -> None:
    """Say something to the running turn."""
    if not typed.args.strip():
        raise OptionError("Say what to tell the turn.", "%codex /steer Only the last month.")
    running(caller).steer(typed.args)
    show("Sent to the running turn.", glyph="ok")


@command(
    "interrupt",
    group="Turns",
    help="stop the running turn",
)
def interrupt(caller: Caller, typed: TypedCommand, options: Options) -> None:
    """Stop the turn that was started last, of those that still run."""
    live = running(caller)
    live.interrupt("you")
    show("Stopping the turn.", glyph="stopped")


@command(
    "stop",
    group="Turns",
    help="stop every turn that runs",
)
def stop(caller: Caller, typed: TypedCommand, options: Options) -> None:
    """Stop every turn of this session and the commands they left running."""
    session = caller.session()
    turns = session.stop_all()
    late = [live for live in turns if not live.done]
    if late:
        show(
            f"Asked to stop: {counted(turns)}. {counted(late)} had not ended after a few seconds: "
            "%codex /stop says whether any still runs.",
            glyph="warning",
        )
        return
    found = session.end_commands()
    commands = f", {count(found.ended, 'command')}" if found.ended else ""
    if found.running:
        rest = f" {count(found.running, 'command')} could not be ended."
    elif found.sure:
        rest = " Nothing is left running."
    else:
        rest = " What moved away from its command may still run."
    show(f"Stopped: {counted(turns)}{commands}.{rest}", glyph="stopped")


def counted(turns: Sequence[LiveTurn]) -> str:
    """Say how many turns: ``1 turn``, ``2 turns``."""
    return f"{len(turns)} turn{'' if len(turns) == 1 else 's'}"


def running(caller: Caller) -> LiveTurn:
    """The turn that was started last, of those that still run.

    Raises:
        UserError: nothing runs.
    """
    turns = caller.session().engine.running()
    if not turns:
        raise UserError("No turn is running.", "Start one with %codex -b PROMPT.")
    return turns[-1]
