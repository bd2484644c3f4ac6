"""What watches a turn -> ``core.events``: the user's hooks, and the reviewer that approves in their stead. Total.

``WATCHERS`` is this part of ``translate.NOTIFICATIONS``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from codex_jupyter.core import events as ev
from codex_jupyter.core.items import HookRun, Review, Status
from codex_jupyter.runtime.fields import (
    Json,
    as_json,
    rows,
    seconds_to_ms,
    snake,
    table,
    text,
    texts,
    whole,
)

_HOOK_STATUSES = {"running": "in_progress", "completed": "completed", "failed": "failed"}
_HOOK_STATUSES |= {"blocked": "declined", "stopped": "declined"}


def _hook(thread: str, turn: str, p: Json) -> ev.Event:
    run = table(p.get("run"))
    started = whole(run, "startedAt")
    entries = tuple(
        (text(e, "kind"), text(e, "text")) for e in map(table, rows(run.get("entries")))
    )
    return ev.HookReported(
        thread,
        turn,
        run=HookRun(
            # The id names the hook, not the run; its start tells runs apart.
            id=f"{text(run, 'id')}@{started if started is not None else ''}",
            status=cast(Status, _HOOK_STATUSES.get(text(run, "status"), "completed")),
            started_ms=seconds_to_ms(run, "startedAt"),
            ended_ms=seconds_to_ms(run, "completedAt"),
            event=text(run, "eventName"),
            source=text(run, "sourcePath") or text(run, "source"),
            message=text(run, "statusMessage"),
            entries=entries,
            duration_ms=whole(run, "durationMs"),
        ),
    )


_VERDICTS = ("in_progress", "approved", "denied", "aborted", "timed_out")


def _review(thread: str, turn: str, p: Json, default: str) -> ev.Event:
    review, action = table(p.get("review")), table(p.get("action"))
    verdict = snake(text(review, "status", default))
    verdict = verdict if verdict in _VERDICTS else "aborted"
    return ev.ReviewReported(
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


def _review_started(thread: str, turn: str, p: Json) -> ev.Event:
    return _review(thread, turn, p, "in_progress")


def _review_completed(thread: str, turn: str, p: Json) -> ev.Event:
    return _review(thread, turn, p, "aborted")


WATCHERS: dict[str, Callable[[str, str, Json], ev.Event]] = {
    "item/autoApprovalReview/started": _review_started,
    "item/autoApprovalReview/completed": _review_completed,
    "hook/started": _hook,
    "hook/completed": _hook,
}
