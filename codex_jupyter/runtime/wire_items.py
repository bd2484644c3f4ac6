"""Items as they travel (``ThreadItem`` of the app-server protocol) -> ``core.items``.

One function for each of the nineteen types of runtime 0.163, ``UnknownItem`` for the rest. Total: whatever a field
holds, an item comes out. Times are not part of a wire item; the notification around it brings them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from codex_jupyter.core import items as core
from codex_jupyter.core.text import Output, Text
from codex_jupyter.runtime.fields import Json, as_json, rows, snake, table, text, texts, whole

_STATUSES = {"in_progress", "completed", "failed", "declined", "aborted"}
#: Spellings that mean one of ours.
_STATUS_ALIASES = {
    "interrupted": "aborted",
    "cancelled": "aborted",
    "canceled": "aborted",
    "running": "in_progress",
}


def item(
    wire: object,
    *,
    completed: bool = True,
    started_ms: int | None = None,
    ended_ms: int | None = None,
) -> core.Item:
    """The item that ``wire`` describes.

    Args:
        wire: a decoded ``ThreadItem``; anything else becomes an ``UnknownItem``.
        completed: what the item's state is when it names none itself: True for ``item/completed`` and for history.
        started_ms, ended_ms: milliseconds since the epoch, from the notification around it.

    Example:
        >>> item({"type": "sleep", "id": "s", "durationMs": 700}).duration_ms
        700
    """
    source = table(wire)
    common: Json = {
        "id": text(source, "id"),
        "status": _status(source, completed),
        "started_ms": started_ms,
        "ended_ms": ended_ms,
    }
    kind = source.get("type")
    make = _MAKERS.get(kind) if isinstance(kind, str) else None
    if make is None:
        name = kind if isinstance(kind, str) else ""
        return core.UnknownItem(**common, type=name, raw=as_json(wire))
    return make(source, common)


def changes(wire: object) -> tuple[core.Change, ...]:
    """The files of a patch, from a wire array of ``FileUpdateChange``."""
    found = []
    for row in rows(wire):
        change = table(row)
        kind = table(change.get("kind"))
        found.append(
            core.Change(
                path=text(change, "path"),
                kind=text(kind, "type", "update"),
                diff=text(change, "diff"),
                moved_to=text(kind, "move_path"),
            )
        )
    return tuple(found)


def contents(wire: object) -> tuple[core.Content, ...]:
    """The parts of a tool's result: MCP content blocks, dynamic-tool parts and Responses API parts alike."""
    if isinstance(wire, str):
        return (core.Content("text", wire),)
    return tuple(_content(part) for part in rows(wire))


def plain(wire: object) -> str:
    """A tool's result as one text: what a model was told, without pictures."""
    parts = [c.value if c.kind == "text" else f"[{c.kind}]" for c in contents(wire)]
    return "\n".join(parts)


def _content(wire: object) -> core.Content:
    part = table(wire)
    kind = part.get("type")
    if kind in ("text", "inputText", "input_text", "output_text"):
        return core.Content("text", text(part, "text"))
    if kind in ("image", "audio") and isinstance(part.get("data"), str):  # MCP
        default = "image/png" if kind == "image" else "audio/wav"
        return core.Content(kind, f"data:{text(part, 'mimeType') or default};base64,{part['data']}")
    if kind in ("inputImage", "input_image"):
        url = part.get("imageUrl", part.get("image_url"))
        return core.Content("image", url) if isinstance(url, str) else _unknown_content(wire)
    if kind in ("inputAudio", "input_audio"):
        url = part.get("audioUrl", part.get("audio_url"))
        return core.Content("audio", url) if isinstance(url, str) else _unknown_content(wire)
    return _unknown_content(wire)


def _unknown_content(wire: object) -> core.Content:
    return core.Content("unknown", as_json(wire))


