"""Every option, declared once.

An option is a field of `Settings` (what a turn is given) or of `Options` (what only a cell says), with its spellings,
its kind of value, what it means, how far it reaches and what Tab offers. The parser, the traits of ``%config``, help,
completion, ``docs/options.md`` and the keywords of ``session.run`` and ``session.start`` follow from the fields, so a new
option is written here and read where it acts. Type checkers need the keywords once more: `TurnOptions`, below, which a
test holds to the fields.

Two reasons: it is a table, one entry an option, and an option is to be found in one place.

Nothing else about options lives here: how a setting is spelled on the wire is ``runtime/threads.py``
and ``runtime/wire_rights.py``.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypedDict, get_args

from codex_jupyter.core.access import Approval, KernelAccess
from codex_jupyter.core.access import NamedSandbox as Sandbox
from codex_jupyter.settings.kinds import (
    Choice,
    Files,
    Flag,
    Folder,
    Name,
    Names,
    OneOf,
    Program,
    Seconds,
    Setting,
    Text,
)
from codex_jupyter.settings.option import option, options_of

#: Efforts that the runtime's models know; a model may know fewer, and says so itself.
Effort = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max", "ultra"]

SANDBOXES: tuple[str, ...] = get_args(Sandbox)
APPROVALS: tuple[str, ...] = get_args(Approval)
KERNEL_ACCESS: tuple[str, ...] = get_args(KernelAccess)
EFFORTS: tuple[str, ...] = get_args(Effort)

MODEL = "Model"
RIGHTS = "Who may do what"
IN_AND_OUT = "What goes in and out"
CONVERSATION = "Conversation"
THIS_CELL = "This cell"
GROUPS = (MODEL, RIGHTS, IN_AND_OUT, CONVERSATION, THIS_CELL)
"""The headings of help, in their order."""


@dataclass(frozen=True)
class Settings:
    """The whole effective set for one turn. ``None`` means: nobody chose, so Codex's own configuration decides.

    Example:
        >>> Settings(sandbox="read-only").approval
        'ask'
    """

    model: str | None = option(
        "-m",
        "--model",
        kind=Text("MODEL"),
        help="the model that answers",
        scope="turn",
        group=MODEL,
        trait=True,
        offers="models",
        when_unset="as Codex is configured",
        by_codex="as Codex is configured",
    )
    effort: Effort | None = option(
        "-e",
        "--effort",
        kind=OneOf(
            "LEVEL",
            Effort,
            {
                "none": "no reasoning",
                "minimal": "hardly any reasoning",
                "low": "fast responses with lighter reasoning",
                "medium": "balances speed and depth for everyday tasks",
                "high": "greater depth for complex problems",
                "xhigh": "extra high depth for complex problems",
                "max": "maximum depth for the hardest problems",
                "ultra": "maximum depth, and tasks are delegated",
            },
        ),
        help="how hard it thinks",
        scope="turn",
        group=MODEL,
        trait=True,
        when_unset="the model's default",
        by_codex="as Codex is configured",
    )
    profile: str | None = option(
        "-p",
        "--profile",
        kind=Text("NAME"),
        help="a profile of CODEX_HOME",
        scope="conversation",
        group=MODEL,
    )
    config: dict[str, Any] = option(
        "-c",
        "--config",
        kind=Setting("KEY=VALUE"),
        help="any setting of config.toml",
        scope="conversation",
        group=MODEL,
        repeatable=True,
        default={},
    )
    oss: bool = option(
        "--oss",
        kind=Flag(),
        help="use a local open-source provider",
        scope="conversation",
        group=MODEL,
        default=False,
    )
    provider: str | None = option(
        "--local-provider",
        kind=Text("NAME"),
        help="which: lmstudio or ollama",
        scope="conversation",
        group=MODEL,
        offers=(Choice("lmstudio", "LM Studio"), Choice("ollama", "Ollama")),
    )
    sandbox: Sandbox | None = option(
        "-s",
        "--sandbox",
        kind=OneOf(
            "MODE",
            Sandbox,
            {
                "read-only": "commands read files and change nothing",
                "workspace-write": "commands write in the working folder",
                "full-access": "no sandbox: commands have your own rights",
            },
            aliases={"danger-full-access": "full-access"},
        ),
        help="what commands may touch",
        scope="turn",
        group=RIGHTS,
        trait=True,
        when_unset="as Codex has it for the folder, told once the conversation begins",
        by_codex="as Codex has it for the folder",
    )
    approval: Approval = option(
        "-a",
        "--approval",
        "--ask-for-approval",
        kind=OneOf(
            "WHEN",
            Approval,
            {
                "ask": "you are asked when Codex wants more than it may",
                "auto-review": "a model reviews the request in your place",
                "never": "nobody is asked: the request is declined, visibly",
            },
            # `untrusted` asks more often than `ask` does: reading it as `ask` would quietly allow more.
            unoffered={"untrusted": "you are asked before every command"},
            # `on-failure` is gone from the runtime; asking covers what it asked.
            aliases={"on-request": "ask", "on-failure": "ask"},
        ),
        help="who answers requests",
        scope="turn",
        group=RIGHTS,
        trait=True,
        when_unset="ask",
        default="ask",
    )
    kernel: KernelAccess = option(
        "-k",
        "--kernel",
        kind=OneOf(
            "REACH",
            KernelAccess,
            {
                "off": "not at all, unless you say so",
                "read": "may look at variables and the notebook",
                "edit": "may also change cells",
                "run": "may also run code, with the kernel's own rights",
            },
        ),
        help="how far into this kernel",
        scope="turn",
        group=RIGHTS,
        trait=True,
        when_unset="read",
        default="read",
    )
    cwd: Path | None = option(
        "-C",
        "--cd",
        kind=Folder("DIR"),
        help="the working folder",
        scope="turn",
        group=RIGHTS,
        trait=True,
        offers="files",
        when_unset="the kernel's current folder",
        shown_as="folder",
    )
    add_dirs: tuple[Path, ...] = option(
        "--add-dir",
        kind=Folder("DIR"),
        help="one more folder to write in",
        scope="turn",
        group=RIGHTS,
        repeatable=True,
        offers="files",
        default=(),
    )
    allow_env: tuple[str, ...] = option(
        kind=Names("NAME[,NAME]"),
        help="environment variables that commands may see although they look secret",
        scope="kernel",
        group=RIGHTS,
        repeatable=True,
        trait=True,
        default=(),
    )
    codex_bin: str | None = option(
        kind=Program("FILE"),
        help='the Codex that runs: its path, or "path" for the one on PATH; the variable CODEX_BIN does the same',
        scope="kernel",
        group=RIGHTS,
        trait=True,
        when_unset="the one that came with the SDK",
        shown_as="codex",
    )
    context: bool = option(
        kind=Flag(),
        help="tell Codex what changed in the notebook since its last turn",
        scope="turn",
        group=IN_AND_OUT,
        trait=True,
        default=True,
    )
    ephemeral: bool = option(
        "--ephemeral",
        kind=Flag(),
        help="keep no record on disk",
        scope="conversation",
        group=CONVERSATION,
        default=False,
    )
    quiet: bool = option(
        "-q",
        "--quiet",
        kind=Flag(),
        help="show the answer only",
        scope="turn",
        group=THIS_CELL,
        trait=True,
        default=False,
    )
    timeout: float | None = option(
        "--timeout",
        kind=Seconds("SECONDS"),
        help="give up after: 90, 5m",
        scope="turn",
        group=THIS_CELL,
        trait=True,
    )
    network_timeout: float | None = option(
        kind=Seconds("SECONDS"),
        help="how long a turn that nobody watches waits for a provider that cannot be reached",
        scope="turn",
        group=THIS_CELL,
        trait=True,
        when_unset="5 min",
    )


@dataclass(frozen=True)
class Options:
    """What was given in front of one prompt or command. ``None``, ``()`` or False: it was not given.

    Attributes:
        settings: the settings that were chosen, by the name of their field, in the order of help.

    Example:
        >>> Options(thread="analysis", settings={"model": "gpt-5"}).given()
        {'thread': 'analysis', 'model': 'gpt-5'}
    """

    output_schema: str | None = option(
        "--output-schema",
        kind=Text("NAME"),
        help="answer as this pydantic model or schema",
        scope="turn",
        group=MODEL,
        offers="variables",
    )
    with_names: tuple[str, ...] = option(
        "--with",
        kind=Names("NAME[,NAME]"),
        help="show variables or files to Codex",
        scope="turn",
        group=IN_AND_OUT,
        repeatable=True,
        offers="variables",
        keyword=False,
        default=(),
    )
    image: tuple[str, ...] = option(
        "-i",
        "--image",
        kind=Files("FILE"),
        help="attach an image",
        scope="turn",
        group=IN_AND_OUT,
        repeatable=True,
        offers="files",
        keyword=False,
        default=(),
    )
    output: str | None = option(
        "-o",
        "--output",
        "--out",
        kind=Name("NAME"),
        help="bind the result to a variable",
        scope="cell",
        group=IN_AND_OUT,
        offers="variables",
        keyword=False,
    )
    thread: str | None = option(
        "-t",
        "--thread",
        kind=Text("NAME"),
        help="talk in this conversation",
        scope="turn",
        group=CONVERSATION,
        offers="conversations",
    )
    new: bool = option(
        "--new",
        kind=Flag(),
        help="begin a new conversation",
        scope="turn",
        group=CONVERSATION,
        default=False,
    )
    background: bool = option(
        "-b",
        "--background",
        "--bg",
        kind=Flag(),
        help="return at once, the turn goes on",
        scope="cell",
        group=THIS_CELL,
        keyword=False,
        default=False,
    )
    settings: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Options:
        """From values by the name of their field, those of the settings among them."""
        own = {name: value for name, value in values.items() if name not in SETTINGS}
        return cls(**own, settings={name: values[name] for name in SETTINGS if name in values})

    def given(self) -> dict[str, Any]:
        """Everything that was given, by the name of its field."""
        own = {option.field: getattr(self, option.field) for option in options_of(type(self))}
        return {**{name: value for name, value in own.items() if value}, **self.settings}


class TurnOptions(TypedDict, total=False):
    """The settings as keywords of ``session.run`` and ``session.start``; the CLI's names are understood too."""

    model: str | None
    effort: Effort | None
    profile: str | None
    config: Mapping[str, Any] | None
    oss: bool | None
    provider: str | None
    local_provider: str | None
    sandbox: Sandbox | None
    approval: Approval | None
    kernel: KernelAccess | None
    cwd: str | os.PathLike[str] | None
    cd: str | os.PathLike[str] | None
    add_dirs: Sequence[str | os.PathLike[str]] | None
    add_dir: Sequence[str | os.PathLike[str]] | str | os.PathLike[str] | None
    allow_env: Sequence[str] | None
    codex_bin: str | os.PathLike[str] | None
    context: bool | None
    ephemeral: bool | None
    quiet: bool | None
    timeout: float | str | None
    network_timeout: float | str | None


SETTINGS = {option.field: option for option in options_of(Settings)}
"""The options that a turn is given, by field."""

ALL_OPTIONS = tuple(
    sorted(
        (*SETTINGS.values(), *options_of(Options)), key=lambda option: GROUPS.index(option.group)
    )
)
"""Every option, in the order of help."""

TYPED_OPTIONS = tuple(option for option in ALL_OPTIONS if option.names)
"""The options that can be typed in a cell."""

OPTIONS_BY_NAME = {name: option for option in TYPED_OPTIONS for name in option.names}
"""Every spelling of every option."""
