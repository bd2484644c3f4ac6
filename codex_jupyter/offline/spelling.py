"""What a script leaves open, settled by the request: which tool a move means, and what its placeholders hold.

Pure. How a call is put into the stream is ``sse``'s.
"""

from __future__ import annotations

import re
from typing import Any

from .moves import Move
from .request import PLACEHOLDERS, Request
from .script import ScriptError

_PLACEHOLDER = re.compile(r"\{\{(" + "|".join(PLACEHOLDERS) + r")\}\}")


def filled(value: Any, request: Request) -> Any:
    """``value`` with its placeholders filled, at any depth."""
    if isinstance(value, str):
        return _PLACEHOLDER.sub(lambda found: _value(found[1], request), value)
    if isinstance(value, dict):
        return {name: filled(inner, request) for name, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner, request) for inner in value]
    return value


def wanted(move: Move, request: Request) -> tuple[str, dict[str, Any], str | None]:
    """The tool that a move means: its name, arguments and namespace, as the runtime calls them."""
    if "run" in move:
        return "exec_command", _run_args(move), None
    if "type_in" in move:
        session = move.get("session")
        if session is None:
            session = _value("session_id", request)
        args: dict[str, Any] = {"session_id": int(session), "chars": move["type_in"]}
        if "yield_ms" in move:
            args["yield_time_ms"] = move["yield_ms"]
        return "write_stdin", args, None
    if "plan" in move:
        steps = [{"step": step, "status": status} for step, status in move["plan"]]
        args = {"plan": steps}
        if "explanation" in move:
            args["explanation"] = move["explanation"]
        return "update_plan", args, None
    if "view" in move:
        return "view_image", {"path": move["view"]}, None
    if "ask" in move:
        return "request_user_input", {"questions": move["ask"]}, _namespace_of_questions(request)
    return move["call"], move.get("args", {}), move.get("namespace")


def _namespace_of_questions(request: Request) -> str | None:
    return "functions" if ("functions", "request_user_input") in request.tools else None


def _run_args(move: Move) -> dict[str, Any]:
    args: dict[str, Any] = {"cmd": move["run"]}
    if move.get("permissions") is not None:
        args["sandbox_permissions"] = "with_additional_permissions"
        args["additional_permissions"] = move["permissions"]
    elif move.get("escalate"):
        args["sandbox_permissions"] = "require_escalated"
    for name, spelled in (
        ("justification", "justification"),
        ("prefix_rule", "prefix_rule"),
        ("workdir", "workdir"),
        ("yield_ms", "yield_time_ms"),
        ("tty", "tty"),
    ):
        if name in move:
            args[spelled] = move[name]
    return args


def _value(name: str, request: Request) -> str:
    found = request.placeholder(name)
    if found is None:
        raise ScriptError(f"{{{{{name}}}}} has no value: no tool output so far holds one")
    return found
