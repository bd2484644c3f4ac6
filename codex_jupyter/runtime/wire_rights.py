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

from codex_jupyter.core.json_fields import Json, table, text, texts, yes
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


def defaults_of(started: object, config: object, *, full_access_named: bool) -> Defaults:
    """What holds in a folder when a turn names nothing.

    Args:
        started: the answer to ``thread/start`` without a sandbox.
        config: the configuration in force in the folder (``Api.read_config``).
        full_access_named: whether a person named full access (``names_full_access``); else it is not taken.
    """
    source = table(started)
    sandbox, unknown = _sandbox(table(source.get("sandbox")))
    profile = "" if unknown else text(table(source.get("activePermissionProfile")), "id")
    chosen = table(table(config).get("sandbox_workspace_write"))
    workspace = Sandbox(
        "workspace-write",
        writable=texts(chosen.get("writable_roots")),
        network=yes(chosen, "network_access"),
        tmpdir=not yes(chosen, "exclude_tmpdir_env_var"),
        slash_tmp=not yes(chosen, "exclude_slash_tmp"),
    )
    defaults = Defaults(text(source, "cwd"), sandbox, profile, workspace)
    return defaults.without_gifts(full_access_named=full_access_named)


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
