"""Notifications that only say something -> notices in our words. Total; ``translate.py`` has the table.

A notice's id is made of its code and its message, so that the same one said twice can be recognised.
"""

from __future__ import annotations

from collections.abc import Callable

from codex_jupyter.core import events as ev
from codex_jupyter.core.items import Notice
from codex_jupyter.core.json_fields import Json, text, texts, yes


def notice(
    thread: str, turn: str, level: str, message: str, code: str, detail: str = ""
) -> ev.Event:
    """One remark; ``level`` and ``code`` as in ``core.items.Notice``."""
    notice = Notice(
        id=f"notice:{code}:{message}",
        status="completed",
        level=level,
        message=message,
        detail=detail,
        code=code,
    )
    return ev.NoticeRaised(thread, turn, notice=notice)


def _warning(thread: str, turn: str, p: Json) -> ev.Event:
    return notice(thread, turn, "warning", text(p, "message"), "warning")


def _guardian_warning(thread: str, turn: str, p: Json) -> ev.Event:
    message = text(p, "message")
    if message.startswith("Automatic approval review "):  # the review itself says so already
        return ev.Ignored(thread, turn, "guardianWarning")
    return notice(thread, turn, "warning", message, "guardianWarning")


def _deprecation(thread: str, turn: str, p: Json) -> ev.Event:
    return notice(thread, turn, "info", text(p, "summary"), "deprecationNotice", text(p, "details"))


def _config_warning(thread: str, turn: str, p: Json) -> ev.Event:
    detail = "\n".join(part for part in (text(p, "path"), text(p, "details")) if part)
    return notice(thread, turn, "warning", text(p, "summary"), "configWarning", detail)


def _rerouted(thread: str, turn: str, p: Json) -> ev.Event:
    asked, given = text(p, "fromModel"), text(p, "toModel")
    message = f"Answered by {given} instead of {asked}."
    return notice(thread, turn, "warning", message, "modelRerouted", text(p, "reason"))


def _verification(thread: str, turn: str, p: Json) -> ev.Event:
    wanted = ", ".join(texts(p.get("verifications")))
    message = f"The model's provider asks for a verification: {wanted}."
    return notice(thread, turn, "warning", message, "modelVerification")


def _auth_recovery_started(thread: str, turn: str, p: Json) -> ev.Event:
    return notice(thread, turn, "retry", text(p, "message"), "authRecoveryStarted")


def _auth_recovery_completed(thread: str, turn: str, p: Json) -> ev.Event:
    return notice(thread, turn, "info", text(p, "message"), "authRecoveryCompleted")


def _safety_buffering(thread: str, turn: str, p: Json) -> ev.Event:
    if not yes(p, "showBufferingUi"):
        return ev.Ignored(thread, turn, "model/safetyBuffering/updated")
    faster = text(p, "fasterModel")
    message = "The provider checks this answer before it streams it."
    detail = f"{faster} would answer faster." if faster else ""
    return notice(thread, turn, "info", message, "safetyBuffering", detail)


def _strict_review(thread: str, turn: str, p: Json) -> ev.Event:
    message = "From here on the automatic reviewer judges every action of this turn."
    return notice(thread, turn, "warning", message, "strictReviewRequired")


def _realtime_error(thread: str, turn: str, p: Json) -> ev.Event:
    return notice(thread, turn, "error", text(p, "message"), "realtimeError")


def _environment_lost(thread: str, turn: str, p: Json) -> ev.Event:
    name = text(p, "environmentId")
    return notice(thread, turn, "warning", f"The environment {name} is gone.", "environmentLost")


def _mcp_status(thread: str, turn: str, p: Json) -> ev.Event:
    if text(p, "status") != "failed":
        return ev.Ignored(thread, turn, "mcpServer/startupStatus/updated")
    message = f"The MCP server {text(p, 'name')} did not start."
    return notice(thread, turn, "warning", message, "mcpServerFailed", text(p, "error"))


def _world_writable(thread: str, turn: str, p: Json) -> ev.Event:
    message = "Folders that everybody may write to weaken the sandbox."
    detail = "\n".join(texts(p.get("samplePaths")))
    return notice(thread, turn, "warning", message, "worldWritable", detail)


#: By method; ``""`` as the turn's id where there is none.
NOTICES: dict[str, Callable[[str, str, Json], ev.Event]] = {
    "warning": _warning,
    "guardianWarning": _guardian_warning,
    "deprecationNotice": _deprecation,
    "configWarning": _config_warning,
    "model/rerouted": _rerouted,
    "model/verification": _verification,
    "modelProvider/authRecoveryStarted": _auth_recovery_started,
    "modelProvider/authRecoveryCompleted": _auth_recovery_completed,
    "model/safetyBuffering/updated": _safety_buffering,
    "autoApprovalReview/strictReviewRequired": _strict_review,
    "thread/realtime/error": _realtime_error,
    "thread/environment/disconnected": _environment_lost,
    "mcpServer/startupStatus/updated": _mcp_status,
    "windows/worldWritableWarning": _world_writable,
}
