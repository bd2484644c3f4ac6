"""Code for a terminal, in the sixteen colours of its theme: every character as it is, line by line as it comes.

A line is coloured by itself, together with those above it as long as a text or comment of several lines is open; so what was
printed never changes, and the cost grows with the length.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from codex_jupyter.render.ansi import PLAIN, Style
from codex_jupyter.render.cells import Runs
from codex_jupyter.render.characters import shown
from codex_jupyter.render.highlight import LANGUAGES, LIMIT, lexer_of
from codex_jupyter.render.paint import Paint

if TYPE_CHECKING:
    from pygments.token import _TokenType

#: Lines that a text of several lines may have, coloured as one.
TOGETHER = 60
#: Characters of a line that is coloured.
LONGEST = 500
#: By the beginning of a token's name.
_STYLES: dict[str, Style] = {
    "Token.Keyword": Style(fg=4),
    "Token.Operator.Word": Style(fg=4),
    "Token.Name.Builtin": Style(fg=6),
    "Token.Name.Function": Style(fg=6),
    "Token.Name.Class": Style(fg=6),
    "Token.Name.Decorator": Style(fg=5),
    "Token.Name.Tag": Style(fg=4),
    "Token.Name.Attribute": Style(fg=6),
    "Token.Literal.String": Style(fg=2),
    "Token.Literal.Number": Style(fg=5),
    "Token.Comment": Style(dim=True),
    "Token.Generic.Inserted": Style(fg=2),
    "Token.Generic.Deleted": Style(fg=1),
    "Token.Generic.Prompt": Style(dim=True),
}


@dataclass(frozen=True, slots=True)
class Colouring:
    """Where the colouring of a block of code stands.

    Attributes:
        alias: of the lexer, ``""``: none.
        open: lines above that belong to a text or comment which is not closed yet.
        taken: characters that were coloured.
    """

    alias: str = ""
    open: tuple[str, ...] = ()
    taken: int = 0


def begin(language: str, paint: Paint) -> Colouring:
    """The colouring of a new block; ``language`` as it stands behind the fence."""
    word = language.split(maxsplit=1)[0].strip("{}.").lower() if language.strip() else ""
    return Colouring(LANGUAGES.get(word, "") if paint.on else "")


def line(state: Colouring, code: str) -> tuple[Colouring, Runs]:
    """One line of code in its colours."""
    code = shown(code)
    lexer = lexer_of(state.alias) if state.alias else None
    taken = state.taken + len(code)
    if lexer is None or taken > LIMIT or len(code) > LONGEST:
        return Colouring(), [(code, PLAIN)]
    above = state.open
    start = sum(len(each) + 1 for each in above)
    made: Runs = []
    last: _TokenType | None = None
    at = 0
    for kind, value in lexer.get_tokens("\n".join((*above, code))):
        if at + len(value) > start:
            made.append((value[max(start - at, 0) :].rstrip("\n"), _style(kind)))
        at += len(value)
        if value.strip():
            last = kind
    spans = str(last).startswith(("Token.Literal.String", "Token.Comment"))
    going = (*above, code) if spans and len(above) < TOGETHER else ()
    if "".join(part for part, _ in made) != code:  # a lexer that drops something
        made = [(code, PLAIN)]
    return Colouring(state.alias, going, taken), made


def lines(code: str, language: str, paint: Paint) -> list[Runs]:
    """The lines of a whole block, without a last empty one."""
    state = begin(language, paint)
    made: list[Runs] = []
    for each in code.removesuffix("\n").split("\n") if code else ():
        state, runs = line(state, each)
        made.append(runs)
    return made


def _style(kind: _TokenType) -> Style:
    name = str(kind)
    while name:
        if name in _STYLES:
            return _STYLES[name]
        name = name.rpartition(".")[0]
    return PLAIN
