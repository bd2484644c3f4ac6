"""``/review``, ``/compact``, ``/fix``, ``/diff``: turns that are not a prompt of the user's, and what turns changed."""

from __future__ import annotations

from typing import Any

from codex_jupyter.core.document import UnifiedDiff
from codex_jupyter.errors import UserError
from codex_jupyter.notebook.command import Caller, TypedCommand, command
from codex_jupyter.notebook.notice import Section, show
from codex_jupyter.settings import Choice, Options


@command(
    "review",
    group="Turns",
    help="review the changes in the folder",
    takes="[branch NAME | commit ID | WHAT]",
    offers=(
        Choice("branch", "against a branch: branch NAME"),
        Choice("commit", "what a commit changed: commit ID"),
    ),
)
def review(caller: Caller, typed: TypedCommand, options: Options) -> Any:
    """Review the uncommitted changes of the folder, against ``branch NAME``, of ``commit ID``, or as instructed."""
    words = typed.args.strip()
    kind, _, rest = words.partition(" ")
    if not words:
        target: dict[str, str] = {"type": "uncommittedChanges"}
    elif kind == "branch" and rest.strip():
        target = {"type": "baseBranch", "branch": rest.strip()}
    elif kind == "commit" and rest.strip():
        target = {"type": "commit", "sha": rest.strip()}
    else:
        target = {"type": "custom", "instructions": words}
    return caller.run_job(f"Review: {words or 'uncommitted changes'}", options, {"review": target})


@command(
    "compact",
    group="Conversations",
    help="summarise the conversation to make room",
)
def compact(caller: Caller, typed: TypedCommand, options: Options) -> Any:
    """Shorten what the conversation remembers, to make room."""
    if not caller.session().thread(options.thread or "main").id:
        raise UserError("This conversation has not begun, so there is nothing to summarise.", "")
    return caller.run_job("Summarise the conversation so far.", options, {"compact": True})


@command(
    "fix",
    group="Turns",
    help="explain and fix the last error",
    takes="[WORDS]",
)
def fix(caller: Caller, typed: TypedCommand, options: Options) -> Any:
    """Explain the last exception and propose the corrected cell."""
    workbench = caller.session().workbench
    prompt, sent = workbench.fix_prompt(typed.args)  # type: ignore[union-attr]  # a notebook's session has one
    return caller.ask(prompt, options, sent)


@command(
    "diff",
    group="Turns",
    help="what the newest turn changed",
)
def diff(caller: Caller, typed: TypedCommand, options: Options) -> None:
    """What the newest turn of this session changed, as one diff."""
    live = caller.session().last
    changed = live.turn.diff if live is not None else ""
    if not changed:
        show("The newest turn changed no file.")
        return
    show(
        "What the newest turn changed",
        glyph="edit",
        sections=[Section("", (UnifiedDiff(changed),))],
    )
