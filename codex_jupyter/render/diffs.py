"""Changes as lines with a sign: one reading of unified diffs and of added or deleted files, for every format."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from codex_jupyter.core.diffs import Change

#: Lines of one file's diff that are shown: the first and the last half of them.
LINES = 400
#: Lines of a file that is worth reading to the end for its totals.
COUNTED = 1_000_000

_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a diff. ``sign``: ``+``, ``-``, a space (context), ``@`` (a hunk's head) or ``…`` (lines left out)."""

    sign: str
    text: str

    def __str__(self) -> str:
        return self.text if self.sign in "@…" else self.sign + self.text


@dataclass(frozen=True, slots=True)
class FileDiff:
    """What happens to one file. ``verb`` is added, deleted, moved or edited; ``rows`` are all its lines."""

    path: str
    verb: str
    rows: tuple[Row, ...]
    added: int
    removed: int
    moved_to: str = ""

    @property
    def totals(self) -> str:
        """``+3 −1``, as a title shows it; ``""`` when no line changed."""
        return totals(self.added, self.removed)

    @property
    def first(self) -> int | None:
        """The line, counted from 1, at which the first change of the file as it is now begins; None where none is told."""
        line = None
        for row in self.rows:
            if row.sign == "@":
                hunk = _HUNK.match(row.text)
                line = int(hunk[3]) if hunk else line
            elif line is not None and row.sign in "+-":
                return max(line, 1)
            elif line is not None:
                line += 1
        return None

    @property
    def name(self) -> str:
        """The path, and where it moves to."""
        return f"{self.path} → {self.moved_to}" if self.moved_to else self.path


def totals(added: int, removed: int) -> str:
    """Counts of lines with a plus and a true minus sign.

    Example:
        >>> totals(2, 0), totals(0, 0)
        ('+2', '')
    """
    parts = [f"+{added:,}"] if added else []
    return " ".join([*parts, f"−{removed:,}"] if removed else parts)


def of_change(change: Change) -> FileDiff:
    """The diff of one change of a patch: updates carry a unified diff, added and deleted files their content."""
    if change.kind in ("add", "delete") and not _HUNK.match(change.diff):
        sign = "+" if change.kind == "add" else "-"
        rows = tuple(Row(sign, line) for line in _lines(change.diff))
    else:
        rows = tuple(_rows(_lines(change.diff)))
    verb = {"add": "added", "delete": "deleted"}.get(
        change.kind, "moved" if change.moved_to else "edited"
    )
    return _file(change.path, verb, rows, change.moved_to)


def of_unified(diff: str) -> tuple[FileDiff, ...]:
    """The files of a whole unified diff (``diff --git`` or plain ``---``/``+++`` heads). Total: any text gives a result."""
    files: list[FileDiff] = []
    for head, body in _split(_lines(diff)):
        old, new = _paths(head)
        path = new if new not in ("", "/dev/null") else old
        verb = "added" if old == "/dev/null" else "deleted" if new == "/dev/null" else "edited"
        renamed = old not in ("", "/dev/null") and new not in ("", "/dev/null") and old != new
        if renamed:
            files.append(_file(old, "moved", tuple(_rows(body)), new))
        elif path or body:
            files.append(_file(path or "?", verb, tuple(_rows(body)), ""))
    return tuple(files)


def summary(files: tuple[FileDiff, ...]) -> str:
    """``2 files +10 −3``."""
    count = f"{len(files)} file" + ("" if len(files) == 1 else "s")
    changed = totals(sum(f.added for f in files), sum(f.removed for f in files))
    return f"{count} {changed}".rstrip()


def shortened(rows: tuple[Row, ...], limit: int = LINES) -> tuple[Row, ...]:
    """At most about ``limit`` rows: the first and the last, with one that counts those between."""
    if len(rows) <= limit:
        return rows
    half = limit // 2
    hidden = len(rows) - 2 * half
    return (*rows[:half], Row("…", f"… {hidden:,} lines omitted …"), *rows[-half:])


def runs(rows: tuple[Row, ...]) -> Iterator[tuple[str, list[Row]]]:
    """Neighbouring rows with the same sign, together."""
    for sign, group in groupby(rows, key=lambda row: row.sign):
        yield sign, list(group)


def _file(path: str, verb: str, rows: tuple[Row, ...], moved_to: str) -> FileDiff:
    added = sum(1 for row in rows if row.sign == "+")
    removed = sum(1 for row in rows if row.sign == "-")
    return FileDiff(path, verb, rows, added, removed, moved_to)


def _lines(text: str) -> list[str]:
    lines = text.split("\n", COUNTED)
    if lines and not lines[-1]:
        lines.pop()
    return [line.removesuffix("\r") for line in lines]


def _rows(lines: list[str]) -> Iterator[Row]:
    """Rows of one file's hunks. What stands before the first hunk is its head and not shown."""
    in_hunk = not any(line.startswith("@@") for line in lines)
    left_old = left_new = -1
    for line in lines:
        hunk = _HUNK.match(line)
        if line.startswith("@@") and ((left_old <= 0 and left_new <= 0) or hunk is None):
            in_hunk = True
            left_old = int(hunk[2] or 1) if hunk else -1
            left_new = int(hunk[4] or 1) if hunk else -1
            yield Row("@", line)
        elif not in_hunk:
            continue
        elif line[:1] in ("+", "-", " "):
            left_old -= line[0] != "+"
            left_new -= line[0] != "-"
            yield Row(line[0], line[1:])
        elif line.startswith("\\"):
            yield Row("@", line)
        else:
            yield Row(" ", line)


def _split(lines: list[str]) -> Iterator[tuple[list[str], list[str]]]:
    """(head, body) of each file. A ``---`` inside a hunk is a removed line: the hunk's own counts tell."""
    head: list[str] = []
    body: list[str] = []
    left_old = left_new = 0
    for at, line in enumerate(lines):
        git = line.startswith("diff --git ")  # no line of a hunk begins like that
        inside = not git and (left_old > 0 or left_new > 0)
        plain = (
            not inside
            and line.startswith("--- ")
            and lines[at + 1 : at + 2] != []
            and lines[at + 1].startswith("+++ ")
            and (bool(body) or any(h.startswith("--- ") for h in head))
        )
        starts = git or plain
        if starts:
            left_old = left_new = 0
        if starts and (head or body):
            yield head, body
            head, body = [], []
        hunk = None if inside else _HUNK.match(line)
        if hunk:
            left_old, left_new = int(hunk[2] or 1), int(hunk[4] or 1)
            body.append(line)
        elif inside or body:
            left_old -= line[:1] != "+" and not line.startswith("\\")
            left_new -= line[:1] != "-" and not line.startswith("\\")
            body.append(line)
        else:
            head.append(line)
    if head or body:
        yield head, body


def _paths(head: list[str]) -> tuple[str, str]:
    old = new = ""
    for line in head:
        if line.startswith("--- "):
            old = _path(line[4:], "a/")
        elif line.startswith("+++ "):
            new = _path(line[4:], "b/")
        elif line.startswith("rename from "):
            old = old or line[12:]
        elif line.startswith("rename to "):
            new = new or line[10:]
        elif line.startswith("diff --git ") and not old:
            left, _, right = line[11:].partition(" b/")
            if right:
                old, new = left.removeprefix("a/"), right
    return old, new


def _path(text: str, prefix: str) -> str:
    return text.split("\t", 1)[0].strip().removeprefix(prefix)
