"""A Codex of another version: an executable that speaks the protocol and says what no version known here says.

It plays one turn: an item, a notification, a request, a delta and values that nobody here has heard of, then an answer.
What it is to do otherwise comes by ``OTHER_CODEX``, words separated by blanks:

    version=9.9.9    what --version and the handshake say
    silent           never says what rights it was given
    lacks=METHOD     does not have this method
    gate=FIFO        does not end its turn before somebody writes there

It writes what it is answered to its standard error, where the runtime's last lines are kept.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

WORDS = os.environ.get("OTHER_CODEX", "").split()
VERSION = next((w.partition("=")[2] for w in WORDS if w.startswith("version=")), "9.9.9")
GATE = next((w.partition("=")[2] for w in WORDS if w.startswith("gate=")), "")
LACKING = {w.partition("=")[2] for w in WORDS if w.startswith("lacks=")}
METHODS = sorted(
    {
        "initialize", "account/read", "account/rateLimits/read", "config/read", "model/list", "thread/start", "thread/resume",
        "thread/fork", "thread/settings/update", "thread/list", "thread/read", "thread/turns/list", "thread/items/list",
        "thread/name/set", "thread/archive", "thread/unarchive", "thread/backgroundTerminals/list",
        "thread/backgroundTerminals/clean", "thread/compact/start", "thread/approveGuardianDeniedAction", "turn/start",
        "turn/steer", "turn/interrupt", "review/start", "account/login/start", "account/login/cancel", "account/logout",
        "config/value/write", "mcpServerStatus/list",
    }
    - LACKING
)  # fmt: skip
THREAD, TURN = "thread-of-tomorrow", "turn-of-tomorrow"


def send(message: dict[str, Any]) -> None:
    print(json.dumps(message), flush=True)


def tell(method: str, **params: Any) -> None:
    send({"method": method, "params": {"threadId": THREAD, "turnId": TURN, **params}})


def turn(status: str, **more: Any) -> dict[str, Any]:
    return {
        "id": TURN,
        "items": [],
        "itemsView": "notLoaded",
        "status": status,
        "error": None,
        **more,
    }


def play() -> None:
    """The turn, up to the request that waits for an answer."""
    tell("turn/started", turn=turn("inProgress", mood="cheerful"))
    tell("turn/weather/updated", weather="sunny")
    dream = {
        "id": "d1",
        "type": "dream",
        "text": "Of <b>electric</b> sheep.",
        "depth": {"of": [1, 2]},
    }
    tell("item/started", item=dream)
    tell("item/dream/delta", itemId="d1", delta="baa")
    tell("item/completed", item=dream)
    command = {
        "id": "c1", "type": "commandExecution", "command": "ls", "cwd": "/", "processId": None, "source": "telepathy",
        "status": "pondering", "commandActions": [{"type": "levitate", "command": "ls"}], "aggregatedOutput": "a.txt\n",
        "exitCode": 0, "durationMs": 1,
    }  # fmt: skip
    tell("item/started", item=command)
    tell("item/completed", item={**command, "status": "transcended"})
    send(
        {
            "id": 700,
            "method": "item/dream/requestApproval",
            "params": {"threadId": THREAD, "turnId": TURN, "itemId": "d1", "wish": "to fly"},
        }
    )


def finish() -> None:
    """The rest of it."""
    if GATE:
        Path(GATE).read_text()
    answer = {"id": "m1", "type": "agentMessage", "text": "The future works.", "phase": "epilogue"}
    tell("item/started", item={**answer, "text": ""})
    tell("item/completed", item=answer)
    tell("turn/completed", turn=turn("completed", startedAt=1, completedAt=2, durationMs=1000))


def settings(params: dict[str, Any]) -> dict[str, Any]:
    return {
        "cwd": params.get("cwd"),
        "approvalPolicy": params.get("approvalPolicy"),
        "approvalsReviewer": params.get("approvalsReviewer"),
        "sandboxPolicy": params.get("sandboxPolicy"),
        "activePermissionProfile": None,
        "model": "model-of-tomorrow",
        "telepathy": True,
    }


def answer_to(method: str, params: dict[str, Any]) -> dict[str, Any]:
    match method:
        case "initialize":
            return {
                "userAgent": f"codex_jupyter/{VERSION} (Tomorrow 1.0; x) test",
                "codexHome": os.environ.get("CODEX_HOME", "/"),
                "platformFamily": "unix",
                "platformOs": "linux",
            }
        case "account/read":
            return {"account": None, "requiresOpenaiAuth": False}
        case "config/read":
            return {"config": {}, "layers": []}
        case "thread/start":
            return {
                "thread": {"id": THREAD},
                "cwd": params.get("cwd"),
                "sandbox": {"type": "readOnly", "networkAccess": False},
                "approvalPolicy": "on-request",
                "approvalsReviewer": "user",
                "model": "model-of-tomorrow",
                "modelProvider": "tomorrow",
            }
        case "turn/start" | "review/start":
            return {"turn": turn("inProgress")}
        case _ if method.endswith("/list"):
            return {"data": [], "nextCursor": None}
        case _:
            return {}


def hear(message: dict[str, Any]) -> None:
    method, params = message.get("method"), message.get("params") or {}
    if message.get("id") == 700 and method is None:
        print("answered:", json.dumps(message), file=sys.stderr, flush=True)
        finish()
        return
    if "id" not in message:
        return
    if method not in METHODS:
        named = ", ".join(f"`{name}`" for name in METHODS)
        said = f"Invalid request: unknown variant `{method}`, expected one of {named}"
        send({"id": message["id"], "error": {"code": -32600, "message": said}})
        return
    send({"id": message["id"], "result": answer_to(str(method), params)})
    if method == "thread/settings/update" and "silent" not in WORDS:
        send(
            {
                "method": "thread/settings/updated",
                "params": {"threadId": THREAD, "threadSettings": settings(params)},
            }
        )
    if method in ("turn/start", "review/start"):
        play()


def install(folder: Path, words: str = "") -> Path:
    """Write an executable of it into a folder; its path."""
    path = folder / "codex"
    script = f'#!/bin/sh\nOTHER_CODEX="{words}" exec "{sys.executable}" "{Path(__file__)}" "$@"\n'
    path.write_text(script)
    path.chmod(0o755)
    return path


def main() -> None:
    if "--version" in sys.argv:
        print(f"codex-cli {VERSION}")
    elif "sandbox" in sys.argv:
        print("sandboxed")
    elif "app-server" in sys.argv:
        for line in sys.stdin:
            hear(json.loads(line))
    else:
        sys.exit(2)


if __name__ == "__main__":
    main()
