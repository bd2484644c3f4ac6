"""How far commands may go on this machine, and what has to be said or refused before a turn is sent.

Whether the sandbox works is ``runtime/probe.py``; what the runtime is then told is ``core/rights.py``, spelled by
``runtime/wire_rights.py``.
"""

from __future__ import annotations

from pathlib import Path

from codex_jupyter import places
from codex_jupyter.core.rights import Rights
from codex_jupyter.errors import OptionError

#: Said once on each thread.
FULL_ACCESS = (
    "Full access: Codex runs commands and edits files with all your rights, outside any sandbox, "
    "and nobody is asked first."
)
FULL_ACCESS_HINT = "-s workspace-write keeps commands to the folder and asks for the rest."

REVIEW_NEEDS_SANDBOX = "A review cannot ask, and Codex's sandbox does not work on this machine: its commands would run without asking, with all your rights. Nothing was sent."


def no_sandbox(reason: str) -> str:
    """Why every command is asked for; said once in a session."""
    why = f" ({reason.rstrip('.')})" if reason else ""
    return (
        f"Codex's sandbox does not work on this machine{why}. "
        "You are asked before every command and every edit, and what you allow runs without a sandbox."
    )


def unconfirmed(reason: str) -> str:
    """What follows where nobody could tell whether the sandbox works; said once for each reason."""
    return (
        f"Whether Codex's sandbox works here could not be checked: {reason.rstrip('.')}. "
        "Commands run in the sandbox or not at all: where it does not work they fail."
    )


def keep_our_files_out(rights: Rights) -> None:
    """See that no new file of ours lies where a turn with these rights may write."""
    if rights.sandbox.kind == "workspace-write" or rights.profile:
        places.keep_out_of(rights.folder, *rights.sandbox.writable)


def refuse_unasked(kind: str, asks: bool) -> None:
    """Where there is no sandbox, nothing is begun that would not ask for its commands.

    Args:
        kind: the sandbox that the turn would run with.
        asks: whether the runtime asks for what this kind of work does; for a review it never does (measured).

    Raises:
        OptionError: there is no sandbox, and it would not.
    """
    if kind == "unavailable" and not asks:
        raise OptionError(
            REVIEW_NEEDS_SANDBOX,
            "Ask for the review in a prompt, so that each command is asked for; or name it: -s full-access",
        )


def refuse_home(sandbox: str, folder: str, chosen: object) -> None:
    """Writing in the home folder itself has to be asked for by name.

    Args:
        sandbox: what the turn would run with.
        folder: the folder of the turn.
        chosen: the folder that ``-C`` or a setting names, or None.

    Raises:
        OptionError: nobody named the home folder, and everything in it could be written.
    """
    if sandbox != "workspace-write" or chosen is not None:
        return
    if Path(folder).resolve() == Path.home().resolve():
        raise OptionError(
            "This kernel works in your home folder, and workspace-write would let commands write everything in it. "
            "Nothing was sent.",
            "Name the project's folder: -C ~/project. If you mean the home folder itself: -C ~",
        )
