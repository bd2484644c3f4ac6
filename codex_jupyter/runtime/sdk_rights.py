"""What the SDK's own turns may do on our runtime: never more than a turn of ours without options.

Measured with runtime 0.163 and the SDK's defaults: ``thread_start`` has a model answer what goes beyond the sandbox
(``ApprovalMode.auto_review``); ``thread_resume`` and ``thread_fork`` take over what another program gave the conversation,
full access and a reviewing model included; ``thread_start`` in a trusted project takes what the project's own
configuration says. So every call that begins or sets up work is completed here, before it is sent: a person is asked
(the session declines where nobody of ours shows the turn), a resumed conversation reads, and full access is what the
calling program named itself, or the user's own configuration file.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from codex_jupyter.runtime.launch import Launch
from codex_jupyter.runtime.threads import default_codex_home
from codex_jupyter.runtime.wire_rights import names_full_access

#: Parameters that name a sandbox; the runtime takes one of the last two, not both.
_SANDBOX = ("sandbox", "sandboxPolicy", "permissions")
_TAKEN_OVER = ("thread/resume", "thread/fork")
_WORKING = ("thread/start", *_TAKEN_OVER, "turn/start", "thread/settings/update")


def completed(
    method: str, params: dict[str, Any], rest: dict[str, Any] | None = None
) -> dict[str, Any]:
    """The parameters of a call of the SDK, so that nothing is taken over which nobody named.

    Args:
        method, params: of the call.
        rest: what a conversation of ours rests with (``wire_rights.rights_params``), None for one of the SDK's.

    Example:
        >>> completed("thread/start", {"approvalsReviewer": "auto_review"})
        {'approvalsReviewer': 'user'}
        >>> completed("thread/resume", {"threadId": "t"})["sandbox"]
        'read-only'
    """
    if method not in _WORKING:
        return params
    named = {name: value for name, value in params.items() if value is not None}
    if method == "turn/start" and rest is not None:
        kept = dict(rest)
        if any(name in named for name in _SANDBOX):
            kept = {name: value for name, value in kept.items() if name not in _SANDBOX}
        named = {**kept, **named}
    if method in _TAKEN_OVER:
        named.setdefault("approvalPolicy", "on-request")
        named.setdefault("approvalsReviewer", "user")
        if not names_sandbox(named):
            named["sandbox"] = "read-only"
    if named.get("approvalsReviewer", "user") != "user":
        named["approvalsReviewer"] = "user"
    return named


def names_sandbox(params: dict[str, Any]) -> bool:
    """Whether a call names how far commands may go, or the configuration that it brings does."""
    config = params.get("config")
    keys = config if isinstance(config, dict) else {}
    return any(params.get(name) is not None for name in _SANDBOX) or any(
        str(key).split(".")[0] in ("sandbox_mode", "default_permissions", "profile") for key in keys
    )


def is_a_gift(params: dict[str, Any], answer: Any, launch: Launch) -> bool:
    """Whether the answer to ``thread/start`` gives full access that neither the program nor the user's own file named."""
    given = answer.model_dump(by_alias=True, mode="json").get("sandbox") or {}
    if given.get("type") != "dangerFullAccess" or names_sandbox(params):
        return False
    config = params.get("config")
    home = Path(launch.codex_home or default_codex_home())
    return not names_full_access(config if isinstance(config, dict) else {}, home)
