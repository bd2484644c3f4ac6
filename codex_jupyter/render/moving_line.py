"""The one line of a terminal that moves while a turn works: what runs, for how long, and the last that it said.

Everything in it is on one line, fits, and does nothing to a terminal, whatever a command printed.
"""

from __future__ import annotations

from dataclasses import dataclass

from codex_jupyter.core.document import Block, Document, Prose, Terminal
from codex_jupyter.render import ansi, cells
from codex_jupyter.render.characters import dropped, exact, one_line
from codex_jupyter.render.paint import Paint

#: Characters at the end of an output or text in which its last line is looked for.
END = 2_000
#: The least that is left for what was said last, in cells; with less room it is left out.
LEAST = 10
_WORKING = {"answer": "writing", "commentary": "writing", "thought": "thinking"}


@dataclass(frozen=True, slots=True)
class Doing:
    """What a turn does at the moment.

    Attributes:
        key: of what it does; the seconds count from when this changed.
        what: in words, or the command.
        said: the last that came of it, ``""``: nothing.
        begins: of what was said the beginning matters, as of a line of output; of a sentence its end.
    """

    key: str
    what: str
    said: str = ""
    begins: bool = True


def doing(doc: Document) -> Doing:
    """What the turn does, by its newest row that is not finished; else how it stands.

    Example:
        >>> from codex_jupyter.core.document import Footer, Header
        >>> doing(Document(Header(), (), Footer("running", "starting"))).what
        'starting'
    """
    foot = doc.footer
    if foot.text and foot.text != "working":
        return Doing(f"footer:{foot.text}", foot.text)
    for block in reversed(doc.blocks):
        if block.glyph == "running" and block.kind not in _WORKING:
            return Doing(block.key, _name(block), _printed(block))
        if (writes := _writes(block)) is not None:
            what = _WORKING[block.kind]
            return Doing(block.key, what, " ".join(writes.since(len(writes) - END).split()), False)
        if block.glyph == "running":
            return Doing(block.key, "thinking", block.title)
    return Doing("working", foot.text or "working")


def line(now: Doing, seconds: float, sign: str, width: int, paint: Paint) -> str:
    """The line, in at most ``width`` cells.

    Example:
        >>> line(Doing("a", "$ pytest -q", "tests/test_load.py ..."), 14.2, "*", 50, Paint())
        '* $ pytest -q · 0:14 · tests/test_load.py ...'
    """
    time = f" · {clock(seconds)}"
    room = width - cells.cells_of(sign) - 1 - len(time)
    if room < 4:
        return cells.cut(f"{sign}{time}", width)
    what = one_line(exact(now.what))
    said = one_line(dropped(now.said), END)
    wanted = cells.cells_of(said)
    if said and room >= 2 * LEAST:  # the one leaves the other two fifths, or what it needs
        what = cells.cut(what, max(room * 3 // 5, room - 3 - wanted))
    what = cells.cut(what, room)
    left = room - cells.cells_of(what) - 3
    fits = left >= min(LEAST, wanted)
    shown = (cells.cut if now.begins else cells.end)(said, left) if said and fits else ""
    return f"{sign} {what}{paint.quiet(time + (f' · {shown}' if shown else ''))}"


def clock(seconds: float) -> str:
    """``0:14``, ``1:02:03``.

    Example:
        >>> clock(14.9), clock(3723)
        ('0:14', '1:02:03')
    """
    minutes, left = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"


def _name(block: Block) -> str:
    return f"$ {block.title}" if block.kind == "command" and block.code_title else block.title


def _printed(block: Block) -> str:
    """The last line with something on it of what a command shows."""
    for part in block.body:
        if isinstance(part, Terminal):
            lines = ansi.plain(part.output.last(END)).split("\n")
            return next((each for each in reversed(lines) if each.strip()), "")
    return ""


def _writes(block: Block):
    """The text that grows in this row, or None."""
    if block.kind not in _WORKING or not block.body:
        return None
    part = block.body[-1]
    return part.text if isinstance(part, Prose) and part.streaming else None
