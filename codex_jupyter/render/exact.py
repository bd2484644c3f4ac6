"""What somebody allows or allowed, as html: every character of it, wrapped, with marks where a reader would be fooled.

What is long scrolls in the card, in a box that says how long it is, so that its buttons stay in sight; in saved html it is
folded. Nothing is cut here, and nothing is drawn that does not lead back to the exact text (``core/spelled.py``).
"""

from __future__ import annotations

import html as standard_html
import re
from collections.abc import Iterator

from codex_jupyter.core.diffs import Change
from codex_jupyter.core.document import Exact, ExactFacts
from codex_jupyter.core.spelled import Manner, Piece, pieces
from codex_jupyter.core.titles import count
from codex_jupyter.render.characters import escape
from codex_jupyter.render.diffs import runs
from codex_jupyter.render.dollars import unpaired
from codex_jupyter.render.exact_lines import Line, file_head, lines_of
from codex_jupyter.render.highlight import highlight
from codex_jupyter.render.markup import (
    HUNK,
    LOOKS,
    QUIET,
    WRAPPED,
    WRAPPED_ROWS,
    element,
    folded,
    options_whole,
    text,
)
from codex_jupyter.render.sanitize import fragment

#: Beyond so many lines or characters, what is asked scrolls.
TALL_LINES, TALL = 24, 2_400
#: Beyond so many lines, the files of a patch are folded one by one.
OPEN_LINES = 60
_PROMPT = '<span class="cj-prompt">$ </span>'
#: Stands for a mark while the text is coloured: private characters of the text itself are marks, so none is left in it.
_PLACE = "\ue000"
#: Marks of blanks that are no longer are quiet: a tab, the newline that ends a file.
_FEW = len("⟨⇥×9⟩")
_TAGS = re.compile(r"<[^>]*>")


def words(part: Exact, saved: bool) -> str:
    """A command, code, arguments or a message."""
    inside = drawn(part.text, part.manner, part.language)
    if part.opens:
        inside = fragment(element("a", inside, "cj-link", href=part.text))
    box = "cj-text" if part.manner == "prose" else "cj-code"
    tall = part.text.count("\n") >= TALL_LINES or len(part.text) > TALL
    prompt = _PROMPT if part.typed else ""
    inside = options_whole(inside) if part.typed else inside
    made = element(
        "pre",
        f"<code>{prompt}{inside}</code>",
        f"cj-exact {box}{' cj-tall' if tall and not saved else ''}",
        style=WRAPPED if saved else None,
        tabindex="0" if tall and not saved else None,
    )
    if not tall:
        return made
    return _long(_size(part.text), made, saved)


def facts(part: ExactFacts, saved: bool) -> str:
    """Labelled values, one a line; a value of several lines keeps them."""
    rows = []
    for name, value in part.rows:
        manner = part.manner(name)
        label = element("span", text(name), "cj-name", style=QUIET if saved else None)
        tag = "span" if manner == "prose" else "code"
        said = element(tag, drawn(value, manner), "cj-value", style=WRAPPED if saved else None)
        rows.append(element("div", f"{label} {said}"))
    return element("div", "".join(rows), "cj-facts cj-exact")


def patch(changes: tuple[Change, ...], saved: bool) -> str:
    """Every file with every line; the files of a long patch fold one by one, each with its totals."""
    files = [(change, lines_of(change)) for change in changes]
    number = sum(len(lines) for _, lines in files)
    opened = number <= OPEN_LINES and not saved
    made = "".join(_file(change, lines, opened, saved) for change, lines in files)
    whole = element("div", made, "cj-exact cj-files")
    tall = number > TALL_LINES or len(files) > TALL_LINES // 2
    if saved or not tall:
        return whole
    said = f"{count(len(files), 'file')}, {count(number, 'line')}"
    return _long(said, element("div", whole, "cj-tall", tabindex="0"), saved)


def drawn(text: str, manner: Manner, language: str = "") -> str:
    """The text as html, with its marks, coloured where that changes nothing of it.

    Example:
        >>> drawn("ls\\u200b", "code")
        'ls<span class="cj-mark">⟨U+200B zero width space⟩</span>'
    """
    found = pieces(text, manner)
    coloured = _coloured(found, language) if language else ""
    return coloured or "".join(
        _mark(piece) if piece.mark else unpaired(escape(piece.shown)) for piece in found
    )


def _coloured(found: tuple[Piece, ...], language: str) -> str:
    plain = "".join(_PLACE if piece.mark else piece.shown for piece in found)
    made = highlight(plain, language)
    if standard_html.unescape(_TAGS.sub("", made)) != plain:
        return ""
    marks = iter([_mark(piece) for piece in found if piece.mark])
    return re.sub(_PLACE, lambda _: next(marks), made)


def _mark(piece: Piece) -> str:
    blanks = piece.shown[1] in "␣⇥⏎" and len(piece.shown) <= _FEW
    return element("span", escape(piece.shown), "cj-mark cj-blanks" if blanks else "cj-mark")


def _long(said: str, made: str, saved: bool) -> str:
    if saved:
        return folded(f"All of it: {said}", made, "cj-fold")
    return element("div", f"{said}, all here: scroll to read on", "cj-note") + made


def _size(text: str) -> str:
    lines = text.count("\n") + 1
    size = count(len(text), "character")
    return f"{count(lines, 'line')}, {size}" if lines > 1 else size


def _file(change: Change, lines: list[Line], opened: bool, saved: bool) -> str:
    name, totals = file_head(change)
    meta = element("span", escape(totals), "cj-meta", style=QUIET if saved else None)
    head = element("span", drawn(name, "code"), "cj-title") + " " + meta
    rows = element(
        "div", "".join(_rows(lines, saved)), "cj-rows", style=WRAPPED_ROWS if saved else None
    )
    return folded(head, rows, "cj-diff", opened)


def _rows(lines: list[Line], saved: bool) -> Iterator[str]:
    for sign, run in runs(tuple(lines)):
        name, style = LOOKS.get(sign, HUNK)
        content = "\n".join(
            escape("" if sign == "@" else sign) + drawn(line.text, "code") for line in run
        )
        yield element("div", content, name, style=style if saved else None)
