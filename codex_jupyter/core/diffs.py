"""The change of one file, and how many lines a patch adds and takes away. Reads unified diffs and bare contents; never
raises."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Change:
    """One file of a patch. ``kind``: add, delete or update; ``moved_to`` is a path or ``""``.

    ``diff`` is a unified diff for updates and the bare content for added and deleted files, as the runtime sends it.
    """

    path: str
    kind: str
    diff: str
    moved_to: str = ""


_HUNK = re.compile(r"^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@")
#: Lines of a file's head that name it.
_NAMED = re.compile(r"(--- a/|\+\+\+ b/|rename from |rename to )(.*?)(\t?)")
_BOTH = re.compile(r"diff --git a/(.+) b/(.+)")


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


def renamed(diff: str, names: Mapping[str, str]) -> str:
    """A git diff with other names for its files; those that have none there keep theirs.

    Example:
        >>> renamed("--- a/w/x.py\\n+++ b/w/x.py\\n@@ -1 +1 @@\\n-a\\n+b\\n", {"w/x.py": "x.py"}).split("\\n")[1]
        '+++ b/x.py'
    """
    if not names:
        return diff
    lines = diff.split("\n")
    old_left = new_left = 0
    for at, line in enumerate(lines):
        if old_left > 0 or new_left > 0:
            old_left -= not line.startswith(("+", "\\"))
            new_left -= not line.startswith(("-", "\\"))
        elif found := _HUNK.match(line):
            old_left, new_left = (int(n) if n is not None else 1 for n in found.groups())
        elif found := _NAMED.fullmatch(line):
            lines[at] = f"{found[1]}{names.get(found[2], found[2])}{found[3]}"
        elif found := _BOTH.fullmatch(line):
            old, new = found[1], found[2]
            lines[at] = f"diff --git a/{names.get(old, old)} b/{names.get(new, new)}"
    return "\n".join(lines)


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


def line_counts(added: int, removed: int) -> str:
    """``+1 −1``, as a diff's total is written; what is none is left out."""
    parts = [f"+{added:,}"] if added else []
    return " ".join([*parts, f"−{removed:,}"] if removed else parts)
