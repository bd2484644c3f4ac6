"""Our settings -> the parameters of ``thread/start``, ``thread/resume`` and ``turn/start``. Pure but for one profile file.

Measured with runtime 0.163, and the reason why it looks like this:

- What a turn is given sticks to the following ones, so every ``turn/start`` carries the whole effective set: sandbox,
  approval, model, effort and folder.
- ``thread/start`` and ``thread/resume`` name none of them, so that their response tells what the runtime itself
  resolves for the folder; that response is the ``defaults`` of all functions here. Naming a sandbox only per turn also
  keeps the runtime from recording trust in ``config.toml``.
- An effort of ``null`` changes nothing; the one way back to the model's own is ``collaborationMode``.
- Our ``never`` is not the runtime's, which refuses without a trace: the runtime asks, and the broker declines.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from codex_jupyter.core.json_fields import Json, table, text
from codex_jupyter.errors import OptionError
from codex_jupyter.settings import Settings

#: The runtime's names of sandboxes, as policies name them, and ours.
SANDBOX_NAMES = {
    "readOnly": "read-only",
    "workspaceWrite": "workspace-write",
    "dangerFullAccess": "full-access",
    "externalSandbox": "unavailable",
}

#: Our approval settings as (approvalPolicy, approvalsReviewer).
APPROVALS = {
    "ask": ("on-request", "user"),
    "untrusted": ("untrusted", "user"),
    "auto-review": ("on-request", "auto_review"),
    "never": ("on-request", "user"),
}

#: Without a sandbox a person answers for every single command and patch, whoever was to be asked otherwise.
UNSANDBOXED = ("untrusted", "user")

#: What a thread in a notebook starts with; ``-c`` and the profile come on top.
CONFIG = {
    "tools.update_plan.enabled": True,
    "features.default_mode_request_user_input": True,
    # The runtime would warn of the feature above in every review.
    "suppress_unstable_features_warning": True,
}


@dataclass(frozen=True, slots=True)
class Effective:
    """What a turn really runs with. ``effort`` is ``""`` for the model's own; ``sandbox`` is one of our three names,
    or ``unavailable``."""

    model: str
    effort: str
    sandbox: str
    cwd: str
    approval: str


def start_params(
    settings: Settings,
    *,
    tools: Sequence[Mapping[str, Any]] = (),
    instructions: str = "",
    codex_home: str | Path | None = None,
) -> Json:
    """``thread/start``.

    Args:
        settings: of the first turn; its model, effort and sandbox are left to ``turn_params``.
        tools: ``dynamicTools``, frozen for the thread's life; names must match ``[a-zA-Z0-9_-]+``.
        instructions: developer instructions, ``""`` for none.
        codex_home: where the profile's file is looked for; None for the user's own.

    Raises:
        OptionError: the profile does not exist or cannot be read.
    """
    params = _lasting(settings, settings.config, codex_home)
    params["experimentalRawEvents"] = True  # the only trace of a command that the sandbox refuses
    if settings.ephemeral:
        params["ephemeral"] = True
    if tools:
        params["dynamicTools"] = [dict(tool) for tool in tools]
    if instructions:
        params["developerInstructions"] = instructions
    return params


def resume_params(
    thread_id: str,
    settings: Settings,
    *,
    config: Mapping[str, Any] | None = None,
    codex_home: str | Path | None = None,
) -> Json:
    """``thread/resume``, with what resuming loses (the configuration); tools and instructions are kept by the runtime.

    Args:
        thread_id: the thread.
        settings: of the turn that is about to run.
        config: the ``-c`` overrides that the thread was started with.
        codex_home: as for ``start_params``.
    """
    params = _lasting(settings, {**(config or {}), **settings.config}, codex_home)
    return {"threadId": thread_id, "excludeTurns": True, **params}


def turn_params(
    thread_id: str,
    defaults: Mapping[str, Any],
    settings: Settings,
    prompt: str,
    *,
    client_id: str = "",
    context: str | Mapping[str, str] = "",
    data: Mapping[str, str] | None = None,
    images: Sequence[str | Path] = (),
    mentions: Sequence[tuple[str, str]] = (),
    output_schema: Mapping[str, Any] | None = None,
    mode: str = "default",
    sandbox_works: bool = True,
) -> Json:
    """``turn/start`` with the whole effective set.

    Args:
        thread_id: the thread.
        defaults: the response to ``thread/start`` or ``thread/resume``, best after ``with_workspace``.
        settings: the effective settings of this turn.
        prompt: sent as it is.
        client_id: comes back as ``UserMessage.client_id`` of the prompt.
        context: what the model should know besides the prompt, in our own words; it arrives as developer text
            ``<notebook>...``. A mapping names several pieces.
        data: by name, what somebody else may have written (outputs, values); it arrives as user text
            ``<external_NAME>...`` and has no authority.
        images: paths of image files, or ``data:`` and ``https:`` URLs.
        mentions: (name, path) of files or apps the prompt mentions.
        output_schema: JSON schema of the answer.
        mode: ``default`` or ``plan``.
        sandbox_works: what ``probe.sandbox_works`` found; see ``sandbox_params``.
    """
    policy, reviewer = APPROVALS[settings.approval]
    if not sandbox_works and settings.sandbox != "full-access":
        policy, reviewer = UNSANDBOXED
    pieces = {"notebook": context} if isinstance(context, str) else context
    extra = {
        name: {"kind": kind, "value": value}
        for kind, named in (("application", pieces), ("untrusted", data or {}))
        for name, value in named.items()
        if value
    }
    effort = settings.effort or text(table(dict(defaults)), "reasoningEffort") or None
    params: Json = {
        "threadId": thread_id,
        "input": _input(prompt, images, mentions),
        "cwd": str(_folder(settings)),
        "approvalPolicy": policy,
        "approvalsReviewer": reviewer,
        "collaborationMode": {
            "mode": mode,
            "settings": {
                "model": settings.model or text(dict(defaults), "model"),
                "reasoning_effort": effort,
                "developer_instructions": None,
            },
        },
        **sandbox_params(defaults, settings, sandbox_works=sandbox_works),
    }
    if client_id:
        params["clientUserMessageId"] = client_id
    if extra:
        params["additionalContext"] = extra
    if output_schema is not None:
        params["outputSchema"] = dict(output_schema)
    return params


def sandbox_params(
    defaults: Mapping[str, Any], settings: Settings, *, sandbox_works: bool = True
) -> Json:
    """The part of ``turn/start`` that says how far commands may go.

    A sandbox that nobody named is the one the runtime resolved for the thread's folder; in another folder, which it was
    not asked about, it is read-only. Where the sandbox does not work, an approved command must not be sent into it
    (tested: it fails there although it was allowed), so there is none, and ``turn_params`` has everything asked.

    Example:
        >>> sandbox_params({}, Settings(sandbox="full-access"))
        {'sandboxPolicy': {'type': 'dangerFullAccess'}}
    """
    if settings.sandbox == "full-access":
        return {"sandboxPolicy": {"type": "dangerFullAccess"}}
    if not sandbox_works:
        return {"sandboxPolicy": {"type": "externalSandbox", "networkAccess": "restricted"}}
    if settings.sandbox == "read-only":
        return {"sandboxPolicy": {"type": "readOnly"}}
    if settings.sandbox == "workspace-write":
        return {"sandboxPolicy": _workspace(table(defaults.get("workspaceWrite")), settings)}
    if not _within(_folder(settings), text(dict(defaults), "cwd")):
        return {"sandboxPolicy": {"type": "readOnly"}}
    profile = text(table(defaults.get("activePermissionProfile")), "id")
    if profile and not (settings.add_dirs and profile == ":workspace"):
        return {"permissions": profile}
    policy = dict(table(defaults.get("sandbox"))) or {"type": "readOnly"}
    if policy.get("type") == "workspaceWrite":
        return {"sandboxPolicy": _workspace(policy, settings)}
    return {"sandboxPolicy": policy}


def effective(
    defaults: Mapping[str, Any], settings: Settings, *, sandbox_works: bool = True
) -> Effective:
    """What a turn with these settings runs with, for its header."""
    params = sandbox_params(defaults, settings, sandbox_works=sandbox_works)
    if "sandboxPolicy" in params:
        kind = params["sandboxPolicy"]["type"]
    else:
        kind = text(table(defaults.get("sandbox")), "type", "readOnly")
    return Effective(
        model=settings.model or text(dict(defaults), "model"),
        effort=settings.effort or text(dict(defaults), "reasoningEffort"),
        sandbox=SANDBOX_NAMES.get(kind, kind),
        cwd=str(_folder(settings)),
        approval=settings.approval,
    )


def with_workspace(defaults: Mapping[str, Any], config: Mapping[str, Any]) -> Json:
    """``defaults`` with what ``config.toml`` says of workspace-write, so that ``-s workspace-write`` respects it.

    Args:
        defaults: the response to ``thread/start`` or ``thread/resume``.
        config: the response to ``config/read`` (with ``{"cwd": folder}``).
    """
    chosen = table(table(config.get("config")).get("sandbox_workspace_write"))
    workspace = {
        "writableRoots": [r for r in chosen.get("writable_roots") or () if isinstance(r, str)],
        "networkAccess": chosen.get("network_access") is True,
        "excludeTmpdirEnvVar": chosen.get("exclude_tmpdir_env_var") is True,
        "excludeSlashTmp": chosen.get("exclude_slash_tmp") is True,
    }
    return {**defaults, "workspaceWrite": workspace}


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
        raise OptionError(f"The profile {path} cannot be read: {error}.", "Mend it.") from None


def _lasting(settings: Settings, config: Mapping[str, Any], codex_home: str | Path | None) -> Json:
    policy, reviewer = APPROVALS[settings.approval]
    chosen: Json = dict(CONFIG)
    if settings.profile:
        home = codex_home or _codex_home()
        chosen |= profile_config(settings.profile, home)
    chosen |= config
    params: Json = {
        "cwd": str(_folder(settings)),
        "approvalPolicy": policy,
        "approvalsReviewer": reviewer,
        "config": chosen,
    }
    provider = settings.provider or ("ollama" if settings.oss else None)
    if provider:
        params["modelProvider"] = provider
    return params


def _codex_home() -> Path:
    import os

    return Path(os.environ.get("CODEX_HOME") or Path.home() / ".codex")


def _folder(settings: Settings) -> Path:
    return Path(settings.cwd).expanduser().absolute() if settings.cwd else Path.cwd()


def _within(folder: Path, root: str) -> bool:
    if not root:
        return False
    return folder.resolve().is_relative_to(Path(root).resolve())


def _workspace(base: Json, settings: Settings) -> Json:
    roots = [*base.get("writableRoots", ()), *(str(d.absolute()) for d in settings.add_dirs)]
    return {
        "type": "workspaceWrite",
        "writableRoots": list(dict.fromkeys(roots)),
        "networkAccess": base.get("networkAccess") is True,
        "excludeTmpdirEnvVar": base.get("excludeTmpdirEnvVar") is True,
        "excludeSlashTmp": base.get("excludeSlashTmp") is True,
    }


def _input(
    prompt: str, images: Sequence[str | Path], mentions: Sequence[tuple[str, str]]
) -> list[Json]:
    parts: list[Json] = [{"type": "text", "text": prompt}]
    for image in images:
        name = str(image)
        if name.startswith(("data:", "https://", "http://")):
            parts.append({"type": "image", "url": name})
        else:
            parts.append({"type": "localImage", "path": str(Path(name).expanduser().absolute())})
    parts += [{"type": "mention", "name": name, "path": path} for name, path in mentions]
    return parts
