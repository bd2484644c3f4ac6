"""A call that the sandbox or the policy stopped. It has no item on the wire: ``raw_rules.py`` finds it in raw events."""

from __future__ import annotations

from dataclasses import dataclass

from codex_jupyter.core.block_parts import bounded, key
from codex_jupyter.core.document import Block, Body, Code, Lines, Plain
from codex_jupyter.core.item import COMES_WHOLE, NOT_ON_THE_WIRE, Context, Item, Kind
from codex_jupyter.core.refusals import (
    BY_THE_SANDBOX,
    WRITE_HINT,
    attempt,
    refusal_reason,
    without_preamble,
)
from codex_jupyter.core.titles import one_line, unwrap


@dataclass(frozen=True, slots=True)
class RefusedCall(Item):
    """A call with no item of its own, known from raw events: the sandbox or the policy stopped it.

    ``arguments`` is JSON or source text; ``output`` is what the model was told. ``ran`` are commands of the same
    script that were not refused.
    """

    tool: str = ""
    arguments: str = ""
    output: str = ""
    ran: tuple[str, ...] = ()


def block(item: RefusedCall, context: Context, role: str) -> Block | None:
    """What was tried, what the model was told, and what helps."""
    what, source, language = attempt(item.tool, item.arguments, item.ran)
    title = one_line(unwrap(what), 160)
    why = refusal_reason(item.output)
    body: list[Body] = (
        [Code(bounded(source), language)] if source.strip() not in ("", title) else []
    )
    if item.output:
        body.append(Plain(bounded(without_preamble(item.output))))
    if why == BY_THE_SANDBOX and context.sandbox == "read-only":
        body.append(Lines((WRITE_HINT,), advice=True))
    return Block(
        key(item),
        "refused",
        title,
        "declined",
        why,
        "refused",
        tuple(body),
        "never",
        code_title=True,
    )


REFUSED_CALL = Kind(
    item=RefusedCall,
    wire=NOT_ON_THE_WIRE,
    growth=COMES_WHOLE,
    block=block,
    by_model=False,
)
