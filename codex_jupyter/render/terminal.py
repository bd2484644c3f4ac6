"""A turn as text that is only ever appended to: for terminals, where nothing that was printed can change.

A block is printed once it is final. Prose is printed while it grows, by whole lines (long ones as soon as they fill the
width), and nothing else is printed in the middle of it; of very long prose the beginning, and when it has ended a line that
counts what is left out, and the end. Control characters of models and commands never get through.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from codex_jupyter.core.document import Block, Document, Prose
from codex_jupyter.core.text import Text
from codex_jupyter.render import text
from codex_jupyter.render.bounds import Cut
from codex_jupyter.render.characters import dropped, shown
from codex_jupyter.render.paint import Paint

#: Characters of one prose that are printed from its beginning, and from its end where that is further away.
FLOW, FLOW_END = 256 * 1024, 16 * 1024


@dataclass(frozen=True, slots=True)
class Printed:
    """What is on the terminal already.

    ``done`` holds keys of blocks that need nothing more. ``flowing`` is the key of the block whose prose is being printed;
    ``taken`` characters of it were looked at, ``rest`` of those is not printed yet, ``fence`` is its open code fence.
    """

    color: bool = False
    width: int = 100
    begun: bool = False
    ended: bool = False
    done: frozenset[str] = field(default_factory=frozenset)
    flowing: str = ""
    taken: int = 0
    rest: Text = field(default_factory=Text)
    fence: str = ""


def start(*, color: bool = False, width: int = 100) -> Printed:
    """Nothing was printed yet."""
    return Printed(color, width)


def advance(state: Printed, doc: Document) -> tuple[Printed, str]:
    """What to print now that the turn reads as ``doc``; ends with a newline or is empty.

    Example:
        >>> from codex_jupyter.core.document import Footer, Header
        >>> advance(start(), Document(Header(), (), Footer("ok", "4 s"), ended=True))[1]
        'Codex\\n✓ 4 s\\n'
    """
    if state.ended:
        return state, ""
    paint = Paint(state.color)
    out: list[str] = []
    if not state.begun:
        if not doc.header.parts and not doc.blocks and not doc.ended:
            return state, ""
        state = replace(state, begun=True)
        out.append(text.header(doc.header, paint))
    if state.flowing:
        state, more, waits = _flow_on(state, doc, paint)
        out += more
        if waits:
            return state, _joined(out)
    for each in doc.blocks:
        if each.key in state.done or each.card is not None:  # whoever asks prints it, with its keys
            continue
        if _prose(each) is not None and not doc.ended:
            state = replace(state, flowing=each.key)
            state, more, waits = _flow_on(state, doc, paint)
            out += more
            if waits:
                return state, _joined(out)
        elif doc.ended or _final(each):
            out.append(_block(each, state.width, paint))
            state = replace(state, done=state.done | {each.key})
    if doc.ended:
        out.append(text.footer(doc.footer, paint))
        state = replace(state, ended=True)
    return state, _joined(out)


def _final(each: Block) -> bool:
    return each.glyph != "running" and each.kind != "checklist"


def _prose(each: Block) -> Prose | None:
    """The text that a block of nothing but streaming prose consists of."""
    if each.kind not in ("answer", "commentary") or each.title or len(each.body) != 1:
        return None
    part = each.body[0]
    return part if isinstance(part, Prose) and part.streaming else None


def _flow_on(state: Printed, doc: Document, paint: Paint) -> tuple[Printed, list[str], bool]:
    """Print what is new of the flowing block; true while more of it may come."""
    each = next((b for b in doc.blocks if b.key == state.flowing), None)
    part = each.body[0] if each and each.body else None
    going = bool(each and _prose(each) is not None and not doc.ended)
    more = _more(part.text, state.taken, going) if isinstance(part, Prose) else ""
    rest = state.rest + more
    lines: list[str] = []
    if (
        not going or "\n" in more
    ):  # what goes on without an end is not put together anew for each word of it
        lines = str(rest).split("\n")
        rest = Text.of(lines.pop()) if going else Text()
        if not going and lines and not lines[-1]:
            lines.pop()
    made, fence = text.wrapped([dropped(line) for line in lines], state.width, state.fence)
    fills = len(rest) > 2 * state.width and " " in more
    if going and not fence and fills and rest.head(1) != "|":
        *filled, last = text.wrapped_line(str(rest), state.width)
        rest = Text.of(last)
        made += [dropped(line) for line in filled]
    quiet = each is not None and each.kind == "commentary"
    taken = state.taken + len(more)
    if going:
        state = replace(state, taken=taken, rest=rest, fence=fence)
    else:
        done = state.done | {state.flowing}
        state = replace(state, done=done, flowing="", taken=0, rest=Text(), fence="")
        if each and each.meta:
            made.append(f"({shown(each.meta)})")
    return state, [paint.quiet(line) if quiet else line for line in made], going


def _more(prose: Text, taken: int, going: bool) -> str:
    """What is printed next of a prose of which so many characters were."""
    if len(prose) <= FLOW:
        return prose.since(taken)
    first = prose.head(FLOW)[taken:]
    if going:
        return first
    end = prose.since(max(FLOW, len(prose) - FLOW_END))
    left_out = Cut("", len(prose) - FLOW - len(end))
    return f"{first}\n\n{left_out.said}\n\n{end}" if left_out.omitted else first + end


def _block(each: Block, width: int, paint: Paint) -> str:
    """Folded rows by their title and, where that says too little, a few lines of what is inside."""
    if each.kind in ("thought", "explored") and each.title:
        return text.title(each, paint)
    return text.block(each, width, paint)


def _joined(out: list[str]) -> str:
    made = "\n".join(line for line in out)
    return made + "\n" if out else ""
