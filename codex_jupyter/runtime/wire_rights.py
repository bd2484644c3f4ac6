"""``core.rights`` in the runtime's words, both ways. Pure but for the user's own configuration file.

Measured with runtime 0.163:

- What a turn is given sticks to the following ones, so every ``turn/start`` carries the whole effective set.
- ``thread/settings/update`` changes what the turns to come are given, and leaves the one that runs alone. The runtime
  says what holds by ``thread/settings/updated``, whenever something changed and before the ``turn/started`` of the turn
  that changed it.
- A sandbox named per turn keeps the runtime from recording trust in ``config.toml``; named at ``thread/start`` it does not.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from codex_jupyter.core.json_fields import Json, rows, table, text, texts, yes
from codex_jupyter.core.rights import (
    FULL_ACCESS,
    READ_ONLY,
    UNAVAILABLE,
    Defaults,
    Echo,
    Rights,
    Sandbox,
    asking,
)

#: What the words of the configuration and of its profiles have in common where they mean full access.
_FULL_ACCESS = "danger-full-access"
#: The table of the configuration that says what workspace-write means.
_WORKSPACE = "sandbox_workspace_write"
#: Layers of the configuration that no project writes; one of an unfamiliar kind is taken for a project's.
_OWN_LAYERS = frozenset(
    [
        "packagedDefaults", "system", "user", "sessionFlags", "mdm", "enterpriseManaged",
        "legacyManagedConfigTomlFromFile", "legacyManagedConfigTomlFromMdm",
    ]
)  # fmt: skip
#: Where the configuration names how far commands may go.
_NAMING = ("sandbox_mode", "default_permissions")


def rights_params(rights: Rights) -> Json:
    """The parameters of ``turn/start`` and ``thread/settings/update`` that say what a turn may do.

    Example:
        >>> rights_params(Rights(folder="/w"))["sandboxPolicy"]
        {'type': 'readOnly', 'networkAccess': False}
    """
    policy, reviewer = asking(rights)
    return {
        "cwd": rights.folder,
        "approvalPolicy": policy,
        "approvalsReviewer": reviewer,
        **({"permissions": rights.profile} if rights.profile else _policy(rights.sandbox)),
    }


def _policy(sandbox: Sandbox) -> Json:
    kinds: dict[str, Json] = {
        "full-access": {"type": "dangerFullAccess"},
        "unavailable": {"type": "externalSandbox", "networkAccess": "restricted"},
        "read-only": {"type": "readOnly", "networkAccess": sandbox.network},
        "workspace-write": {
            "type": "workspaceWrite",
            "writableRoots": list(sandbox.writable),
            "networkAccess": sandbox.network,
            "excludeTmpdirEnvVar": not sandbox.tmpdir,
            "excludeSlashTmp": not sandbox.slash_tmp,
        },
    }
    return {"sandboxPolicy": kinds[sandbox.kind]}


def resting_params(folder: str) -> Json:
    """What a thread is resumed or forked with: a sandbox that only reads, and the user to ask.

    ``thread/start`` takes the same without the sandbox, so that its answer tells what the folder's default is.
    """
    return {**starting_params(folder), "sandbox": "read-only"}


def starting_params(folder: str) -> Json:
    """The part of ``thread/start`` about rights: the folder, and the user to ask."""
    return {"cwd": folder, "approvalPolicy": "on-request", "approvalsReviewer": "user"}


def echo_of(wire: object) -> Echo:
    """What a thread's settings, or the answer to its start, say about rights. Total."""
    source = table(wire)
    policy = table(source.get("sandboxPolicy") or source.get("sandbox"))
    sandbox, unknown = _sandbox(policy)
    return Echo(
        sandbox=sandbox,
        folder=text(source, "cwd"),
        policy=text(source, "approvalPolicy", "another"),
        reviewer=text(source, "approvalsReviewer", "another"),
        profile=text(table(source.get("activePermissionProfile")), "id"),
        unknown_kind=unknown,
    )


def defaults_of(
    started: object,
    layers: object,
    *,
    full_access_named: bool,
    chosen: Mapping[str, Any] | None = None,
) -> Defaults:
    """What holds in a folder when a turn names nothing.

    What the runtime resolved follows the project's own ``.codex/config.toml`` as well, once the project is trusted.
    Which folders may be written and whether there is a network is a person's to say, so that much of it is not taken.

    Args:
        started: the answer to ``thread/start`` without a sandbox.
        layers: the answer to ``config/read`` for the folder, with its layers.
        full_access_named: whether a person named full access (``names_full_access``); else it is not taken.
        chosen: the ``-c`` overrides and the profile of the conversation; keys may be dotted.
    """
    source = table(started)
    sandbox, unknown = _sandbox(table(source.get("sandbox")))
    profile = "" if unknown else text(table(source.get("activePermissionProfile")), "id")
    own, projects = _own_and_projects(layers, chosen or {})
    workspace = _workspace(own)
    defaults = Defaults(text(source, "cwd"), sandbox, profile, workspace)
    if profile and not profile.startswith(":"):
        if "permissions" in projects or "default_permissions" in projects:
            defaults = defaults.without_the_projects_profile()
    else:
        defaults = defaults.as_a_person_says()
    return defaults.without_gifts(full_access_named=full_access_named)


