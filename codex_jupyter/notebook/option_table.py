"""The table of options: every option of ``%codex``, said once.

An option is one field of `Options`: its spellings, what its value may be, what it means and how far
it reaches. Parsing (`options`), help (`help`) and completion (`completer`) are derived from the
fields, so adding an option touches this file only. Pure: no IPython, no files, no environment; a
value is checked for its form, never for its existence.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from codex_jupyter.errors import OptionError
from codex_jupyter.notebook.option_values import (
    read_name,
    read_names,
    read_seconds,
    read_setting,
    read_text,
)
from codex_jupyter.notebook.typed_keys import looks_like_key, secret_on_line

Lands = Literal["turn", "thread", "cell"]
"""How far an option reaches: this turn, the thread from its start on, or only what this cell does
with the result."""

SandboxMode = Literal["read-only", "workspace-write", "full-access"]
ApprovalMode = Literal["ask", "untrusted", "auto-review", "never"]
KernelMode = Literal["off", "read", "run"]


@dataclass(frozen=True)
class Choice:
    """One value an option accepts, and what it means in a few words."""

    value: str
    meaning: str = ""


@dataclass(frozen=True)
class OptionSpec:
    """How one option is written and what becomes of it.

    Attributes:
        field: the attribute of `Options` it fills.
        names: all spellings, short ones first; the last of them is the name messages use.
        metavar: what stands for the value in help; ``""`` for a flag, which takes none.
        help: one line for the help screen.
        lands: how far it reaches.
        group: the heading it stands under in the help screen.
        choices: the values it accepts, in the order they are offered; empty when any text of the
            right form will do.
        understood: spellings of the Codex CLI that mean one of the choices.
        repeatable: whether it may be given more than once; its values are then collected in a
            tuple.
        read: turns the text of a value into the value; raises `ValueError` saying what was
            expected.
    """

    field: str
    names: tuple[str, ...]
    metavar: str
    help: str
    lands: Lands
    group: str
    choices: tuple[Choice, ...] = ()
    understood: tuple[tuple[str, str], ...] = ()
    repeatable: bool = False
    read: Callable[[str], Any] = str

    @property
    def name(self) -> str:
        """The spelling that messages use, such as ``--model``."""
        return next((name for name in self.names if name.startswith("--")), self.names[0])

    @property
    def is_flag(self) -> bool:
        """True when the option takes no value."""
        return not self.metavar

    def value_of(self, text: str) -> Any:
        """The value that ``text`` stands for.

        Raises:
            OptionError: ``text`` is not a value of this option; the hint says what is.
            SecretOnLineError: ``text`` holds something shaped like a key, which the notebook would
            save.
        """
        if looks_like_key(text):
            raise secret_on_line()
        if self.choices:
            return self._choice(text)
        try:
            return self.read(text)
        except ValueError as wrong:
            raise OptionError(
                f"{self.name} {_shown(text)} cannot be understood.", f"{self.name} wants {wrong}."
            ) from None

    def _choice(self, text: str) -> str:
        known = {choice.value for choice in self.choices}
        said = dict(self.understood).get(text, text)
        if said in known or text in dict(self.understood):
            return said
        values = ", ".join(choice.value for choice in self.choices)
        raise OptionError(
            f"{self.name} {_shown(text)} is not known.", f"{self.name} wants one of: {values}."
        )


def _shown(text: str) -> str:
    """``text`` as a message quotes it: short, on one line."""
    return repr(text if len(text) <= 40 else text[:37] + "...")


def _option(
    *names: str,
    metavar: str = "",
    help: str,
    lands: Lands,
    group: str,
    choices: tuple[Choice, ...] = (),
    understood: tuple[tuple[str, str], ...] = (),
    repeatable: bool = False,
    read: Callable[[str], Any] = read_text,
) -> Any:
    """A field of `Options` that describes its option; not given means ``None``, or ``()`` when it
    is repeatable."""
    spec = OptionSpec("", names, metavar, help, lands, group, choices, understood, repeatable, read)
    return dataclasses.field(default=() if repeatable else None, metadata={"spec": spec})


@dataclass(frozen=True)
class Options:
    """The options that were given. ``None`` (or an empty tuple) means: not given, so a default
    decides.

    Example:
        >>> Options(model="gpt-5").given()
        {'model': 'gpt-5'}
    """

    model: str | None = _option(
        "-m", "--model", metavar="MODEL", lands="turn", group="Model", help="the model that answers"
    )
    effort: str | None = _option(
        "-e",
        "--effort",
        metavar="LEVEL",
        lands="turn",
        group="Model",
        help="how hard it thinks",
        choices=tuple(
            map(Choice, ("none", "minimal", "low", "medium", "high", "xhigh", "max", "ultra"))
        ),
    )
    profile: str | None = _option(
        "-p",
        "--profile",
        metavar="NAME",
        lands="thread",
        group="Model",
        help="a profile of CODEX_HOME",
    )
    config: tuple[tuple[str, Any], ...] = _option(
        "-c",
        "--config",
        metavar="KEY=VALUE",
        lands="thread",
        group="Model",
        help="any setting of config.toml",
        repeatable=True,
        read=read_setting,
    )
    oss: bool | None = _option(
        "--oss", lands="thread", group="Model", help="use a local open-source provider"
    )
    local_provider: str | None = _option(
        "--local-provider",
        metavar="NAME",
        lands="thread",
        group="Model",
        help="which: lmstudio or ollama",
    )
    output_schema: str | None = _option(
        "--output-schema",
        metavar="NAME",
        lands="turn",
        group="Model",
        help="answer as this pydantic model or schema",
    )
    sandbox: SandboxMode | None = _option(  # noqa: RUF009 - a field, as everywhere here
        "-s",
        "--sandbox",
        metavar="MODE",
        lands="turn",
        group="Who may do what",
        help="what commands may touch",
        choices=(
            Choice("read-only", "commands read files and change nothing"),
            Choice("workspace-write", "commands write in the working folder"),
            Choice("full-access", "no sandbox: commands have your own rights"),
        ),
        understood=(("danger-full-access", "full-access"),),
    )
    approval: ApprovalMode | None = _option(  # noqa: RUF009 - a field, as everywhere here
        "-a",
        "--approval",
        "--ask-for-approval",
        metavar="WHEN",
        lands="turn",
        group="Who may do what",
        help="who answers requests",
        choices=(
            Choice("ask", "you are asked when Codex wants more than it may"),
            Choice("auto-review", "a model reviews the request in your place"),
            Choice("never", "nobody is asked: the request is declined, visibly"),
        ),
        # `on-failure` is gone from the runtime; asking covers what it asked. `untrusted` asks more
        # often than `ask` does, so it stays itself: reading it as `ask` would quietly allow more.
        understood=(("on-request", "ask"), ("on-failure", "ask"), ("untrusted", "untrusted")),
    )
    kernel: KernelMode | None = _option(  # noqa: RUF009 - a field, as everywhere here
        "-k",
        "--kernel",
        metavar="REACH",
        lands="turn",
        group="Who may do what",
        help="how far into this kernel",
        choices=(
            Choice("off", "not at all, unless you say so"),
            Choice("read", "may look at variables and cells"),
            Choice("run", "may run code, with the kernel's own rights"),
        ),
    )
    cd: str | None = _option(
        "-C",
        "--cd",
        metavar="DIR",
        lands="turn",
        group="Who may do what",
        help="the working folder",
    )
    add_dir: tuple[str, ...] = _option(
        "--add-dir",
        metavar="DIR",
        lands="turn",
        group="Who may do what",
        help="one more folder to write in",
        repeatable=True,
    )
    with_names: tuple[str, ...] = _option(
        "--with",
        metavar="NAME[,NAME]",
        lands="turn",
        group="What goes in and out",
        help="show variables or files to Codex",
        repeatable=True,
        read=read_names,
    )
    image: tuple[str, ...] = _option(
        "-i",
        "--image",
        metavar="FILE",
        lands="turn",
        group="What goes in and out",
        help="attach an image",
        repeatable=True,
        read=read_names,
    )
    output: str | None = _option(
        "-o",
        "--output",
        "--out",
        metavar="NAME",
        lands="cell",
        group="What goes in and out",
        help="bind the result to a variable",
        read=read_name,
    )
    thread: str | None = _option(
        "-t",
        "--thread",
        metavar="NAME",
        lands="thread",
        group="Conversation",
        help="talk in this thread",
    )
    new: bool | None = _option(
        "--new", lands="thread", group="Conversation", help="begin a new thread"
    )
    ephemeral: bool | None = _option(
        "--ephemeral", lands="thread", group="Conversation", help="keep no record on disk"
    )
    background: bool | None = _option(
        "-b",
        "--background",
        "--bg",
        lands="cell",
        group="This cell",
        help="return at once, the turn goes on",
    )
    quiet: bool | None = _option(
        "-q", "--quiet", lands="cell", group="This cell", help="show the answer only"
    )
    timeout: float | None = _option(
        "--timeout",
        metavar="SECONDS",
        lands="cell",
        group="This cell",
        help="give up after: 90, 5m",
        read=read_seconds,
    )

    def given(self) -> dict[str, Any]:
        """The options that were given, by field name, in the order of the table."""
        values = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return {name: value for name, value in values.items() if value not in (None, ())}


OPTION_TABLE: tuple[OptionSpec, ...] = tuple(
    dataclasses.replace(field.metadata["spec"], field=field.name)
    for field in dataclasses.fields(Options)
)
"""Every option, in the order of help."""

OPTIONS_BY_NAME: dict[str, OptionSpec] = {
    name: spec for spec in OPTION_TABLE for name in spec.names
}
"""Every spelling of every option."""

SPREADING = frozenset({"with_names", "image"})
"""Options whose one value may hold several, separated by commas; they spread into the field's
tuple."""
