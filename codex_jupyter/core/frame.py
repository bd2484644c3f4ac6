"""What stands around a transcript: the header that says who may do what, and the footer that says how it stands."""

from __future__ import annotations

from collections.abc import Sequence

from codex_jupyter.core.diffs import renamed
from codex_jupyter.core.document import Block, Footer, Header
from codex_jupyter.core.items import (
    AgentMessage,
    CollabAgentCall,
    Command,
    DynamicToolCall,
    FileChange,
    Notice,
    Reasoning,
    RefusedCall,
    SubAgentActivity,
    UserMessage,
)
from codex_jupyter.core.omitted import EDITS_HEAD
from codex_jupyter.core.records import summary
from codex_jupyter.core.requests import QuestionsRequest, Request, UnknownRequest
from codex_jupyter.core.titles import count, one_line, short_path, span, tokens
from codex_jupyter.core.turn import Turn


def header(turn: Turn) -> Header:
    """``gpt-5.5 medium · workspace-write ~/churn · kernel read · ask``; what is not known is left out."""
    s = turn.settings
    rights = s.rights
    parts = [("model", " ".join(p for p in (s.model, s.effort) if p))]
    if rights is not None:
        parts += [
            ("sandbox", _sandbox(rights.sandbox.kind, short_path(rights.folder, "", s.home))),
            ("kernel", f"kernel {rights.kernel}"),
            ("approval", rights.approval),
        ]
    parts.append(("thread", s.thread_name))
    if s.codex:
        parts.append((short_path(s.codex_path, "", s.home), f"codex {s.codex}"))
    known = tuple((name, value) for name, value in parts if value)
    return Header(known, s.offline, s.notes)


def _sandbox(sandbox: str, folder: str) -> str:
    if sandbox == "unavailable":
        return "sandbox: unavailable"
    return (
        f"{sandbox} {folder}"
        if sandbox in ("workspace-write", "full-access") and folder
        else sandbox
    )


def footer(turn: Turn, answers: Sequence[AgentMessage]) -> Footer:
    """The status line. While the turn runs it leaves the elapsed time to the page; ``answers`` are for Copy."""
    if not turn.ended:
        glyph, text = _running(turn)
        return Footer(
            glyph=glyph,
            text=text,
            since_ms=turn.started_ms,
            stoppable=turn.state != "stopping",
            sent=turn.sent,
        )
    left = _left_running(turn)
    lines: list[str] = []
    if turn.state == "interrupted":
        none = "nothing left running" if nothing_left(turn) else ""
        parts = [_stopped(turn), left or none]
        lines.append("The next cell continues; --new starts afresh.")
        glyph = "stopped"
    else:
        if _answered_with_nothing(turn):
            lines.append(
                "The model answered with nothing. Run this cell again, or choose another with `-m`."
            )
        parts = [
            "failed" if turn.state == "failed" else "",
            span(turn.duration_ms),
            *_usage(turn),
            left,
        ]
        glyph = "failed" if turn.state == "failed" else "ok"
    if left:
        lines.append("`%codex /stop` ends what was left running.")
    return Footer(
        glyph=glyph,
        text=" · ".join(p for p in parts if p),
        copy="\n\n".join(str(m.text) for m in answers if m.text),
        diff=_diff(turn),
        sent=turn.sent,
        lines=tuple(lines),
        diff_is_shown=_diff_is_shown(turn),
    )


def _diff_is_shown(turn: Turn) -> bool:
    """Whether the rows of the file changes say what the turn's diff says: each file was changed once."""
    written = [e for e in turn.entries if isinstance(e, FileChange) and e.status == "completed"]
    paths = [
        path for entry in written for c in entry.changes for path in (c.path, c.moved_to) if path
    ]
    return (
        len(written) <= EDITS_HEAD
        and len(set(paths)) == len(paths)
        and turn.diff.count("\ndiff --git ") + turn.diff.startswith("diff --git ")
        == sum(len(entry.changes) for entry in written)
    )


