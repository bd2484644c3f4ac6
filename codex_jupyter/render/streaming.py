"""Markdown that arrives in pieces, at a cost that grows with its length and not with its square.

Top-level blocks that nothing can change any more are rendered once and settled; only the unfinished tail is rendered
again. While the tail is short that happens at every step; a long one (one endless paragraph, list or code block) is
rendered anew when it has grown by a quarter or when its end is in sight, and in between its text is appended plainly.
Settled html plus the final tail is exactly what ``markdown_html.render`` makes of the whole text.

What is drawn is bounded: of a text longer than ``LONGEST`` the beginning settles where ``bounds.cut`` cuts it, and from
then on each step draws a line that counts what is left out, and the end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from codex_jupyter.core.text import Text
from codex_jupyter.render.bounds import BODY_TEXT, Cut, cut
from codex_jupyter.render.characters import dropped
from codex_jupyter.render.markdown_html import draw, omitted, open_fence, parse, render

if TYPE_CHECKING:
    from markdown_it.token import Token

    from codex_jupyter.core.file_links import Files

#: A tail of so many characters is rendered again whenever it grows.
SHORT = 1_500
#: A longer one when it is this much longer than it was when it was last rendered.
GROWTH = 1.25

#: Characters of a text that is drawn whole while it streams: what a list of them takes is a fraction of a second.
LONGEST = BODY_TEXT // 2

#: What begins or ends a block of code.
FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_BLANK = re.compile(r"[ \t]*$")
#: Blocks that a blank line ends for good; lists and indented code go on behind one.
ENDED_BY_BLANK = {
    "paragraph_open",
    "heading_open",
    "table_open",
    "blockquote_open",
    "cj_maths_block",
}
_LIST_GOES_ON = re.compile(r"[ \t]|[-*+]|\d")


@dataclass(frozen=True, slots=True)
class Stream:
    """How far a text has been shown. All counts are characters of the text.

    ``settled``: their html is final. ``shown``: the page shows them, as html or plainly. ``rendered``: length of the tail
    when it was last rendered. ``looked``: complete lines up to here were looked at for the end of the open block.
    ``open``: its kind (a token type, with the fence's mark for code). ``blank``: the last line looked at was blank.
    ``parsed``: how many characters went through the parser so far, for measurements. ``cut``: the text is too long to be
    drawn whole; so many characters of its beginning are drawn, 0 when it is not. ``fence``: opens the code that it was cut in.
    """

    settled: int = 0
    shown: int = 0
    rendered: int = 0
    looked: int = 0
    open: str = ""
    blank: bool = False
    parsed: int = 0
    cut: int = 0
    fence: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """What the page has to do: append ``settled``; then either put ``tail`` in place of the tail, or append ``text``.

    ``tail`` is html, or None when the tail stays and only ``text`` is appended to it.
    """

    settled: str = ""
    tail: str | None = None
    text: str = ""

    def __bool__(self) -> bool:
        return bool(self.settled or self.text) or self.tail is not None


def advance(
    stream: Stream, text: Text, streaming: bool, files: Files | None = None
) -> tuple[Stream, Step]:
    """The next step for a text that grew (it never changes otherwise). With ``streaming`` false everything settles.

    ``files``: what the text's paths mean, as for ``markdown_html.render``.

    Example:
        >>> advance(Stream(), Text.of("One.\\n\\nTwo"), True)[1]
        Step(settled='<p>One.</p>', tail='<p>Two</p>', text='')
    """
    if stream.cut or len(text) > LONGEST:
        return _abridged(stream, text, streaming, files)
    if not streaming:
        tail = text.since(stream.settled)
        ended = Stream(len(text), len(text), 0, len(text), "", False, stream.parsed + len(tail))
        return ended, Step(render(tail, files), "", "")
    if len(text) == stream.shown:
        return stream, Step()
    stream, end_in_sight = _look(stream, text)
    size = len(text) - stream.settled
    due = size <= SHORT or size >= GROWTH * stream.rendered or end_in_sight
    if not due:
        more = dropped(text.since(stream.shown))
        return replace(stream, shown=len(text)), Step(text=more)
    # Far from the end of a known long block, looking for what could settle would only parse it twice.
    settle = size <= SHORT or end_in_sight or not stream.open
    return _render(stream, text, text.since(stream.settled), settle, files)


def drawn(stream: Stream, text: Text, files: Files | None = None) -> tuple[str, str]:
    """(settled, tail) html of what a page shows whose last step gave ``stream``; the steps that follow apply to it."""
    if stream.cut:
        return render(text.head(stream.cut), files), _end(stream, text, SHORT, files)
    shown = text.head(stream.shown)
    return render(shown[: stream.settled], files), render(shown[stream.settled :], files)


def _abridged(
    stream: Stream, text: Text, streaming: bool, files: Files | None
) -> tuple[Stream, Step]:
    """The next step for a text that is too long to be drawn whole."""
    if streaming and stream.cut and len(text) == stream.shown:
        return stream, Step()
    settled, parsed = "", stream.parsed
    if not stream.cut:
        head = cut(text.head(LONGEST + 1), LONGEST).head
        if len(head) < stream.settled:
            head = text.head(stream.settled)
        settled = render(head[stream.settled :], files)
        parsed += len(head) - stream.settled
        stream = Stream(settled=len(head), cut=len(head), fence=open_fence(head))
    most = SHORT if streaming else LONGEST // 2
    parsed += min(most, len(text) - stream.cut)
    stream = replace(stream, shown=len(text), parsed=parsed)
    tail = _end(stream, text, most, files)
    return stream, Step(settled, tail) if streaming else Step(settled + tail, "")


def _end(stream: Stream, text: Text, most: int, files: Files | None) -> str:
    """Html of what comes after the beginning of a text that was cut: a line that counts, and the last characters."""
    end = text.since(max(stream.cut, len(text) - most))
    left_out = len(text) - stream.cut - len(end)
    if left_out and (newline := end.find("\n", 0, most // 4)) >= 0:
        left_out, end = left_out + newline + 1, end[newline + 1 :]
    return omitted(Cut("", left_out)) + render(stream.fence + end, files)


def _render(
    stream: Stream, text: Text, tail: str, settle: bool, files: Files | None
) -> tuple[Stream, Step]:
    """Settle what is finished among the tail's complete lines, and render what remains."""
    complete = tail.rfind("\n") + 1 if settle else 0
    settled = ""
    kind = stream.open
    parsed = stream.parsed
    offset = stream.settled
    if complete:
        whole_lines = tail[:complete]
        tokens = parse(whole_lines, files)
        parsed += complete
        count, kind, line = finished(tokens, whole_lines)
        settled = draw(tokens[:count])
        done = _offset(whole_lines, line)
        offset += done
        tail = tail[done:]
    stream = replace(
        stream,
        settled=offset,
        shown=len(text),
        rendered=len(tail),
        looked=max(stream.looked, offset),
        open=kind,
        parsed=parsed + len(tail),
    )
    return stream, Step(settled, render(tail, files), "")


def finished(tokens: list[Token], source: str) -> tuple[int, str, int]:
    """How many tokens are final, the kind of the open block that remains (``""``: none), and the line it starts on."""
    starts = [i for i, t in enumerate(tokens) if t.level == 0 and t.nesting >= 0 and t.map]
    if not starts:
        return 0, "", 0
    lines = source.split("\n")
    last = tokens[starts[-1]]
    first, end = last.map or (0, 0)
    total = len(lines) - 1  # the text ends with a newline
    kind = last.type
    if kind == "fence":
        mark = FENCE.match(lines[first])
        kind = f"fence {mark[1]}" if mark else "fence"
        closed = end - first > 1 and mark is not None and closes(lines[end - 1], mark[1])
    else:
        closed = kind == "hr" or (kind in ENDED_BY_BLANK and end < total)
    if closed:
        return len(tokens), "", end
    return starts[-1], kind, first


def _look(stream: Stream, text: Text) -> tuple[Stream, bool]:
    """Look at new complete lines, each once, for the end of the open block. A miss costs only a later rendering."""
    fresh = text.since(stream.looked)
    complete = fresh.rfind("\n") + 1
    if not complete:
        return stream, False
    found = False
    blank = stream.blank
    kind = stream.open
    for line in fresh[:complete].split("\n")[:-1]:
        empty = _BLANK.match(line) is not None
        if kind.startswith("fence "):
            found = found or closes(line, kind.removeprefix("fence "))
        elif kind in ENDED_BY_BLANK:
            found = found or empty
        elif kind == "code_block":
            found = found or (not empty and not line.startswith(("    ", "\t")))
        else:
            found = found or (blank and not empty and not _LIST_GOES_ON.match(line))
        blank = empty
    return replace(stream, looked=stream.looked + complete, blank=blank), found


def closes(line: str, mark: str) -> bool:
    """Whether a line ends the code block that this mark began."""
    found = FENCE.match(line)
    return bool(found and found[1].startswith(mark) and not line[found.end() :].strip(" \t"))


def _offset(text: str, line: int) -> int:
    at = 0
    for _ in range(line):
        at = text.index("\n", at) + 1
    return at
