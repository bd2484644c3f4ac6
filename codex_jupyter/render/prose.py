"""Markdown as lines for a terminal: wrapped at words, lists and quotes hanging, tables as columns, code as it is.

The parser is the page's, so that both say the same. With colours, headings, emphasis and code are styled; without, they keep
the marks of Markdown, which are plain text's own. Nothing stands before a line of code that is not in a list or quote, so that
it can be copied.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from codex_jupyter.render import cells, prose_code, prose_table
from codex_jupyter.render.ansi import PLAIN, Run, Style
from codex_jupyter.render.cells import Runs
from codex_jupyter.render.paint import Paint

if TYPE_CHECKING:
    from markdown_it.token import Token

#: What is less wide than this is drawn as if it were; lines of words are no longer than this, however wide the terminal is.
LEAST, MOST = 20, 120
QUIET, CODE, RULE = Style(dim=True), 6, "─" * 24
_HEADINGS = {"h1": Style(bold=True, underline=True), "h2": Style(bold=True)}
#: Where these are literally in a text, what follows may yet make marks of them.
OPEN_MARKS = frozenset("*_~`[]<$\\|&")


@dataclass(slots=True)
class Drawn:
    """The lines of a Markdown text.

    Attributes:
        lines: all of them.
        last: the number of the line at which the last part begins that may still grow: a paragraph, a table, a code block.
        grows: of that part, lines up to here stay as they are, whatever follows.
        kind: of the last block.
        number: of the next item of the list that is open at the end, -1: none, or none with numbers.
    """

    lines: list[Runs] = field(default_factory=list)
    last: int = 0
    grows: int = 0
    kind: str = ""
    number: int = -1


def text_of(source: str, width: int, paint: Paint) -> str:
    """A whole Markdown text, without a final newline.

    Example:
        >>> print(text_of("One *two*.\\n- a long item", 20, Paint()))
        One *two*.
        - a long item
    """
    from codex_jupyter.render.markdown_html import parse

    drawn = draw(parse(source), source, width, paint)
    return "\n".join(painted(line, paint) for line in drawn.lines)


def painted(line: Runs, paint: Paint, quiet: bool = False) -> str:
    """One line with its styles; ``quiet``: dim, whatever else it is."""
    if not paint.on:
        return cells.text_of(line).rstrip(" ")
    runs = cells.joined(
        [(part, style._replace(dim=True)) for part, style in line] if quiet else line
    )
    return "".join(paint.styled(part, style) for part, style in runs).rstrip(" ")


def draw(
    tokens: Sequence[Token],
    source: str,
    width: int,
    paint: Paint,
    before: str = "",
    number: int = -1,
) -> Drawn:
    """The lines of top-level blocks, the last of which need not be whole.

    Args:
        tokens: of the parser, of ``source``.
        source: the text that they were made of; its blank lines part what they part.
        width: cells of a line.
        paint: whether styles are shown.
        before: the kind of the block that is printed above them, such as ``"paragraph"``; ``""``: none.
        number: of their first item, where they begin in the middle of a numbered list; -1: they do not.
    """
    writer = _Writer(source.split("\n"), max(width, LEAST), paint, before=before, number=number)
    writer.write(tokens)
    drawn = writer.drawn
    drawn.kind, drawn.number = writer.before, writer.numbers[0] if writer.numbers else -1
    return drawn


@dataclass(slots=True)
class _Box:
    """A list item or quote that is open: what stands before its first line, and before all others."""

    first: Runs
    rest: Runs
    kind: str = ""
    begun: bool = False
    above: str = ""  # the kind of the block above, within this box


@dataclass(slots=True)
class _Writer:
    source: list[str]
    width: int
    paint: Paint
    drawn: Drawn = field(default_factory=Drawn)
    boxes: list[_Box] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)  # of the open lists, -1: bullets
    before: str = ""
    number: int = -1  # of the first item, where the list above goes on

    def write(self, tokens: Sequence[Token]) -> None:
        at = 0
        while at < len(tokens):
            token = tokens[at]
            kind = token.type
            if kind in ("bullet_list_open", "ordered_list_open"):
                self._part(token, "list")
                start = int(token.attrs.get("start", 1)) if kind.startswith("o") else -1
                self.numbers.append(start if self.number < 0 or start < 0 else self.number)
                self.number = -1
            elif kind.endswith("_list_close"):
                self.numbers.pop()
                self._above = "list"
            elif kind == "list_item_open":
                self._item(token)
            elif kind == "blockquote_open":
                self._part(token, "quote")
                mark = [("│ " if self.paint.on else "> ", QUIET)]
                self.boxes.append(_Box(mark, mark, "quote"))
            elif kind in ("list_item_close", "blockquote_close"):
                box = self.boxes.pop()
                if not box.begun:  # an item with nothing in it has its mark all the same
                    self._put([*self._prefix(), *self._mark(box)])
            elif kind == "table_open":
                end = _closing(tokens, at, "table_close")
                self._leaf(token, "table")
                room = self._room()
                for line in prose_table.lines(tokens[at:end], room, self.paint, self._inline):
                    self._put([*self._prefix(), *line])
                at = end
            elif kind in ("paragraph_open", "heading_open"):
                self._text(token, tokens[at + 1])
                at += 2
            elif kind in ("fence", "code_block"):
                self._code(token)
            elif kind == "hr":
                self._leaf(token, "rule")
                self._put([*self._prefix(), (RULE if self.paint.on else "---", QUIET)])
            elif kind == "cj_maths_block":
                self._leaf(token, "maths")
                for line in token.content.strip("\n").split("\n"):
                    self._put([*self._prefix(), (line, PLAIN)])
            at += 1

    def _item(self, token: Token) -> None:
        """Begin a list item: ``• text``, ``12. text``, for a task its box."""
        self._part(token, "item")
        number = self.numbers[-1] if self.numbers else -1
        if number >= 0:
            self.numbers[-1] += 1
            mark = f"{number}{token.markup or '.'} "
        else:
            bullets = "•◦▪" if self.paint.on else "---"
            depth = sum(1 for each in self.numbers if each < 0) - 1
            task = "class" in token.attrs and self.paint.on
            mark = "" if task else f"{bullets[depth % 3]} "
        self.boxes.append(_Box([(mark, PLAIN)], [(" " * (len(mark) or 2), PLAIN)], "item"))

    def _text(self, token: Token, inline: Token) -> None:
        self._leaf(token, "heading" if token.type == "heading_open" else "paragraph")
        style, mark = PLAIN, ""
        if token.type == "heading_open":
            style = _HEADINGS.get(token.tag, Style(bold=True))
            mark = "" if self.paint.on else token.markup
        begin = len(self.drawn.lines)
        before = [(f"{mark} ", style)] if mark.startswith("#") else []
        room = min(self._room(), MOST)
        for line in cells.wrapped([*before, *self._inline(inline, style)], room):
            self._put([*self._prefix(), *line])
        if mark and not before:  # its lines may be printed already, as those of a paragraph
            self._put([*self._prefix(), (3 * mark, PLAIN)])
        if token.type == "paragraph_open":
            self._settle(begin, inline)
        elif token.markup.startswith("#"):
            self.drawn.grows = len(self.drawn.lines)

    def _settle(self, begin: int, inline: Token) -> None:
        """Of a paragraph, all lines but the last stay as they are, up to one with a mark that may yet be closed."""
        literal = {c for t in inline.children or () if t.type == "text" for c in t.content}
        if not literal & OPEN_MARKS:
            self.drawn.grows = max(begin, len(self.drawn.lines) - 1)

    def _code(self, token: Token) -> None:
        self._leaf(token, "code")
        language = token.info.strip() if token.type == "fence" else ""
        code = prose_code.lines(token.content, language, self.paint)
        mark = token.markup if token.type == "fence" else "```"
        begin = len(self.drawn.lines)
        self._put([*self._prefix(), (f"{mark}{language}", QUIET)])
        for line in code:
            self._put([*self._prefix(), *line])
        if token.type == "fence":
            self.drawn.grows = max(begin, len(self.drawn.lines))
        self._put([*self._prefix(), (mark, QUIET)])

    # --- where a line stands --------------------------------------------------------------------------------------

    def _leaf(self, token: Token, kind: str) -> None:
        self._part(token, kind)
        self.drawn.last = self.drawn.grows = len(self.drawn.lines)

    def _part(self, token: Token, kind: str) -> None:
        """A blank line where one parts the block from the one above it."""
        above, self._above = self._above, kind
        if above and self._parted(token, above, kind):
            self._put(self._prefix())

    @property
    def _above(self) -> str:
        """The kind of the block above, in the box that is open."""
        return self.boxes[-1].above if self.boxes else self.before

    @_above.setter
    def _above(self, kind: str) -> None:
        if self.boxes:
            self.boxes[-1].above = kind
        else:
            self.before = kind

    def _parted(self, token: Token, above: str, kind: str) -> bool:
        if kind == "item" and above == "list":  # the first one
            return False
        line = (token.map or [0])[0]
        if line and not self.source[line - 1].strip(" \t>"):
            return True
        if kind == "item" or above == "item" or (kind == "list" and above in ("paragraph", "list")):
            return False
        return not self.boxes

    def _prefix(self) -> Runs:
        made: Runs = []
        for box in self.boxes:
            made += self._mark(box)
        return made

    @staticmethod
    def _mark(box: _Box) -> Runs:
        if box.begun:
            return box.rest
        box.begun = True
        return box.first

    def _room(self) -> int:
        taken = sum(cells.cells_of(cells.text_of(box.rest)) for box in self.boxes)
        return max(self.width - taken, LEAST)

    def _put(self, line: Runs) -> None:
        self.drawn.lines.append(line)

    # --- words ----------------------------------------------------------------------------------------------------

    def _inline(self, inline: Token, style: Style = PLAIN) -> Runs:
        """The words of a paragraph, a heading or a cell, in their styles or with their marks."""
        made: Runs = []
        styles = [style]
        links: list[tuple[str, int]] = []
        marks = not self.paint.on
        children = inline.children or []
        if not children and inline.content:
            return [(inline.content, style)]
        for at, token in enumerate(children):
            now = styles[-1]
            kind = token.type
            if kind in _SPANS and kind.endswith("_open"):
                styles.append(now._replace(**{_SPANS[kind]: True}))
                if marks:
                    made.append((token.markup, now))
            elif kind in _SPANS:
                styles.pop()
                if marks:
                    made.append((token.markup, styles[-1]))
            elif kind == "code_inline":
                made.append(_code(token, now) if not marks else (_marked(token), now))
            elif kind == "link_open":
                links.append((str(token.attrs.get("href", "")), len(made)))
                styles.append(now._replace(underline=True))
            elif kind == "link_close":
                styles.pop()
                href, begin = links.pop()
                label = cells.text_of(made[begin:])
                if _address(href) not in (label, f"http://{label}", f"https://{label}"):
                    made.append((f" ({_address(href)})", styles[-1]._replace(dim=True)))
            elif kind == "softbreak":
                made.append(("" if _east(children, at) else " ", now))
            elif kind == "hardbreak":
                made.append(("\n", now))
            else:
                made.append((token.content, now))
        return made


_SPANS = {
    f"{name}_{end}": style
    for name, style in (("em", "italic"), ("strong", "bold"), ("s", "strike"))
    for end in ("open", "close")
}


def _code(token: Token, style: Style) -> Run:
    return token.content, style._replace(fg=CODE)


def _marked(token: Token) -> str:
    """Code between as many backticks as it was written with."""
    blank = " " if token.content.startswith("`") or token.content.endswith("`") else ""
    return f"{token.markup}{blank}{token.content}{blank}{token.markup}"


def _address(href: str) -> str:
    return href.removeprefix("mailto:")


def _east(children: Sequence[Token], at: int) -> bool:
    """Whether a line of an East Asian script goes on in the next one: no blank stands there."""
    around = (
        (children[at - 1].content[-1:], children[at + 1].content[:1])
        if 0 < at < len(children) - 1
        else ("", "")
    )
    return all(c and not c.isascii() and cells.cells_of(c) == 2 and c.isalpha() for c in around)


def _closing(tokens: Sequence[Token], at: int, kind: str) -> int:
    return next(i for i in range(at, len(tokens)) if tokens[i].type == kind)
