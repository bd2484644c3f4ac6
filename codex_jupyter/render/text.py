"""A document as plain text, for ``text/plain``, ``git diff`` and terminals: what the panel shows, drawn with characters.

No control character of a model's or a command's text survives; with ``color`` the only escapes are ours.
"""

from __future__ import annotations

import re
import textwrap

from codex_jupyter.core.diffs import Change
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
    Option,
    Patch,
    Picture,
    Plain,
    Prose,
    Table,
    Terminal,
    UnifiedDiff,
)
from codex_jupyter.core.text import Output
from codex_jupyter.render import ansi, cells, columns, diffs, exact_lines, prose, sizes
from codex_jupyter.render.bodies import finding_place
from codex_jupyter.render.bounds import cut
from codex_jupyter.render.characters import exact, one_line, shown
from codex_jupyter.render.glyphs import STEPS, sign
from codex_jupyter.render.paint import Paint

#: Characters of one body; a saved notebook keeps the same text as html.
LIMIT = 32 * 1024
#: Lines of a command's output, of one file's diff.
LINES = 40
#: Rows of a table.
LINES_OF_TABLE = 500
INDENT = "    "
_CODE, _NO_BREAK = re.compile(r"`[^`\n]*`"), "\u00a0"


def document(doc: Document, *, width: int = 100, color: bool = False, fills: bool = False) -> str:
    """The whole transcript, without a final newline. Prose is wrapped at ``width``; output, code and diffs are not."""
    paint = Paint(color, fills)
    parts = [header(doc.header, paint, width)]
    inside: tuple[Block, ...] = ()
    if folded := doc.folded:
        parts.append(paint.quiet(shown(folded.line)))
        inside = folded.blocks
    keys = {each.key for each in inside}

    def make(each: Block) -> str:
        if each.key in keys:
            return indented(block(each, width - 2, paint), "  ")
        return block(each, width, paint)

    parts += sizes.fitted((*inside, *doc.unfolded), make, sizes.TEXT)
    parts.append(footer(doc.footer, paint, width))
    return "\n".join(part for part in parts if part)


def header(head: Header, paint: Paint, width: int) -> str:
    """``Codex · gpt-5.5 medium · read-only · ask`` and its notes."""
    values = ["Codex", *(one_line(value) for _, value in head.parts if value)]
    if head.offline:
        values.append(f"[{one_line(head.offline)}]")
    line = filled(" · ".join(values), width, paint, "  ")
    return "\n".join([paint.quiet(line), *(sentences(note, width, paint) for note in head.notes)])


def footer(foot: Footer, paint: Paint, width: int) -> str:
    """How the turn stands; the turn's diff by its totals."""
    line = f"{sign(foot.glyph)} {shown(foot.text)}".strip()
    if foot.diff:
        line += f" · {diffs.summary(diffs.of_unified(foot.diff))}"
    lines = [paint.mark(foot.glyph, filled(line, width, paint, "  "))]
    told = [*foot.lines, *([f"Sent to the model: {', '.join(foot.sent)}"] if foot.sent else [])]
    lines += [indented(sentences(each, width - 2, paint), "  ") for each in told]
    return "\n".join(lines)


def block(each: Block, width: int, paint: Paint) -> str:
    """One row: its title line and its body, indented when there is a title."""
    if each.card is not None:
        return card(each.card, width, paint)
    line = title(each, paint, width)
    if each.kind == "thought" and each.title:
        return line  # its title says what it was about
    inner = width - len(INDENT) if each.title else width
    inside = "\n".join(filter(None, (body(part, inner, paint, each.title) for part in each.body)))
    if not each.title:  # only its body; what is to be said of it comes after
        made = paint.quiet(inside) if each.kind == "commentary" and inside else inside
        said = f"({shown(each.meta)})" if each.meta else ""
        return "\n".join(filter(None, (made, said)))
    if each.kind == "answer":
        return "\n".join(filter(None, (line, inside)))
    return f"{line}\n{indented(inside, INDENT)}" if inside else line


def title(each: Block, paint: Paint, width: int) -> str:
    """``✗ pytest -q  exit 1 · 2.1 s``; a title of several lines keeps them, one of words is wrapped."""
    mark = sign(each.glyph) if each.title else ""
    told = exact(each.title).strip("\n")
    if "\n" in told:
        told = told.replace("\n", "\n" + " " * (len(mark) + 3))
    if each.code_title and told and each.kind in ("command", "refused"):
        told = f"$ {told}"
    line = " ".join(part for part in (mark, told) if part)
    if not each.code_title and "\n" not in line:
        line = filled(line, width, paint, " " * (len(mark) + 1 if mark else 0))
    line = paint.mark(each.glyph, line)
    meta = paint.quiet(shown(each.meta)) if each.meta else ""
    return "  ".join(part for part in (line, meta) if part)