def outvoting(layers: object, chosen: Mapping[str, Any]) -> Json:
    """Settings that keep a project from saying what workspace-write means; none where it says nothing about it.

    The runtime adds the folders that the configuration names to those of a turn (measured), so a conversation is started,
    resumed and forked with these on top. Arguments as for ``defaults_of``.
    """
    own, projects = _own_and_projects(layers, chosen)
    if _WORKSPACE not in projects:
        return {}
    mine = _workspace(own)
    return {
        f"{_WORKSPACE}.writable_roots": list(mine.writable),
        f"{_WORKSPACE}.network_access": mine.network,
        f"{_WORKSPACE}.exclude_tmpdir_env_var": not mine.tmpdir,
        f"{_WORKSPACE}.exclude_slash_tmp": not mine.slash_tmp,
    }


def _workspace(own: Json) -> Sandbox:
    chosen = table(own.get(_WORKSPACE))
    return Sandbox(
        "workspace-write",
        writable=texts(chosen.get("writable_roots")),
        network=yes(chosen, "network_access"),
        tmpdir=not yes(chosen, "exclude_tmpdir_env_var"),
        slash_tmp=not yes(chosen, "exclude_slash_tmp"),
    )


def _own_and_projects(answer: object, chosen: Mapping[str, Any]) -> tuple[Json, Json]:
    """What persons and machines configure, and what projects do, each as one table; the layer that counts most wins."""
    own: Json = {}
    projects: Json = {}
    for layer in reversed(rows(table(answer).get("layers"))):
        kind = text(table(table(layer).get("name")), "type")
        _merge(own if kind in _OWN_LAYERS else projects, table(table(layer).get("config")))
    for key, value in chosen.items():
        _merge(own, _nested(key, value))
    return own, projects


def _merge(into: Json, more: Json) -> None:
    for key, value in more.items():
        if isinstance(value, dict):
            below = into[key] = dict(table(into.get(key)))
            _merge(below, value)
        else:
            into[key] = value


def _nested(dotted: str, value: Any) -> Json:
    first, _, rest = dotted.partition(".")
    return {first: _nested(rest, value) if rest else value}


def names_full_access(config: Mapping[str, Any], codex_home: str | Path) -> bool:
    """Whether a person named full access: in the options of the conversation, or in their own ``config.toml``.

    The file is read here, and not asked of the runtime: what a project's own configuration says counts for nothing.

    Args:
        config: the ``-c`` overrides and the profile of the conversation; keys may be dotted.
        codex_home: the folder of ``config.toml``.
    """
    try:
        own = tomllib.loads((Path(codex_home) / "config.toml").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        own = {}
    return any(
        _FULL_ACCESS in str(layer.get(key, "")) for layer in (config, own) for key in _NAMING
    )


def _sandbox(policy: Json) -> tuple[Sandbox, str]:
    """A sandbox policy of the wire, and its kind where that is unfamiliar: then only reading is assumed."""
    match policy.get("type"):
        case "dangerFullAccess":
            return FULL_ACCESS, ""
        case "externalSandbox":
            return UNAVAILABLE, ""
        case "readOnly":
            return Sandbox("read-only", network=yes(policy, "networkAccess")), ""
        case "workspaceWrite":
            return Sandbox(
                "workspace-write",
                writable=texts(policy.get("writableRoots")),
                network=yes(policy, "networkAccess"),
                tmpdir=not yes(policy, "excludeTmpdirEnvVar"),
                slash_tmp=not yes(policy, "excludeSlashTmp"),
            ), ""
        case other:
            return READ_ONLY, str(other or "unknown")


def same_folder(one: str, other: str) -> bool:
    """Whether two absolute paths name one folder, symbolic links resolved."""
    return one == other or os.path.realpath(one) == os.path.realpath(other)


def lies_in(folder: str, root: str) -> bool:
    """Whether a folder is ``root`` or lies below it, symbolic links resolved; False without a root."""
    return bool(root) and Path(folder).resolve().is_relative_to(Path(root).resolve())
