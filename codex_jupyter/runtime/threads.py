"""Our settings -> the parameters of ``thread/start``, ``thread/resume``, ``thread/fork`` and ``turn/start``.

Pure but for one profile file. What a turn may do is ``core.rights``, and how that is spelled ``wire_rights.py``; here is
everything else. Measured with runtime 0.163: an effort of ``null`` changes nothing; the one way back to the model's own
is ``collaborationMode``.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from codex_jupyter.core.json_fields import Json, table, text
from codex_jupyter.core.rights import Rights
from codex_jupyter.errors import FolderGoneError, OptionError
from codex_jupyter.runtime.images import image_part
from codex_jupyter.runtime.wire_rights import resting_params, rights_params, starting_params
from codex_jupyter.settings import Settings

#: What a thread in a notebook starts with; ``-c`` and the profile come on top.
CONFIG = {
    "tools.update_plan.enabled": True,
    "features.default_mode_request_user_input": True,
    # The runtime would warn of the feature above in every review.
    "suppress_unstable_features_warning": True,
}


@dataclass(frozen=True, slots=True)
class Model:
    """The model of a turn and how hard it thinks; ``effort`` is ``""`` for the model's own."""

    name: str = ""
    effort: str = ""


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a turn is asked, and what goes with it.

    Attributes:
        text: sent as it is.
        client_id: comes back as ``UserMessage.client_id`` of the prompt.
        context: what the model should know besides, in our own words, by name; it arrives as developer text
            ``<NAME>...``.
        data: by name, what somebody else may have written (outputs, values); it arrives as user text
            ``<external_NAME>...`` and has no authority.
        images: paths of image files, or ``data:`` and ``https:`` URLs.
        mentions: (name, path) of files or apps the prompt mentions.
        output_schema: JSON schema of the answer.
        mode: ``default`` or ``plan``.
    """

    text: str
    client_id: str = ""
    context: Mapping[str, str] = field(default_factory=dict)
    data: Mapping[str, str] = field(default_factory=dict)
    images: Sequence[str | Path] = ()
    mentions: Sequence[tuple[str, str]] = ()
    output_schema: Mapping[str, Any] | None = None
    mode: str = "default"


def start_params(
    settings: Settings,
    *,
    tools: Sequence[Mapping[str, Any]] = (),
    instructions: str = "",
    codex_home: str | Path | None = None,
) -> Json:
    """``thread/start``.

    Args:
        settings: of the first turn; what it may do, its model and effort are left to ``turn_params``.
        tools: ``dynamicTools``, frozen for the thread's life; names must match ``[a-zA-Z0-9_-]+``.
        instructions: developer instructions, ``""`` for none.
        codex_home: where the profile's file is looked for; None for the user's own.

    Raises:
        OptionError: the profile does not exist or cannot be read.
    """
    params = _lasting(settings, settings.config, codex_home)
    params |= starting_params(folder_of(settings))
    params["experimentalRawEvents"] = True  # the only trace of a command that the sandbox refuses
    if settings.ephemeral:
        params["ephemeral"] = True
    if tools:
        params["dynamicTools"] = [dict(tool) for tool in tools]
    if instructions:
        params["developerInstructions"] = instructions
    return params


def with_the_users_instructions(params: Json, configuration: Json) -> Json:
    """The parameters of a start, whose instructions the runtime takes in place of the user's: with theirs before ours.

    Args:
        params: as ``start_params`` made them.
        configuration: in force for their folder.

    Example:
        >>> params = {"config": {}, "developerInstructions": "Ours."}
        >>> with_the_users_instructions(params, {"developer_instructions": "Theirs."})["developerInstructions"]
        'Theirs.\\n\\nOurs.'
    """
    ours = params.get("developerInstructions")
    name = "developer_instructions"
    theirs = text(table(params.get("config")), name) or text(configuration, name)
    if not ours or not theirs.strip():
        return params
    return {**params, "developerInstructions": f"{theirs.rstrip()}\n\n{ours}"}


def resume_params(
    thread_id: str,
    settings: Settings,
    *,
    config: Mapping[str, Any] | None = None,
    codex_home: str | Path | None = None,
) -> Json:
    """``thread/resume``, with what resuming loses (the configuration); tools and instructions are kept by the runtime.

    It rests until a turn of ours is lent something: what it had been given before, here or elsewhere, is taken back.

    Args:
        thread_id: the thread.
        settings: of the turn that is about to run.
        config: the ``-c`` overrides that the thread was started with.
        codex_home: as for ``start_params``.
    """
    params = _lasting(settings, {**(config or {}), **settings.config}, codex_home)
    rest = resting_params(folder_of(settings))
    return {"threadId": thread_id, "excludeTurns": True, **params, **rest}


def turn_params(thread_id: str, rights: Rights, model: Model, prompt: Prompt) -> Json:
    """``turn/start`` with the whole effective set."""
    params: Json = {
        "threadId": thread_id,
        "input": _input(prompt.text, prompt.images, prompt.mentions),
        **rights_params(rights),
        **model_params(model, prompt.mode),
    }
    extra = {
        name: {"kind": kind, "value": value}
        for kind, named in (("application", prompt.context), ("untrusted", prompt.data))
        for name, value in named.items()
        if value
    }
    if prompt.client_id:
        params["clientUserMessageId"] = prompt.client_id
    if extra:
        params["additionalContext"] = extra
    if prompt.output_schema is not None:
        params["outputSchema"] = dict(prompt.output_schema)
    return params


def model_params(model: Model, mode: str = "default") -> Json:
    """The part of ``turn/start`` and ``thread/settings/update`` about the model."""
    return {
        "collaborationMode": {
            "mode": mode,
            "settings": {
                "model": model.name,
                "reasoning_effort": model.effort or None,
                "developer_instructions": None,
            },
        }
    }


def model_of(wire: object) -> Model:
    """The model that the answer to ``thread/start`` or ``thread/resume`` names. Total."""
    source = table(wire)
    return Model(text(source, "model"), text(source, "reasoningEffort"))


def profile_config(name: str, codex_home: str | Path) -> Json:
    """The settings in ``<codex_home>/<name>.config.toml``, which the CLI layers on top as ``--profile``.

    Raises:
        OptionError: there is no such file, or it is not TOML.
    """
    path = Path(codex_home) / f"{name}.config.toml"
    if not name.replace("-", "").replace("_", "").isalnum():
        raise OptionError(f"{name!r} cannot be the name of a profile.", "Letters, digits, - and _.")
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise OptionError(
            f"There is no profile {name}: {path} does not exist.", "Create it, or leave -p out."
        ) from None
    except (OSError, ValueError) as error:
        raise OptionError(f"The profile {path} cannot be read: {error}.", "Fix it.") from None


def configuration(
    settings: Settings, config: Mapping[str, Any], codex_home: str | Path | None
) -> Json:
    """What a thread is configured with on top of ``config.toml``: ours, the profile, ``-c``.

    Raises:
        OptionError: the profile does not exist or cannot be read.
    """
    chosen: Json = dict(CONFIG)
    if settings.profile:
        chosen |= profile_config(settings.profile, codex_home or default_codex_home())
    return chosen | dict(config)


def _lasting(settings: Settings, config: Mapping[str, Any], codex_home: str | Path | None) -> Json:
    params: Json = {"config": configuration(settings, config, codex_home)}
    provider = settings.provider or ("ollama" if settings.oss else None)
    if provider:
        params["modelProvider"] = provider
    return params


def default_codex_home() -> Path:
    """The user's own CODEX_HOME."""
    return Path(os.environ.get("CODEX_HOME") or Path.home() / ".codex")


def folder_of(settings: Settings) -> str:
    """Where a turn with these settings works: absolute, without detours."""
    try:
        return os.path.abspath(Path(settings.cwd).expanduser()) if settings.cwd else os.getcwd()
    except FileNotFoundError:
        raise FolderGoneError(
            "The kernel's current folder is gone: it was deleted or moved. Nothing was sent.",
            "Go to one that is there (%cd FOLDER), or name one with -C FOLDER.",
        ) from None


def _input(
    prompt: str, images: Sequence[str | Path], mentions: Sequence[tuple[str, str]]
) -> list[Json]:
    parts: list[Json] = [{"type": "text", "text": prompt}]
    parts += [image_part(str(image)) for image in images]
    parts += [{"type": "mention", "name": name, "path": path} for name, path in mentions]
    return parts
