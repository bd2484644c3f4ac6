"""How a command shows its outcome: a small document through the one renderer of each format."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import ParamSpec

from codex_jupyter.core.document import (
    Block,
    Body,
    Code,
    Document,
    Facts,
    Fold,
    Footer,
    Glyph,
    Header,
    Table,
)
from codex_jupyter.notebook.display import publish_once


@dataclass(frozen=True)
class Section:
    """A titled part of a command's outcome."""

    title: str
    body: tuple[Body, ...] = ()
    glyph: Glyph = "none"
    fold: Fold = "never"
    open: bool = True


P = ParamSpec("P")


def made_of(
    title: str,
    *,
    rows: Iterable[tuple[str, str]] = (),
    table: Table | None = None,
    code: str = "",
    glyph: Glyph = "info",
    sections: Iterable[Section] = (),
    offline: str = "",
    lines: tuple[str, ...] = (),
) -> Document:
    """A title, labelled rows, a piece of code and further sections, without secrets.

    Args:
        title: one sentence.
        rows: labelled values.
        table: a list of things.
        code: lines to copy into a cell.
        glyph: the mark before the title.
        sections: further titled parts.
        offline: the label of the offline model, or ``""``.
        lines: remarks at the end.
    """
    from codex_jupyter.core.secrets.fields import cleaned
    from codex_jupyter.session.gate import cleaner_now  # loading the extension needs none of it

    facts = Facts(tuple(rows))
    body: tuple[Body, ...] = ()
    if facts.rows:
        body += (facts,)
    if table is not None:
        body += (table,)
    if code:
        body += (Code(code, "text"),)
    blocks = [Block("notice", "notice", title, glyph, body=body, fold="never", open=True)]
    blocks += [
        Block(f"section-{i}", "notice", s.title, s.glyph, body=s.body, fold=s.fold, open=s.open)
        for i, s in enumerate(sections)
    ]
    footer = Footer("none", lines=lines)
    document = Document(Header(offline=offline), tuple(blocks), footer, ended=True)
    return cleaned(document, cleaner_now())


def _shown(make: Callable[P, Document]) -> Callable[P, None]:
    def show(*args: P.args, **kwargs: P.kwargs) -> None:
        publish_once(make(*args, **kwargs))

    return show


show = _shown(made_of)
"""Shows in the calling cell what ``made_of`` makes; takes what that takes."""
