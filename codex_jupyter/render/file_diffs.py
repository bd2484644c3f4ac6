"""Changed files with their lines, as sanitised and bounded html: of a patch, and of a whole turn."""

from __future__ import annotations

from codex_jupyter.core.file_links import Files
from codex_jupyter.render import diffs
from codex_jupyter.render.bounds import BODY_HTML, ROWS, short_line
from codex_jupyter.render.characters import escape
from codex_jupyter.render.file_references import linked
from codex_jupyter.render.markup import (
    HUNK,
    LOOKS,
    QUIET,
    SCROLLING,
    element,
    exact_text,
    folded,
    more,
    text,
)


def turn_diff(diff: str, *, saved: bool) -> str:
    """The turn's whole diff: a folded line with its totals when saved, the bare files for the page's panel."""
    files = diffs.of_unified(diff)
    content = changed_files(files, saved, "")
    if not saved:
        return content
    return folded(f"Diff: {escape(diffs.summary(files))}", content, "cj-turndiff")


def changed_files(
    changed: tuple[diffs.FileDiff, ...], saved: bool, named: str, files: Files | None = None
) -> str:
    """The files with their rows. ``named`` is the title above them, ``files`` what their paths mean."""
    made: list[str] = []
    used = 0
    for file in changed[:ROWS]:
        rows = _rows(file, saved)
        used += len(rows)
        if used > BODY_HTML:
            rows = element("div", "… too long to show here …", "cj-omitted")
        made.append(
            element("div", _file_head(file, saved, named, len(changed), files) + rows, "cj-diff")
        )
    return "".join(made) + more(len(changed) - len(made))


def _file_head(
    file: diffs.FileDiff, saved: bool, named: str, many: int, files: Files | None
) -> str:
    """The name of a changed file, to be opened where it is offered; nothing where the title says all of it."""
    now = file.moved_to or file.path
    opens = file.verb != "deleted" and files is not None and files.address(now)
    stands_above = many == 1 and not file.moved_to and named and file.path in named
    if stands_above and not opens:
        return ""
    name = exact_text(file.name)
    if opens:
        said = f"{now} at line {file.first}" if stands_above and file.first else now
        name = linked(exact_text(said), files, now, file.first)
        if file.moved_to:
            name = f"{exact_text(file.path)} → {name}"
    if stands_above:
        return element("div", f"Open {name}", "cj-file")
    meta = element("span", escape(file.totals), "cj-meta", style=QUIET if saved else None)
    return element("div", f"{_verb(file)}{name} {meta}", "cj-file")


def _verb(file: diffs.FileDiff) -> str:
    return "" if file.verb in ("edited", "moved") else f"{file.verb} "


def _rows(file: diffs.FileDiff, saved: bool) -> str:
    html: list[str] = []
    for sign, run in diffs.runs(diffs.shortened(file.rows)):
        name, style = LOOKS.get(sign, HUNK)
        content = "\n".join(text(short_line(str(row))) for row in run)
        html.append(element("div", content, name, style=style if saved else None))
    if not html:
        return ""
    style = f"white-space:pre;font-family:monospace;{SCROLLING}" if saved else None
    return element("div", "".join(html), "cj-rows", style=style)
