"""``/review``, ``/compact``, ``/fix``, ``/diff``: turns that are not a prompt of the user's, and what turns changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codex_jupyter.core.document import UnifiedDiff
from codex_jupyter.errors import UserError
from codex_jupyter.notebook.commands.notice import Section, show
from codex_jupyter.notebook.options import Invocation

if TYPE_CHECKING:
    from codex_jupyter.notebook.magics import CodexMagics
    from codex_jupyter.notebook.options import Command, Options


def review(magics: CodexMagics, command: Command, options: Options) -> Any:
    """Review the uncommitted changes of the folder, against ``branch NAME``, of ``commit ID``, or as instructed."""
    words = command.args.strip()
    kind, _, rest = words.partition(" ")
    if not words:
        target: dict[str, str] = {"type": "uncommittedChanges"}
    elif kind == "branch" and rest.strip():
        target = {"type": "baseBranch", "branch": rest.strip()}
    elif kind == "commit" and rest.strip():
        target = {"type": "commit", "sha": rest.strip()}
    else:
        target = {"type": "custom", "instructions": words}
    return magics.run_job(f"Review: {words or 'uncommitted changes'}", options, {"review": target})


def compact(magics: CodexMagics, command: Command, options: Options) -> Any:
    """Shorten what the conversation remembers, to make room."""
    if not magics.session().thread(options.thread or "main").id:
        raise UserError("This thread has not begun, so there is nothing to shorten.", "")
    return magics.run_job("Summarise the conversation so far.", options, {"compact": True})


def fix(magics: CodexMagics, command: Command, options: Options) -> Any:
    """Explain the last exception and propose the corrected cell."""
    workbench = magics.session().workbench
    prompt, sent = workbench.fix_prompt(command.args)  # type: ignore[union-attr]  # a notebook's session has one
    return magics.ask(Invocation(options, prompt=prompt), sent)


def diff(magics: CodexMagics, command: Command, options: Options) -> None:
    """What the newest turn of this session changed, as one diff."""
    live = magics.session().last
    changed = live.turn.diff if live is not None else ""
    if not changed:
        show("The newest turn changed no file.")
        return
    show(
        "What the newest turn changed",
        glyph="edit",
        sections=[Section("", (UnifiedDiff(changed),))],
    )
