"""Markdown that arrives in pieces, as lines for a terminal that are printed once and never change.

What is printed is final: blocks that have ended, items of a list that another one follows, lines of an open code block, and of
a long paragraph the lines before the last, as long as no mark in it may yet be closed. The rest waits. All that was printed is
what ``prose.text_of`` makes of the whole text, at a cost that grows with its length: what waits is drawn anew with each line
while it is short, then whenever it has grown by a quarter.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from codex_jupyter.core.text import Text
from codex_jupyter.render import prose, prose_code
from codex_jupyter.render.cells import Runs
from codex_jupyter.render.characters import dropped
from codex_jupyter.render.paint import Paint
from codex_jupyter.render.streaming import (
    ENDED_BY_BLANK,
    FENCE,
    GROWTH,
    SHORT,
    closes,
    finished,
)

_BLANK_LINE = re.compile(r"\n[ \t]*\n")


@dataclass(frozen=True, slots=True)
class Flow:
    """How far a text has been printed.

    Attributes:
        width: cells of a line; another one is taken over between two blocks.
        tail: what waits.
        printed: lines of the tail's drawing that were printed.
        drawn: characters of the tail when it was last drawn.
        kind: of the last block before the tail, as ``prose.draw`` has it.
        number: of the tail's first item, where it goes on a numbered list; else -1.
        open: the token type of the block that the tail begins with.
        fence: the mark of the code block whose lines are printed as they come, ``""``: none.
        indent: how far that is indented.
        colouring: of its code.
    """

    width: int
    tail: Text = field(default_factory=Text)
    printed: int = 0
    drawn: int = 0
    kind: str = ""
    number: int = -1
    open: str = ""
    fence: str = ""
    indent: int = 0
    colouring: prose_code.Colouring = field(default_factory=prose_code.Colouring)


def advance(flow: Flow, more: str, going: bool, paint: Paint) -> tuple[Flow, list[Runs]]:
    """The lines that are final now.

    Args:
        flow: how far it was printed.
        more: what came since.
        going: more may come.
        paint: whether styles are shown.

    Example:
        >>> flow, lines = advance(Flow(20), "# One\\nTwo and", True, Paint())
        >>> [prose.painted(line, Paint()) for line in lines]
        ['# One']
    """
    made: list[Runs] = []
    whole = dropped(more)
    flow = replace(flow, tail=flow.tail + whole)
    if going and not _due(flow, whole):
        return flow, made
    while True:
        if flow.fence:
            flow, lines = _code(flow, going, paint)
            made += lines
            if flow.fence:
                return flow, made
        before = len(flow.tail)
        flow, lines = _blocks(flow, going, paint)
        made += lines
        if not flow.fence or len(flow.tail) == before:
            return flow, made


def _due(flow: Flow, more: str) -> bool:
    """Whether it is worth a look at what waits."""
    if flow.fence:
        return "\n" in more
    size = len(flow.tail)
    if "\n" not in more and not (size > 2 * flow.width and " " in more):
        return False
    if size <= SHORT or size >= GROWTH * flow.drawn:
        return True
    ends = flow.open in ENDED_BY_BLANK and "\n" in more
    return ends and _BLANK_LINE.search(flow.tail.since(size - len(more) - 80)) is not None


def _blocks(flow: Flow, going: bool, paint: Paint) -> tuple[Flow, list[Runs]]:
    """Print the blocks that have ended, and of the one that is open what is final."""
    from codex_jupyter.render.markdown_html import parse

    source = _looked_at(str(flow.tail), flow.width) if going else str(flow.tail)
    if not source.strip():
        return (flow if going else replace(flow, tail=Text(), printed=0)), []
    tokens = parse(source)
    if not going:
        drawn = prose.draw(tokens, source, flow.width, paint, flow.kind, flow.number)
        return Flow(flow.width, kind=drawn.kind), drawn.lines[flow.printed :]
    count, kind, line = finished(tokens, source)
    rows = source.split("\n")
    if line >= len(rows):  # what looks closed is a line that is not complete
        count = max(i for i, t in enumerate(tokens) if t.level == 0 and t.nesting >= 0 and t.map)
        kind, line = tokens[count].type, (tokens[count].map or [0])[0]
    inner = _last_item(tokens, count)
    if inner is not None:  # the items before it have ended
        count, line = inner
    made: list[Runs] = []
    if count:
        drawn = prose.draw(tokens[:count], source, flow.width, paint, flow.kind, flow.number)
        made = drawn.lines[flow.printed :]
        while line and not rows[line - 1].strip():
            line -= 1  # a blank line belongs to what it parts from the rest
        done = sum(len(row) + 1 for row in rows[:line])
        tail = Text.of(str(flow.tail)[done:])
        printed = max(flow.printed - len(drawn.lines), 0)
        number = drawn.number if inner is not None else -1
        flow = replace(flow, tail=tail, printed=printed, kind=drawn.kind, number=number)
        source = source[done:]
        tokens = parse(source)
    flow = replace(flow, open=kind, drawn=len(flow.tail))
    if not source.strip():
        return flow, made
    if kind.startswith("fence "):
        if "\n" not in source.lstrip("\n \t"):
            return flow, made
        flow, lines = _begin_code(flow, source, paint)
        return flow, made + lines
    drawn = prose.draw(tokens, source, flow.width, paint, flow.kind, flow.number)
    final = max(drawn.last, drawn.grows)
    while final > flow.printed and not any(part.strip() for part, _ in drawn.lines[final - 1]):
        final -= 1
    made += drawn.lines[flow.printed : final]
    return replace(flow, printed=max(final, flow.printed)), made


def _looked_at(tail: str, width: int) -> str:
    """The lines that are complete; with the last one up to its last blank, where it is long and no row of a table."""
    at = tail.rfind("\n") + 1
    if len(tail) - at > 2 * width and "|" not in tail[at:]:
        return tail[: max(at, tail.rfind(" ", at))]
    return tail[:at]


def _last_item(tokens: list, count: int) -> tuple[int, int] | None:
    """Where the last item of the list begins that is open at the end: its token and its line; None without such a list."""
    if count >= len(tokens) or not tokens[count].type.endswith("_list_open"):
        return None
    last = max(
        i
        for i in range(count, len(tokens))
        if tokens[i].type == "list_item_open" and tokens[i].level == 1
    )
    return (last, tokens[last].map[0]) if last > count + 1 else None


def _begin_code(flow: Flow, source: str, paint: Paint) -> tuple[Flow, list[Runs]]:
    """A code block has begun: what opens it is printed, and its lines will be as they come."""
    at = len(source) - len(source.lstrip("\n \t"))
    at = source.rfind("\n", 0, at) + 1
    end = source.index("\n", at)
    found = FENCE.match(source, at)
    assert found is not None
    indent = len(found[0]) - len(found[0].lstrip())
    info = source[found.end() : end].strip()
    from codex_jupyter.render.markdown_html import parse

    opening = source[: end + 1]
    drawn = prose.draw(parse(opening), opening, flow.width, paint, flow.kind)
    begun = replace(
        flow,
        tail=Text.of(str(flow.tail)[end + 1 :]),
        printed=0,
        kind="code",
        number=-1,
        fence=found[1],
        indent=indent,
        colouring=prose_code.begin(info, paint),
    )
    return begun, drawn.lines[flow.printed : drawn.grows]


def _code(flow: Flow, going: bool, paint: Paint) -> tuple[Flow, list[Runs]]:
    """The lines of the open code block that are complete."""
    text = str(flow.tail)
    complete = text.rfind("\n") + 1
    end = len(text) if not going and text[complete:].strip() else complete
    made: list[Runs] = []
    colouring = flow.colouring
    at = 0
    while at < end:
        newline = text.find("\n", at)
        line = text[at : newline if newline >= 0 else len(text)]
        at += len(line) + 1
        if closes(line, flow.fence):
            made.append([(flow.fence, prose.QUIET)])
            return Flow(flow.width, tail=Text.of(text[at:]), kind="code"), made
        blanks = len(line) - len(line.lstrip(" "))
        colouring, runs = prose_code.line(colouring, line[min(blanks, flow.indent) :])
        made.append(runs)
    if going:
        return replace(flow, tail=Text.of(text[end:]), colouring=colouring), made
    made.append([(flow.fence, prose.QUIET)])
    return Flow(flow.width, kind="code"), made
