"""Notifications that concern a thread, the account or an MCP server as a whole -> arrivals of their own. Total."""

from __future__ import annotations

from collections.abc import Callable

from codex_jupyter.core.json_fields import Json, as_json, snake, table, text, texts, yes
from codex_jupyter.runtime.arrivals import (
    AccountChanged,
    LoginCompleted,
    McpServerChanged,
    ThreadChanged,
)
from codex_jupyter.runtime.wire_rights import echo_of

News = ThreadChanged | AccountChanged | LoginCompleted | McpServerChanged


def announce(method: str, params: object) -> News | None:
    """What a notification says about a thread, the account or an MCP server as a whole; None for all others."""
    make = ANNOUNCEMENTS.get(method)
    return make(table(params)) if make is not None else None


def _thread_started(p: Json) -> ThreadChanged:
    thread = table(p.get("thread"))
    parent = text(thread, "parentThreadId")
    return ThreadChanged(text(thread, "id"), "started", as_json(p.get("thread")), parent)


def _thread_status(p: Json) -> ThreadChanged:
    status = table(p.get("status"))
    flags = texts(status.get("activeFlags"))
    what = snake(flags[0] if flags else text(status, "type", "not_loaded"))
    return ThreadChanged(text(p, "threadId"), what, as_json(p.get("status")))


def _thread_named(p: Json) -> ThreadChanged:
    return ThreadChanged(text(p, "threadId"), "name", text(p, "threadName"))


def _thread_news(what: str, field: str = "") -> Callable[[Json], ThreadChanged]:
    def make(p: Json) -> ThreadChanged:
        return ThreadChanged(text(p, "threadId"), what, as_json(p.get(field)) if field else "")

    return make


def _settings(p: Json) -> ThreadChanged:
    settings = p.get("threadSettings")
    return ThreadChanged(text(p, "threadId"), "settings", as_json(settings), echo=echo_of(settings))


def _account(p: Json) -> AccountChanged:
    return AccountChanged(text(p, "authMode"), text(p, "planType"))


def _login(p: Json) -> LoginCompleted:
    return LoginCompleted(text(p, "loginId"), yes(p, "success"), text(p, "error"))


def _mcp_server(p: Json) -> McpServerChanged:
    name, status = text(p, "name"), text(p, "status")
    return McpServerChanged(name, status, text(p, "threadId"), text(p, "error"))


def _mcp_signed_in(p: Json) -> McpServerChanged:
    status = "signed_in" if yes(p, "success") else "failed"
    return McpServerChanged(text(p, "name"), status, text(p, "threadId"), text(p, "error"))


ANNOUNCEMENTS: dict[str, Callable[[Json], News]] = {
    "thread/started": _thread_started,
    "thread/status/changed": _thread_status,
    "thread/name/updated": _thread_named,
    "thread/archived": _thread_news("archived"),
    "thread/unarchived": _thread_news("unarchived"),
    "thread/deleted": _thread_news("deleted"),
    "thread/closed": _thread_news("closed"),
    "thread/reverted": _thread_news("reverted"),
    "thread/settings/updated": _settings,
    "thread/queue/changed": _thread_news("queue"),
    "thread/goal/updated": _thread_news("goal", "goal"),
    "thread/goal/cleared": _thread_news("goal_cleared"),
    "account/updated": _account,
    "account/login/completed": _login,
    "mcpServer/startupStatus/updated": _mcp_server,
    "mcpServer/oauthLogin/completed": _mcp_signed_in,
}
