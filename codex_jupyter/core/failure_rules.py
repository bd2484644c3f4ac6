"""How a turn changes when something fails: what is said of it, what is tried again, and what no retry can help."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from codex_jupyter.core import causes
from codex_jupyter.core import events as ev
from codex_jupyter.core.items import Notice
from codex_jupyter.core.timeline import changed, put, stream_cut, unused_id
from codex_jupyter.core.turn import Turn, TurnError

#: Causes that are found out only by looking, and that no waiting mends.
_NEVER = ("certificate", "plain-http")
#: What makes a turn hopeless (``Turn.hopeless``) without the word of the runtime.
_HOPELESS = ("looked at", "in vain")


def error_of(
    turn: Turn, message: str, detail: str, code: str, at_ms: int | None, hint: str = ""
) -> TurnError:
    """A failure in words; ``hint`` is the next step where whoever reported it knows it."""
    why = causes.explain(code, message, detail, turn.limits, at_ms)
    said = why.message or "The turn failed."
    return TurnError(said, why.detail, code, hint or why.step, why.status)


def _error_reported(turn: Turn, event: ev.ErrorReported) -> Turn:
    if turn.ended:
        return turn
    if not event.will_retry:
        error = error_of(turn, event.message, event.detail, event.code, turn.started_ms)
        return changed(turn, error=error)
    # What went wrong stands in the details; the message counts the retries, or says what is waited for.
    said = f"{event.message}\n{event.detail}"
    cause = causes.find(event.code, event.detail or event.message)
    if cause.lasting:
        return _refused(turn, event)
    turn = stream_cut(turn, abandon=True)
    unreachable = causes.find(event.code, said).name in ("unreachable", "unknown-host")
    notice = Notice(
        turn.retrying or unused_id(turn, "retry"),
        level="retry",
        message=event.message or "Reconnecting",
        detail=event.detail,
        hint=causes.named("unreachable").step if unreachable else _asked_to_wait(cause),
        code=event.code,
    )
    if not unreachable:
        turn = replace(turn, finding=("", ""))
    return _found(replace(put(turn, notice), retrying=notice.id, unreachable=unreachable))


def _asked_to_wait(cause: causes.Cause) -> str:
    """What is known of a retry that the provider may have put off: the runtime waits as it was told and does not say how long."""
    if cause.name not in ("too-often", "busy"):
        return ""
    return f"{cause.what}. Codex waits for as long as the provider asked, which it does not tell; Stop ends the turn."


def _refused(turn: Turn, event: ev.ErrorReported) -> Turn:
    """A retry that cannot help is no news; the second one says that the runtime goes on with them."""
    if event.message in turn.refusals:  # said twice
        return turn
    said = (*turn.refusals, event.message)
    turn = changed(stream_cut(turn, abandon=True), refusals=said)
    if not turn.hopeless:
        return turn
    error = error_of(turn, event.detail or event.message, "", event.code, turn.started_ms)
    return changed(turn, error=error)


def _network_looked_at(turn: Turn, event: ev.NetworkLookedAt) -> Turn:
    """Why the provider cannot be reached: said beside the retry, or the end where waiting does not help."""
    if turn.ended or not turn.unreachable:
        return turn
    cause = causes.named(event.cause if event.cause else "unreachable")
    if event.given_up or cause.name in _NEVER:
        waited = (
            f" Nobody is watching this turn, so it gave up after {event.waited / 60:.3g} min for it."
            if event.given_up
            else ""
        )
        error = TurnError(
            f"{cause.what}.{waited}", event.detail, "httpConnectionFailed", cause.step
        )
        if not event.given_up:  # that it was tried again is no news
            turn = replace(turn, entries=tuple(e for e in turn.entries if e.id != turn.retrying))
        return changed(turn, error=error, refusals=_HOPELESS)
    return _found(replace(turn, finding=(cause.name, event.detail))) if event.cause else turn


def _wait_given_up(turn: Turn, event: ev.WaitGivenUp) -> Turn:
    if turn.ended:
        return turn
    error = TurnError(event.message, hint=event.hint)
    return changed(turn, error=error, refusals=_HOPELESS)


def _found(turn: Turn) -> Turn:
    """What was found out stands in the notice of the retry, whatever the runtime says of it anew."""
    name, detail = turn.finding
    notice = turn.find(turn.retrying)
    if not name or not isinstance(notice, Notice):
        return turn
    cause = causes.named(name)
    return put(turn, replace(notice, detail=f"{cause.what}. {detail}", hint=cause.step))


RULES: dict[type, Callable[..., Turn]] = {
    ev.ErrorReported: _error_reported,
    ev.NetworkLookedAt: _network_looked_at,
    ev.WaitGivenUp: _wait_given_up,
}
