"""One-line names of things: a command without its shell wrapper, a path as people write it, a duration, a request.

Pure text in, text out. No blocks, no cards, no state.
"""

from __future__ import annotations

import json
import posixpath
import re

from codex_jupyter.core import requests as rq
from codex_jupyter.core.spelled import on_one_line

#: The shells that a runtime wraps a command in, where systems keep them; any other program of such a name is shown.
_WRAPPER = re.compile(r"(?:/(?:usr/(?:local/)?)?bin/)?(?:bash|sh|zsh) -l?c ")
#: One word as it is quoted for a shell, and nothing in it that a shell would still act on.
_LITERAL = re.compile(r"""(?:'[^']*'|"(?:[^"\\$`!]|\\["\\$`])*"|\\[^\n]|[A-Za-z0-9_@%+=:,./-])+""")
_QUOTED = re.compile(r"""'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)|([^'"\\]+)""", re.S)
_ESCAPED = re.compile(r'\\(["\\$`])')


def unwrap(command: str) -> str:
    """The command inside ``/bin/bash -lc '…'``, where the whole is exactly that; anything else as it is.

    Example:
        >>> unwrap("/bin/bash -lc 'pytest -q'"), unwrap("./bash -lc 'pytest -q'")
        ('pytest -q', "./bash -lc 'pytest -q'")
    """
    start = _WRAPPER.match(command)
    if start is None or not _LITERAL.fullmatch(command, start.end()):
        return command
    inside = "".join(
        single or escaped or plain or _ESCAPED.sub(r"\1", double)
        for single, double, escaped, plain in _QUOTED.findall(command[start.end() :])
    )
    return inside or command


_BREAKS = dict.fromkeys(map(ord, "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"), "⏎")


def flat(text: str) -> str:
    """The text with its line breaks shown as ``⏎``: a name with a break in it must not look like two rows."""
    return text.translate(_BREAKS)


def one_line(text: str, width: int = 120) -> str:
    """The first line with something on it, at most ``width`` characters; ``…`` marks what is left out."""
    lines = text.strip().split("\n", 1)
    first = flat(lines[0].strip())
    if len(first) > width:
        return first[: width - 1] + "…"
    return f"{first} …" if len(lines) > 1 and lines[1].strip() else first


def short_path(path: str, cwd: str = "", home: str = "") -> str:
    """A path relative to the turn's folder where it lies inside, with ``~`` where it lies at home, else as it is.

    Example:
        >>> short_path("/home/ada/churn/src/load.py", "/home/ada/churn", "/home/ada")
        'src/load.py'
    """
    if not path.startswith("/"):
        return path
    for base, mark in ((cwd, ""), (home, "~/")):
        if not base.startswith("/") or base == "/":
            continue
        base = base.rstrip("/")
        if path == base:
            return mark.rstrip("/") or "."
        if path.startswith(base + "/"):
            inside = path[len(base) + 1 :]
            return mark + inside if mark or not inside.startswith("~") else f"./{inside}"
    return path


def elided(path: str, width: int = 60) -> str:
    """A path of at most about ``width`` characters: where it begins, ``…``, and its file.

    Example:
        >>> elided("~/.codex/generated_images/01a1fd2d-e5e7-7712-a6af-f00a1367d22c/a-band-of-colours.png", 48)
        '~/.codex/generated_images/…/a-band-of-colours.png'
    """
    if len(path) <= width:
        return path
    parts = path.split("/")
    name = parts.pop()
    if len(name) > width - 8:
        name = f"{name[: width // 2 - 6]}…{name[-(width // 2 - 6) :]}"
    near = parts.pop(0) if parts else ""
    if not near and parts:  # an absolute path names at least its first folder
        near = f"/{parts.pop(0)}"
    while parts and len(near) + len(parts[0]) + len(name) + 3 <= width:
        near += f"/{parts.pop(0)}"
    return "/".join(part for part in (near, "…" if parts else "", name) if part)


def file_name(path: str) -> str:
    """The last part of a path, or the path when it has none."""
    return posixpath.basename(path.rstrip("/\\").replace("\\", "/")) or path


