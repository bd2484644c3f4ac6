"""One function per kind of body: what is inside a block, as sanitised and bounded html.

Nothing here carries controls. ``saved`` html also carries the few inline styles that keep it legible where the style
sheet is stripped (``markup``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from codex_jupyter.core.checklist import Step
from codex_jupyter.core.document import (
    Body,
    Checklist,
    Code,
    Exact,
    ExactFacts,
    ExactPatch,
    Facts,
    Finding,
    Findings,
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
from codex_jupyter.core.file_links import Files
from codex_jupyter.core.text import Output
from codex_jupyter.core.titles import elided
from codex_jupyter.render import ansi, diffs, exact, pictures
from codex_jupyter.render.bounds import BODY_HTML, BODY_TEXT, ROWS, cut, short_line
from codex_jupyter.render.characters import escape, one_line, shown
from codex_jupyter.render.characters import exact as spelled_out
from codex_jupyter.render.file_diffs import changed_files
from codex_jupyter.render.file_references import linked
from codex_jupyter.render.glyphs import STEP_WORDS, STEPS
from codex_jupyter.render.highlight import highlight
from codex_jupyter.render.markdown_html import bounded
from codex_jupyter.render.markup import (
    LITERAL,
    QUIET,
    UNMARKED,
    advice,
    element,
    exact_text,
    is_whole,
    literal,
    more,
    options_whole,
    text,
    verbatim,
)
from codex_jupyter.render.sanitize import fragment

Row = TypeVar("Row")

#: Lines of a command's output that are shown while it runs.
LIVE_LINES = 5
#: Before a command, so that it is told from its output also where styles are dropped.
PROMPT = '<span class="cj-prompt">$ </span>'
#: Styled runs of one line of output; beyond that the line loses its styles.
RUNS = 500


def body(part: Body, *, saved: bool, named: str = "", files: Files | None = None) -> str:
    """Html of one body. ``named`` is the title above it: a path that stands there is not repeated, but to be opened;
    ``files`` is what its paths mean."""
    match part:
        case Prose(content):
            return element("div", bounded(str(content), files), "cj-prose")
        case Plain(content):
            return _bounded_literal(content, "", "cj-text", saved)
        case Code(content, language, copy, typed):
            look = "cj-code cj-typed" if typed else "cj-code"
            html = _bounded_literal(content, language, look, saved, PROMPT if typed else "")
            html = options_whole(html) if typed else html
            return _copy_button(content) + html if copy and not saved else html
        case Exact():
            return exact.words(part, saved)
        case ExactFacts():
            return exact.facts(part, saved)
        case ExactPatch(changes):
            return exact.patch(changes, saved)
        case Terminal(output, live):
            return _terminal(output, live, saved)
        case Patch(changes):
            return changed_files(tuple(map(diffs.of_change, changes)), saved, named, files)
        case UnifiedDiff(content):
            return changed_files(diffs.of_unified(content), saved, "", files)
        case Picture():
            return _picture(part, saved, named)
        case Checklist(explanation, steps):
            return _checklist(explanation, steps, saved)
        case Facts(rows):
            return facts(rows, saved)
        case Table():
            return _table(part)
        case Lines(lines, told):
            return _lines(lines, told, saved)
        case Link(url, label):
            return fragment(_link(url, label))
        case Findings(findings):
            return "".join(_some(findings, lambda each: _finding(each, files)))
    raise TypeError(f"not a body: {type(part).__name__}")


def facts(rows: tuple[tuple[str, str], ...], saved: bool) -> str:
    """Labelled values, one a line; a value of several lines keeps them."""

    def row(name: str, value: str) -> str:
        label = element("span", text(short_line(name)), "cj-name", style=QUIET if saved else None)
        told = exact_text(short_line(value))
        return element(
            "div",
            f"{label} {element('span', told, 'cj-value', style=LITERAL if saved else None)}",
        )

    made, more = _some(rows, lambda each: row(*each))
    return element("div", made + more, "cj-facts")


def _table(table: Table) -> str:
    def cell(tag: str, at: int, value: str) -> str:
        told = exact_text(short_line(value))
        inside = element("code", told) if at in table.typed and told and tag == "td" else told
        # A head without words is no head to a screen reader.
        classes = ["cj-right"] if at in table.right else []
        classes += ["cj-whole"] if is_whole(value) else []
        return element(tag if told else "td", inside, " ".join(classes))

    def row(tag: str, cells: tuple[str, ...]) -> str:
        return element("tr", "".join(cell(tag, at, value) for at, value in enumerate(cells)))

    made, more = _some(table.rows, lambda each: f"\n{row('td', each)}")
    head = element("thead", row("th", table.columns)) if any(table.columns) else ""
    drawn = element("table", head + element("tbody", made), "cj-table")
    return element("div", drawn, "cj-wide") + more


def _bounded_literal(
    content: str, language: str, classes: str, saved: bool, prompt: str = ""
) -> str:
    limit = BODY_TEXT
    while True:
        parts = cut(shown(content), limit)
        html = highlight(parts.head, language)
        if parts.omitted:
            html += _omitted(parts.said) + highlight(parts.tail, language)
        if len(html) <= BODY_HTML or limit < 1024:
            return literal(fragment(prompt + html), classes, saved)
        limit //= 2


def _copy_button(content: str) -> str:
    template = element("template", verbatim(content))
    button = element("button", f"Copy{template}", "cj-button", type="button", data_cj_copy="")
    return element("div", button, "cj-actions")


def _omitted(said: str) -> str:
    return f'<span class="cj-omitted">{escape(said)}</span>\n'


def _terminal(output: Output, live: bool, saved: bool) -> str:
    if live:
        rows = list(ansi.lines(output.last(8 * 1024)))
        while rows and not rows[-1]:
            rows.pop()
        if not _visible(rows):
            return ""
        made = [_line(row) for row in rows[-LIVE_LINES:]]
        return literal(fragment("\n".join(made)), "cj-term cj-live", saved)
    parts = [list(ansi.lines(str(output.head) if output.omitted else output.text))]
    if output.omitted:
        parts.append(list(ansi.lines(str(output.tail))))
    if not output.omitted and not _visible(parts[0]):
        return ""
    made = [[_line(row) for row in part] for part in parts]
    if not output.omitted:
        while made[0] and not made[0][-1]:
            made[0].pop()
    said = f"… {output.omitted:,} characters omitted …" if output.omitted else ""
    html = _fitted(made, said)
    return literal(fragment(html), "cj-term", saved)


def _visible(rows: Sequence[list[ansi.Run]]) -> bool:
    """Whether there is anything to see: a box around blanks is only a grey bar."""
    return any(part.strip() or style != ansi.PLAIN for row in rows for part, style in row)


def _fitted(parts: list[list[str]], said: str) -> str:
    """The lines of head and tail in at most ``BODY_HTML`` characters, and what says that something is missing."""
    whole = "\n".join(
        ["\n".join(parts[0])] + ([_omitted(said) + "\n".join(parts[1])] if len(parts) > 1 else [])
    )
    if len(whole) <= BODY_HTML:
        return whole
    everything = [line for part in parts for line in part]
    first = _taken(everything, BODY_HTML // 2)
    last = _taken(everything[:first:-1], BODY_HTML // 2)
    hidden = len(everything) - first - last
    lines = f"{hidden:,} lines"
    said = f"{said[:-2]}, and {lines} …" if said else f"… {lines} omitted …"
    tail = everything[len(everything) - last :] if last else []
    return "\n".join([*everything[:first], _omitted(said) + "\n".join(tail)])


def _taken(lines: list[str], budget: int) -> int:
    """How many of the first lines fit."""
    used = 0
    for count, line in enumerate(lines):
        used += len(line) + 1
        if used > budget:
            return count
    return len(lines)


def _line(row: list[ansi.Run]) -> str:
    if len(row) > RUNS or sum(len(part) for part, _ in row) > 16 * 1024:
        parts = cut("".join(part for part, _ in row), 16 * 1024)
        return verbatim(parts.head) + (
            escape(f" {parts.said} ") + verbatim(parts.tail) if parts.omitted else ""
        )
    return "".join(_run(part, style) for part, style in row)


def _run(part: str, style: ansi.Style) -> str:
    html = verbatim(part)
    if style is ansi.PLAIN or style == ansi.PLAIN:
        return html
    foreground, background = style.fg, style.bg
    classes = []
    if style.inverse:
        foreground, background = background, foreground
        if background is None:
            classes.append("cj-invr")
    if foreground is not None:
        classes.append(f"cj-f{foreground}")
    if background is not None:
        classes.append(f"cj-b{background}")
    for name, on in (
        ("bold", style.bold),
        ("dimd", style.dim),
        ("ital", style.italic),
        ("undr", style.underline),
        ("strk", style.strike),
    ):
        if on:
            classes.append(f"cj-{name}")
    if classes:
        html = element("span", html, " ".join(classes))
    return element("a", html, "", href=style.link) if style.link else html


def _picture(picture: Picture, saved: bool, named: str) -> str:
    """The picture with the short form of its path; of one that is not there, the path stands in its place."""
    source = pictures.admitted(picture.data)
    whole = short_line(picture.path)
    near = elided(whole)
    caption = exact_text(near)
    rest = spelled_out(whole) if near != whole else None
    if not source:
        known = caption or text(short_line(picture.alt)) or "no address"
        return element("div", f"[image: {known}]", "cj-path", title=rest)
    made = element("img", "", "cj-image", src=source, alt=shown(short_line(picture.alt)) or "image")
    if caption and picture.path not in named:
        style = QUIET if saved else None
        made += element("div", caption, "cj-path", style=style, title=rest)
    return element("div", made, "cj-picture")


def _checklist(explanation: str, steps: tuple[Step, ...], saved: bool) -> str:
    said = element("div", text(short_line(explanation)), "cj-note") if explanation else ""

    def item(step: Step) -> str:
        mark = element("span", STEPS.get(step.status, "○"), "cj-glyph", aria_hidden="true")
        told = one_line(step.text)
        state = f" cj-{step.status.replace('_', '-')}" if step.status in STEPS else ""
        return element(
            "li",
            f"{mark} {text(told)}",
            f"cj-step{state}",
            aria_label=f"{STEP_WORDS.get(step.status, 'step')}: {told}",
        )

    items, more = _some(steps, item)
    return said + element("ul", items, "cj-steps", style=UNMARKED if saved else None) + more


def _lines(lines: tuple[str, ...], told: bool, saved: bool) -> str:
    draw = advice if told else text
    made, more = _some(lines, lambda line: element("div", draw(short_line(line))))
    return element("div", made + more, "cj-lines", style=LITERAL if saved else None)


def _link(url: str, label: str) -> str:
    if not url.lower().startswith(("http://", "https://")):
        return exact_text(f"{label} ({url})" if label else url)
    shown_url = exact_text(short_line(url))
    link = element("a", shown_url, "cj-link", href=url)
    return f"{text(label)}: {link}" if label and label != url else link


def _finding(finding: Finding, files: Files | None) -> str:
    place = exact_text(finding_place(finding.file, finding.first, finding.last))
    place = linked(place, files, finding.file, finding.first)
    where = element("code", place, "cj-meta") if place else ""
    title = element("strong", text(short_line(finding.title)))
    said = element("div", bounded(finding.body, files), "cj-prose") if finding.body else ""
    return element("div", element("div", f"{title} {where}", "cj-line") + said, "cj-finding")


def finding_place(file: str, first: int | None, last: int | None) -> str:
    """``load.py:12-14`` as far as it is known."""
    if not file or first is None:
        return file
    return f"{file}:{first}" if last in (None, first) else f"{file}:{first}-{last}"


def _some(rows: Sequence[Row], make: Callable[[Row], str]) -> tuple[str, str]:
    """Html of the first rows, as many as fit, and the line that counts the others."""
    made: list[str] = []
    used = 0
    for row in rows[:ROWS]:
        html = make(row)
        used += len(html)
        if made and used > BODY_HTML:
            break
        made.append(html)
    return "".join(made), more(len(rows) - len(made))