def _status(source: Json, completed: bool) -> core.Status:
    word = snake(text(source, "status"))
    word = _STATUS_ALIASES.get(word, word)
    if word in _STATUSES:
        return cast(core.Status, word)
    return "completed" if completed else "in_progress"


def _user_message(source: Json, common: Json) -> core.Item:
    parts = tuple(_input_part(part) for part in rows(source.get("content")))
    return core.UserMessage(**common, parts=parts, client_id=text(source, "clientId"))


def _input_part(wire: object) -> core.InputPart:
    part = table(wire)
    kind = text(part, "type")
    if kind == "text":
        return core.InputPart("text", text(part, "text"))
    if kind in ("image", "audio"):
        return core.InputPart(kind, source=text(part, "url") or text(part, "fileId"))
    if kind in ("localImage", "localAudio"):
        return core.InputPart(snake(kind), source=text(part, "path"))
    if kind in ("skill", "mention"):
        return core.InputPart(kind, text(part, "name"), text(part, "path"))
    return core.InputPart("unknown", as_json(wire))


def _agent_message(source: Json, common: Json) -> core.Item:
    phase = source.get("phase")
    known = phase if phase in ("commentary", "partial_answer", "final_answer") else None
    questions = tuple(
        (text(q, "title"), texts(q.get("options")))
        for q in map(table, rows(source.get("questions")))
    )
    return core.AgentMessage(
        **common, text=Text.of(text(source, "text")), phase=known, questions=questions
    )


def _reasoning(source: Json, common: Json) -> core.Item:
    return core.Reasoning(
        **common,
        summary=tuple(Text.of(part) for part in texts(source.get("summary"))),
        content=tuple(Text.of(part) for part in texts(source.get("content"))),
    )


def _plan(source: Json, common: Json) -> core.Item:
    return core.Plan(**common, text=Text.of(text(source, "text")))


_ACTION_KINDS = {"read": "read", "listFiles": "list", "search": "search"}


def _action(wire: object) -> core.Action:
    action = table(wire)
    return core.Action(
        kind=_ACTION_KINDS.get(text(action, "type"), "unknown"),
        command=text(action, "command"),
        name=text(action, "name"),
        path=text(action, "path"),
        query=text(action, "query"),
    )


def _command(source: Json, common: Json) -> core.Item:
    return core.Command(
        **common,
        command=text(source, "command"),
        cwd=text(source, "cwd"),
        actions=tuple(_action(a) for a in rows(source.get("commandActions"))),
        output=Output.of(text(source, "aggregatedOutput")),
        exit_code=whole(source, "exitCode"),
        duration_ms=whole(source, "durationMs"),
        process_id=text(source, "processId"),
        source=text(source, "source", "agent"),
    )


def _file_change(source: Json, common: Json) -> core.Item:
    return core.FileChange(**common, changes=changes(source.get("changes")))


def _mcp_tool_call(source: Json, common: Json) -> core.Item:
    outcome = table(source.get("result"))
    result = contents(outcome.get("content"))
    if not result and outcome.get("structuredContent") is not None:
        result = (core.Content("unknown", as_json(outcome["structuredContent"])),)
    return core.McpToolCall(
        **common,
        server=text(source, "server"),
        tool=text(source, "tool"),
        arguments=as_json(source.get("arguments")),
        result=result,
        error=text(table(source.get("error")), "message"),
        duration_ms=whole(source, "durationMs"),
    )


def _dynamic_tool_call(source: Json, common: Json) -> core.Item:
    success = source.get("success")
    return core.DynamicToolCall(
        **common,
        namespace=text(source, "namespace"),
        tool=text(source, "tool"),
        arguments=as_json(source.get("arguments")),
        result=contents(source.get("contentItems")),
        success=success if isinstance(success, bool) else None,
        duration_ms=whole(source, "durationMs"),
    )


