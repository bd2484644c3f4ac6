"""Scripts in which the model uses the workbench, and what it was told."""

from __future__ import annotations

import hashlib
from typing import Any

from codex_jupyter import offline
from codex_jupyter.offline import Rule, Script, call, say

LOAD = "%load_ext codex_jupyter"
DONE = [say("Done.", phase="final_answer")]


def hash_of(source: str) -> str:
    """What `read_notebook` gives for a cell with this source, as the promise of the tools says it."""
    return hashlib.sha256(source.encode()).hexdigest()[:8]


def tool(name_: str, **arguments: Any) -> Any:
    """A call of one of the notebook's tools; in code mode the offline model writes it as JavaScript."""
    return call(name_, arguments, namespace="notebook")


def calls(*moves: Any) -> Script:
    """One turn that makes these calls, one after the other, and then is done."""
    return Script.of(Rule("any", [*([move] for move in moves), DONE], repeat=True))


def python(code: str, **more: Any) -> Script:
    """One turn that runs this code."""
    return calls(tool("run_python", code=code, **more))


def told(model: offline.Offline) -> list[str]:
    """What the tools of the last turn told the model, in order."""
    last = [request for request in model.server.requests if "input" in request.body][-1]
    return [str(output) for output in last.outputs]


def last(model: offline.Offline) -> str:
    """What the last call told the model."""
    return told(model)[-1]
