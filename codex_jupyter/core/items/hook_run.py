"""A hook of the user's configuration ran. It is told of by notifications of its own, not as an item."""

from __future__ import annotations

from dataclasses import dataclass, field

from codex_jupyter.core.block_parts import NOTICEABLE_MS, key
from codex_jupyter.core.deltas import TurnEvent
from codex_jupyter.core.document import Block, Glyph, Lines
from codex_jupyter.core.item import COMES_WHOLE, Context, Item, Kind, Status, Wire
from codex_jupyter.core.json_fields import Json, rows, seconds_to_ms, table, text, whole
from codex_jupyter.core.titles import span


@dataclass(frozen=True, slots=True)
class HookRun(Item):
    """A hook of the user's configuration ran. ``event`` such as preToolUse; ``entries`` are (kind, text)."""

    event: str = ""
    source: str = ""
    message: str = ""
    entries: tuple[tuple[str, str], ...] = ()
    duration_ms: int | None = None


@dataclass(frozen=True, slots=True)
class HookReported(TurnEvent):
    """A hook started or completed (by the run's status)."""

    run: HookRun = field(kw_only=True)


_STATUSES: dict[str, Status] = {
    "running": "in_progress",
    "completed": "completed",
    "failed": "failed",
    "blocked": "declined",
    "stopped": "declined",
}


def _read(thread: str, turn: str, p: Json) -> HookReported:
    run = table(p.get("run"))
    started = whole(run, "startedAt")
    entries = tuple(
        (text(e, "kind"), text(e, "text")) for e in map(table, rows(run.get("entries")))
    )
    return HookReported(
        thread,
        turn,
        run=HookRun(
            # The id names the hook, not the run; its start tells runs apart.
            id=f"{text(run, 'id')}@{started if started is not None else ''}",
            status=_STATUSES.get(text(run, "status"), "completed"),
            started_ms=seconds_to_ms(run, "startedAt"),
            ended_ms=seconds_to_ms(run, "completedAt"),
            event=text(run, "eventName"),
            source=text(run, "sourcePath") or text(run, "source"),
            message=text(run, "statusMessage"),
            entries=entries,
            duration_ms=whole(run, "durationMs"),
        ),
    )


_GLYPHS: dict[str, Glyph] = {
    "in_progress": "running",
    "failed": "failed",
    "declined": "declined",
    "aborted": "stopped",
}
_WORDS = {"failed": "failed", "declined": "blocked", "aborted": "not finished"}


def block(item: HookRun, context: Context, role: str) -> Block | None:
    """Which hook, and what it said; one that failed or blocked stays outside the folded work."""
    took = span(item.duration_ms) if (item.duration_ms or 0) >= NOTICEABLE_MS else ""
    lines = [f"{kind}: {words}" if kind else words for kind, words in item.entries[:50]]
    lines = [item.message, *lines] if item.message else lines
    return Block(
        key(item),
        "hook",
        f"Hook {item.event}".strip(),
        _GLYPHS.get(item.status, "ok"),
        " · ".join(p for p in (_WORDS.get(item.status, ""), took) if p),
        "hook",
        (Lines(tuple(lines)),) if lines else (),
        "body" if item.status in ("failed", "declined") else "work",
    )


HOOK_RUN = Kind(
    item=HookRun,
    wire=Wire(notifications={"hook/started": _read, "hook/completed": _read}),
    growth=COMES_WHOLE,
    block=block,
    by_model=False,
)
