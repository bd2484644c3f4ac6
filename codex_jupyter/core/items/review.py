"""An automatic reviewer's verdict on one action. It is told of by notifications of its own, not as an item."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from codex_jupyter.core.block_parts import bounded, key
from codex_jupyter.core.deltas import TurnEvent
from codex_jupyter.core.document import Block, Body, Fold, Glyph, Lines, Plain
from codex_jupyter.core.item import Context, Growth, Item, Kind, Wire
from codex_jupyter.core.json_fields import Json, as_json, snake, table, text, texts, whole
from codex_jupyter.core.titles import one_line, unwrap


@dataclass(frozen=True, slots=True)
class Review(Item):
    """An automatic reviewer's verdict on one action. ``verdict``: in_progress, approved, denied, aborted, timed_out.

    ``action`` is a line that says what was judged, ``action_json`` the action as it came; ``retried`` is set when the
    user overruled a denial.
    """

    target_id: str = ""
    verdict: str = "in_progress"
    action: str = ""
    action_json: str = ""
    risk: str = ""
    authorization: str = ""
    rationale: str = ""
    source: str = ""
    retried: bool = False


@dataclass(frozen=True, slots=True)
class ReviewReported(TurnEvent):
    """The automatic reviewer started or gave its verdict."""

    review: Review = field(kw_only=True)


def _read(thread: str, turn: str, p: Json, default: str) -> ReviewReported:
    review, action = table(p.get("review")), table(p.get("action"))
    verdict = snake(text(review, "status", default))
    verdict = verdict if verdict in _VERDICTS else "aborted"
    return ReviewReported(
        thread,
        turn,
        review=Review(
            id=text(p, "reviewId"),
            status="in_progress" if verdict == "in_progress" else "completed",
            started_ms=whole(p, "startedAtMs"),
            ended_ms=whole(p, "completedAtMs"),
            target_id=text(p, "targetItemId"),
            verdict=verdict,
            action=_judged(action),
            action_json=as_json(p.get("action")),
            risk=text(review, "riskLevel"),
            authorization=text(review, "userAuthorization"),
            rationale=text(review, "rationale"),
            source=text(p, "decisionSource"),
        ),
    )


def _judged(action: Json) -> str:
    """One line that says what a reviewer was asked about."""
    kind = text(action, "type")
    if kind == "command":
        return text(action, "command")
    if kind == "execve":
        return " ".join(texts(action.get("argv"))) or text(action, "program")
    if kind == "writeStdin":
        return f"type into a running command: {text(action, 'stdin')}"
    if kind == "applyPatch":
        return "change " + ", ".join(texts(action.get("files")))
    if kind == "networkAccess":
        return "connect to " + (text(action, "target") or text(action, "host"))
    if kind == "mcpToolCall":
        return f"{text(action, 'server')}.{text(action, 'toolName')}"
    if kind == "requestPermissions":
        return "more rights: " + (text(action, "reason") or as_json(action.get("permissions")))
    return kind


def _read_started(thread: str, turn: str, p: Json) -> ReviewReported:
    return _read(thread, turn, p, "in_progress")


def _read_completed(thread: str, turn: str, p: Json) -> ReviewReported:
    return _read(thread, turn, p, "aborted")


def _completed(old: Review, new: Review) -> Review:
    return replace(new, retried=new.retried or old.retried)


def _aborted(item: Review) -> Review:
    return replace(item, verdict="aborted")


_VERDICTS: dict[str, tuple[str, Glyph, Fold]] = {
    "in_progress": ("The automatic reviewer looks at", "running", "work"),
    "approved": ("The automatic reviewer allowed", "allowed", "never"),
    "denied": ("The automatic reviewer refused", "declined", "never"),
    "timed_out": ("The automatic reviewer took too long over", "declined", "never"),
    "aborted": ("The automatic reviewer did not finish with", "stopped", "body"),
}


def block(item: Review, context: Context, role: str) -> Block | None:
    """The verdict and its reason; a refusal can be overruled once."""
    words, glyph, fold = _VERDICTS.get(item.verdict, _VERDICTS["aborted"])
    facts = [("risk", item.risk), ("authorization", item.authorization)]
    meta = " · ".join(f"{name}: {value}" for name, value in facts if value)
    body: tuple[Body, ...] = (Plain(bounded(item.rationale)),) if item.rationale else ()
    if item.retried:
        body = (*body, Lines(("You overruled this; Codex may try again.",)))
    refused = item.verdict in ("denied", "timed_out")
    return Block(
        key(item),
        "decision" if item.verdict != "in_progress" else "notice",
        f"{words}: {one_line(unwrap(item.action), 160) or 'an action'}",
        glyph,
        meta,
        "automatic review",
        body,
        fold,
        open=refused,
        retry=item.id if refused and not item.retried else "",
    )


REVIEW = Kind(
    item=Review,
    wire=Wire(
        notifications={
            "item/autoApprovalReview/started": _read_started,
            "item/autoApprovalReview/completed": _read_completed,
        }
    ),
    growth=Growth(completed=_completed, aborted=_aborted),
    block=block,
    by_model=False,
)
