"""What exactly a request asks, whole: made once, in one place, and drawn from here by every front end and by the record.

Nothing is cut. Where something cannot be shown whole (a patch that nobody knows, an address that a browser may read
otherwise, more than anybody reads), ``Asked.undrawn`` says why, and ``choices`` offers only to refuse.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from codex_jupyter.core import requests as rq
from codex_jupyter.core.block_parts import patch
from codex_jupyter.core.diffs import Change
from codex_jupyter.core.document import Body, Exact, ExactFacts, ExactPatch
from codex_jupyter.core.forms import MOST_FIELDS, MOST_OPTIONS, change_fields, form_fields
from codex_jupyter.core.policy import rights, rule_for
from codex_jupyter.core.requests import Asked, Choice, Request
from codex_jupyter.core.rights import NETWORK
from codex_jupyter.core.spelled import invisible
from codex_jupyter.core.titles import short_path, unwrap
from codex_jupyter.core.turn import TurnSettings

#: The choices that allow nothing.
REFUSALS: tuple[Choice, ...] = ("decline", "stop", "skip")
#: Characters of a request that somebody can be asked to judge, its patch included.
MOST_DRAWN = 200_000

_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?\.?")

TOO_LONG = "It is too long to show in full ({:,} characters), so it can only be declined."
NO_PATCH = "Codex did not say which changes, so they cannot be shown; they can only be declined."
NO_COMMAND = "Codex did not say which command, so it can only be declined."
NO_CODE = "There is no code to show, so it can only be declined."
NO_CELLS = "There are no changes to show, so they can only be declined."
NO_TOOL = "The server did not say which tool, so it can only be declined."
NO_FORM = "The request cannot be shown in full, so it can only be declined."
NO_RIGHTS = "Codex did not say which permissions, so they can only be declined."
NO_ADDRESS = "This is not a plain web address, and a browser may open a different one, so it can only be declined."
UNKNOWN = "This version does not recognise the request, so it can only be declined."


def asked(request: Request, settings: TurnSettings | None = None) -> Asked:
    """The exact words of a request.

    Args:
        request: any, also one that this version does not know.
        settings: give the folders that paths are shortened by.

    Example:
        >>> asked(rq.CommandRequest("r", command="/bin/bash -lc 'ls'")).words[0].text
        'ls'
    """
    settings = settings or TurnSettings()
    return _asked(request, settings.cwd, settings.home)


@lru_cache(maxsize=32)
def _asked(request: Request, cwd: str, home: str) -> Asked:
    words, undrawn = _words(request)
    facts = [(name, value) for name, value in _facts(request, cwd, home) if value]
    changes: tuple[Change, ...] = ()
    match request:
        case rq.FileChangeRequest():
            changes = patch(request.changes, cwd, home).changes
        case rq.KernelRequest():
            changes = request.changes
    made = Asked(tuple(word for word in words if word.text), changes, tuple(facts))
    length = _length(made)
    if length > MOST_DRAWN:
        return Asked(undrawn=TOO_LONG.format(length))
    return Asked(made.words, made.changes, made.facts, request.withheld or undrawn)


def choices(request: Request, folder: str = "") -> tuple[Choice, ...]:
    """The choices that may answer a request of a turn in ``folder``, in the order in which its card offers them.

    ``session`` is offered only where a rule of ours can be made of it, which is listed and can be taken back; of a request
    that cannot be drawn whole, only what refuses it.

    Example:
        >>> choices(rq.FileChangeRequest("r"))
        ('decline', 'stop')
    """
    offered = _choices(request, folder)
    if not asked(request).undrawn:
        return offered
    return tuple(one for one in offered if one in REFUSALS)


def _choices(request: Request, folder: str) -> tuple[Choice, ...]:
    lasting: tuple[Choice, ...] = ("session",) if rule_for(request, folder) is not None else ()
    match request:
        case rq.CommandRequest(permissions=permissions, network_host=host, rule=rule):
            if permissions or host:
                return ("once", "decline", "stop")
            more: tuple[Choice, ...] = ("always",) if rule else ()
            return ("once", *lasting, "decline", "stop", *more)
        case rq.KernelRequest(action="edit", changes=changes) if change_fields(changes):
            return ("once", "submit", *lasting, "decline", "stop")
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


def bodies(exact: Asked) -> tuple[Body, ...]:
    """What draws the words and the patch of a request, in any format."""
    return (*exact.words, *((ExactPatch(exact.changes),) if exact.changes else ()))


def record(exact: Asked) -> tuple[Body, ...]:
    """What draws a request in the record of its answer."""
    facts = (ExactFacts(exact.facts),) if exact.facts else ()
    return (*bodies(exact), *facts)


def _words(request: Request) -> tuple[list[Exact], str]:
    """What is asked for, and why not all of it can be shown."""
    match request:
        case rq.CommandRequest(command=command, network_host=host, permissions=permissions):
            found = [Exact(unwrap(command), "command", "bash", typed=True), *_whole(permissions)]
            return found, "" if command or host else NO_COMMAND
        case rq.FileChangeRequest(changes=changes):
            return [], "" if changes and all(map(_readable, changes)) else NO_PATCH
        case rq.PermissionsRequest(permissions=permissions):
            return _whole(permissions), "" if permissions else NO_RIGHTS
        case rq.QuestionsRequest(questions=questions):
            most = max((len(q.options) for q in questions), default=0)
            whole = 0 < len(questions) <= MOST_FIELDS and most <= MOST_OPTIONS
            return [], "" if whole else NO_FORM
        case rq.McpToolRequest(message=message, arguments=arguments):
            found = [Exact(message, "prose")]
            if arguments not in ("", "{}", "null"):
                found.append(Exact(json_lines(arguments), "code", "json"))
            return found, "" if request.server and request.tool else NO_TOOL
        case rq.FormRequest(message=message, schema=schema):
            return [Exact(message, "prose")], "" if _form_is_whole(schema) else NO_FORM
        case rq.UrlRequest(message=message, url=url):
            found = [Exact(message, "prose"), Exact(url, "code", opens=bool(host_of(url)))]
            return found, "" if host_of(url) else NO_ADDRESS
        case rq.KernelRequest(action="edit", changes=changes):
            return [], "" if changes and all(map(_readable, changes)) else NO_CELLS
        case rq.KernelRequest(action=action, code=code):
            return [Exact(code, "code", "python")], "" if code or action != "run" else NO_CODE
        case rq.UnknownRequest(params=params):
            return [Exact(json_lines(params), "code", "json")], UNKNOWN
        case rq.ToolCall(arguments=arguments):
            return [Exact(json_lines(arguments), "code", "json")], UNKNOWN
    return [], UNKNOWN


def _facts(request: Request, cwd: str, home: str) -> Iterator[tuple[str, str]]:
    """Labelled words: where, for whom, why."""

    def folder(path: str) -> str:
        return short_path(path, "", home)

    def files(paths: tuple[str, ...]) -> str:
        return "\n".join(short_path(path, cwd, home) for path in paths)

    if request.agent:
        yield "asked by", f"another agent, {request.agent}"
    match request:
        case rq.CommandRequest(cwd=where, permissions=permissions, network_host=host):
            yield "host", host
            yield "in", folder(where)
            told = rights(permissions, cwd, home) if _familiar(permissions) else ""
            yield "permissions", told
            reaches = "network" in told.split("; ")
            yield "network", NETWORK.removeprefix("network: ") if reaches else ""
        case rq.FileChangeRequest(grant_root=root, paths=paths, changes=changes, elsewhere=others):
            yield ("leads to", files(others)) if changes else ("files", files(paths))
            yield "wants to write in", folder(root)
        case rq.PermissionsRequest(network=network, read=read, write=write, cwd=where):
            yield "network", NETWORK.removeprefix("network: ") if network else ""
            yield "read", files(read)
            yield "write", files(write)
            yield "in", folder(where)
        case rq.McpToolRequest(server=server, description=description):
            yield "server", server
            yield "tool", request.tool
            yield "what it does", description
        case rq.FormRequest(server=server):
            yield "server", server
        case rq.UrlRequest(server=server, url=url):
            yield "server", server
            yield "opens", host_of(url)
        case rq.KernelRequest(tool=tool, notebook=notebook, always=always):
            yield "notebook", notebook
            yield "tool", tool
            yield "asked because", always
        case rq.UnknownRequest(method=method):
            yield "method", method
        case _:
            pass
    yield "why", request.reason


def json_lines(text: str) -> str:
    """JSON with indents, if it says the very same so; else the text as it is (keys twice, numbers that would be rounded).

    Example:
        >>> json_lines('{"a": 1, "a": 2}')
        '{"a": 1, "a": 2}'
    """

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(found)) != len(found):
            raise ValueError("a key that is there twice")
        return dict(found)

    def number(written: str) -> float:
        if repr(float(written)) != written:
            raise ValueError("a number that would be written otherwise")
        return float(written)

    try:
        value = json.loads(text, object_pairs_hook=pairs, parse_float=number, parse_constant=number)
        return json.dumps(value, ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        return text


def host_of(url: str) -> str:
    """The host that any browser opens for an address, in ASCII where it has other letters, too; ``""``: that is not certain.

    Example:
        >>> host_of("https://good.org@evil.org/"), host_of("https://xn--e1afmkfd.org/a?b")
        ('', 'xn--e1afmkfd.org')
    """
    if not re.match(r"https?://[^/\\\s@]+(?:[/?#]|\Z)", url, re.IGNORECASE) or "\\" in url:
        return ""
    if any(c in " \n" or invisible(c) for c in url):
        return ""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
        plain = host
        if not host.isascii():  # what browsers make of it must be what this makes of it
            plain = host.encode("idna").decode("ascii")
            if plain.encode("ascii").decode("idna") != host:
                return ""
    except (ValueError, UnicodeError):
        return ""
    return f"{plain}{port}" if _HOST.fullmatch(plain) or ":" in host else ""


def _readable(change: Any) -> bool:
    """Whether a change says all of what it does."""
    if not change.path or change.kind not in ("add", "delete", "update"):
        return False
    return bool(change.kind != "update" or change.diff or change.moved_to)


def _form_is_whole(schema: str) -> bool:
    try:
        known = json.loads(schema) if schema else {}
    except (ValueError, RecursionError):
        return False
    properties = known.get("properties") if isinstance(known, dict) else None
    if properties is None:
        return isinstance(known, dict)
    if not isinstance(properties, dict) or len(properties) > MOST_FIELDS:
        return False
    return all(len(field.options) < MOST_OPTIONS for field in form_fields(schema))


def _whole(permissions: str) -> list[Exact]:
    """A set of rights to the letter, where words alone would leave something out."""
    if not permissions or _familiar(permissions):
        return []
    return [Exact(json_lines(permissions), "code", "json")]


def _familiar(permissions: str) -> bool:
    """Whether words say all of a set of rights."""
    try:
        wanted = json.loads(permissions)
        files, network = wanted.get("fileSystem") or {}, wanted.get("network") or {}
        entries = files.get("entries") or ()
        return (
            set(wanted) <= {"fileSystem", "network"}
            and set(files) <= {"read", "write", "entries"}
            and set(network) <= {"enabled"}
            and all(isinstance(path, str) for n in ("read", "write") for path in files.get(n) or ())
            and all(
                set(entry) == {"path", "access"}
                and set(entry["path"]) == {"type", "path"}
                and entry["path"]["type"] == "path"
                for entry in entries
            )
        )
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError):
        return not permissions


def _length(made: Asked) -> int:
    return (
        sum(len(word.text) for word in made.words)
        + sum(len(change.path) + len(change.diff) + len(change.moved_to) for change in made.changes)
        + sum(len(value) for _, value in made.facts)
    )
