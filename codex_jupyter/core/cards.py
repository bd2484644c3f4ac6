"""Open requests as cards: what is asked, where, why, and what each answer does and for how long.

Every choice here was seen to work on runtime 0.163; one that a request does not allow is not offered. Who answers is
``policy.py`` and the session's broker; how a card looks is the renderers' affair.
"""

from __future__ import annotations

from codex_jupyter.core import requests as rq
from codex_jupyter.core.block_parts import patch, pretty
from codex_jupyter.core.document import Body, Card, Code, Field, Link, Option, Plain
from codex_jupyter.core.forms import form_fields, question_fields
from codex_jupyter.core.items import FileChange
from codex_jupyter.core.policy import mcp_tool, rights, rule_for
from codex_jupyter.core.requests import Choice, Request
from codex_jupyter.core.titles import asked, flat, short_path, unwrap
from codex_jupyter.core.turn import Turn

NOTHING_RUNS = "nothing runs until you answer"

#: Most characters of a command, of code or of arguments that a card shows; what is more is counted.
MOST_SHOWN = 20_000


def describe(request: Request, turn: Turn | None = None) -> str:
    """The request in one line, for the record of its answer and for lists; files are named where the turn knows them.

    Example:
        >>> describe(rq.CommandRequest("r", command="/bin/bash -lc 'pip install pyarrow'"))
        'pip install pyarrow'
    """
    settings = (turn or Turn()).settings
    if isinstance(request, rq.FileChangeRequest) and not request.paths and turn is not None:
        item = turn.find(request.item_id)
        if isinstance(item, FileChange) and item.changes:
            request = rq.FileChangeRequest(request.id, paths=tuple(c.path for c in item.changes))
    return asked(request, settings.cwd, settings.home)


def choices(request: Request) -> tuple[Choice, ...]:
    """The choices that may answer a request, in the order in which its card offers them.

    ``session`` is offered only where a rule of ours can be made of it, which is listed and can be taken back.
    """
    lasting: tuple[Choice, ...] = ("session",) if rule_for(request) is not None else ()
    match request:
        case rq.CommandRequest(permissions=permissions, network_host=host, rule=rule):
            if permissions or host:
                return ("once", "decline", "stop")
            more: tuple[Choice, ...] = ("always",) if rule else ()
            return ("once", *lasting, "decline", "stop", *more)
        case rq.FileChangeRequest() | rq.KernelRequest():
            return ("once", *lasting, "decline", "stop")
        case rq.PermissionsRequest():
            return ("once", *lasting, "decline")
        case rq.QuestionsRequest():
            return ("submit", "skip")
        case rq.McpToolRequest(persist=persist):
            always: tuple[Choice, ...] = ("always",) if "always" in persist else ()
            return ("once", *lasting, "decline", *always)
        case rq.FormRequest():
            return ("submit", "decline")
        case rq.UrlRequest():
            return ("once", "decline")
    return ("decline",)


def card(request: Request, turn: Turn | None = None) -> Card:
    """The card of an open request.

    Args:
        request: any request; one that this version does not know can only be declined.
        turn: gives the folder for relative paths, and the patch that a file change request means.

    Example:
        >>> card(rq.CommandRequest("r", command="ls")).title
        'Codex asks: run OUTSIDE the sandbox'
    """
    turn = turn or Turn()
    title, emphasis = _title(request, turn)
    rows = [(name, value) for name, value in facts(request, turn) if value]
    if request.reason:
        rows.append(("why", request.reason))
    return Card(
        request_id=request.id,
        title=flat(f"Codex asks: {title}"),
        emphasis=emphasis,
        facts=tuple(rows),
        body=_body(request, turn),
        fields=_fields(request),
        options=tuple(_option(choice, request, turn) for choice in choices(request)),
        footnote=_footnote(request),
    )