def _answered_with_nothing(turn: Turn) -> bool:
    """Whether a turn that is complete has a prompt and not a word or deed that comes of it."""
    silent = (Notice, Reasoning, UserMessage)
    return (
        turn.state == "completed"
        and any(isinstance(e, UserMessage) for e in turn.entries)
        and all(
            isinstance(e, silent) or (isinstance(e, AgentMessage) and not str(e.text).strip())
            for e in turn.entries
        )
    )


def _diff(turn: Turn) -> str:
    """The turn's diff, with the names that people use for its files.

    It counts their paths from a root that nobody is told: each is the end of a path that one of the patches names.
    """
    names: dict[str, str] = {}
    for entry in turn.entries if turn.diff else ():
        if isinstance(entry, FileChange):
            for change in entry.changes:
                for path in filter(None, (change.path, change.moved_to)):
                    near = short_path(path, turn.settings.cwd, turn.settings.home)
                    parts = path.split("/")
                    for start in range(1, len(parts)):
                        names.setdefault("/".join(parts[start:]), near)
    return renamed(turn.diff, names)


def _running(turn: Turn):
    waiting = sum(not isinstance(r, UnknownRequest) and not _goes_on(r) for r in turn.requests)
    if turn.state == "stopping":
        return "running", "stopping"
    if waiting:
        return "ask", "waiting for you" + (f" ({waiting} requests)" if waiting > 1 else "")
    if turn.waits_for:
        return "running", f"waiting for {turn.waits_for}"
    if turn.state == "starting":
        return "running", "starting"
    retry = turn.find(turn.retrying) if turn.retrying else None
    if isinstance(retry, Notice):
        return "retry", one_line(retry.message, 80)
    if any(map(_goes_on, turn.requests)):
        return "running", "working, and has a question for you"
    return "running", "working"


def _goes_on(request: Request) -> bool:
    """Whether Codex works on while it waits for the answer."""
    return isinstance(request, QuestionsRequest) and not request.blocking


def _stopped(turn: Turn) -> str:
    by = {"time limit": "the time limit", "program": "the program"}.get(
        turn.stopped_by, turn.stopped_by
    )
    return f"Stopped by {by}" if by else "Interrupted"


def _usage(turn: Turn) -> list[str]:
    """``8.1k tokens`` of this turn, and how full the context is after it."""
    usage = turn.usage
    if usage is None:
        return []
    used = usage.thread_total - (turn.tokens_before or 0) if usage.thread_total else usage.total
    parts = [tokens(used)] if used > 0 else []
    if usage.window and usage.window > 0 and usage.total > 0:
        percent = (usage.total * 200 + usage.window) // (2 * usage.window)  # rounded, for any size
        parts.append(f"context {min(percent, 999)} %" if percent >= 1 else "context <1 %")
    return parts


def _left_running(turn: Turn) -> str:
    if any(_is_stuck(entry) for entry in turn.entries):
        return "code in the kernel still running"
    if turn.running_commands:
        return f"{count(turn.running_commands, 'command')} still running"
    if turn.leftovers:
        return ""
    late = ("in_progress", "aborted") if turn.state == "completed" else ("in_progress",)
    left = sum(isinstance(e, Command) and e.status in late for e in turn.entries)
    return f"{count(left, 'command')} left running" if left else ""


def nothing_left(turn: Turn) -> bool:
    """Whether it is known that a stopped turn left nothing running: nothing was found, or it ran no command."""
    if any(_is_stuck(entry) for entry in turn.entries):
        return False
    starting = (Command, CollabAgentCall, SubAgentActivity, RefusedCall)
    ran = any(isinstance(entry, starting) for entry in turn.entries)
    known = turn.leftovers and turn.nothing_else_left and not turn.running_commands
    return known or not ran


def _is_stuck(entry: object) -> bool:
    """Whether it is code in the kernel that did not end when it was told to."""
    return (
        isinstance(entry, DynamicToolCall)
        and entry.run is not None
        and entry.run.ending.kind == "stuck"
    )


def work(turn: Turn, folded: list[Block]) -> str:
    """The summary line of the folded work, ``""`` while the turn runs or when there is none."""
    if not turn.ended or not folded:
        return ""
    took = span(turn.duration_ms)
    head = f"Worked {took}" if took else "Worked"
    said = summary(folded)
    return f"{head}: {said}" if said else head
