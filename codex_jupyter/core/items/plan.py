"""A plan that the model proposes (plan mode)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from codex_jupyter.core.block_parts import key
from codex_jupyter.core.deltas import Appends, Delta
from codex_jupyter.core.document import Block, Prose
from codex_jupyter.core.item import Common, Context, DeltaRule, Growth, Item, Kind, Wire
from codex_jupyter.core.json_fields import Json, text
from codex_jupyter.core.text import Text


@dataclass(frozen=True, slots=True)
class Plan(Item):
    """A proposed plan, in Markdown (plan mode)."""

    text: Text = field(default_factory=Text)


@dataclass(frozen=True, slots=True)
class PlanAppended(Delta, Appends):
    """A proposed plan grew."""

    text: str = ""


def read(source: Json, common: Common) -> Plan:
    """A ``plan`` of the wire."""
    return Plan(**common, text=Text.of(text(source, "text")))


def _read_delta(thread: str, turn: str, p: Json) -> PlanAppended:
    return PlanAppended(thread, turn, text(p, "itemId"), text(p, "delta"))


def with_text(item: Plan, event: PlanAppended) -> Plan:
    """The plan with more at its end."""
    return replace(item, text=item.text + event.text) if event.text else item


def block(item: Plan, context: Context, role: str) -> Block | None:
    """The plan, open."""
    if not item.text:
        return None
    live = item.status == "in_progress"
    meta = "unfinished" if item.status == "aborted" else ""
    body = (Prose(item.text, live),)
    return Block(key(item), "plan", "Proposed plan", "plan", meta, "plan", body, "never", True)


PLAN = Kind(
    item=Plan,
    wire=Wire(type="plan", read=read, notifications={"item/plan/delta": _read_delta}),
    growth=Growth(deltas=(DeltaRule(PlanAppended, with_text),), streamed=True),
    block=block,
)