def _title(request: Request, turn: Turn) -> tuple[str, str]:
    """The card's title after ``Codex asks:`` and the words in it that stand out."""
    sandbox = turn.settings.sandbox
    match request:
        case rq.CommandRequest(network_host=host) if host:
            return f"reach {host}", host
        case rq.CommandRequest(permissions=permissions) if permissions:
            return "run with MORE RIGHTS", "MORE RIGHTS"
        case rq.CommandRequest() if sandbox == "unavailable":
            return "run WITHOUT a sandbox (there is none here)", "WITHOUT a sandbox"
        case rq.CommandRequest():
            return "run OUTSIDE the sandbox", "OUTSIDE the sandbox"
        case rq.FileChangeRequest():
            return "change files", ""
        case rq.PermissionsRequest():
            return "have MORE RIGHTS", "MORE RIGHTS"
        case rq.QuestionsRequest(questions=questions):
            return ("a question" if len(questions) == 1 else f"{len(questions)} questions"), ""
        case rq.McpToolRequest(server=server):
            return f"use the tool {server}/{mcp_tool(request) or '?'}", ""
        case rq.FormRequest(server=server):
            return f"{server or 'an MCP server'} wants some answers", ""
        case rq.UrlRequest(server=server):
            return f"{server or 'an MCP server'} wants you to open a page", ""
        case rq.KernelRequest(action=action):
            what = {"run": "run", "inspect": "look at an object"}.get(action, action)
            words = "in YOUR KERNEL, with your rights, outside the sandbox"
            return f"{what} {words}", "YOUR KERNEL"
    return "something this version does not know", ""


def facts(request: Request, turn: Turn) -> list[tuple[str, str]]:
    """What a card says of its request in labelled lines; values may be empty."""
    cwd, home = turn.settings.cwd, turn.settings.home

    def folder(path: str) -> str:
        return short_path(path, "", home)

    def files(paths: tuple[str, ...]) -> str:
        return ", ".join(short_path(p, cwd, home) for p in paths)

    match request:
        case rq.CommandRequest(cwd=where, permissions=permissions):
            return [("in", folder(where)), ("rights", rights(permissions, cwd, home))]
        case rq.FileChangeRequest(grant_root=root, paths=paths):
            known = isinstance(turn.find(request.item_id), FileChange)
            listed = "" if known else files(paths)
            return [("files", listed), ("wants to write in", folder(root))]
        case rq.PermissionsRequest(network=network, read=read, write=write, cwd=where):
            return [
                ("network", "yes" if network else ""),
                ("read", files(read)),
                ("write", files(write)),
                ("in", folder(where)),
            ]
        case rq.McpToolRequest(server=server, description=description):
            return [("server", server), ("what it does", description)]
        case rq.FormRequest(server=server) | rq.UrlRequest(server=server):
            return [("server", server)]
        case rq.KernelRequest(tool=tool):
            return [("tool", tool)]
        case rq.UnknownRequest(method=method):
            return [("method", method)]
    return []


def _body(request: Request, turn: Turn) -> tuple[Body, ...]:
    match request:
        case rq.CommandRequest(command=command) if command:
            return (Code(_bounded(unwrap(command)), "bash", typed=True),)
        case rq.FileChangeRequest():
            item = turn.find(request.item_id)
            if not isinstance(item, FileChange):
                return ()
            return (patch(item.changes, turn.settings.cwd, turn.settings.home),)
        case rq.McpToolRequest(message=message, arguments=arguments):
            shown = pretty(arguments)
            body: tuple[Body, ...] = (Plain(message),) if message else ()
            return (*body, Code(_bounded(shown), "json")) if shown not in ("", "{}") else body
        case rq.FormRequest(message=message):
            return (Plain(_bounded(message)),) if message else ()
        case rq.UrlRequest(message=message, url=url):
            return (Plain(_bounded(message)), Link(url)) if message else (Link(url),)
        case rq.KernelRequest(code=code) if code:
            return (Code(_bounded(code), "python"),)
        case rq.UnknownRequest(params=params):
            return (Code(_bounded(pretty(params)), "json"),)
    return ()


def _fields(request: Request) -> tuple[Field, ...]:
    if isinstance(request, rq.QuestionsRequest):
        return question_fields(request.questions)
    return form_fields(request.schema) if isinstance(request, rq.FormRequest) else ()


