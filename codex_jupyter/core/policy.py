"""Who answers a request: an explicit policy, or a person. Pure, and it fails closed.

Nothing is allowed here that a person did not allow before: ``decide`` accepts only by a rule that somebody made for
this session, and otherwise declines or asks. What is allowed for the session is always such a rule, never the runtime's
own memory, which can be neither listed nor taken back. The runtime's own rules (``always``) never come this far.
"""

from __future__ import annotations

import json
import posixpath
from dataclasses import dataclass
from typing import Literal

from codex_jupyter.core import answerers
from codex_jupyter.core import requests as rq
from codex_jupyter.core.answerers import Answerer
from codex_jupyter.core.requests import Answer, Request
from codex_jupyter.core.titles import short_path, unwrap
from codex_jupyter.core.trusted_files import why_asked


@dataclass(frozen=True, slots=True)
class Rule:
    """Something a person allowed for the rest of the session.

    ``kind`` is ``command`` (exactly this command in this folder), ``edit`` (files under the folder ``what``), ``files``
    (edits of exactly these ``files``), ``kernel`` (this action in the kernel), ``function`` (a call of the function
    ``what``), ``rights`` (this set of rights, JSON text) or ``tool`` (this MCP server's tool). ``where`` is the folder of
    the command or the rights, the server, the kernel's tool, which function of that name it is, or ``""``. Neither
    ``edit`` nor ``files`` ever covers what others run or trust (``trusted_files.py``).
    Rules are data: list them with ``describe_rule``, revoke one by leaving it out of ``Policy.rules``.
    """

    kind: Literal["command", "edit", "files", "kernel", "function", "rights", "tool"]
    what: str = ""
    where: str = ""
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """What holds for a turn: ``approval`` (``-a``), ``kernel`` (``-k``: how far Codex may go in the kernel before
    ``approval`` decides), rules made in this session, whether there is somebody who can be asked, and if not, why."""

    approval: str = "ask"
    kernel: str = "read"
    rules: tuple[Rule, ...] = ()
    interactive: bool = False
    absence: str = ""


@dataclass(frozen=True, slots=True)
class Ask:
    """A person has to answer."""


def decide(policy: Policy, request: Request) -> tuple[Answer, Answerer] | Ask:
    """Answer the request, and say who did; or ask.

    Returns:
        ``(answer, by)``, where ``by`` goes into the record of the decision, or ``Ask``.

    Example:
        >>> str(decide(Policy(approval="never"), rq.CommandRequest("r", command="ls"))[1])
        'policy (nobody is asked, -a never)'
    """
    by = answerers.policy
    if isinstance(request, rq.UnknownRequest):
        return _no(request), by("this version does not know what is asked")
    if isinstance(request, rq.ToolCall):
        return _no(request), by("tools answer their own calls")
    if isinstance(request, rq.KernelRequest) and not request.always:
        if request.action == "edit" and policy.kernel in ("edit", "run"):
            return Answer("once"), by("cells change without asking", f"-k {policy.kernel}")
        if policy.kernel == "run":
            return Answer("once"), by("kernel code runs without asking", "-k run")
    rule = next((rule for rule in policy.rules if _allows(rule, request)), None)
    if rule is not None:
        return Answer("once"), answerers.rule(describe_rule(rule))
    if policy.approval == "never":
        return _no(request), by("nobody is asked", "-a never")
    if policy.approval not in ("ask", "untrusted", "auto-review"):
        return _no(request), by(f"{policy.approval!r} is not an approval policy")
    if not policy.interactive:
        why = f": {policy.absence}" if policy.absence else ""
        return _no(request), by(f"nobody is here to approve it{why}")
    return Ask()


def rule_for(request: Request, folder: str = "") -> Rule | None:
    """The rule that answering ``session`` makes, or None where that answer is not offered.

    Args:
        request: what was answered.
        folder: for file changes, the folder (absolute) to allow edits in, when all files asked for lie in it. Else the
            rule is about these very files, unless the request names the folder it wants.
    """
    match request:
        case rq.CommandRequest(command=command, cwd=cwd, permissions="", network_host=""):
            return Rule("command", command, cwd) if command and cwd else None
        case rq.FileChangeRequest(grant_root=root, paths=paths):
            rule = Rule("edit", _clean(root or folder))
            if asked_each_time(request, rule.what):
                return None
            if _allows(rule, request) or (root and rule.what not in ("", "/")):
                return rule
            rule = Rule("files", files=tuple(sorted({_clean(path) for path in paths})))
            return rule if _allows(rule, request) else None
        case rq.PermissionsRequest(permissions=permissions, cwd=cwd):
            wanted = _canonical(permissions)
            return Rule("rights", wanted, cwd) if wanted else None
        case rq.KernelRequest(always=always) if always:
            return None
        case rq.KernelRequest(action="call", tool=tool, function=function):
            return Rule("function", tool, function) if tool and function else None
        case rq.KernelRequest(action=action, tool=tool):
            return Rule("kernel", action, tool) if action else None
        case rq.McpToolRequest(server=server, tool=tool) if "session" in request.persist:
            return Rule("tool", tool, server) if server and tool else None
    return None


