"""A document as Markdown, for ``text/markdown``, exports and reading on a code host.

Prose stays the Markdown it is, with html escaped and images turned into links; everything else becomes lists, code
spans and fences that are longer than any run of backticks inside.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator

from codex_jupyter.core.document import (
    Block,
    Body,
    Card,
    Checklist,
    Code,
    Document,
    Exact,
    ExactFacts,
    ExactPatch,
    Facts,
    Finding,
    Findings,
    Footer,
    Header,
    Lines,
    Link,
    Patch,
    Picture,
    Plain,
    Prose,
    Table,
    Terminal,
    UnifiedDiff,
)
from codex_jupyter.core.spelled import spelled
from codex_jupyter.core.titles import elided
from codex_jupyter.render import ansi, diffs, exact_lines, sizes
from codex_jupyter.render.bodies import finding_place
from codex_jupyter.render.bounds import cut
from codex_jupyter.render.characters import dropped, exact, one_line, shown
from codex_jupyter.render.glyphs import sign
from codex_jupyter.render.markdown_html import open_fence

#: Characters of one body of prose, of one fence.
PROSE = 128 * 1024
FENCED = 16 * 1024
#: Rows of a table.
ROWS = 500

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~$!&])")
_TICKS = re.compile(r"`+")
#: The line that opens a code block, and one that may close it.
_OPENS = re.compile(r"^ {0,3}(`{3,}+|~{3,}+)[^\n]*\n", re.M)
_CLOSES = re.compile(r"^ {0,3}(`{3,}+|~{3,}+)[`~]*+[ \t]*+$", re.M)
_IMAGE = re.compile(r"!(?=\[)")


def document(doc: Document) -> str:
    """The whole transcript; ends with a newline.

    Example:
        >>> document(Document(Header(), (), Footer("ok", "4 s")))
        '**Codex**\\n\\n✓ 4 s\\n'
    """
    parts = [header(doc.header)]
    inside: tuple[Block, ...] = ()
    if folded := doc.folded:
        parts.append(f"*{escaped(folded.line)}*")
        inside = folded.blocks
    parts += sizes.fitted((*inside, *doc.unfolded), block, sizes.MARKDOWN)
    parts.append(footer(doc.footer))
    return "\n\n".join(part for part in parts if part) + "\n"


def header(head: Header) -> str:
    """One line: who may do what."""
    values = ["**Codex**", *(escaped(value) for _, value in head.parts if value)]
    if head.offline:
        values.append(f"**{escaped(head.offline)}**")
    return "\n\n".join([" · ".join(values), *(escaped(note) for note in head.notes)])


def footer(foot: Footer) -> str:
    """How the turn stands."""
    lines = [f"{sign(foot.glyph)} {escaped(foot.text)}".strip()]
    lines += [advice(line) for line in foot.lines]
    if foot.sent:
        lines.append(f"Sent to the model: {escaped(', '.join(foot.sent))}")
    if foot.diff:
        lines.append(f"Diff: {escaped(diffs.summary(diffs.of_unified(foot.diff)))}")
    return "  \n".join(lines)


def block(each: Block) -> str:
    """One row: a line with its title, and its body."""
    if each.card is not None:
        return card(each.card)
    parts = [body(part, each.title) for part in each.body]
    if each.title:
        return "\n\n".join(filter(None, (title(each), *parts)))
    said = f"*({escaped(each.meta)})*" if each.meta else ""
    return "\n\n".join(filter(None, (*parts, said)))  # what is to be said of a body comes after


def title(each: Block) -> str:
    """``✗ `pytest -q` exit 1``; a command of several lines becomes a fence."""
    told = each.title
    if each.code_title and ("\n" in told or len(told) > 300):
        head = f"{sign(each.glyph)} {escaped(each.meta)}".strip()
        return "\n\n".join(filter(None, (head, fence(exact(told), "bash"))))
    name = code(told) if each.code_title and told else escaped(told)
    mark = sign(each.glyph) if told else ""
    return " ".join(filter(None, (mark, name, escaped(each.meta))))


def body(part: Body, named: str = "") -> str:
    """One body."""
    match part:
        case Prose(content):
            return prose(str(content))
        case Plain(content):
            return fence(shown(_cut(content)))
        case Code(content, language):
            return fence(shown(_cut(content)), language)
        case Exact(language=language):
            return fence(spelled(part.text, part.manner), language)
        case ExactFacts():
            return fence(exact_lines.text_of(part))
        case ExactPatch():
            return fence(exact_lines.text_of(part), "diff")
        case Terminal(output, live):
            seen = ansi.plain(output.text)
            if live:
                seen = "\n".join(seen.rstrip().split("\n")[-5:])
            return fence(shown(_cut(seen))) if seen.strip() else ""
        case Patch(changes):
            files = tuple(diffs.of_change(change) for change in changes)
            return _files(files, named)
        case UnifiedDiff(content):
            return _files(diffs.of_unified(content), "")
        case Picture(_, alt, path):
            return f"[image: {code(elided(path)) if path else escaped(alt) or 'no address'}]"
        case Checklist(explanation, steps):
            told = [escaped(explanation), ""] if explanation else []
            told += [
                f"- [{'x' if step.status == 'completed' else ' '}] {escaped(step.text)}"
                + (" *(in progress)*" if step.status == "in_progress" else "")
                for step in steps
            ]
            return "\n".join(told)
        case Facts(rows):
            return facts(rows)
        case Table():
            return table(part)
        case Lines(lines, told):
            return "\n".join(f"- {advice(line) if told else escaped(line)}" for line in lines)
        case Link(url, label):
            return _link(url, label)
        case Findings(findings):
            return "\n".join(_finding(each) for each in findings)
    raise TypeError(f"not a body: {type(part).__name__}")


def card(asked: Card) -> str:
    """An open question as the record of what was asked."""
    emphasis = (
        f" **{escaped(asked.emphasis)}**"
        if asked.emphasis and asked.emphasis not in asked.title
        else ""
    )
    parts = [f"**{escaped(asked.title)}**{emphasis}"]
    parts += [body(part) for part in asked.body]
    parts.append(body(ExactFacts(asked.facts)) if asked.facts else "")
    parts.append(escaped(asked.undrawn))
    for field in asked.fields:
        lines = [f"- {escaped(field.label)} {escaped(field.description)}".rstrip()]
        lines += [
            f"  - {escaped(label)}" + (f" ({escaped(more)})" if more else "")
            for _, label, more in field.options
        ]
        parts.append("\n".join(lines))
    offered = " · ".join(escaped(option.label) for option in asked.options)
    parts.append(f"Choices: {offered}" if offered else "")
    parts.append("*Not answered yet.*")
    quoted = "\n\n".join(filter(None, parts)).split("\n")
    return "\n".join(f"> {line}".rstrip() for line in quoted)


def facts(rows: tuple[tuple[str, str], ...]) -> str:
    """A list of labelled values."""
    return "\n".join(
        f"- {escaped(name)} {code(value) if value else ''}".rstrip() for name, value in rows
    )


def table(part: Table) -> str:
    """A table of Markdown; one needs a head, which may be blank."""

    def row(cells: Iterable[str]) -> str:
        return f"| {' | '.join(cells)} |"

    def cell(at: int, value: str) -> str:
        return code(value).replace("|", "\\|") if at in part.typed else escaped(value)

    rule = ("---:" if at in part.right else "---" for at in range(len(part.columns)))
    rows = [row(map(cell, range(len(each)), each)) for each in part.rows[:ROWS]]
    hidden = len(part.rows) - len(rows)
    more = [f"\n*… {hidden:,} more …*"] if hidden else []
    return "\n".join([row(map(escaped, part.columns)), row(rule), *rows, *more])


def prose(markdown: str) -> str:
    """Foreign Markdown: html becomes text and images become links, code is left as it is."""
    parts = cut(dropped(markdown), PROSE)
    made = _closed(parts.head)
    if parts.omitted:
        tail = _closed(open_fence(parts.head) + parts.tail)
        made += f"\n\n*{parts.said}*\n\n{tail}"
    return made


def _closed(markdown: str) -> str:
    """Inert Markdown that leaves no code block open for what follows."""
    opened = open_fence(markdown).split("\n", 1)[0].strip()
    made = _inert(markdown).strip("\n")
    if not opened:
        return made
    mark = opened[: len(opened) - len(opened.lstrip(opened[0]))]
    return f"{made}\n{mark}"


def fence(content: str, language: str = "") -> str:
    """A fenced block whose fence no line inside can close.

    Example:
        >>> fence("```")
        '````\\n```\\n````'
    """
    longest = max((len(run) for run in _TICKS.findall(content)), default=0)
    ticks = "`" * max(3, longest + 1)
    info = language if re.fullmatch(r"[A-Za-z0-9_+.-]*", language) else ""
    newline = "" if content.endswith("\n") else "\n"
    return f"{ticks}{info}\n{content}{newline}{ticks}"


def code(content: str) -> str:
    """A code span that shows ``content``, on one line."""
    told = exact(content).replace("\n", " ⏎ ")
    longest = max((len(run) for run in _TICKS.findall(told)), default=0)
    ticks = "`" * (longest + 1)
    pad = " " if told.startswith("`") or told.endswith("`") else ""
    return f"{ticks}{pad}{told}{pad}{ticks}" if told.strip() else ""


def escaped(content: str) -> str:
    """Text on one line in which Markdown finds nothing to do."""
    told = _SPECIAL.sub(r"\\\1", one_line(content, 2_000))
    return re.sub(
        r"^(\d+)([.)])(?=\s|$)|^([-+=])",
        lambda m: f"{m[1]}\\{m[2]}" if m[1] else f"\\{m[3]}",
        told,
    )


def advice(content: str) -> str:
    """Our own words on one line: what stands between backticks is code, all else only text."""
    parts = re.split(r"`([^`]+)`", one_line(content, 2_000))
    if len(parts) == 1:
        return escaped(content)
    return "".join(
        code(part) if at % 2 else _SPECIAL.sub(r"\\\1", part) for at, part in enumerate(parts)
    )


def _inert(markdown: str) -> str:
    """Outside of code, ``<`` becomes an entity unless it opens a plain web address, and ``![`` loses its mark."""
    made: list[str] = []
    at = 0
    for start, end in _code(markdown):
        made += [_text(markdown[at:start]), markdown[start:end]]
        at = end
    return "".join([*made, _text(markdown[at:])])


def _code(markdown: str) -> Iterator[tuple[int, int]]:
    """From where to where code stands: blocks between fences, and spans between two runs of as many backticks. No character
    is looked at for more than one of them."""
    runs = [found.span() for found in _TICKS.finditer(markdown)]
    alike: dict[int, list[int]] = {}  # which of them have this length
    for which, (start, end) in enumerate(runs):
        alike.setdefault(end - start, []).append(which)
    block = _OPENS.search(markdown)
    at = which = 0
    while True:
        while block is not None and block.start() < at:
            block = _OPENS.search(markdown, at)
        which = bisect_left(runs, (at, 0), which)
        if block is not None and (which == len(runs) or block.start() <= runs[which][0]):
            mark = block[1]
            ends = (
                found.end()
                for found in _CLOSES.finditer(markdown, block.end())
                if found[1].startswith(mark)
            )
            at = next(ends, len(markdown))
            yield block.start(), at
        elif which < len(runs):
            start, at = runs[which]
            same = alike[at - start]
            behind = bisect_right(same, which)
            if behind < len(same):
                at = runs[same[behind]][1]
                yield start, at
        else:
            return


def _text(markdown: str) -> str:
    safe = re.sub(r"<(?!https?://[^\s<>]*>)", "&lt;", markdown)
    safe = _IMAGE.sub("", safe)
    return re.sub(r"\]\(\s*(?!https?://|mailto:|#|[^:()\s]*\))", "]\\(", safe, flags=re.IGNORECASE)


def _files(files: tuple[diffs.FileDiff, ...], named: str) -> str:
    made: list[str] = []
    for file in files:
        if len(files) > 1 or file.path not in named or file.moved_to:
            verb = "" if file.verb in ("edited", "moved") else f"{file.verb} "
            made.append(f"{verb}{code(file.name)} {file.totals}".rstrip())
        if file.rows:
            rows = "\n".join(shown(str(row)) for row in diffs.shortened(file.rows, 200))
            made.append(fence(_cut(rows), "diff"))
    return "\n\n".join(made)


def _finding(finding: Finding) -> str:
    place = finding_place(finding.file, finding.first, finding.last)
    head = " ".join(filter(None, (f"- **{escaped(finding.title)}**", code(place) if place else "")))
    if not finding.body:
        return head
    return (
        head + "\n\n" + "\n".join(f"  {line}".rstrip() for line in prose(finding.body).split("\n"))
    )


def _link(url: str, label: str) -> str:
    if re.fullmatch(r"https?://[^\s<>]+", url, re.IGNORECASE):
        return f"{escaped(label)}: <{url}>" if label and label != url else f"<{url}>"
    return " ".join(filter(None, (escaped(label), code(url))))


def _cut(content: str) -> str:
    parts = cut(content, FENCED)
    return f"{parts.head}\n{parts.said}\n{parts.tail}" if parts.omitted else content
