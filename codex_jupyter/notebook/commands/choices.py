"""``/model``, ``/effort`` and ``/sandbox``: what holds for a thread from now on."""

from __future__ import annotations

from codex_jupyter.notebook.command import Caller, TypedCommand, command
from codex_jupyter.notebook.in_force import in_force
from codex_jupyter.notebook.notice import show
from codex_jupyter.notebook.typed_keys import read_value
from codex_jupyter.settings import SETTINGS, Option, Options

MODEL, EFFORT, SANDBOX = (SETTINGS[field] for field in ("model", "effort", "sandbox"))


@command(
    "model",
    group="What holds",
    help="show or set the model",
    takes="[MODEL]",
    offers="models",
)
def model(caller: Caller, typed: TypedCommand, options: Options) -> None:
    """Show the models, or choose one for this thread."""
    session = caller.session()
    if typed.args.strip():
        choose(caller, options, MODEL, typed.args)
        return
    show(
        "Models. Choose one with %codex /model NAME.",
        rows=[(model.name, model.description) for model in session.models()],
        offline=session.engine.offline,
    )


@command(
    "effort",
    group="What holds",
    help="show or set the effort",
    takes="[LEVEL]",
    offers=EFFORT.choices,
)
def effort(caller: Caller, typed: TypedCommand, options: Options) -> None:
    """Show or choose the reasoning effort for this thread."""
    choose(caller, options, EFFORT, typed.args)


@command(
    "sandbox",
    group="What holds",
    help="show or set the sandbox",
    takes="[MODE]",
    offers=SANDBOX.choices,
)
def sandbox(caller: Caller, typed: TypedCommand, options: Options) -> None:
    """Show or choose the sandbox for this thread."""
    choose(caller, options, SANDBOX, typed.args)


def choose(caller: Caller, options: Options, option: Option, text: str) -> None:
    """Show a setting of the thread and its values, or set it."""
    session = caller.session()
    name = options.thread or "main"
    if text.strip():
        value = read_value(option, text.strip())
        session.thread(name).choose({option.field: value})
        show(f"{option.label}: {value}, from the next turn of this conversation on.", glyph="ok")
        return
    show(
        f"{option.label}: {in_force(session, name, option.field)}",
        rows=[(choice.value, choice.meaning) for choice in option.choices],
    )
