"""Reviews, hooks, notices, refusals and what is unknown, as blocks. Part of ``item_blocks.py``; nothing here knows the other items."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from codex_jupyter.core import items as it
from codex_jupyter.core.block_parts import (
    NOTICEABLE_MS,
    Context,
    bounded,
    key,
    pretty,
)
from codex_jupyter.core.document import (
    Block,
    Body,
    Code,
    Findings,
    Fold,
    Glyph,
    Lines,
    Plain,
    Prose,
)
from codex_jupyter.core.findings import parse
from codex_jupyter.core.records import plain_message
from codex_jupyter.core.refusals import BY_THE_SANDBOX, WRITE_HINT, reason, told, tried
from codex_jupyter.core.text import Text
from codex_jupyter.core.titles import count, one_line, short_path, span, unwrap

#: Characters of a notice in its title; the whole stands in its body.
NOTICE_TITLE = 140


def _review_entered(item: it.ReviewEntered, context: Context, role: str) -> Block | None:
    title = f"Review: {one_line(item.review) or 'the changes'}"
    return Block(key(item), "review", title, "review", "", "review", (), "never", True)


def _review_exited(item: it.ReviewExited, context: Context, role: str) -> Block | None:
    said, findings = parse(item.review)
    body: list[Body] = [Prose(Text.of(said))] if said and role != "shown" else []
    if findings:
        near = (replace(f, file=short_path(f.file, context.cwd, context.home)) for f in findings)
        body.append(Findings(tuple(near)))
    title = "Review finished" + (f": {count(len(findings), 'finding')}" if findings else "")
    return Block(key(item), "review", title, "review", "", "review", tuple(body), "never", True)


def _compaction(item: it.Compaction, context: Context, role: str) -> Block | None:
    live = item.status == "in_progress"
    title = (
        "Making room: summarising the conversation"
        if live
        else "Conversation summarised to make room"
    )
    if item.status == "aborted":
        title = "Conversation not summarised"
    return Block(
        key(item), "compaction", title, "running" if live else "info", "", "compaction", (), "body"
    )


def _hook_prompt(item: it.HookPrompt, context: Context, role: str) -> Block | None:
    body = tuple(Plain(bounded(f)) for f in item.fragments[:20] if f)
    return Block(key(item), "hook", "A hook told the model", "info", "", "hook", body)


def _hook_run(item: it.HookRun, context: Context, role: str) -> Block | None:
    live = item.status == "in_progress"
    words = {"failed": "failed", "declined": "blocked", "aborted": "not finished"}.get(
        item.status, ""
    )
    took = span(item.duration_ms) if (item.duration_ms or 0) >= NOTICEABLE_MS else ""
    rows = [f"{kind}: {text}" if kind else text for kind, text in item.entries[:50]]
    rows = [item.message, *rows] if item.message else rows
    glyphs: dict[str, Glyph] = {
        "in_progress": "running",
        "failed": "failed",
        "declined": "declined",
        "aborted": "stopped",
    }
    return Block(
        key(item),
        "hook",
        f"Hook {item.event}".strip(),
        glyphs.get(item.status, "ok"),
        " · ".join(p for p in (words, took) if p),
        "hook",
        (Lines(tuple(rows)),) if rows else (),
        "work" if item.status in ("completed", "aborted") or live else "body",
    )


def _function_output(item: it.FunctionOutput, context: Context, role: str) -> Block | None:
    name = f"{item.namespace}/{item.name}" if item.namespace else item.name
    body = (Plain(bounded(item.output)),) if item.output else ()
    return Block(
        key(item), "tool", f"Given to the model: {name}", "info", "", "given to the model", body
    )


def _unknown(item: it.UnknownItem, context: Context, role: str) -> Block | None:
    name = one_line(item.type, 60)
    title = f"Unknown item: {name}" if name else "Unknown item"
    body = (Code(bounded(pretty(item.raw)), "json"),) if item.raw else ()
    return Block(key(item), "unknown", title, "unknown", "", "unknown item", body)


def _refused(item: it.RefusedCall, context: Context, role: str) -> Block | None:
    what, source, language = tried(item.tool, item.arguments, item.ran)
    title = one_line(unwrap(what), 160)
    why = reason(item.output)
    body: list[Body] = (
        [Code(bounded(source), language)] if source.strip() not in ("", title) else []
    )
    if item.output:
        body.append(Plain(bounded(told(item.output))))
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


def _notice(item: it.Notice, context: Context, role: str) -> Block | None:
    title, whole = plain_message(item.message or item.code or item.level, NOTICE_TITLE)
    body: list[Body] = [Plain(bounded(text)) for text in (whole, item.detail) if text]
    if item.hint:
        body.append(Lines((item.hint,), advice=True))
    glyphs: dict[str, Glyph] = {"warning": "warning", "retry": "retry", "error": "error"}
    folds: dict[str, Fold] = {"warning": "body", "retry": "never", "error": "never"}
    return Block(
        key(item),
        "error" if item.level == "error" else "notice",
        title,
        glyphs.get(item.level, "info"),
        label=item.level,
        body=tuple(body),
        fold=folds.get(item.level, "work"),
        open=item.level == "error",
    )


_VERDICTS: dict[str, tuple[str, Glyph, Fold]] = {
    "in_progress": ("The automatic reviewer looks at", "running", "work"),
    "approved": ("The automatic reviewer allowed", "allowed", "never"),
    "denied": ("The automatic reviewer refused", "declined", "never"),
    "timed_out": ("The automatic reviewer took too long over", "declined", "never"),
    "aborted": ("The automatic reviewer did not finish with", "stopped", "body"),
}


def _review(item: it.Review, context: Context, role: str) -> Block | None:
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


#: Item type -> maker of its block.
MAKERS: dict[type, Callable[..., Block | None]] = {
    it.ReviewEntered: _review_entered,
    it.ReviewExited: _review_exited,
    it.Compaction: _compaction,
    it.HookPrompt: _hook_prompt,
    it.FunctionOutput: _function_output,
    it.UnknownItem: _unknown,
    it.RefusedCall: _refused,
    it.HookRun: _hook_run,
    it.Notice: _notice,
    it.Review: _review,
}
