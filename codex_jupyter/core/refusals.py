r"""Which raw tool calls were refused: calls that send no item, judged by what the model was told.

Measured with runtime 0.163 (``experimentalRawEvents``):

- A direct ``exec_command`` or ``apply_patch`` that runs, asks or is declined sends its item *before* its raw output. With
  no item by then, the policy rejected it (``approval policy is Never; reject command …``, ``patch rejected: writing is
  blocked by read-only sandbox; rejected by user approval settings``), the sandbox stopped it (``Process exited with code
  1 … Read-only file system``) or it could not be understood (``failed to parse function arguments``).
- In code mode the model calls ``exec`` with a script; what the script calls is nested in it, has ids of its own, and is
  refused just as silently. The script's output tells: the same words, after ``Script failed`` or wherever the script
  printed them. A command that a *person* declined has its item and says ``rejected by user``.
- Every other tool either sends an item or is none of the reader's business (``wait``, ``update_plan``, ...).

Text in, verdict out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection

from codex_jupyter.core.text import Output

#: (call id, tool, arguments, output); ``""`` for what is not known yet.
Call = tuple[str, str, str, str]

_DIRECT = frozenset(
    {"exec_command", "shell", "shell_command", "local_shell", "local_shell_call", "apply_patch"}
)
_SCRIPT, _WAIT = "exec", "wait"

#: It ran to its end, or goes on: such a call is not refused, whatever else it says.
_RAN = re.compile(r"^Process (exited with code 0|running with session ID )", re.M)
_RAN_JSON = re.compile(r'"exit_code"\s*:\s*0\b')
_CELL = re.compile(r"\AScript running with cell ID (\S+)")
#: The policy's words.
_REJECTED = re.compile(
    r"approval policy is Never|reject(ed)? command|patch rejected(?! by user\b)"
    r"|rejected by user approval settings|approval request failed|rejected by policy",
    re.I,
)
#: The sandbox's words, as a command that it stopped prints them.
_STOPPED = re.compile(
    r"Read-only file system|Operation not permitted|Permission denied|sandbox|bwrap:|seccomp", re.I
)
#: Of these, the ones that nothing but a sandbox says.
_BLOCKED = re.compile(r"Read-only file system|^bwrap: ", re.M)
_ACTS = re.compile(
    r"\btools\s*(?:\.\s*|\[\s*[\"'])(?:exec_command|apply_patch|shell|shell_command)\b"
)
_NESTED_COMMAND = re.compile(
    r"\bcmd[\"']?\s*:\s*(?:\"((?:[^\"\\\n]|\\.)*)\"|'((?:[^'\\\n]|\\.)*)'|`((?:[^`\\]|\\.)*)`)"
)


def watched(tool: str) -> bool:
    """True for tools whose calls are worth remembering until their output comes."""
    return _name(tool) in _DIRECT or _name(tool) in (_SCRIPT, _WAIT)


def refused(tool: str, arguments: str, output: str, items: int = 0) -> bool:
    """True when a call without an item was refused or stopped.

    Args:
        tool, arguments, output: of the call, as the model wrote and was told them.
        items: how many commands and patches of a script did send an item.

    Example:
        >>> refused("exec_command", '{"cmd": "ls"}', "approval policy is Never; reject command")
        True
    """
    name = _name(tool)
    if name in _DIRECT:
        return (
            bool(output) and not _RAN.search(output[:2000]) and not _RAN_JSON.search(output[:2000])
        )
    if name != _SCRIPT:
        return False
    acts = len(_ACTS.findall(arguments))
    if not acts:
        return False
    if _REJECTED.search(output):
        return True
    return items < acts and _STOPPED.search(output) is not None


def cell_of(output: str) -> str:
    """The cell id of a script that runs on, or ``""``."""
    found = _CELL.match(output)
    return found[1] if found else ""


def waits_for(tool: str, arguments: str) -> str:
    """The cell id that a ``wait`` asks about, or ``""``."""
    if _name(tool) != _WAIT:
        return ""
    try:
        value = json.loads(arguments)
    except (ValueError, RecursionError):
        return ""
    cell = value.get("cell_id") if isinstance(value, dict) else None
    return str(cell) if isinstance(cell, (str, int)) else ""


#: What the model is told of a call that the end of its turn stopped.
_STOPPED_WITH_THE_TURN = "aborted by user"
BY_THE_SANDBOX = "stopped by the sandbox"
#: What helps against a read-only sandbox.
WRITE_HINT = "`-s workspace-write` lets Codex write in this folder."


def by_the_sandbox(output: Output) -> bool:
    """True when a command that failed says at its end that the sandbox stopped it (it has an item as often as not)."""
    return _BLOCKED.search(output.last(2000)) is not None


def refusal_reason(output: str) -> str:
    """In two words, why: for the row's measure."""
    if _REJECTED.search(output):
        return "refused by the policy"
    if _STOPPED.search(output):
        return BY_THE_SANDBOX
    return "stopped" if _STOPPED_WITH_THE_TURN in output else "did not run"


def without_preamble(output: str) -> str:
    """What the model was told, without the runtime's own preamble of chunk and time.

    Example:
        >>> without_preamble("Wall time: 0.1 seconds\\nOutput:\\nno")
        'no'
    """
    preamble, mark, rest = output.partition("\nOutput:\n")
    plain = mark and "Wall time" in preamble and len(preamble) < 500
    return (rest if plain else output).strip().removeprefix("Script error:\n")


def attempt(tool: str, arguments: str, ran: Collection[str] = ()) -> tuple[str, str, str]:
    """(what was tried, its source, the source's language) of a refused call.

    Args:
        tool, arguments: of the call.
        ran: commands of a script that did run; they are not named.

    Example:
        >>> attempt("exec_command", '{"cmd": "touch x"}')
        ('touch x', 'touch x', 'bash')
    """
    name = _name(tool)
    if name == "apply_patch":
        files = re.findall(r"^\*\*\* (?:Add|Update|Delete) File: (.+)$", arguments, re.M)
        return ("edit " + ", ".join(files[:5]) if files else "a patch"), arguments, "diff"
    if name == _SCRIPT:
        commands = [_unquoted("".join(groups)) for groups in _NESTED_COMMAND.findall(arguments)]
        commands = [c for c in commands if c not in ran] or commands
        what = "; ".join(commands[:3]) or (
            "a patch" if "apply_patch" in arguments else "a script's command"
        )
        return what, arguments, "javascript"
    try:
        value = json.loads(arguments)
    except (ValueError, RecursionError):
        value = None
    command = (
        next((value[k] for k in ("cmd", "command") if k in value), None)
        if isinstance(value, dict)
        else None
    )
    if isinstance(command, list):
        command = " ".join(str(word) for word in command)
    if isinstance(command, str) and command.strip():
        return command, command, "bash"
    return tool or "a call", arguments, "json" if value is not None else ""


def _name(tool: str) -> str:
    return tool.rsplit(".", 1)[-1]


def _unquoted(text: str) -> str:
    return re.sub(r"\\([\"'`\\])", r"\1", text)