def span(milliseconds: int | None) -> str:
    """A duration as people say it: ``0.7 s``, ``38 s``, ``2 min 5 s``, ``1 h 3 min``; ``""`` for None.

    Example:
        >>> span(2100), span(38_400), span(125_000)
        ('2.1 s', '38 s', '2 min 5 s')
    """
    if milliseconds is None or milliseconds < 0:
        return ""
    if milliseconds < 9_950:
        tenths = round(milliseconds / 100)
        return f"{tenths // 10} s" if tenths % 10 == 0 else f"{tenths / 10:.1f} s"
    seconds = (milliseconds + 500) // 1000  # whole numbers only: the wire may send any
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min" + (f" {seconds % 60} s" if seconds % 60 else "")
    hours = seconds // 3600
    if hours >= 48:
        return f"{hours // 24:,} d"
    return f"{hours} h" + (f" {seconds % 3600 // 60} min" if seconds % 3600 // 60 else "")


def count(number: int, noun: str, plural: str = "") -> str:
    """``1 command``, ``2 commands``, ``1,600 steps``."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def tokens(number: int) -> str:
    """``950 tokens``, ``1.3k tokens``, ``2.1M tokens``."""
    if number < 1000:
        return count(number, "token")
    number = min(number, 10**12)
    if number < 999_950:
        return f"{number / 1000:.1f}".removesuffix(".0") + "k tokens"
    return f"{number / 1e6:.1f}".removesuffix(".0") + "M tokens"


def call(name: str, arguments: str, width: int = 80) -> str:
    """A tool's call on one line: ``demo/search(query="tokio", limit=3)``. ``arguments`` is JSON text."""
    try:
        value = json.loads(arguments) if arguments else {}
    except (ValueError, RecursionError):
        value = None
    if isinstance(value, dict):
        inner = ", ".join(f"{one_line(str(k), 40)}={_brief(v)}" for k, v in list(value.items())[:8])
        inner += ", …" if len(value) > 8 else ""
    else:
        inner = one_line(arguments, width)
    room = max(width - len(name) - 2, 8)
    if len(inner) > room:
        inner = inner[: room - 1] + "…"
    return f"{name}({inner})"


def _brief(value: object) -> str:
    try:
        shown = json.dumps(value, ensure_ascii=False)
    except (ValueError, RecursionError):
        shown = "…"
    return shown if len(shown) <= 60 else shown[:59] + "…"


def asked(request: rq.Request, cwd: str = "", home: str = "") -> str:
    """What a request asks, in one line; the record of its answer shows it.

    Example:
        >>> asked(rq.CommandRequest("r", command="/bin/bash -lc 'pip install pyarrow'"))
        'pip install pyarrow'
    """
    return on_one_line(flat(_asked(request, cwd, home)))


def _asked(request: rq.Request, cwd: str, home: str) -> str:
    match request:
        case rq.CommandRequest(command=command, network_host=host):
            if host:
                return f"reach {host}" + (f": {one_line(unwrap(command))}" if command else "")
            return one_line(unwrap(command)) or "run a command"
        case rq.FileChangeRequest(paths=paths, grant_root=root):
            if paths:
                names = [short_path(p, cwd, home) for p in paths]
                more = f" and {len(names) - 3} more" if len(names) > 3 else ""
                return "edit " + ", ".join(names[:3]) + more
            return f"edit files in {short_path(root, cwd, home)}" if root else "edit files"
        case rq.PermissionsRequest(network=network, read=read, write=write):
            parts = ["network"] if network else []
            parts += [f"read {short_path(p, cwd, home)}" for p in read]
            parts += [f"write {short_path(p, cwd, home)}" for p in write]
            return "more rights: " + one_line(", ".join(parts) or "unspecified", 160)
        case rq.QuestionsRequest(questions=questions):
            return one_line("; ".join(q.text or q.header for q in questions), 160) or "a question"
        case rq.McpToolRequest(server=server, message=message, arguments=arguments):
            return one_line(message, 160) or call(server or "an MCP tool", arguments)
        case rq.FormRequest(server=server, message=message):
            return one_line(f"{server or 'an MCP server'} asks: {message}", 160)
        case rq.UrlRequest(server=server, url=url):
            return one_line(f"{server or 'an MCP server'} wants you to open {url}", 160)
        case rq.KernelRequest(action="edit", changes=changes):
            names = [change.path for change in changes[:3]]
            more = f" and {len(changes) - 3} more" if len(changes) > 3 else ""
            return one_line(f"change {', '.join(names)}{more}", 160)
        case rq.KernelRequest(action=action, code=code, tool=tool):
            what = one_line(code) or tool
            return f"{action} in your kernel" + (f": {what}" if what else "")
        case rq.ToolCall(namespace=namespace, tool=tool, arguments=arguments):
            return call(f"{namespace}/{tool}" if namespace else tool, arguments)
        case rq.UnknownRequest(method=method):
            return f"something this version does not recognise ({one_line(method, 80)})"
    return "something"
