"""How many lines a patch adds and takes away. Reads unified diffs and bare contents; never raises."""

from __future__ import annotations

import re
from collections.abc import Iterable

from codex_jupyter.core.items import Change

_HUNK = re.compile(r"^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@")


def counts(diff: str) -> tuple[int, int]:
    """(added, removed) lines of a unified diff of one or more files.

    The headers of hunks say how long they are, so that a removed line ``-- x`` is not taken for a file's header.

    Example:
        >>> counts("@@ -1 +1 @@\\n-old\\n+new\\n")
        (1, 1)
    """
    added = removed = 0
    old_left = new_left = 0
    loose = False  # inside a hunk whose header names no lengths (``@@``): any + or - counts until the next header
    for line in diff.split("\n"):
        if old_left > 0 or new_left > 0:
            if line.startswith("+"):
                added, new_left = added + 1, new_left - 1
            elif line.startswith("-"):
                removed, old_left = removed + 1, old_left - 1
            elif not line.startswith("\\"):
                old_left, new_left = old_left - 1, new_left - 1
            continue
        if line.startswith("@@"):
            found = _HUNK.match(line)
            loose = found is None
            if found:
                old_left, new_left = (int(n) if n is not None else 1 for n in found.groups())
        elif loose and line.startswith("diff --git "):
            loose = False
        elif loose and line.startswith("+"):
            added += 1
        elif loose and line.startswith("-"):
            removed += 1
    return added, removed


def change_counts(change: Change) -> tuple[int, int]:
    """(added, removed) lines of one file: added and deleted files come as bare contents."""
    if change.kind == "update" or change.diff.startswith(("@@", "diff --git ", "--- ")):
        return counts(change.diff)
    lines = change.diff.count("\n") + (1 if change.diff and not change.diff.endswith("\n") else 0)
    return (0, lines) if change.kind == "delete" else (lines, 0)


def total(changes: Iterable[Change]) -> tuple[int, int]:
    """(added, removed) lines of a whole patch."""
    pairs = [change_counts(change) for change in changes]
    return sum(a for a, _ in pairs), sum(r for _, r in pairs)


def shown(added: int, removed: int) -> str:
    """``+1 −1``, as a diff's total is written."""
    return f"+{added:,} −{removed:,}"