def describe_rule(rule: Rule, cwd: str = "", home: str = "") -> str:
    """A rule as a person reads it in a list.

    Example:
        >>> describe_rule(Rule("command", "/bin/bash -lc 'pytest -q'", "/home/ada/churn"))
        'run `pytest -q` in /home/ada/churn'
    """
    if rule.kind == "command":
        return f"run `{unwrap(rule.what)}` in {short_path(rule.where, '', home)}"
    if rule.kind == "edit":
        return f"edit files under {short_path(rule.what, '', home)}, but none that other programs run or trust"
    if rule.kind == "files":
        return "edit " + ", ".join(short_path(path, cwd, home) for path in rule.files)
    if rule.kind == "rights":
        return f"get more permissions: {rights(rule.what, cwd, home)}"
    if rule.kind == "function":
        return f"call your function {rule.what}, as it is defined now"
    if rule.kind == "kernel":
        by = f" ({rule.where})" if rule.where else ""
        return _KERNEL.get(rule.what, f"{rule.what} in your kernel") + by
    return f"use {rule.where}/{rule.what}"


#: What a kernel rule lets happen, by its action.
_KERNEL = {
    "run": "run code in your kernel",
    "inspect": "inspect objects in your kernel, which runs their own code",
    "look": "look at your notebook",
    "edit": "change cells of your notebook",
}


def rights(permissions: str, cwd: str = "", home: str = "") -> str:
    """A set of rights (JSON text) in words; the text itself where it is unfamiliar, ``""`` for none.

    Example:
        >>> rights('{"fileSystem": {"write": ["/var/outside"]}, "network": {"enabled": true}}')
        'write /var/outside; network'
    """
    if not permissions:
        return ""
    try:
        asked_set = json.loads(permissions)
        files = asked_set.get("fileSystem") or {}
        parts = [
            f"{name} {short_path(path, cwd, home)}"
            for name in ("read", "write")
            for path in files.get(name) or ()
        ]
        listed = {path for name in ("read", "write") for path in files.get(name) or ()}
        for entry in files.get("entries") or ():
            path = entry["path"].get("path") or json.dumps(entry["path"])
            if path not in listed:
                parts.append(f"{entry['access']} {short_path(path, cwd, home)}")
        if (asked_set.get("network") or {}).get("enabled"):
            parts.append("network")
        unfamiliar = set(asked_set) - {"fileSystem", "network"}
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError):
        return permissions
    return permissions if unfamiliar or not parts else "; ".join(parts)


def asked_each_time(request: rq.FileChangeRequest, folder: str = "") -> tuple[tuple[str, str], ...]:
    """The files of a change that no rule covers, each with the reason in words.

    Example:
        >>> asked_each_time(rq.FileChangeRequest("r", paths=("/w/a.py", "/w/.envrc")), "/w")
        (('/w/.envrc', 'its name begins with a dot, so other programs are set up by it'),)
    """
    base = _clean(folder)
    wanted = (*request.paths, request.grant_root) if request.grant_root else request.paths
    named = {path: why for path in wanted if (why := why_asked(path, base))}
    return tuple({**named, **dict(request.apart)}.items())


def _allows(rule: Rule, request: Request) -> bool:
    """True when the rule covers all that is asked, and nothing is asked that it does not name."""
    match request:
        case rq.CommandRequest(
            command=command, cwd=cwd, permissions=permissions, network_host=host
        ):
            plain = bool(command) and not permissions and not host
            return plain and rule == Rule("command", command, cwd)
        case rq.FileChangeRequest(paths=paths, grant_root=root):
            if asked_each_time(request, rule.what if rule.kind == "edit" else ""):
                return False
            if rule.kind == "files":
                exact = all(path == _clean(path) and path in rule.files for path in paths)
                return bool(paths) and not root and exact
            wanted = (*paths, root) if root else paths
            return rule.kind == "edit" and bool(paths) and all(_under(p, rule.what) for p in wanted)
        case rq.PermissionsRequest(permissions=permissions, cwd=cwd):
            asked = _canonical(permissions)
            return bool(asked) and rule == Rule("rights", asked, cwd)
        case rq.KernelRequest(always=always) if always:
            return False
        case rq.KernelRequest(action="call", tool=tool, function=function):
            named = bool(tool) and bool(function)
            return named and rule == Rule("function", tool, function)
        case rq.KernelRequest(action=action, tool=tool):
            return bool(action) and rule == Rule("kernel", action, tool)
        case rq.McpToolRequest(server=server, tool=tool):
            return bool(server) and bool(tool) and rule == Rule("tool", tool, server)
    return False


def _no(request: Request) -> Answer:
    """Refuse and go on: questions are skipped, everything else is declined."""
    return Answer("skip" if isinstance(request, rq.QuestionsRequest) else "decline")


def _canonical(permissions: str) -> str:
    """The same text for the same set of rights, ``""`` for none or for what is no set."""
    try:
        wanted = json.loads(permissions) if permissions else None
        return json.dumps(wanted, sort_keys=True) if isinstance(wanted, dict) and wanted else ""
    except (ValueError, RecursionError):
        return ""


def _clean(path: str) -> str:
    """An absolute path without detours, or ``""``."""
    return posixpath.normpath(path) if path.startswith("/") and "\0" not in path else ""


def _under(path: str, folder: str) -> bool:
    inside, base = _clean(path), _clean(folder)
    if not inside or not base or base == "/" or ".." in path.split("/"):
        return False
    return inside.startswith(base.rstrip("/") + "/")
