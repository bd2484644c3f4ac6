"""Rights in the runtime's words and back: what is sent is what is heard, and what is heard widens nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from codex_jupyter.core.rights import (
    FULL_ACCESS,
    READ_ONLY,
    UNAVAILABLE,
    Rights,
    Sandbox,
    difference,
)
from codex_jupyter.runtime.wire_rights import (
    defaults_of,
    echo_of,
    lies_in,
    names_full_access,
    resting_params,
    rights_params,
    same_folder,
)

SANDBOXES = (
    READ_ONLY,
    Sandbox("read-only", network=True),
    Sandbox("workspace-write"),
    Sandbox("workspace-write", ("/more", "/and"), network=True, tmpdir=False, slash_tmp=False),
    FULL_ACCESS,
    UNAVAILABLE,
)


@pytest.mark.parametrize("approval", ["ask", "untrusted", "auto-review", "never"])
@pytest.mark.parametrize("sandbox", SANDBOXES)
def test_what_is_sent_and_repeated_differs_in_nothing(sandbox: Sandbox, approval: Any) -> None:
    rights = Rights(sandbox, "/w", approval)
    assert difference(rights, echo_of(rights_params(rights))) == ""


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"sandboxPolicy": {"type": "dangerFullAccess"}},
        {"sandboxPolicy": {"type": "readOnly", "networkAccess": True}},
        {"sandboxPolicy": {"type": "somethingNewer"}},
        {"sandboxPolicy": None},
        {"sandboxPolicy": {"type": "workspaceWrite", "writableRoots": ["/"]}},
        {"approvalPolicy": "never"},
        {"approvalPolicy": {"granular": {}}},
        {"approvalsReviewer": "auto_review"},
        {"cwd": "/elsewhere"},
    ],
)
def test_every_other_word_of_the_runtime_is_noticed(said: dict[str, Any]) -> None:
    rights = Rights(folder="/w")
    heard = {**rights_params(rights), **said} if said else {}
    assert difference(rights, echo_of(heard)) != ""


def test_a_named_profile_is_sent_by_its_name_and_must_not_give_full_access() -> None:
    rights = Rights(Sandbox("workspace-write"), "/w", profile="mine")
    assert rights_params(rights)["permissions"] == "mine"
    assert "sandboxPolicy" not in rights_params(rights)
    heard = echo_of(
        {
            **rights_params(rights),
            "activePermissionProfile": {"id": "mine"},
            "sandboxPolicy": {"type": "workspaceWrite", "writableRoots": ["/resolved"]},
        }
    )
    assert difference(rights, heard) == ""
    assert difference(rights, replace(heard, profile="other")) != ""
    assert difference(rights, replace(heard, sandbox=FULL_ACCESS)) != ""


def started(folder: Path, kind: str, **more: Any) -> dict[str, Any]:
    return {"cwd": str(folder), "sandbox": {"type": kind}, **more}


def test_defaults_are_what_the_runtime_resolved_for_the_folder(tmp_path: Path) -> None:
    config = layers(
        user={"sandbox_workspace_write": {"writable_roots": ["/c"], "network_access": True}}
    )
    trusted = started(tmp_path, "workspaceWrite", activePermissionProfile={"id": ":workspace"})
    defaults = defaults_of(trusted, config, full_access_named=False)
    assert (defaults.folder, defaults.profile) == (str(tmp_path), ":workspace")
    assert defaults.sandbox.kind == "workspace-write"
    assert (defaults.workspace.writable, defaults.workspace.network) == (("/c",), True)
    for nothing in ({"config": None}, {"layers": None}, {"layers": [None, {}, 3]}, None):
        assert defaults_of({}, nothing, full_access_named=False).sandbox == READ_ONLY


#: What each would give, and what is taken of it: kind, writable folders, network.
PROJECTS: tuple[tuple[dict[str, Any], dict[str, Any], tuple[str, tuple[str, ...], bool]], ...] = (
    ({"type": "workspaceWrite", "writableRoots": ["/p"]}, {}, ("workspace-write", (), False)),
    ({"type": "workspaceWrite", "writableRoots": ["/"]}, {}, ("workspace-write", (), False)),
    ({"type": "workspaceWrite", "writableRoots": ["/c", "/p"]}, {}, ("workspace-write", ("/c",), False)),
    ({"type": "workspaceWrite", "networkAccess": True}, {}, ("workspace-write", (), False)),
    ({"type": "readOnly", "networkAccess": True}, {}, ("read-only", (), False)),
    ({"type": "externalSandbox"}, {}, ("read-only", (), False)),
    ({"type": "dangerFullAccess"}, {}, ("read-only", (), False)),
    ({"type": "workspaceWrite", "writableRoots": ["/"]}, {"id": "everything"}, ("read-only", (), False)),
    ({"type": "externalSandbox"}, {"id": "everything"}, ("read-only", (), False)),
    ({"type": "workspaceWrite", "writableRoots": ["/"]}, {"id": ":workspace"}, ("workspace-write", (), False)),
)  # fmt: skip


@pytest.mark.parametrize(("given", "profile", "taken"), PROJECTS)
def test_a_project_gives_neither_folders_nor_a_network(
    given: dict[str, Any], profile: dict[str, Any], taken: tuple[str, tuple[str, ...], bool]
) -> None:
    answer = layers(
        project={
            "default_permissions": "everything",
            "permissions": {"everything": {"filesystem": {"/": "write"}}},
            "sandbox_workspace_write": {"writable_roots": ["/", "/p"], "network_access": True},
        },
        user={"sandbox_workspace_write": {"writable_roots": ["/c"]}},
    )
    said = {"cwd": "/w", "sandbox": given, "activePermissionProfile": profile}
    defaults = defaults_of(said, answer, full_access_named=False)
    sandbox = defaults.sandbox
    assert (sandbox.kind, sandbox.writable, sandbox.network) == taken
    assert defaults.notes and defaults.profile == ""
    assert (defaults.workspace.writable, defaults.workspace.network) == (("/c",), False)


def test_a_person_gives_them_in_each_of_their_layers() -> None:
    user = {"sandbox_workspace_write": {"writable_roots": ["/c"], "exclude_slash_tmp": True}}
    flags = {"sandbox_workspace_write": {"network_access": True}}
    said = {"type": "workspaceWrite", "writableRoots": ["/c"], "networkAccess": True, "excludeSlashTmp": True}  # fmt: skip
    answer = layers(sessionFlags=flags, project={"model": "x"}, user=user)
    defaults = defaults_of({"cwd": "/w", "sandbox": said}, answer, full_access_named=False)
    assert defaults.notes == ()
    assert defaults.sandbox == defaults.workspace == Sandbox("workspace-write", ("/c",), True, True, False)  # fmt: skip
    chosen = {"sandbox_workspace_write.writable_roots": ["/d"]}
    more = defaults_of(
        {"cwd": "/w", "sandbox": {**said, "writableRoots": ["/d"]}},
        answer, full_access_named=False, chosen=chosen,
    )  # fmt: skip
    assert more.sandbox.writable == more.workspace.writable == ("/d",) and more.notes == ()


def test_a_profile_that_a_person_defined_counts_where_no_project_touches_any() -> None:
    user = {"default_permissions": "mine", "permissions": {"mine": {"filesystem": {"/c": "write"}}}}
    said = {"cwd": "/w", "sandbox": {"type": "workspaceWrite", "writableRoots": ["/c"]}, "activePermissionProfile": {"id": "mine"}}  # fmt: skip
    mine = defaults_of(said, layers(user=user), full_access_named=False)
    assert (mine.profile, mine.sandbox.writable, mine.notes) == ("mine", ("/c",), ())
    for theirs in ({"default_permissions": "mine"}, {"permissions": {"mine": {}}}):
        for kind in ("project", "somethingNew"):
            answer = layers(**{kind: theirs}, user=user)
            assert defaults_of(said, answer, full_access_named=False).sandbox == READ_ONLY


def layers(**tables: dict[str, Any]) -> dict[str, Any]:
    """An answer to ``config/read``, what counts most first."""
    return {"layers": [{"name": {"type": kind}, "config": t} for kind, t in tables.items()]}


@pytest.mark.parametrize("kind", ["dangerFullAccess", "externalSandbox", "newer"])
def test_full_access_that_nobody_named_is_not_taken(tmp_path: Path, kind: str) -> None:
    given = started(tmp_path, kind, activePermissionProfile={"id": ":danger-full-access"})
    defaults = defaults_of(given, {}, full_access_named=False)
    if kind == "dangerFullAccess":
        assert (defaults.sandbox, defaults.profile) == (READ_ONLY, "")
        assert "full access was not applied" in defaults.notes[0]
        assert defaults_of(given, {}, full_access_named=True).sandbox == FULL_ACCESS
    else:
        assert defaults.sandbox.kind != "full-access"


def test_only_a_persons_own_file_or_option_names_full_access(tmp_path: Path) -> None:
    full = 'sandbox_mode = "danger-full-access"\n'
    assert not names_full_access({}, tmp_path)
    project = tmp_path / "project" / ".codex"
    project.mkdir(parents=True)
    (project / "config.toml").write_text(full)
    assert not names_full_access({}, tmp_path)
    assert names_full_access({"sandbox_mode": "danger-full-access"}, tmp_path)
    (tmp_path / "config.toml").write_text(full)
    assert names_full_access({}, tmp_path)
    (tmp_path / "config.toml").write_text('sandbox_mode = "workspace-write"\n')
    assert not names_full_access({}, tmp_path)
    (tmp_path / "config.toml").write_text("not toml [")
    assert not names_full_access({}, tmp_path)


def test_resting_is_reading_and_asking() -> None:
    assert resting_params("/w") == {
        "cwd": "/w",
        "approvalPolicy": "on-request",
        "approvalsReviewer": "user",
        "sandbox": "read-only",
    }


def test_folders_are_compared_as_the_system_sees_them(tmp_path: Path) -> None:
    (tmp_path / "real" / "below").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert same_folder(str(tmp_path / "link"), str(tmp_path / "real"))
    assert not same_folder(str(tmp_path), str(tmp_path / "real"))
    assert lies_in(str(tmp_path / "link" / "below"), str(tmp_path / "real"))
    assert not lies_in(str(tmp_path), str(tmp_path / "real"))
    assert not lies_in(str(tmp_path), "")