def _collab_agent_call(source: Json, common: Json) -> core.Item:
    states = table(source.get("agentsStates"))
    ids = dict.fromkeys((*texts(source.get("receiverThreadIds")), *map(str, states)))
    agents = tuple(
        core.Agent(
            thread_id,
            snake(text(table(states.get(thread_id)), "status")),
            text(table(states.get(thread_id)), "message"),
        )
        for thread_id in ids
    )
    return core.CollabAgentCall(
        **common,
        tool=text(source, "tool"),
        prompt=text(source, "prompt"),
        model=text(source, "model"),
        agents=agents,
    )


def _sub_agent_activity(source: Json, common: Json) -> core.Item:
    return core.SubAgentActivity(
        **common,
        kind=text(source, "kind"),
        agent_thread_id=text(source, "agentThreadId"),
        agent_path=text(source, "agentPath"),
        model=text(source, "model"),
    )


_SEARCH_ACTIONS = {"search": "search", "openPage": "open", "findInPage": "find"}


def _web_search(source: Json, common: Json) -> core.Item:
    action = table(source.get("action"))
    return core.WebSearch(
        **common,
        action=_SEARCH_ACTIONS.get(text(action, "type"), "other"),
        query=text(source, "query") or text(action, "query"),
        queries=texts(action.get("queries")),
        url=text(action, "url"),
        pattern=text(action, "pattern"),
    )


def _image_view(source: Json, common: Json) -> core.Item:
    return core.ImageView(**common, path=text(source, "path"))


#: The first characters of base64 tell the four raster types apart.
_IMAGE_SIGNS = (("iVBORw0KGgo", "png"), ("/9j/", "jpeg"), ("R0lGOD", "gif"), ("UklGR", "webp"))


def _image_generation(source: Json, common: Json) -> core.Item:
    result = text(source, "result")
    data = result if result.startswith("data:") else ""
    if result and not data:
        kind = next((kind for sign, kind in _IMAGE_SIGNS if result.startswith(sign)), "png")
        data = f"data:image/{kind};base64,{result}"
    failure = source.get("failure")
    return core.ImageGeneration(
        **common,
        prompt=text(source, "revisedPrompt"),
        data=data,
        saved_path=text(source, "savedPath"),
        failure=text(table(failure), "type") or (failure if isinstance(failure, str) else ""),
    )


def _sleep(source: Json, common: Json) -> core.Item:
    return core.Sleep(**common, duration_ms=whole(source, "durationMs") or 0)


def _review_entered(source: Json, common: Json) -> core.Item:
    return core.ReviewEntered(**common, review=text(source, "review"))


def _review_exited(source: Json, common: Json) -> core.Item:
    return core.ReviewExited(**common, review=text(source, "review"))


def _compaction(source: Json, common: Json) -> core.Item:
    return core.Compaction(**common)


def _hook_prompt(source: Json, common: Json) -> core.Item:
    found = tuple(text(table(part), "text") for part in rows(source.get("fragments")))
    return core.HookPrompt(**common, fragments=found)


def _function_output(source: Json, common: Json) -> core.Item:
    return core.FunctionOutput(
        **common,
        namespace=text(source, "namespace"),
        name=text(source, "name"),
        output=plain(source.get("output")),
    )


_MAKERS: dict[str, Callable[[Json, dict[str, Any]], core.Item]] = {
    "userMessage": _user_message,
    "hookPrompt": _hook_prompt,
    "agentMessage": _agent_message,
    "functionCallOutput": _function_output,
    "plan": _plan,
    "reasoning": _reasoning,
    "commandExecution": _command,
    "fileChange": _file_change,
    "mcpToolCall": _mcp_tool_call,
    "dynamicToolCall": _dynamic_tool_call,
    "collabAgentToolCall": _collab_agent_call,
    "subAgentActivity": _sub_agent_activity,
    "webSearch": _web_search,
    "imageView": _image_view,
    "sleep": _sleep,
    "imageGeneration": _image_generation,
    "enteredReviewMode": _review_entered,
    "exitedReviewMode": _review_exited,
    "contextCompaction": _compaction,
}