def _footnote(request: Request) -> str:
    match request:
        case rq.QuestionsRequest(blocking=blocking):
            return "Codex waits for your answer" if blocking else "Codex goes on meanwhile"
        case rq.FormRequest() | rq.UrlRequest():
            return "the server waits for your answer"
        case rq.FileChangeRequest():
            return "nothing is written until you answer"
        case rq.PermissionsRequest():
            return "nothing is granted until you answer"
    return NOTHING_RUNS


#: How long a rule of the session holds.
_UNTIL = "until the kernel ends or %codex /permissions takes it back"

_KEYS = {"once": "a", "session": "s", "decline": "d", "stop": "x", "always": "w"}


def _option(choice: Choice, request: Request, turn: Turn) -> Option:
    label, explains = _LABELS[choice]
    confirm = ""
    key = _KEYS.get(choice, "")
    cwd, home = turn.settings.cwd, turn.settings.home
    match (choice, request):
        case ("session", rq.FileChangeRequest()):
            rule = rule_for(request, cwd)
            explains = f"Also later edits of the same files, {_UNTIL}."
            if rule is not None and rule.kind == "edit":
                label = "Allow edits in this folder"
                folder = short_path(rule.what, "", home)
                explains = f"Every edit under {folder}, in this notebook, {_UNTIL}."
        case ("once", rq.PermissionsRequest()):
            label, explains = "Allow for this turn", "Ends with this turn."
        case ("session", rq.PermissionsRequest()):
            explains = f"Codex gets the same rights again whenever it asks, {_UNTIL}."
        case ("decline", rq.PermissionsRequest()):
            explains = "Grants nothing; Codex goes on."
        case ("session", rq.CommandRequest()):
            explains = f"This very command in this folder, unasked, {_UNTIL}."
        case ("session", rq.KernelRequest()):
            label = "Allow in this notebook"
            explains = f"Codex may do this in your kernel unasked, {_UNTIL}."
        case ("session", rq.McpToolRequest()):
            explains = f"This tool, unasked, {_UNTIL}."
        case ("always", rq.CommandRequest(rule=rule)):
            prefix = " ".join(rule)
            explains = f"Writes a rule that the CLI will follow too: commands that begin with `{prefix}` run unasked."
            confirm = (
                f"From now on every Codex front end runs commands that begin with `{prefix}` "
                "outside the sandbox, unasked. The rule is written to rules/default.rules in the Codex home folder."
            )
        case ("always", rq.McpToolRequest(server=server)):
            explains = "Every Codex front end will use this tool unasked."
            confirm = f"From now on every Codex front end uses {server}/{mcp_tool(request) or '?'} unasked."
        case ("submit", rq.QuestionsRequest() | rq.FormRequest()):
            label, explains = "Send", ""
        case ("once", rq.UrlRequest()):
            label, explains = "I have opened it", "Tells the server that you went there."
            key = ""
        case ("skip", rq.QuestionsRequest()):
            label, explains = "Skip", "Codex is told that you did not answer."
        case ("decline", rq.FormRequest() | rq.UrlRequest()):
            explains = "The server is told no."
        case _:
            pass
    return Option(
        choice, label, explains, key, primary=choice in ("once", "submit"), confirm=confirm
    )


_LABELS: dict[Choice, tuple[str, str]] = {
    "once": ("Allow once", "This time only."),
    "session": ("This session", ""),
    "always": ("Always", ""),
    "decline": ("Decline", "Codex is told no and goes on."),
    "stop": ("Decline and stop", "Codex is told no and the turn ends."),
    "submit": ("Send", ""),
    "skip": ("Skip", ""),
}


def _bounded(text: str) -> str:
    if len(text) <= MOST_SHOWN:
        return text
    half = MOST_SHOWN // 2
    left_out = len(text) - 2 * half
    return f"{text[:half]}\n… {left_out:,} characters are not shown: decline if in doubt …\n{text[-half:]}"
