"""``/model``, ``/effort`` and ``/sandbox``: what holds for a thread from now on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codex_jupyter.notebook.commands.in_force import told
from codex_jupyter.notebook.commands.notice import show
from codex_jupyter.notebook.option_table import OPTIONS_BY_NAME

if TYPE_CHECKING:
    from codex_jupyter.notebook.magics import CodexMagics
    from codex_jupyter.notebook.options import Command, Options


def model(magics: CodexMagics, command: Command, options: Options) -> None:
    """Show the models, or choose one for this thread."""
    session = magics.session()
    if command.args.strip():
        choose(magics, options, "model", command.args)
        return
    models = session.models()
    magics.remember_models([m.name for m in models])
    show(
        "Models. Choose one with %codex /model NAME.",
        rows=[(m.name, m.description) for m in models],
        offline=session.engine.offline,
    )


def effort(magics: CodexMagics, command: Command, options: Options) -> None:
    """Show or choose the reasoning effort for this thread."""
    choose(magics, options, "effort", command.args)


def sandbox(magics: CodexMagics, command: Command, options: Options) -> None:
    """Show or choose the sandbox for this thread."""
    choose(magics, options, "sandbox", command.args)


def choose(magics: CodexMagics, options: Options, field: str, text: str) -> None:
    """Show a setting of the thread and its values, or set it."""
    spec = OPTIONS_BY_NAME[f"--{field}"]
    session = magics.session()
    name = options.thread or "main"
    if text.strip():
        value = spec.value_of(text.strip())
        session.thread(name).chosen[field] = value
        show(f"{field}: {value}, from the next turn of this thread on.", glyph="ok")
        return
    show(
        f"{field}: {told(session, name, field)}",
        rows=[(choice.value, choice.meaning) for choice in spec.choices],
    )
