"""What a turn may do: computed once, frozen, sent as it is, drawn as it was sent.

``Rights`` is the one object behind the header, the calls that start work, the policy that answers requests and the
comparison with what the runtime says back. Whatever starts work takes one (``runtime/api.py``); nobody else says how
far a turn may go. Pure: folders come in as absolute text, and how rights are spelled on the wire is
``runtime/wire_rights.py``.

Three rules hold by construction:

- Full access comes from a person: an option, a conversation's or the notebook's default, or the user's own
  configuration file. What a runtime answers never widens anything (``Defaults.of_a_stranger``).
- What one turn was lent is taken back before the conversation is idle (``resting``).
- What the runtime says it does must be what it was told (``difference``).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from codex_jupyter.core.access import Approval, KernelAccess

SandboxKind = Literal["read-only", "workspace-write", "full-access", "unavailable"]

#: Shown where a conversation began in another kernel or program: what that gave it does not count here.
RESUMED = "resumed: read-only unless -s says more"
#: Shown where the runtime would give full access that nobody named.
FULL_ACCESS_UNNAMED = "full access was not applied: name it with -s full-access"
#: What the network is, where commands in the sandbox have it; shown in the header and on cards that ask for it.
NETWORK = "network: this machine's own ports too (Jupyter, this kernel, other programs)"
#: Shown where nobody could tell whether the sandbox works: commands run in it or not at all.
UNCONFIRMED = "sandbox not confirmed"
#: Shown where a project's own configuration says more than the person's does.
PROJECT_SAYS_MORE = "extra folders or network access from the project's .codex were not applied"


@dataclass(frozen=True, slots=True)
class Sandbox:
    """How far commands and patches may go.

    ``kind`` is ``read-only``; ``workspace-write``: the turn's folder, ``writable`` and, unless excluded, the temporary
    folders; ``full-access``: no sandbox; or ``unavailable``: it does not work on this machine, so that every command is
    asked for. ``network`` is about commands. ``tmpdir`` and ``slash_tmp`` say whether ``$TMPDIR`` and ``/tmp`` may be
    written under workspace-write.
    """

    kind: SandboxKind = "read-only"
    writable: tuple[str, ...] = ()
    network: bool = False
    tmpdir: bool = True
    slash_tmp: bool = True

    def with_folders(self, folders: tuple[str, ...]) -> Sandbox:
        """The same, with further folders that may be written; each once."""
        return replace(self, writable=tuple(dict.fromkeys((*self.writable, *folders))))


READ_ONLY = Sandbox()
FULL_ACCESS = Sandbox("full-access", network=True)
UNAVAILABLE = Sandbox("unavailable")


@dataclass(frozen=True, slots=True)
class Rights:
    """What one turn may do.

    Attributes:
        sandbox: how far commands and patches may go.
        folder: where the turn works, absolute.
        approval: who decides about what goes beyond (``-a``).
        kernel: how far Codex may go in this kernel before ``approval`` decides (``-k``).
        environment: names of variables that commands may see although they look secret.
        profile: the named permission profile of the user's configuration that ``sandbox`` came from, or ``""``.
        notes: what a person should know about how these came to be; short remarks for the header.

    Example:
        >>> Rights(folder="/home/ada/churn").sandbox.kind
        'read-only'
    """

    sandbox: Sandbox = READ_ONLY
    folder: str = ""
    approval: Approval = "ask"
    kernel: KernelAccess = "read"
    environment: tuple[str, ...] = ()
    profile: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Echo:
    """What the runtime says holds for a thread: its approval policy and reviewer in the runtime's own words.

    ``unknown_kind`` is the sandbox's kind as the runtime spells it where that is none of ours, else ``""``.
    """

    sandbox: Sandbox
    folder: str
    policy: str
    reviewer: str
    profile: str = ""
    unknown_kind: str = ""


@dataclass(frozen=True, slots=True)
class Defaults:
    """What holds in a conversation's folder when a turn names nothing.

    ``sandbox`` is what the runtime resolved for ``folder`` when the conversation began; in another folder, which it was
    not asked about, nothing but reading is the default. ``workspace`` is what ``workspace-write`` means in the user's
    configuration. ``notes`` as in ``Rights``.
    """

    folder: str = ""
    sandbox: Sandbox = READ_ONLY
    profile: str = ""
    workspace: Sandbox = Sandbox("workspace-write")
    notes: tuple[str, ...] = ()

    def without_gifts(self, *, full_access_named: bool) -> Defaults:
        """The same without full access that no person named: it would be the runtime's gift, and is not taken.

        No sandbox is full access by another name.
        """
        if self.sandbox.kind not in ("full-access", "unavailable") or full_access_named:
            return self
        return replace(
            self, sandbox=READ_ONLY, profile="", notes=(*self.notes, FULL_ACCESS_UNNAMED)
        )

    def as_a_person_says(self) -> Defaults:
        """The same where the runtime listened to the project too: never more than ``workspace``, which is a person's own."""
        if self.sandbox.kind not in ("workspace-write", "read-only"):
            return self
        most, given = self.workspace, self.sandbox
        mine = replace(
            given,
            writable=tuple(folder for folder in given.writable if folder in most.writable),
            network=given.network and most.network,
            tmpdir=given.tmpdir and most.tmpdir,
            slash_tmp=given.slash_tmp and most.slash_tmp,
        )
        if mine == given:
            return self
        return replace(self, sandbox=mine, profile="", notes=(*self.notes, PROJECT_SAYS_MORE))

    def without_the_projects_profile(self) -> Defaults:
        """The same where the project defines what the profile means: nothing of it is taken."""
        return replace(self, sandbox=READ_ONLY, profile="", notes=(*self.notes, PROJECT_SAYS_MORE))

    def of_a_stranger(self) -> Defaults:
        """The same for a conversation that another program began: what it had been given there is not taken over."""
        if self.sandbox == READ_ONLY and not self.profile:
            return self
        return replace(self, sandbox=READ_ONLY, profile="", notes=(*self.notes, RESUMED))


