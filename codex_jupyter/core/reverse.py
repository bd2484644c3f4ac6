"""A file as it was before a patch, from what it is after it. Pure."""

from __future__ import annotations

import re

from codex_jupyter.core.diffs import Change

_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
#: What the runtime writes where the text before it has no line end.
_NO_END = "\\"


class NotReversible(ValueError):
    """The text is not what the patch left, or the patch does not say what was there before."""


def before(change: Change, after: str | None) -> str | None:
    """The text of the file before a change; None: there was none.

    Args:
        change: of one file, whole, nothing hidden in it.
        after: the text now, under the name that the file has after it; None: there is none.

    Raises:
        NotReversible: the text is not what the change leaves.

    Example:
        >>> before(Change("a", "update", "@@ -1,2 +1,2 @@\\n x\\n-y\\n+z\\n"), "x\\nz\\n")
        'x\\ny\\n'
    """
    if change.kind == "add":
        if after != change.diff:
            raise NotReversible("it is not what was written")
        return None
    if change.kind == "delete":
        if after is not None:
            raise NotReversible("it is there again")
        return change.diff
    if after is None:
        raise NotReversible("it is gone")
    return _reversed(change.diff, after)


def _reversed(diff: str, after: str) -> str:
    lines = _lines(after)
    hunks = _hunks(diff)
    if not hunks and not diff:  # it was only moved
        return after
    if not hunks:
        raise NotReversible("the patch has no part that says what changed")
    for start, old, new in reversed(hunks):
        if lines[start : start + len(new)] != new:
            raise NotReversible("other lines stand where it changed some")
        lines[start : start + len(new)] = old
    return "".join(lines)


def _lines(text: str) -> list[str]:
    """Lines with their ends; only a line feed ends one."""
    parts = text.split("\n")
    return [f"{part}\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def _hunks(diff: str) -> list[tuple[int, list[str], list[str]]]:
    """(index of the first line after the patch, lines before, lines after) of each part, from top to bottom."""
    found: list[tuple[int, list[str], list[str]]] = []
    lines = diff.split("\n")
    at = 0
    while at < len(lines):
        head = _HUNK.match(lines[at])
        at += 1
        if head is None:
            continue
        old_left, new_left = (int(count) if count else 1 for count in (head[2], head[4]))
        start = int(head[3]) - (1 if new_left else 0)
        old: list[str] = []
        new: list[str] = []
        last: list[list[str]] = []
        while at < len(lines) and (old_left > 0 or new_left > 0 or lines[at].startswith(_NO_END)):
            line, at = lines[at], at + 1
            if line.startswith(_NO_END):
                for side in last:
                    side[-1] = side[-1].removesuffix("\n")
                continue
            sign, text = (line[:1] or " "), line[1:] + "\n"
            last = [side for side, signs in ((old, " -"), (new, " +")) if sign in signs]
            if not last:
                raise NotReversible("the patch cannot be read")
            for side in last:
                side.append(text)
            old_left -= sign in " -"
            new_left -= sign in " +"
        if old_left > 0 or new_left > 0:
            raise NotReversible("the patch is not whole")
        found.append((start, old, new))
    return found
