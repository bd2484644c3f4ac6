"""``/steer``, ``/interrupt`` and ``/stop``: speaking to turns that run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codex_jupyter.errors import OptionError, UserError
from codex_jupyter.notebook.commands.notice import show

if TYPE_CHECKING:
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
    """Stop the turn that was started last."""
    live = running(magics)
    live.interrupt("you")
    show("Asked the turn to stop.", glyph="stopped")


def stop(magics: CodexMagics, command: Command, options: Options) -> None:
    """Stop every turn of this session and the commands they left running."""
    session = magics.session()
    count = session.stop_all()
    show(
        f"Stopped: {count} turn{'' if count == 1 else 's'}. Nothing is left running.",
        glyph="stopped",
    )


def running(magics: CodexMagics) -> LiveTurn:
    """The turn that was started last, if it still runs.

    Raises:
        UserError: nothing runs.
    """
    live = magics.session().last
    if live is None or live.done:
        raise UserError("No turn is running.", "Start one with %codex -b PROMPT.")
    return live