def body(part: Body, width: int, paint: Paint, named: str = "") -> str:
    """One body as lines of text, without a final newline."""
    match part:
        case Prose(content):
            return prose.text_of(_cut(str(content)), width, paint)
        case Code(content, typed=True):
            return "$ " + shown(_cut(content)).strip("\n").replace("\n", "\n  ")
        case Plain(content) | Code(content, _):
            return shown(_cut(content)).strip("\n")
        case Exact() | ExactFacts():
            return exact_lines.text_of(part)
        case ExactPatch(changes):
            return "\n".join(_exact_file(change, paint) for change in changes)
        case Terminal(output, live):
            return terminal(output, 5 if live else LINES, paint)
        case Patch(changes):
            files = tuple(diffs.of_change(change) for change in changes)
            return "\n".join(
                _file(each, paint, len(files) > 1 or each.path not in named) for each in files
            )
        case UnifiedDiff(content):
            return "\n".join(_file(each, paint, True) for each in diffs.of_unified(content))
        case Picture(_, alt, path):
            return f"[image: {one_line(exact(path or alt)) or 'no address'}]"
        case Checklist(explanation, steps):
            told = [prose.text_of(explanation, width, paint)] if explanation else []
            told += [f"{STEPS.get(s.status, '○')} {one_line(s.text)}" for s in steps]
            return "\n".join(told)
        case Facts(rows):
            return facts(rows, width)
        case Table():
            return table(part, width, paint)
        case Lines(lines, advice):
            wraps = paint if advice else Paint()
            return "\n".join(sentences(line, width, wraps) for line in lines)
        case Link(url, label):
            if url in named:
                return ""
            return exact(f"{label}: {url}" if label and label != url else url)
        case Findings(findings):
            return "\n".join(_finding(each, width, paint) for each in findings)
    raise TypeError(f"not a body: {type(part).__name__}")


def card(asked: Card, width: int, paint: Paint, *, keys: bool = False) -> str:
    """The question in a frame that is open to the right; what is wider than the frame goes on behind ``┆``.

    Every line of it begins with a sign of the frame, so that none of what is asked can pass for one of the card's own lines.

    Args:
        asked: the card.
        width: columns, at least 20.
        paint: colours, or none.
        keys: each choice on a line of its own, with its key and what it does.
    """
    told = asked.title
    if asked.emphasis and asked.emphasis not in told:
        told = f"{told} · {asked.emphasis}"
    plain = Paint()  # the frame cuts lines, and would cut escapes
    inside = [body(part, width - 2, plain) for part in asked.body]
    if asked.facts:
        inside.append(body(ExactFacts(asked.facts), width - 2, plain))
    inside.append(shown(asked.undrawn))
    for field in asked.fields:
        required = " (required)" if field.required else ""
        inside.append(f"{shown(field.label)}{required}: {shown(field.description)}".rstrip(": "))
        inside += [
            f"  - {shown(label)}" + (f": {shown(told_more)}" if told_more else "")
            for _, label, told_more in field.options
        ]
    lines = [
        f"{'┆' if more else '│'} {piece}"
        for line in "\n".join(filter(None, inside)).split("\n")
        for more, piece in enumerate(exact_lines.fitted(line, max(width, 20) - 4))
    ]
    offered = [
        f"{'┆' if more else '├'} {piece}"
        for line in _offered(asked, keys)
        for more, piece in enumerate(exact_lines.fitted(line, max(width, 20) - 4))
    ]
    head = [
        f"{'┆' if more else '┌'} {paint.strong(piece)}"
        for more, piece in enumerate(exact_lines.fitted(shown(told), max(width, 20) - 4))
    ]
    foot = f"└ {one_line(asked.footnote)}" if asked.footnote else "└"
    return "\n".join([*head, *lines, *offered, foot])


def _offered(asked: Card, keys: bool) -> list[str]:
    if not keys:
        return [" ".join(f"[{one_line(option.label)}]" for option in asked.options)]
    if len(asked.options) == 1 and asked.fields:
        return []
    return [
        f"{number} [{key_of(asked, option)}] {shown(option.label)}"
        + (f": {shown(option.explains)}" if option.explains else "")
        for number, option in enumerate(asked.options, 1)
    ]


def key_of(card: Card, option: Option) -> str:
    """What is typed at a prompt for a choice, beside its number."""
    return option.key or str(card.options.index(option) + 1)


def facts(rows: tuple[tuple[str, str], ...], width: int) -> str:
    """``name  value`` lines, the values under each other."""
    cells = [(shown(name), exact(value)) for name, value in rows]
    return "\n".join(line for row in columns.aligned(cells, width) for line in row)