def decide(
    defaults: Defaults,
    *,
    folder: str,
    inside: bool,
    sandbox: str | None = None,
    add_folders: tuple[str, ...] = (),
    sandbox_works: bool = True,
    sandbox_confirmed: bool = True,
    approval: Approval = "ask",
    kernel: KernelAccess = "read",
    environment: tuple[str, ...] = (),
) -> Rights:
    """The rights of a turn.

    Args:
        defaults: of the conversation.
        folder: where the turn works, absolute.
        inside: whether that lies in the folder that ``defaults`` are about.
        sandbox: what a person named for the turn, the conversation or the notebook; None for the default.
        add_folders: further folders that may be written under workspace-write, absolute.
        sandbox_works: False where it is known that there is no sandbox on this machine. An approved command must not be
            sent into it (it fails there although it was allowed), so there is none and everything is asked for.
        sandbox_confirmed: whether the sandbox was seen to work. Where nobody knows, commands run in it all the same: if
            it does not work they fail, and none runs without it.
        approval, kernel, environment: as in ``Rights``.

    Example:
        >>> decide(Defaults(), folder="/w", inside=True, sandbox="full-access").sandbox.kind
        'full-access'
        >>> decide(Defaults(sandbox=FULL_ACCESS), folder="/elsewhere", inside=False).sandbox.kind
        'read-only'
    """
    profile, notes = "", ()
    if sandbox == "full-access":
        chosen = FULL_ACCESS
    elif not sandbox_works:
        chosen = UNAVAILABLE
    elif sandbox == "read-only":
        chosen = READ_ONLY
    elif sandbox == "workspace-write":
        chosen = defaults.workspace.with_folders(add_folders)
    elif sandbox is not None:
        raise ValueError(f"{sandbox!r} is no sandbox")
    elif not inside:
        chosen = READ_ONLY
    else:
        chosen, profile, notes = defaults.sandbox, defaults.profile, defaults.notes
        if add_folders and chosen.kind == "workspace-write" and profile in ("", ":workspace"):
            chosen, profile = chosen.with_folders(add_folders), ""
    if not sandbox_confirmed and chosen.kind in ("read-only", "workspace-write"):
        notes = (*notes, UNCONFIRMED)
    if chosen.network and chosen.kind in ("read-only", "workspace-write"):
        notes = (*notes, NETWORK)
    return Rights(chosen, folder, approval, kernel, environment, profile, notes)


def asking(rights: Rights) -> tuple[str, str]:
    """The runtime's approval policy and reviewer for these rights.

    Our ``never`` is not the runtime's, which refuses without a trace: the runtime asks, and the broker declines. Without
    a sandbox a person answers for every single command and patch, whoever was to be asked otherwise.

    Example:
        >>> asking(Rights(approval="never")), asking(Rights(sandbox=UNAVAILABLE))
        (('on-request', 'user'), ('untrusted', 'user'))
    """
    if rights.sandbox.kind == "unavailable" or rights.approval == "untrusted":
        return "untrusted", "user"
    if rights.approval == "auto-review":
        return "on-request", "auto_review"
    return "on-request", "user"


def resting(usual: Rights) -> Rights:
    """What a conversation rests with between turns: for whoever else drives it (the SDK, another front end).

    Never more than a turn without options, and never full access: that is lent to turns whose header shows it.

    Args:
        usual: the rights of a turn without options.

    Example:
        >>> resting(Rights(sandbox=FULL_ACCESS, approval="auto-review")) == Rights()
        True
    """
    sandbox, profile = usual.sandbox, usual.profile
    if sandbox.kind == "full-access":
        sandbox, profile = READ_ONLY, ""
    approval = "untrusted" if usual.approval == "untrusted" else "ask"
    return replace(usual, sandbox=sandbox, profile=profile, approval=approval)


def difference(rights: Rights, echo: Echo) -> str:
    """Where the runtime's word differs from what it was told, in words; ``""`` where it does not.

    With a named profile the runtime itself resolves the sandbox, so that only its name is compared, and that it gives no
    full access.
    """
    policy, reviewer = asking(rights)
    told: list[tuple[str, object, object]] = [
        ("approval", policy, echo.policy),
        ("reviewer", reviewer, echo.reviewer),
        ("folder", rights.folder, echo.folder),
        ("profile", rights.profile, echo.profile) if rights.profile else ("", "", ""),
    ]
    if echo.unknown_kind:
        told.append(("sandbox", rights.sandbox.kind, echo.unknown_kind))
    elif not rights.profile or echo.sandbox.kind == "full-access":
        told.append(("sandbox", rights.sandbox.kind, echo.sandbox.kind))
        told += _details(rights.sandbox, echo.sandbox)
    return "; ".join(
        f"{name} {theirs}, not {ours}" for name, ours, theirs in told if ours != theirs
    )


def _details(ours: Sandbox, theirs: Sandbox) -> list[tuple[str, object, object]]:
    if ours.kind != theirs.kind or ours.kind not in ("workspace-write", "read-only"):
        return []
    details: list[tuple[str, object, object]] = [("network", ours.network, theirs.network)]
    if ours.kind == "workspace-write":
        details += [
            ("writable folders", sorted(ours.writable), sorted(theirs.writable)),
            ("TMPDIR", ours.tmpdir, theirs.tmpdir),
            ("/tmp", ours.slash_tmp, theirs.slash_tmp),
        ]
    return details
