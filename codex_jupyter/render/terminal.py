"""A turn as text that is only ever appended to: for terminals, where nothing that was printed can change.

A block is printed once it is final. Prose is printed while it grows (``prose_flow``), and nothing else is printed in the
middle of it; of very long prose the beginning, and when it has ended a line that
counts what is left out, and the end. Control characters of models and commands never get through.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from codex_jupyter.core.document import Block, Document, Prose
from codex_jupyter.core.text import Text
from codex_jupyter.render import prose, prose_flow, text
from codex_jupyter.render.bounds import Cut
from codex_jupyter.render.characters import shown
from codex_jupyter.render.paint import Paint

#: Characters of one prose that are printed from its beginning, and from its end where that is further away.
FLOW, FLOW_END = 256 * 1024, 16 * 1024


@dataclass(frozen=True, slots=True)
class Printed:
    """What is on the terminal already.

    ``done`` holds keys of blocks that need nothing more. ``flowing`` is the key of the block whose prose is being printed;
    ``taken`` characters of it went into ``flow``. ``asked`` holds the requests whose cards were printed.
    """

    color: bool = False
    width: int = 100
    fills: bool = True
    begun: bool = False
    ended: bool = False
    done: frozenset[str] = field(default_factory=frozenset)
    flowing: str = ""
    taken: int = 0
    asked: frozenset[str] = field(default_factory=frozenset)
    flow: prose_flow.Flow | None = None


def start(*, color: bool = False, width: int = 100, fills: bool = True) -> Printed:
    """Nothing was printed yet. ``fills``: how wide the terminal is, is known; sentences of ours are wrapped there."""
    return Printed(color, width, fills)


def advance(state: Printed, doc: Document, width: int = 0) -> tuple[Printed, str]:
    """What to print now that the turn reads as ``doc``; ends with a newline or is empty.

    ``width`` is how wide the terminal is by now, 0: as before.

    Example:
        >>> from codex_jupyter.core.document import Footer, Header
        >>> advance(start(), Document(Header(), (), Footer("ok", "4 s"), ended=True))[1]
        'Codex\\n✓ 4 s\\n'
    """
    if state.ended:
        return state, ""
    if width:
        state = replace(state, width=width)
    paint = Paint(state.color, state.fills)
    out: list[str] = []
    if not state.begun:
        if not doc.header.parts and not doc.blocks and not doc.ended:
            return state, ""
        state = replace(state, begun=True)
        out.append(text.header(doc.header, paint, state.width))
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
            if state.done and each.kind == "answer" and not each.title:
                out.append("")
            short = each.key.removeprefix("decision:") in state.asked
            out.append(_block(each, state.width, paint, short))
            state = replace(state, done=state.done | {each.key})
    if doc.ended:
        out.append(text.footer(doc.footer, paint, state.width))
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
    rows = bool(state.done) and each is not None and each.kind == "answer"
    flow = state.flow or prose_flow.Flow(state.width, kind="rows" if rows else "")
    if not flow.printed:
        flow = replace(flow, width=state.width)
    flow, lines = prose_flow.advance(flow, more, going, paint)
    quiet = each is not None and each.kind == "commentary"
    made = [prose.painted(line, paint, quiet) for line in lines]
    if going:
        return replace(state, taken=state.taken + len(more), flow=flow), made, True
    if each and each.meta:
        made.append(paint.quiet(f"({shown(each.meta)})"))
    done = state.done | {state.flowing}
    return replace(state, done=done, flowing="", taken=0, flow=None), made, False


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


def _block(each: Block, width: int, paint: Paint, short: bool) -> str:
    """Folded rows by their title and, where that says too little, a few lines of what is inside."""
    if (short or each.kind in ("thought", "explored")) and each.title:
        return text.title(each, paint, width)
    return text.block(each, width, paint)


def _joined(out: list[str]) -> str:
    made = "\n".join(line for line in out)
    return made + "\n" if out else ""
