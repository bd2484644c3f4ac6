"""What somebody allows or allowed, as lines of plain text, for terminals, prompts, Markdown and plain text; and the lines of
a patch for every format. Nothing is cut."""

from __future__ import annotations

import unicodedata

from codex_jupyter.core.diffs import Change, change_counts, line_counts
from codex_jupyter.core.document import Exact, ExactFacts, ExactPatch
from codex_jupyter.core.spelled import spelled
from codex_jupyter.render.diffs import Row

Line = Row
#: What stands for the missing newline at the end of an added or deleted file.
NO_NEWLINE = "(no newline at the end)"
EMPTY = "(empty)"
UNCHANGED = "(no line changes)"


def lines_of(change: Change) -> list[Line]:
    """Every line of a change: of an update its unified diff, heads included; of an added or deleted file its content.

    Example:
        >>> [(line.sign, line.text) for line in lines_of(Change("x", "add", "a\\n"))]
        [('+', 'a')]
    """
    lines = change.diff.split("\n")
    ended = not lines[-1]
    if ended:
        lines.pop()
    if change.kind in ("add", "delete"):
        sign = "+" if change.kind == "add" else "-"
        made = [Line(sign, line) for line in lines]
        if not made:
            return [Line("@", EMPTY)]
        return made if ended else [*made, Line("@", NO_NEWLINE)]
    made = [
        Line(line[0], line[1:]) if line[:1] in ("+", "-", " ") else Line("@", line)
        for line in lines
    ]
    return made or [Line("@", UNCHANGED)]


def file_head(change: Change) -> tuple[str, str]:
    """The name of a change (and where it moves to), and what happens to it."""
    name = f"{change.path} → {change.moved_to}" if change.moved_to else change.path
    verb = {"add": "new", "delete": "deleted"}.get(change.kind, "moved" if change.moved_to else "")
    return name, " · ".join(filter(None, (verb, line_counts(*change_counts(change)))))


def text_of(part: Exact | ExactFacts | ExactPatch) -> str:
    """One of them as lines of plain text, spelled out."""
    if isinstance(part, Exact):
        said = spelled(part.text, part.manner)
        return "$ " + said.replace("\n", "\n  ") if part.typed else said
    if isinstance(part, ExactFacts):
        rows = [
            f"{spelled(name)}: {spelled(value, part.manner(name))}" for name, value in part.rows
        ]
        return "\n".join(row.replace("\n", "\n    ") for row in rows)
    return "\n".join(f"{head_of(change)}\n{rows_of(change)}" for change in part.changes)


def head_of(change: Change) -> str:
    """The line above a file's changes."""
    name, totals = file_head(change)
    return f"{spelled(name)}  {totals}".rstrip()


def rows_of(change: Change) -> str:
    """The lines of a file's changes, with their signs."""
    return "\n".join(
        ("" if line.sign == "@" else line.sign) + spelled(line.text) for line in lines_of(change)
    )


def fitted(line: str, width: int) -> list[str]:
    """A line in pieces of at most ``width`` columns, parted behind a blank where one is near; joined, they are the line.

    Example:
        >>> fitted("abcdef", 4), fitted("ab cdef", 6)
        (['abcd', 'ef'], ['ab ', 'cdef'])
    """
    made: list[str] = []
    at = 0
    while (end := at + _columns(line[at : at + width + 1], width)) < len(line):
        blank = line.rfind(" ", at + width // 3, end) + 1
        made.append(line[at : blank or end])
        at = blank or end
    return [*made, line[at:]]


def _columns(line: str, width: int) -> int:
    """How many characters of a line take at most ``width`` columns; what may be wide is taken for wide."""
    if line.isascii():
        return min(len(line), width)
    used = 0
    for count, c in enumerate(line):
        used += 2 if unicodedata.east_asian_width(c) in "WFA" else 1
        if used > width:
            return max(count, 1)
    return len(line)
