"""What a user can set, validated, with where each value came from.

Layers, weakest first: the built-in defaults, ``%config CodexMagics.<trait>``, what ``%codex /model`` and its like chose
for the thread, the options of one call. ``None`` means: nobody chose, so Codex's own configuration decides. How a
setting is spelled on the wire is ``runtime/threads.py``. No I/O here.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from codex_jupyter.errors import OptionError

Sandbox = Literal["read-only", "workspace-write", "full-access"]
Approval = Literal["ask", "untrusted", "auto-review", "never"]
KernelAccess = Literal["off", "read", "run"]
#: Efforts that the runtime's models know; a model may know fewer, and says so itself.
Effort = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max", "ultra"]

SANDBOXES: tuple[str, ...] = get_args(Sandbox)
APPROVALS: tuple[str, ...] = get_args(Approval)
KERNEL_ACCESS: tuple[str, ...] = get_args(KernelAccess)
EFFORTS: tuple[str, ...] = get_args(Effort)


class Settings(BaseModel):
    """The whole effective set for one turn.

    Attributes:
        model: model slug, or None for the configured one.
        effort: reasoning effort, or None for the model's default.
        sandbox: how far commands may go, or None for the runtime's own default of the folder.
        approval: who decides beyond the sandbox: ``ask`` the user (``untrusted``: before every command), ``auto-review`` a reviewing model, ``never`` nobody
            (everything beyond is declined, visibly).
        kernel: how far Codex may go in this kernel before ``approval`` decides.
        cwd: the folder of the turn, or None for the kernel's current one.
        add_dirs: further folders that may be written under workspace-write.
        config: ``-c KEY=VALUE`` overrides, by dotted key; they hold from the start of a thread.
        profile, provider, oss: which configuration profile and model provider a thread starts with.
        ephemeral: the thread is not written to disk.
        timeout: seconds after which the turn is stopped, or None.
        quiet: show only the answer.
        context: send the note of what changed in the notebook.
        allow_env: names of environment variables that commands may see although they look secret.

    Example:
        >>> Settings(sandbox="read-only").approval
        'ask'
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str | None = None
    effort: str | None = None
    sandbox: Sandbox | None = None
    approval: Approval = "ask"
    kernel: KernelAccess = "read"
    cwd: Path | None = None
    add_dirs: tuple[Path, ...] = ()
    config: dict[str, Any] = Field(default_factory=dict)
    profile: str | None = None
    provider: str | None = None
    oss: bool = False
    ephemeral: bool = False
    timeout: float | None = None
    quiet: bool = False
    context: bool = True
    allow_env: tuple[str, ...] = ()

    @field_validator("model", "effort", "profile", "provider", mode="before")
    @classmethod
    def _blank_is_none(cls, value: object) -> object:
        return value or None

    @field_validator("timeout")
    @classmethod
    def _positive(cls, value: float | None) -> float | None:
        if value is not None and value <= 0:
            raise ValueError("must be more than 0 seconds")
        return value


def layer(*layers: tuple[str, Mapping[str, Any]]) -> tuple[Settings, dict[str, str]]:
    """Put layers of settings on top of each other, weakest first.

    Args:
        layers: pairs of where the values come from (``"default"``, ``"%config"``, ``"this cell"``) and the values;
            None values choose nothing.

    Returns:
        The settings, and for each chosen field the name of the layer that chose it.

    Raises:
        OptionError: a value is not possible; the message names the setting and its layer.

    Example:
        >>> settings, origin = layer(("%config", {"model": "gpt-5.5"}), ("this cell", {"model": None}))
        >>> settings.model, origin["model"]
        ('gpt-5.5', '%config')
    """
    chosen: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for name, values in layers:
        for key, value in values.items():
            if value is None:
                continue
            chosen[key] = {**chosen.get(key, {}), **value} if key == "config" else value
            origins[key] = name
    try:
        return Settings(**chosen), origins
    except ValidationError as error:
        first = error.errors()[0]
        key = str(first["loc"][0]) if first["loc"] else "setting"
        raise OptionError(
            f"{key} (from {origins.get(key, 'the program')}) does not work: {first['msg']}.",
            "See %codex --help for the possible values.",
        ) from None