def table(part: Table, width: int, paint: Paint) -> str:
    """The rows under their heads; numbers to the right. Where that does not fit a terminal, each row by its first cell."""
    heads = tuple(map(one_line, part.columns))
    rows = [tuple(one_line(exact(cell)) for cell in row) for row in part.rows[:LINES_OF_TABLE]]
    made = columns.aligned([heads, *rows], width, right=part.right)
    if paint.fills and any(cells.cells_of(line) > width for row in made for line in row):
        lines = [line for row in rows for line in _told(heads, row, width)]
    else:
        head = made[0] if any(heads) else []
        lines = [*map(paint.quiet, head), *(line for row in made[1:] for line in row)]
    hidden = len(part.rows) - len(rows)
    return "\n".join([*lines, *([f"… {hidden:,} more …"] if hidden else [])])


def _told(heads: tuple[str, ...], row: tuple[str, ...], width: int) -> list[str]:
    """A row of a table whose columns do not fit: its first cell, and under it the others with their heads."""
    first, *others = zip(heads, row, strict=True)
    lines = [cells.filled(first[1], width, "  ")]
    for head, cell in others:
        if cell:
            lines.append(
                indented(cells.filled(f"{head}: {cell}" if head else cell, width - 2, "  "), "  ")
            )
    return lines


def filled(line: str, width: int, paint: Paint, hanging: str = "") -> str:
    """One line of words of ours, wrapped where lines are."""
    return cells.filled(line, width, hanging) if paint.fills else line


def sentences(words: str, width: int, paint: Paint) -> str:
    """Words of ours, wrapped where lines are; what stands between backticks is to be copied, and stays on one line."""
    if not paint.fills:
        return shown(words)
    kept = _CODE.sub(lambda found: found[0].replace(" ", _NO_BREAK), shown(words))
    made = "\n".join(cells.filled(line, width) for line in kept.split("\n"))
    return made.replace(_NO_BREAK, " ")


def terminal(output: Output, limit: int, paint: Paint) -> str:
    """What a terminal would show: its first and last lines, and what was left out between them."""
    head = list(ansi.lines(str(output.head) if output.omitted else output.text))
    tail = list(ansi.lines(str(output.tail))) if output.omitted else []
    while not tail and head and not head[-1]:
        head.pop()
    while tail and not tail[-1]:
        tail.pop()
    rows = head + tail
    hidden = len(rows) - limit
    if hidden <= 1 and not output.omitted:
        return "\n".join(_row(row, paint) for row in rows)
    if hidden > 1:
        keep = limit // 2 if limit > 5 else 0
        head, tail = rows[:keep], rows[len(rows) - (limit - keep) :]
    left_out = [f"{output.omitted:,} characters"] if output.omitted else []
    left_out += [f"{hidden:,} lines"] if hidden > 1 else []
    between = [f"… {' and '.join(left_out)} omitted …"] if head else []
    shown_rows = [[_row(row, paint) for row in part] for part in (head, tail)]
    return "\n".join([*shown_rows[0], *between, *shown_rows[1]])


def indented(lines: str, indent: str) -> str:
    """Every line moved to the right, empty ones left empty."""
    return textwrap.indent(lines, indent)


def _row(row: list[ansi.Run], paint: Paint) -> str:
    parts = cut("".join(part for part, _ in row), 4 * 1024)
    if parts.omitted:
        return shown(f"{parts.head} {parts.said} {parts.tail}")
    return "".join(paint.styled(shown(part), style) for part, style in row)


def _file(file: diffs.FileDiff, paint: Paint, named: bool) -> str:
    verb = "" if file.verb in ("edited", "moved") else f"{file.verb} "
    head = [f"{verb}{exact(file.name)}  {file.totals}".rstrip()] if named else []
    rows = diffs.shortened(file.rows, LINES)
    return "\n".join(head + [paint.diff(row.sign, _line(str(row))) for row in rows])


def _exact_file(change: Change, paint: Paint) -> str:
    rows = exact_lines.rows_of(change).split("\n")
    head = exact_lines.head_of(change)
    return "\n".join([head, *(paint.diff(row[:1], row) for row in rows)])


def _line(line: str) -> str:
    parts = cut(shown(line), 1_000)
    return f"{parts.head} {parts.said} {parts.tail}" if parts.omitted else parts.head


def _finding(finding: Finding, width: int, paint: Paint) -> str:
    place = finding_place(finding.file, finding.first, finding.last)
    head = f"- {one_line(finding.title)}" + (f"  {exact(place)}" if place else "")
    if not finding.body:
        return head
    return f"{head}\n{indented(prose.text_of(finding.body, width - 2, paint), '  ')}"


def _cut(content: str) -> str:
    parts = cut(content, LIMIT)
    return f"{parts.head.rstrip()}\n{parts.said}\n{parts.tail}" if parts.omitted else content
