"""What the runtime asks, as it travels -> ``core.requests``. Total; a request of unknown method is an
``UnknownRequest``, which is refused. How answers travel back is ``replies.py``.
"""

from __future__ import annotations

from codex_jupyter.core import requests as core
from codex_jupyter.core.json_fields import Json, as_json, rows, table, text, texts, whole, yes

APPROVAL_OF_MCP_TOOL = "mcp_tool_call"


def translate_request(
    rpc_id: int | str, method: object, params: object, *, prefix: str = ""
) -> core.Request:
    """The request that the runtime made.

    Args:
        rpc_id: the JSON-RPC id.
        method, params: as decoded; anything unexpected ends as an ``UnknownRequest`` or with default fields.
        prefix: makes ``Request.id`` unique across runtimes (ids start at 0 in each): ``prefix + str(rpc_id)``.

    Example:
        >>> translate_request(7, "item/fileChange/requestApproval", {"itemId": "i"}, prefix="r1-").id
        'r1-7'
    """
    source = table(params)
    name = method if isinstance(method, str) else ""
    common: Json = {
        "id": f"{prefix}{rpc_id}",
        "thread_id": text(source, "threadId"),
        "turn_id": text(source, "turnId"),
        "item_id": text(source, "itemId"),
        "started_ms": whole(source, "startedAtMs"),
        "reason": text(source, "reason"),
    }
    if name == "item/commandExecution/requestApproval":
        return _command(source, common, params)
    if name == "item/fileChange/requestApproval":
        return core.FileChangeRequest(**common, grant_root=text(source, "grantRoot"))
    if name == "item/permissions/requestApproval":
        return _permissions(source, common)
    if name == "item/tool/requestUserInput":
        return _questions(source, common)
    if name == "mcpServer/elicitation/request":
        return _elicitation(source, common, params)
    if name == "item/tool/call":
        common["item_id"] = common["item_id"] or text(source, "callId")
        return core.ToolCall(
            **common,
            call_id=text(source, "callId"),
            namespace=text(source, "namespace"),
            tool=text(source, "tool"),
            arguments=as_json(source.get("arguments")),
        )
    return core.UnknownRequest(**common, method=name, params=as_json(params))


def _command(source: Json, common: Json, params: object) -> core.Request:
    kind = source.get("kind", "command")
    if kind not in (
        "command",
        None,
    ):  # typing into a command's terminal has no shape that was ever seen
        method = "item/commandExecution/requestApproval"
        return core.UnknownRequest(**common, method=f"{method} ({kind})", params=as_json(params))
    return core.CommandRequest(
        **common,
        command=text(source, "command"),
        cwd=text(source, "cwd"),
        rule=_offered_rule(source),
        permissions=as_json(source.get("additionalPermissions")),
        network_host=text(table(source.get("networkApprovalContext")), "host"),
    )


def _offered_rule(source: Json) -> tuple[str, ...]:
    """The prefix of the rule that may be written, ``()`` unless the runtime offers that decision (tested: with extra
    permissions it proposes a rule but does not offer it)."""
    offered = source.get("availableDecisions")
    if offered is None:
        return texts(source.get("proposedExecpolicyAmendment"))
    for decision in map(table, rows(offered)):
        amendment = table(decision.get("acceptWithExecpolicyAmendment"))
        if amendment:
            return texts(amendment.get("execpolicy_amendment"))
    return ()


def _permissions(source: Json, common: Json) -> core.Request:
    asked = table(source.get("permissions"))
    files = table(asked.get("fileSystem"))
    read, write = list(texts(files.get("read"))), list(texts(files.get("write")))
    for entry in map(table, rows(files.get("entries"))):
        place = table(entry.get("path"))
        path = text(place, "path") or text(place, "pattern") or as_json(entry.get("path"))
        kept = write if text(entry, "access") == "write" else read
        if path and path not in kept:
            kept.append(path)
    return core.PermissionsRequest(
        **common,
        cwd=text(source, "cwd"),
        permissions=as_json(asked or None),
        network=yes(table(asked.get("network")), "enabled"),
        read=tuple(read),
        write=tuple(write),
    )


def _questions(source: Json, common: Json) -> core.Request:
    found = []
    for question in map(table, rows(source.get("questions"))):
        options = tuple(
            (text(o, "label"), text(o, "description"))
            for o in map(table, rows(question.get("options")))
        )
        found.append(
            core.Question(
                id=text(question, "id"),
                header=text(question, "header"),
                text=text(question, "question"),
                options=options,
                free_text=yes(question, "isOther") or not options,
                secret=yes(question, "isSecret"),
            )
        )
    blocking = source.get("isBlocking") is not False
    return core.QuestionsRequest(**common, questions=tuple(found), blocking=blocking)


def _elicitation(source: Json, common: Json, params: object) -> core.Request:
    server, message = text(source, "serverName"), text(source, "message")
    meta = table(source.get("_meta"))
    if source.get("mode") == "url":
        return core.UrlRequest(**common, server=server, message=message, url=text(source, "url"))
    if meta.get("codex_approval_kind") == APPROVAL_OF_MCP_TOOL:
        persist = meta.get("persist")
        return core.McpToolRequest(
            **common,
            server=server,
            message=message,
            description=text(meta, "tool_description"),
            arguments=as_json(meta.get("tool_params")),
            persist=(persist,) if isinstance(persist, str) else texts(persist),
        )
    if source.get("mode") == "form":
        return core.FormRequest(
            **common,
            server=server,
            message=message,
            schema=as_json(source.get("requestedSchema")),
        )
    method = f"mcpServer/elicitation/request ({source.get('mode')})"
    return core.UnknownRequest(**common, method=method, params=as_json(params))
