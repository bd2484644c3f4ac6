"""``/steer``, ``/interrupt`` and ``/stop``: speaking to turns that run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codex_jupyter.errors import OptionError, UserError
from codex_jupyter.notebook.commands.notice import show

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codex_jupyter.notebook.magics import CodexMagics
    from codex_jupyter.notebook.options import Command, Options
    from codex_jupyter.session.live import LiveTurn


def steer(magics: CodexMagics, command: Command, options: Options) -> None:
    """Say something to the running turn."""
    if not command.args.strip():
        raise OptionError("Say what to tell the turn.", "%codex /steer Only the last month.")
    running(magics).steer(command.args)
    show("Told the running turn.", glyph="ok")


def interrupt(magics: CodexMagics, command: Command, options: Options) -> None:
    """Stop the turn that was started last, of those that still run."""
    live = running(magics)
    live.interrupt("you")
    show("Asked the turn to stop.", glyph="stopped")


def stop(magics: CodexMagics, command: Command, options: Options) -> None:
    """Stop every turn of this session and the commands they left running."""
    turns = magics.session().stop_all()
    late = [live for live in turns if not live.done]
    if late:
        show(
            f"Asked to stop: {counted(turns)}. {counted(late)} had not ended after a few seconds: "
            "%codex /stop says whether any still runs.",
            glyph="warning",
        )
        return
    show(f"Stopped: {counted(turns)}. Nothing is left running.", glyph="stopped")


def counted(turns: Sequence[LiveTurn]) -> str:
    """Say how many turns: ``1 turn``, ``2 turns``."""
    return f"{len(turns)} turn{'' if len(turns) == 1 else 's'}"


def running(magics: CodexMagics) -> LiveTurn:
    """The turn that was started last, of those that still run.

    Raises:
        UserError: nothing runs.
    """
    turns = magics.session().engine.running()
    if not turns:
        raise UserError("No turn is running.", "Start one with %codex -b PROMPT.")
    return turns[-1]
