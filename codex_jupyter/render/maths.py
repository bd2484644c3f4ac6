r"""Maths in Markdown: ``$…$``, ``$$…$$``, ``\(…\)``, ``\[…\]`` are kept for MathJax; prices and shell variables are not.

The rules decide what was meant as maths; what they pass on is escaped text between its own delimiters, in an element
that MathJax looks into. Everything else of a transcript is marked for MathJax to ignore.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from codex_jupyter.render.characters import escape
from codex_jupyter.render.sanitize import MATHS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

#: Inline maths is short; the limit also bounds the search for its end.
INLINE_LIMIT = 1_000
#: TeX that reaches beyond the formula: links, styles, classes, definitions. A formula with it is shown as source.
_REACHING = re.compile(
    r"\\(?:href|url|unicode|class|cssId|style|data|html|require|action|toggle|mathtip|texttip|tip|include|input|"
    r"def|gdef|edef|xdef|let|futurelet|csname|newcommand|renewcommand|providecommand|newenvironment|renewenvironment|"
    r"Declare|bbox|write|read|catcode|loop|special|MathJax|javascript)",
    re.IGNORECASE,
)
#: What makes a formula large out of little: lengths, rows, columns that repeat, braces in braces.
_LENGTH = re.compile(
    r"(?P<number>\d{1,9}(?:[.,]\d{0,9})?|[.,]\d{1,9})\s{0,9}(?P<unit>em|ex|mu|pt|pc|px|in|cm|mm|bp|dd|cc|sp)(?![A-Za-z])"
)
_MANY_DIGITS = re.compile(r"\d[\d.,]{9,}\s{0,9}(?:em|ex|mu|pt|pc|px|in|cm|mm|bp|dd|cc)(?![A-Za-z])")
#: What takes a length; elsewhere ``20 cm`` is a quantity.
_SPACING = re.compile(
    r"\\(?:[A-Za-z]*(?:rule|space|kern|skip|raise|lower|move|above|genfrac|box|pad|strut)|\\)|@\s*\{|\\cr",
    re.IGNORECASE,
)
#: Commands of commands of commands, without a brace.
_NESTED = re.compile(r"(?:\\[A-Za-z]+\s{0,3}){60}")
_REPEATED = re.compile(r"\*\s*\{?\s*\d{3,}")
#: How many of each are one em.
_UNITS = {
    "em": 1.0,
    "ex": 2.0,
    "mu": 18.0,
    "pt": 10.0,
    "bp": 10.0,
    "dd": 10.0,
    "px": 16.0,
    "mm": 3.5,
    "cm": 0.35,
    "in": 0.14,
    "pc": 0.8,
    "cc": 0.8,
    "sp": 655_360.0,
}
#: All lengths of a formula together in em, its rows, its braces in braces, and its characters.
LENGTHS, ROWS, DEPTH, LONGEST = 40.0, 200, 40, 20_000
_TEX = re.compile(r"\\[A-Za-z]+|[\^_]")
_OPERATOR = re.compile(r"[=<>+*/|{}≤≥≈∈∑∫√πα-ω−×·-]")
_SPOKEN = re.compile(
    r"\\(?:text|mathrm|mathit|mathbf|operatorname\*?|textbf|textit|mbox)\s*\{[^{}]*\}|\\[A-Za-z]+"
)
_WORD = re.compile(r"[^\W\d_]{2,}")
#: ``a-z``: what stands between brackets in a pattern.
_RANGE = re.compile(r"\^?(?:\w-\w)+\w*")
_SHELL = re.compile(r"\{[A-Za-z_]\w*[}:#%/]|\([a-z]{2,}[ )]")


def bounded(source: str) -> bool:
    """Whether a formula is drawn in about as much room as its source takes.

    Example:
        >>> bounded(r"a \\hspace{2em} b"), bounded(r"\\rule{1000em}{1000em}")
        (True, False)
    """
    if len(source) > LONGEST or _MANY_DIGITS.search(source) or _REPEATED.search(source):
        return False
    if _NESTED.search(source):
        return False
    lengths = (
        float("0" + m["number"].replace(",", ".")) / _UNITS[m["unit"]]
        for m in _LENGTH.finditer(source)
    )
    spaced = _SPACING.search(source) is not None
    if (spaced and sum(lengths) > LENGTHS) or source.count("\\\\") + source.count("\\cr") > ROWS:
        return False
    depth = 0
    for character in source:
        depth += (character == "{") - (character == "}")
        if depth > DEPTH:
            return False
    return source.count("\\left") + source.count("\\begin") <= ROWS


def intended(source: str) -> bool:
    """Whether text between maths delimiters reads like maths rather than like money, shell or prose.

    Example:
        >>> intended("x^2 + y"), intended("5 and then "), intended("HOME/bin:")
        (True, False, False)
    """
    if not source.strip() or _REACHING.search(source) or not bounded(source):
        return False
    if _TEX.search(source):
        return not _SHELL.match(source)
    words = _WORD.findall(_SPOKEN.sub(" ", source))
    if not words:
        return True
    if len(words) == 1 and words[0] == source.strip():
        return len(source) <= 3
    return len(words) <= 2 and bool(_OPERATOR.search(source)) and " " in source.strip()


def install(md: MarkdownIt) -> None:
    """Add the rules and their rendering to an engine."""
    md.inline.ruler.before("escape", "cj_maths", _inline)
    md.block.ruler.before(
        "fence", "cj_maths_block", _block, {"alt": ["paragraph", "blockquote", "list"]}
    )
    md.add_render_rule("cj_maths", _render_inline)
    md.add_render_rule("cj_maths_block", _render_block)


def _inline(state: StateInline, silent: bool) -> bool:
    source, start, limit = state.src, state.pos, state.posMax
    if source[start] == "$":
        mark = "$$" if source.startswith("$$", start) else "$"
        end_mark = mark
    elif source[start] == "\\" and source[start + 1 : start + 2] in ("(", "["):
        mark = source[start : start + 2]
        end_mark = "\\)" if mark == "\\(" else "\\]"
    else:
        return False
    begin = start + len(mark)
    end = _closing(source, begin, min(limit, begin + INLINE_LIMIT), end_mark)
    if end < 0:
        return False
    body = source[begin:end]
    if mark == "$" and not _dollars(source, start, end, limit):
        return False
    if not intended(body) or (mark in ("\\(", "\\[") and not _bracketed(body, source, end + 2)):
        return False
    if not silent:
        token = state.push("cj_maths", "", 0)
        token.content = mark + body + end_mark
    state.pos = end + len(end_mark)
    return True


def _closing(source: str, begin: int, limit: int, mark: str) -> int:
    at = begin
    while True:
        at = source.find(mark, at, limit)
        if at < 0:
            return -1
        slashes = 0
        while source[at - 1 - slashes] == "\\" and at - 1 - slashes >= begin:
            slashes += 1
        if slashes % 2 == 0 and "\n\n" not in source[begin:at]:
            return at
        at += 1


def _dollars(source: str, start: int, end: int, limit: int) -> bool:
    """A single dollar opens after no letter or digit and before no space; it closes after no space, before no word."""
    before = source[start - 1] if start else " "
    after = source[end + 1] if end + 1 < limit else " "
    body = source[start + 1 : end]
    return not (
        before.isalnum()
        or before == "$"
        or after.isalnum()
        or after in "$({"
        or not body
        or body[0].isspace()
        or body[-1].isspace()
    )


def _bracketed(body: str, source: str, after: int) -> bool:
    r"""``\(…\)`` is also how Markdown escapes a bracket: what a link or a pattern has in brackets is not maths."""
    if source[after : after + 1] == "(":
        return False
    if source[after - 1] == "]" and _RANGE.fullmatch(body):
        return False
    return bool(_TEX.search(body) or _OPERATOR.search(body)) or len(body.strip()) <= 2


def _block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    r"""``$$`` or ``\[`` at the start of a line, up to its end mark at the end of a line; never beyond a blank line."""
    if state.is_code_block(start):
        return False
    first = state.src[state.bMarks[start] + state.tShift[start] : state.eMarks[start]]
    if first.startswith("$$"):
        mark = "$$"
    elif first.startswith("\\["):
        mark = "\\]"
    else:
        return False
    rest = first[2:]
    closed = rest.find(mark)
    if closed >= 0 and rest[closed + 2 :].strip():
        return False  # text goes on behind the formula: a paragraph
    if silent:
        return True
    lines, line = [first], start
    found = closed >= 0
    while not found and line + 1 < end:
        line += 1
        if state.isEmpty(line) or state.sCount[line] < state.blkIndent:
            line -= 1
            break
        text = state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]
        lines.append(text)
        found = text.rstrip().endswith(mark)
    content = "\n".join(lines).strip()
    state.line = line + 1
    body = content[2:-2]
    if (
        found
        and len(content) >= 4
        and body.strip()
        and not _REACHING.search(body)
        and bounded(body)
        and mark not in body
    ):
        token = state.push("cj_maths_block", "", 0)
        token.block = True
        token.map = [start, state.line]
        token.content = content
        return True
    # No formula after all. It stays one paragraph, so that where it ends never depends on what comes later.
    token = state.push("paragraph_open", "p", 1)
    token.map = [start, state.line]
    token = state.push("inline", "", 0)
    token.content = content
    token.map = [start, state.line]
    token.children = []
    state.push("paragraph_close", "p", -1)
    return True


def _render_inline(
    _self: Any, tokens: Sequence[Token], index: int, _options: Any, _env: Any
) -> str:
    return f'<span class="cj-math {MATHS}">{escape(tokens[index].content)}</span>'


def _render_block(_self: Any, tokens: Sequence[Token], index: int, _options: Any, _env: Any) -> str:
    return f'<div class="cj-math {MATHS}">{escape(tokens[index].content)}</div>\n'
