"""Moves -> the server-sent events of one reply.

Pure: a reply in, pieces of a stream out. The pieces are bytes to send, and the marks :class:`Hold` and
:class:`Pause`; writing, waiting and closing are the server's. How a model calls a tool (directly, from code mode, a
patch without ``apply_patch``) is decided here, from the tools that the request offers; which tool, in ``spelling``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .moves import Move
from .request import Request
from .spelling import filled, wanted

_WORDS = re.compile(r"\S+\s*|\s+")


@dataclass(frozen=True)
class Hold:
    """Wait until this gate is released."""

    gate: str


@dataclass(frozen=True)
class Pause:
    """Let this many seconds pass."""

    seconds: float


Piece = bytes | Hold | Pause


@dataclass(frozen=True)
class Head:
    """What has to be known before the first byte: status, headers, and a body when there is no stream."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None


def event(data: Mapping[str, Any]) -> bytes:
    """One server-sent event."""
    return f"event: {data['type']}\ndata: {json.dumps(data)}\n\n".encode()


def head(reply: Sequence[Move]) -> Head:
    """Status and headers of a reply."""
    fields: dict[str, str] = {}
    for move in reply:
        if "fail" in move:
            fields |= {name: str(value) for name, value in (move.get("headers") or {}).items()}
            body = move.get("body")
            as_json = not isinstance(body, str)
            fields.setdefault("content-type", "application/json" if as_json else "text/plain")
            text = json.dumps({} if body is None else body) if as_json else body
            return Head(move["fail"], fields, text.encode())
        if "headers" in move:
            fields |= {name: str(value) for name, value in move["headers"].items()}
        if "limits" in move:
            fields |= _limit_headers(move["limits"])
    fields.setdefault("content-type", "text/event-stream")
    return Head(200, fields)


def stream(reply: Sequence[Move], request: Request, serial: str) -> Iterator[Piece]:
    """The stream of a reply.

    Args:
        reply: its moves; they were checked before.
        request: what it answers.
        serial: makes the ids of this reply's items unique.

    Raises:
        ScriptError: a placeholder has no value, because no tool output so far gives one.
    """
    return _Reply(request, serial).play(reply)


