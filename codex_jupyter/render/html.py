"""A document as html: live with the controls of docs/protocol.md, saved without any.

Saved html stands alone (it brings the rules of the style sheet that it needs) and stays legible where a sanitiser
strips style sheets, roles and data attributes: folding is ``<details>``, marks are characters, the few styles that
matter are inline. It has a row a line, so that what changes in it is a few lines of a notebook's diff.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from codex_jupyter.core.document import Block, Body, Document, Footer, Header, Prose, Work
from codex_jupyter.core.file_links import Files
from codex_jupyter.render import bodies, cards, file_diffs, sizes, style_sheet
from codex_jupyter.render.characters import one_line, shown
from codex_jupyter.render.glyphs import KINDS, WORDS, sign
from codex_jupyter.render.markdown_html import bounded
from codex_jupyter.render.markup import (
    INDENTED,
    QUIET,
    advice,
    element,
    exact_text,
    folded,
    options_whole,
    text,
    verbatim,
)
from codex_jupyter.render.sanitize import NO_MATHS

#: The key of the one block that holds the folded work once the turn has ended.
WORK = "work"
#: Characters of a title, and of what a button copies.
TITLE, COPIED = 500, 1_000_000
#: How a page of its own looks around its transcripts.
PAGE = (
    ":root{color-scheme:light dark}\n"
    "main{max-width:56em;margin:2em auto;padding:0 1em;font-family:system-ui,sans-serif}\n"
    "hr{border:0;border-top:1px solid #8884;margin:1.5em 0}"
)


def document(doc: Document, *, live: bool = False) -> str:
    """The whole transcript as one element (saved: inside another, beside its ``<style>``)."""
    root = _root(doc, live)
    if live:
        return root
    return element("div", f"<style>\n{style_sheet.of(root)}\n</style>\n{root}\n")


def page(title: str, facts: str, documents: Sequence[Document]) -> str:
    """Several transcripts as a web page of their own, under a title and a line about them."""
    roots = "\n<hr>\n".join(_root(doc, False) for doc in documents)
    head = element("h1", text(title)) + element("p", text(facts))
    return (
        f'<!doctype html>\n<html><head><meta charset="utf-8"><title>{text(title)}</title>\n'
        f"<style>\n{PAGE}\n</style></head>\n"
        f"<body><main><style>\n{style_sheet.of(roots)}\n</style>\n{head}\n{roots}\n</main></body></html>\n"
    )


def _root(doc: Document, live: bool) -> str:
    between = "" if live else "\n"
    content = between.join(
        (
            header(doc.header, live=live),
            element("div", between.join(html for _, html in rows(doc, live=live)), "cj-blocks"),
            footer(doc.footer, live=live),
        )
    )
    return element("div", content, f"cj {NO_MATHS}", role="group", aria_label="Codex turn")


def rows(
    doc: Document, *, live: bool, drawn: Mapping[str, tuple[str, str]] = MappingProxyType({})
) -> tuple[tuple[str, str], ...]:
    """(key, html) of what stands between header and footer; folded work is one row, the first. ``drawn`` is by key what
    ``block`` takes."""
    made, folded = _fitted(doc.unfolded, live, doc.files, drawn), doc.folded
    if folded is None:
        return tuple(made)
    return ((WORK, work_row(folded, live=live, files=doc.files)), *made)


def _fitted(
    blocks: Sequence[Block],
    live: bool,
    files: Files | None,
    drawn: Mapping[str, tuple[str, str]] = MappingProxyType({}),
) -> list[tuple[str, str]]:
    made = sizes.fitted(
        blocks,
        lambda each: block(each, live=live, drawn=drawn.get(each.key), files=files),
        sizes.HTML,
    )
    return [(each.key, html) for each, html in zip(blocks, made, strict=True)]


def work_row(work: Work, *, live: bool, files: Files | None = None) -> str:
    """The folded work of a turn that has ended, as one element."""
    inside = ("" if live else "\n").join(html for _, html in _fitted(work.blocks, live, files))
    key = WORK if live else None
    line = text(work.line)
    if not inside:
        return element("div", line, "cj-block cj-work", data_cj_key=key)
    inner = element("div", inside, "cj-inner", style=None if live else INDENTED)
    return element("div", folded(line, inner, "cj-fold"), "cj-block cj-work", data_cj_key=key)


def block(
    each: Block,
    *,
    live: bool,
    drawn: tuple[str, str] | None = None,
    files: Files | None = None,
) -> str:
    """One row of the transcript as one element.

    ``drawn`` is (settled, tail) html of its streaming text, when somebody keeps count of what is settled; ``files`` what
    its paths mean.
    """
    if each.card is not None:
        content = cards.form(each.card) if live else cards.record(each.card)
    else:
        content = _content(each, live, drawn, files)
    spoken = ", ".join(
        w for w in (each.label or KINDS.get(each.kind, ""), WORDS.get(each.glyph)) if w
    )
    return element(
        "div",
        content,
        f"cj-block cj-is-{each.kind} cj-{each.glyph}",
        data_cj_key=each.key if live else None,
        role="group",
        aria_label=shown(spoken),
    )


def header(head: Header, *, live: bool) -> str:
    """Who may do what, in a row."""
    parts = [element("b", "Codex")]
    parts += [
        element("span", exact_text(value), title=shown(name)) for name, value in head.parts if value
    ]
    if head.offline:
        parts.append(element("span", text(head.offline), "cj-badge"))
    line = " · ".join(parts)
    notes = "".join(element("div", text(note), "cj-note") for note in head.notes)
    style = None if live else QUIET
    return element("div", element("div", line) + notes, "cj-header", style=style)


def footer(foot: Footer, *, live: bool) -> str:
    """How the turn stands, and what can be done about it."""
    waits = foot.glyph == "ask"  # for the reader: nothing moves
    spins = live and not waits and (foot.since_ms is not None or foot.glyph == "running")
    mark = "" if spins or foot.glyph == "running" else sign(foot.glyph)
    spin = " cj-spin" if spins else ""
    line = element("span", mark, f"cj-glyph{spin}", aria_hidden="true") + " " + text(foot.text)
    if live and foot.since_ms is not None:
        line += element("span", "", "cj-elapsed", data_cj_elapsed=str(foot.since_ms))
    status = element("span", line, "cj-status")
    under = "".join(element("div", advice(each), "cj-note") for each in foot.lines)
    if foot.sent:
        said = f"Sent to the model: {', '.join(foot.sent)}"
        under += element("div", text(said), "cj-note", style=None if live else QUIET)
    if not live:
        whole = foot.diff and not foot.diff_is_shown
        diff = file_diffs.turn_diff(foot.diff, saved=True) if whole else ""
        return element("div", element("div", status) + under + diff, f"cj-footer cj-{foot.glyph}")
    panel = ""
    if foot.diff and not foot.stoppable:
        panel = element(
            "div",
            file_diffs.turn_diff(foot.diff, saved=False),
            data_cj_panel="diff",
            hidden=True,
        )
    actions = element("span", _actions(foot), "cj-actions")
    row = element("div", status + actions, "cj-line")
    return element("div", row + under + panel, f"cj-footer cj-{foot.glyph}")


def _actions(foot: Footer) -> str:
    made = ""
    if 0 < len(foot.copy) <= COPIED:
        template = element("template", verbatim(foot.copy))
        made += element("button", f"Copy{template}", "cj-button", type="button", data_cj_copy="")
    if foot.diff and not foot.stoppable:
        made += element(
            "button",
            "Diff",
            "cj-button",
            type="button",
            data_cj_toggle="diff",
            aria_expanded="false",
        )
    if foot.notify:
        made += element(
            "button",
            "Notify me",
            "cj-button",
            type="button",
            title="When it ends or asks while this page is out of sight",
            data_cj_notify=str(foot.notify),
        )
    if foot.stoppable:
        made += element(
            "button", "Stop", "cj-button", type="button", data_cj_intent='{"kind":"stop"}'
        )
    return made


def _content(each: Block, live: bool, drawn: tuple[str, str] | None, files: Files | None) -> str:
    inside = "".join(_body(each, part, live, drawn, files) for part in each.body)
    if live and each.retry:
        intent = json.dumps({"kind": "retry_review", "item": each.retry})
        inside += element(
            "button", "Allow it and try again", "cj-button", type="button", data_cj_intent=intent
        )
    if not each.title:  # only its body; what is to be said of it comes after
        said = element("div", f"({text(each.meta)})", "cj-note") if each.meta else ""
        return inside + said
    line = _line(each, live)
    if not inside:
        return element("div", line, "cj-line")
    inner = element("div", inside, "cj-body", style=None if live else INDENTED)
    if each.fold == "never":
        return element("div", line, "cj-line") + inner
    return folded(line, inner, "cj-fold", each.open)


def _line(each: Block, live: bool) -> str:
    """Sign, title and what stands at the right."""
    parts = []
    mark = sign(each.glyph)
    if mark:
        spins = each.glyph == "running" and live
        mark, spin = ("", " cj-spin") if spins else (mark, "")
        parts.append(element("span", mark, f"cj-glyph{spin}", aria_hidden="true"))
    title = exact_text(one_line(each.title, TITLE))
    if each.code_title:
        title = options_whole(title)
    parts.append(element("code" if each.code_title else "span", title, "cj-title"))
    if each.meta:
        parts.append(element("span", text(each.meta), "cj-meta", style=None if live else QUIET))
    return " ".join(parts)


def _body(
    each: Block, part: Body, live: bool, drawn: tuple[str, str] | None, files: Files | None
) -> str:
    if live and isinstance(part, Prose) and part is streaming_part(each):
        return slots(*(drawn or ("", bounded(str(part.text), files))))
    return bodies.body(part, saved=not live, named=each.title, files=files)


def streaming_part(each: Block) -> Prose | None:
    """The one body of a block that the page can append to: its last, if it is Markdown that still streams."""
    last = each.body[-1] if each.body else None
    return last if isinstance(last, Prose) and last.streaming else None


def slots(settled: str, tail: str) -> str:
    """Streaming Markdown: what is settled, and the tail that is drawn anew."""
    return element(
        "div",
        element("div", settled, data_cj_settled="") + element("div", tail, data_cj_tail=""),
        "cj-prose",
    )
