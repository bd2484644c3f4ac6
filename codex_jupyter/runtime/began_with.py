"""Which tools a stored conversation began with, as far as this machine knows: they are frozen for its life.

The runtime's answers do not say. The file in which it keeps the conversation does, in its first line.
"""

from __future__ import annotations

import json
import os

from codex_jupyter.core.json_fields import rows, table, text
from codex_jupyter.runtime.history import StoredThread
from codex_jupyter.runtime.launch import Launch
from codex_jupyter.runtime.versions import number

#: Most characters of a first line: it holds the instructions and all tools.
LONGEST = 4_000_000
#: The oldest runtime that was seen to write the tools there, and to take them from there.
WRITTEN_SINCE = (0, 163, 0)


def began_with(thread: StoredThread, wanted: frozenset[str]) -> bool | None:
    """Whether a conversation began with tools of these names or namespaces; None where nothing says so.

    Reads a file: not for the session's loop.
    """
    tools = _tools(thread)
    if tools is not None:
        return bool(wanted & tools)
    ours = Launch().client_name
    # Another program has no tools of ours; a program of our own may have begun without.
    return False if thread.originator not in ("", ours) else None


def _tools(thread: StoredThread) -> frozenset[str] | None:
    """The names in the file's first line; None where it does not say, as from old runtimes."""
    if not os.path.isfile(thread.path):
        return None
    try:
        with open(thread.path, encoding="utf-8") as file:
            first = table(json.loads(file.readline(LONGEST)))
    except (OSError, ValueError, RecursionError):
        return None
    payload = table(first.get("payload"))
    if text(payload, "id") != thread.id:
        return None
    if "dynamic_tools" not in payload:
        began = number(text(payload, "cli_version"))
        return frozenset() if began is not None and began >= WRITTEN_SINCE else None
    found = map(table, rows(payload.get("dynamic_tools")))
    return frozenset(text(tool, "namespace") or text(tool, "name") for tool in found)