class _Reply:
    """One reply on its way out: numbers its items and counts what it wrote."""

    def __init__(self, request: Request, serial: str) -> None:
        self._request = request
        self._serial = serial
        self._items = 0
        self._written = 0
        self._usage: Mapping[str, int] | None = None

    def play(self, reply: Sequence[Move]) -> Iterator[Piece]:
        reply = [filled(move, self._request) for move in reply]
        yield event({"type": "response.created", "response": {"id": f"resp_{self._serial}"}})
        for move in reply:
            if "cut" in move:
                return
            if "failed" in move or "incomplete" in move:
                yield event(self._end(move))
                return
            yield from self._move(move)
        yield event(self._completed())

    def _move(self, move: Move) -> Iterator[Piece]:
        if "say" in move:
            yield from self._say(move)
        elif "burst" in move:
            text = move.get("text", "ab ")
            yield from self._message([text] * move["burst"], move)
        elif "think" in move:
            yield from self._think(move)
        elif "raw" in move:
            yield event(move["raw"])
        elif "pause" in move:
            yield Pause(move["pause"])
        elif "wait" in move:
            yield Hold(move["wait"])
        elif "usage" in move:
            self._usage = move["usage"]
        elif "search" in move or "open_page" in move or "find_in_page" in move:
            yield from self._web(move)
        elif "headers" not in move and "limits" not in move:
            yield from self._tool(move)

    # -- items -------------------------------------------------------------------------------------

    def _id(self, prefix: str) -> str:
        self._items += 1
        return f"{prefix}_{self._serial}_{self._items}"

    def _say(self, move: Move) -> Iterator[Piece]:
        yield from self._message(_deltas(move["say"], move.get("chunk")), move)

    def _message(self, deltas: Sequence[str], move: Move) -> Iterator[Piece]:
        item_id, text = self._id("msg"), "".join(deltas)
        item: dict[str, Any] = {"type": "message", "role": "assistant", "id": item_id}
        if move.get("phase"):
            item["phase"] = move["phase"]
        yield _added({**item, "content": []})
        yield from self._spread("response.output_text.delta", item_id, deltas, move)
        if gate := move.get("gate"):
            yield Hold(gate)
        if not move.get("unfinished"):
            yield _done({**item, "content": [{"type": "output_text", "text": text}]})

    def _think(self, move: Move) -> Iterator[Piece]:
        item_id = self._id("rs")
        parts = [move["think"]] if isinstance(move["think"], str) else list(move["think"])
        raw = move.get("raw")
        yield _added({"type": "reasoning", "id": item_id, "summary": []})
        for index, part in enumerate(parts):
            place = {"item_id": item_id, "output_index": 0, "summary_index": index}
            empty = {"type": "summary_text", "text": ""}
            yield event({"type": "response.reasoning_summary_part.added", **place, "part": empty})
            yield from self._spread(
                "response.reasoning_summary_text.delta",
                item_id,
                _deltas(part, move.get("chunk")),
                move,
                {"summary_index": index},
            )
        if raw:
            deltas = _deltas(raw, move.get("chunk"))
            yield from self._spread("response.reasoning_text.delta", item_id, deltas, move)
        content = [{"type": "reasoning_text", "text": raw}] if raw else None
        yield _done(
            {
                "type": "reasoning",
                "id": item_id,
                "summary": [{"type": "summary_text", "text": part} for part in parts],
                "content": content,
                "encrypted_content": "offline",
            }
        )

    def _spread(
        self,
        kind: str,
        item_id: str,
        deltas: Sequence[str],
        move: Move,
        place: Mapping[str, int] | None = None,
    ) -> Iterator[Piece]:
        place = place or {"content_index": 0}
        delay = move.get("delay")
        for delta in deltas:
            self._written += len(delta)
            yield event(
                {"type": kind, "item_id": item_id, "output_index": 0, **place, "delta": delta}
            )
            if delay:
                yield Pause(delay)

    def _web(self, move: Move) -> Iterator[Piece]:
        item_id = self._id("ws")
        if "search" in move:
            asked = move["search"]
            queries = [asked] if isinstance(asked, str) else list(asked)
            action = {"type": "search", "query": queries[0] if queries else "", "queries": queries}
        elif "open_page" in move:
            action = {"type": "open_page", "url": move["open_page"]}
        else:
            action = {"type": "find_in_page", "url": move["url"], "pattern": move["find_in_page"]}
        item = {"type": "web_search_call", "id": item_id}
        yield _added({**item, "status": "in_progress"})
        yield _done({**item, "status": "completed", "action": action})

    # -- tools -------------------------------------------------------------------------------------

    def _tool(self, move: Move) -> Iterator[Piece]:
        if "function" in move:
            yield self._function(move["function"], move.get("args", {}), move.get("namespace"))
        elif "custom" in move:
            yield self._custom(move["custom"], move["input"], move.get("namespace"))
        elif "javascript" in move:
            yield self._javascript(move["javascript"], move.get("yield_ms"))
        elif "patch" in move:
            yield from self._patch(move)
        else:
            name, args, namespace = wanted(move, self._request)
            yield self._call(name, args, namespace)

    def _call(self, name: str, args: Mapping[str, Any], namespace: str | None) -> bytes:
        """Call directly where the tool is offered directly, from JavaScript otherwise."""
        if (namespace, name) in self._request.tools or not self._request.code_mode:
            return self._function(name, args, namespace)
        full = f"{namespace}__{name}" if namespace else name
        identifier = re.sub(r"\W", "_", full)
        return self._javascript(
            f"const result = await tools.{identifier}({json.dumps(args)});\n"
            'text(typeof result === "string" ? result : JSON.stringify(result));',
            None,
        )

    def _patch(self, move: Move) -> Iterator[Piece]:
        text = move["patch"]
        if (None, "apply_patch") in self._request.tools:
            if move.get("stream"):
                yield from self._streamed_patch(text, move)
            else:
                yield self._custom("apply_patch", text, None)
        elif self._request.code_mode:
            yield self._javascript(
                f"const result = await tools.apply_patch({json.dumps(text)});\n"
                'text(typeof result === "string" ? result : JSON.stringify(result));',
                None,
            )
        else:
            heredoc = f"apply_patch <<'CODEX_PATCH'\n{text}\nCODEX_PATCH"
            yield self._function("exec_command", {"cmd": heredoc}, None)

    def _streamed_patch(self, text: str, move: Move) -> Iterator[Piece]:
        item_id, call_id = self._id("ctc"), self._id("call")
        item = {
            "type": "custom_tool_call",
            "id": item_id,
            "call_id": call_id,
            "name": "apply_patch",
        }
        yield _added({**item, "input": ""})
        for delta in _deltas(text, move.get("chunk")):
            yield event(
                {
                    "type": "response.custom_tool_call_input.delta",
                    "item_id": item_id,
                    "output_index": 0,
                    "call_id": call_id,
                    "delta": delta,
                }
            )
            if move.get("delay"):
                yield Pause(move["delay"])
        yield _done({**item, "input": text})

    def _function(self, name: str, args: Any, namespace: str | None) -> bytes:
        text = args if isinstance(args, str) else json.dumps(args)
        self._written += len(text)
        return _done(
            {
                "type": "function_call",
                "id": self._id("fc"),
                "call_id": self._id("call"),
                "name": name,
                "arguments": text,
                **({"namespace": namespace} if namespace else {}),
            }
        )

    def _custom(self, name: str, text: str, namespace: str | None) -> bytes:
        self._written += len(text)
        return _done(
            {
                "type": "custom_tool_call",
                "id": self._id("ctc"),
                "call_id": self._id("call"),
                "name": name,
                "input": text,
                **({"namespace": namespace} if namespace else {}),
            }
        )

    def _javascript(self, source: str, yield_ms: int | None) -> bytes:
        options = f'// @exec: {{"yield_time_ms": {yield_ms}}}\n' if yield_ms is not None else ""
        return self._custom("exec", options + source, None)

    # -- the end -----------------------------------------------------------------------------------

    def _completed(self) -> dict[str, Any]:
        told = self._usage or self._estimate()
        counts = {
            name: int(told.get(name, 0)) for name in ("input", "output", "cached", "reasoning")
        }
        return {
            "type": "response.completed",
            "response": {
                "id": f"resp_{self._serial}",
                "usage": {
                    "input_tokens": counts["input"],
                    "input_tokens_details": {"cached_tokens": counts["cached"]},
                    "output_tokens": counts["output"],
                    "output_tokens_details": {"reasoning_tokens": counts["reasoning"]},
                    "total_tokens": counts["input"] + counts["output"],
                },
            },
        }

    def _estimate(self) -> dict[str, int]:
        """Four characters a token, images left out."""
        images = sum(map(len, self._request.images))
        return {
            "input": (len(json.dumps(self._request.input)) - images) // 4,
            "output": self._written // 4,
        }

    def _end(self, move: Move) -> dict[str, Any]:
        response: dict[str, Any] = {"id": f"resp_{self._serial}"}
        if "failed" in move:
            message = move.get("message", "The offline model failed as its script says.")
            error = {"code": move["failed"], "message": message}
            return {"type": "response.failed", "response": {**response, "error": error}}
        details = {"reason": move["incomplete"]}
        return {
            "type": "response.incomplete",
            "response": {**response, "incomplete_details": details},
        }


def _limit_headers(windows: Mapping[str, Any]) -> dict[str, str]:
    spelled = {
        "used_percent": "used-percent",
        "window_minutes": "window-minutes",
        "reset_at": "reset-at",
    }
    return {
        f"x-codex-{window}-{spelled[name]}": str(value)
        for window, values in windows.items()
        for name, value in values.items()
        if name in spelled
    }


def _added(item: Mapping[str, Any]) -> bytes:
    return event({"type": "response.output_item.added", "output_index": 0, "item": item})


def _done(item: Mapping[str, Any]) -> bytes:
    return event({"type": "response.output_item.done", "output_index": 0, "item": item})


def _deltas(text: str, chunk: int | None) -> list[str]:
    if chunk:
        return [text[start : start + chunk] for start in range(0, len(text), chunk)]
    return _WORDS.findall(text)
