"""A tiny MCP server on stdio: one tool, ``chart``, that answers with a text and a picture."""

from __future__ import annotations

import json
import sys

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
CHART = {
    "name": "chart",
    "description": "Draws a chart.",
    "inputSchema": {"type": "object", "properties": {"rows": {"type": "integer"}}},
    "annotations": {"readOnlyHint": True, "destructiveHint": False},
}
RESULT = {
    "content": [
        {"type": "text", "text": "A chart of three rows"},
        {"type": "image", "data": PIXEL, "mimeType": "image/png"},
    ]
}


def answer(message: dict) -> dict:
    method = message["method"]
    if method == "initialize":
        version = message["params"]["protocolVersion"]
        info = {"name": "demo", "version": "1"}
        return {"protocolVersion": version, "capabilities": {"tools": {}}, "serverInfo": info}
    if method == "tools/list":
        return {"tools": [CHART]}
    return RESULT if method == "tools/call" else {}


for line in sys.stdin:
    asked = json.loads(line)
    if asked.get("id") is not None:
        reply = {"jsonrpc": "2.0", "id": asked["id"], "result": answer(asked)}
        print(json.dumps(reply), flush=True)
