"""A small MCP server on stdio for the tests: tools that are safe, dangerous, or that ask the user something.

Run by the runtime as ``python mcp_demo.py FILE``; every call of a tool that really ran is a line in FILE.
"""

from __future__ import annotations

import json
import sys
from typing import Any

FORM = {
    "mode": "form",
    "message": "Who are you?",
    "requestedSchema": {
        "type": "object",
        "properties": {"name": {"type": "string", "title": "Name"}},
        "required": ["name"],
    },
}
URL = {"mode": "url", "message": "Open this", "url": "https://example.com/x", "elicitationId": "e1"}
ASKS = {"form": FORM, "url": URL}


def tool(name: str, safe: bool) -> dict[str, Any]:
    return {
        "name": name,
        "description": f"The tool {name}.",
        "inputSchema": {"type": "object", "properties": {}},
        "annotations": {"readOnlyHint": safe, "destructiveHint": not safe},
    }


TOOLS = [tool("safe", True), tool("danger", False), tool("form", True), tool("url", True)]


def send(**message: Any) -> None:
    print(json.dumps({"jsonrpc": "2.0", **message}), flush=True)


def receive() -> dict[str, Any]:
    line = sys.stdin.readline()
    if not line:
        raise SystemExit
    return json.loads(line)


def ask(name: str) -> str:
    send(id="ask", method="elicitation/create", params=ASKS[name])
    while (answer := receive()).get("id") != "ask":
        pass
    return json.dumps(answer.get("result", answer.get("error")), sort_keys=True)


def call(name: str) -> str:
    with open(sys.argv[1], "a", encoding="utf-8") as record:
        record.write(f"{name}\n")
    return ask(name) if name in ASKS else f"{name} ran"


def main() -> None:
    while True:
        message = receive()
        method, request_id = message.get("method"), message.get("id")
        if method == "initialize":
            version = message["params"]["protocolVersion"]
            info = {"name": "demo", "version": "1"}
            result = {"protocolVersion": version, "capabilities": {"tools": {}}, "serverInfo": info}
            send(id=request_id, result=result)
        elif method == "tools/list":
            send(id=request_id, result={"tools": TOOLS})
        elif method == "tools/call":
            text = call(message["params"]["name"])
            send(id=request_id, result={"content": [{"type": "text", "text": text}]})
        elif request_id is not None:
            send(id=request_id, result={})


if __name__ == "__main__":
    main()
