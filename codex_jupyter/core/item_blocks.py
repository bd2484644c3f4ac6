"""One item as one block: its title, mark, measure and body. Semantics only; nothing here knows the other items.

Everything that came from outside stays text. What is long is bounded by the item itself (``Output``) or here.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from codex_jupyter.core import items as it
from codex_jupyter.core.diffs import shown, total
from codex_jupyter.core.document import (
    Block,
    Body,
    Code,
    Facts,
    Findings,
    Fold,
    Glyph,
    Kind,
    Lines,
    Link,
    Patch,
    Picture,
    Plain,
    Prose,
    Terminal,
)
from codex_jupyter.core.findings import parse
from codex_jupyter.core.items import Item
from codex_jupyter.core.refusals import reason, tried
from codex_jupyter.core.text import Text
from codex_jupyter.core.titles import call, count, file_name, one_line, short_path, span, unwrap

#: Characters of JSON, arguments or plain results shown for one item.
MOST_PLAIN = 20_000
#: Durations below this many milliseconds are not worth a word.
NOTICEABLE_MS = 1000

_RASTER = (
    "data:image/png;base64,",
    "data:image/jpeg;base64,",
    "data:image/gif;base64,",
    "data:image/webp;base64,",
)


@dataclass(frozen=True, slots=True)
class Context:
    """What an item's block depends on beside the item.

    ``ended`` how the turn ended (``""`` while it runs); ``answer`` marks the message that answers; ``last`` the last
    message of a turn that has no answer; ``reviewed`` is the text a review has shown already.
    """

    cwd: str = ""
    home: str = ""
    ended: str = ""
    leftovers: bool = False
    agents: tuple[it.Agent, ...] = ()


def key(item: Item) -> str:
    """The block key of an item, also when it is grouped with others."""
    return f"item:{item.id}"


def block(item: Item, context: Context, role: str = "") -> Block | None:
    """The block of an item, or None when there is nothing to show.

    Args:
        item: the entry.
        context: what surrounds it.
        role: for messages: ``answer``, ``commentary``, or ``unanswered`` for the last words of a turn without answer;
            for user messages ``prompt`` (the cell's own) or ``steer``; for reviews ``shown`` when a message says the same.
    """
    make = _MAKERS.get(type(item))
    return make(item, context, role) if make is not None else None


# --- words ------------------------------------------------------------------------------------------------------------


def _user_message(item: it.UserMessage, context: Context, role: str) -> Block | None:
    words = "\n".join(p.text for p in item.parts if p.kind == "text" and p.text)
    body: list[Body] = [Plain(words)] if words and role != "prompt" else []
    attached: list[str] = []
    for part in item.parts:
        if part.kind in ("image", "local_image"):
            body.append(
                _picture(
                    part.source, file_name(part.source) if part.kind == "local_image" else "image"
                )
            )
        elif part.kind != "text":
            name = part.text or file_name(part.source) or part.kind
            attached.append(f"{part.kind.replace('_', ' ')}: {one_line(name)}")
    if attached:
        body.append(Lines(tuple(attached)))
    if not body:
        return None
    title = "You attached" if role == "prompt" else "You added"
    return Block(
        key(item),
        "prompt",
        title,
        "user",
        label="prompt",
        body=tuple(body),
        fold="never",
        open=True,
    )


def _agent_message(item: it.AgentMessage, context: Context, role: str) -> Block | None:
    live = item.status == "in_progress"
    body: list[Body] = [Prose(item.text, live)] if item.text else []
    for title, options in item.questions:
        body.append(Lines((title, *(f"• {option}" for option in options))))
    if not body:
        return None
    unfinished = "unfinished" if item.status == "aborted" else ""
    glyph: Glyph = "stopped" if unfinished else "none"
    if item.questions:
        title, glyph = "Codex asks (answer in a new cell)", "ask"
        return Block(
            key(item), "answer", title, glyph, unfinished, "question", tuple(body), "never", True
        )
    if role == "answer":
        return Block(
            key(item), "answer", "", glyph, unfinished, "answer", tuple(body), "never", True
        )
    fold: Fold = "never" if role == "unanswered" else "work"
    return Block(
        key(item), "commentary", "", glyph, unfinished, "commentary", tuple(body), fold, True
    )


def headline(section: Text) -> str:
    """The bold first line of a reasoning section, or its first line; ``""`` while it is not there yet."""
    start = section.head(400).lstrip()
    if start.startswith("**"):
        bold, closed, _ = start[2:].partition("**")
        return one_line(bold, 100) if closed and "\n" not in bold else ""
    first, ended, _ = start.partition("\n")
    return one_line(first, 100) if ended or len(first) > 100 else ""


def thinking_about(item: it.Reasoning) -> str:
    """The newest headline of an item's summary: what the model is at just now."""
    return next((h for h in map(headline, reversed(item.summary)) if h), "")


def _reasoning(item: it.Reasoning, context: Context, role: str) -> Block | None:
    live = item.status == "in_progress"
    sections = [s for s in (*item.summary, *item.content) if s]
    if not sections and not live:
        return None
    if live:
        about = thinking_about(item)
        title = f"Thinking: {about}" if about else "Thinking"
    else:
        took = _took(item)
        about = next((h for h in map(headline, sections) if h), "")
        if not about:
            about = one_line(sections[0].head(400).replace("**", ""), 100)
        title = f"Thought{' ' + took if took else ''}: {about}"
    last = len(sections) - 1
    body = tuple(Prose(s, live and i == last) for i, s in enumerate(sections))
    return Block(
        key(item), "thought", title, "running" if live else "think", label="thought", body=body
    )


def _plan(item: it.Plan, context: Context, role: str) -> Block | None:
    if not item.text:
        return None
    live = item.status == "in_progress"
    meta = "unfinished" if item.status == "aborted" else ""
    body = (Prose(item.text, live),)
    return Block(key(item), "plan", "Proposed plan", "plan", meta, "plan", body, "never", True)


# --- what ran ---------------------------------------------------------------------------------------------------------


def _command(item: it.Command, context: Context, role: str) -> Block | None:
    live = item.status == "in_progress"
    text = unwrap(item.command)
    title = one_line(text, 160) or "a command"
    body: list[Body] = [Code(_bounded(text), "bash")] if title != text and text else []
    if item.cwd and context.cwd and item.cwd != context.cwd:
        body.append(Facts((("in", short_path(item.cwd, context.cwd, context.home)),)))
    if item.stdin:
        typed = [f"typed: {one_line(repr(t)[1:-1], 200)}" for t in item.stdin[-20:]]
        body.append(Lines(tuple(typed)))
    if item.output or live:
        body.append(Terminal(item.output, live=live))
    glyph, meta = _outcome(item, context)
    labels = {"userShell": "your command"}
    return Block(
        key(item),
        "command",
        title,
        glyph,
        meta,
        labels.get(item.source, "command"),
        tuple(body),
        open=live,
        code_title=True,
    )


def _outcome(item: it.Command, context: Context) -> tuple[Glyph, str]:
    took = _took(item, item.duration_ms)
    if item.status == "in_progress":
        return "running", "still running after the turn" if item.late and context.ended else ""
    if item.status == "declined":
        return "declined", "declined"
    if item.status == "aborted":
        if context.ended == "completed" and not context.leftovers:
            return "running", "left running"
        return "stopped", "stopped" if context.ended else "not finished"
    failed = item.status == "failed" or item.exit_code not in (None, 0)
    parts = []
    if failed:
        known = item.exit_code is not None and item.exit_code >= 0
        parts.append(f"exit {item.exit_code}" if known else "ended early")
    glyph: Glyph = "failed" if failed else "ok"
    if failed and context.ended == "interrupted" and (item.exit_code or 0) < 0:
        glyph, parts = "stopped", ["stopped"]
    if took:
        parts.append(took)
    if item.late:
        parts.append("after the turn")
    return glyph, " · ".join(parts)


def _file_change(item: it.FileChange, context: Context, role: str) -> Block | None:
    live = item.status == "in_progress"
    names = []
    for change in item.changes:
        name = short_path(change.path, context.cwd, context.home)
        moved = short_path(change.moved_to, context.cwd, context.home)
        names.append(f"{name} → {moved}" if moved else name)
    title = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    parts = [shown(*total(item.changes))] if item.changes else []
    if len(item.changes) == 1:
        parts += {"add": ["new"], "delete": ["deleted"]}.get(item.changes[0].kind, [])
    glyph: Glyph = "edit"
    if item.status in ("failed", "declined"):
        glyph = item.status
        parts.append("not written")
    elif item.status == "aborted":
        glyph = "stopped"
        parts.append("not written")
    elif live:
        glyph = "running"
    body: list[Body] = [Patch(item.changes)] if item.changes else []
    if item.output:
        body.append(Terminal(item.output))
    return Block(
        key(item),
        "edit",
        title or ("Writing a patch" if live else "A patch"),
        glyph,
        " · ".join(parts),
        "file change",
        tuple(body),
        "body",
        open=not context.ended,
    )


def _mcp(item: it.McpToolCall, context: Context, role: str) -> Block | None:
    name = f"{item.server}/{item.tool}" if item.server else item.tool
    body = _arguments(item.arguments)
    if item.status == "in_progress" and item.progress:
        body.append(Lines(item.progress[-5:]))
    body += _contents(item.result)
    if item.error:
        body.append(Plain(_bounded(item.error)))
    failed = item.status == "failed" or bool(item.error)
    return _tool_block(item, call(name or "a tool", item.arguments), failed, item.duration_ms, body)


def _dynamic(item: it.DynamicToolCall, context: Context, role: str) -> Block | None:
    name = f"{item.namespace}/{item.tool}" if item.namespace else item.tool
    body = _arguments(item.arguments) + _contents(item.result)
    failed = item.status == "failed" or item.success is False
    return _tool_block(item, call(name or "a tool", item.arguments), failed, item.duration_ms, body)


def _tool_block(item: Item, title: str, failed: bool, took: int | None, body: list[Body]) -> Block:
    glyph: Glyph = "tool"
    parts: list[str] = []
    if item.status == "in_progress":
        glyph = "running"
    elif failed:
        glyph, parts = "failed", ["failed"]
    elif item.status in ("declined", "aborted"):
        glyph = "declined" if item.status == "declined" else "stopped"
        parts = [item.status if item.status == "declined" else "not finished"]
    else:
        glyph = "ok"
    parts += [span(took)] if took is not None and took >= NOTICEABLE_MS else []
    return Block(
        key(item),
        "tool",
        title,
        glyph,
        " · ".join(parts),
        "tool call",
        tuple(body),
        code_title=True,
    )


def _arguments(arguments: str) -> list[Body]:
    """The arguments in full, where the title cannot hold them: code as code, the rest as JSON."""
    try:
        value = json.loads(arguments) if arguments else None
    except (ValueError, RecursionError):
        return [Plain(_bounded(arguments))]
    if not value:
        return []
    if isinstance(value, dict) and isinstance(value.get("code"), str):
        rest = {k: v for k, v in value.items() if k != "code"}
        body: list[Body] = [Code(_bounded(value["code"]), "python")]
        return body + ([Code(_bounded(_json(rest)), "json")] if rest else [])
    return [Code(_bounded(_json(value)), "json")]


def _contents(result: tuple[it.Content, ...]) -> list[Body]:
    body: list[Body] = []
    for part in result[:50]:
        if part.kind == "text":
            body.append(Plain(_bounded(part.value)))
        elif part.kind == "image":
            body.append(_picture(part.value, "image"))
        elif part.kind == "audio":
            body.append(Lines((f"audio, {count(len(part.value), 'character')} of data",)))
        else:
            body.append(Code(_bounded(part.value), "json"))
    if len(result) > 50:
        body.append(Lines((f"… {len(result) - 50:,} more parts",)))
    return body


# --- other agents -----------------------------------------------------------------------------------------------------

_AGENT_TITLES = {
    "spawnAgent": ("Starting an agent", "Started an agent"),
    "sendInput": ("Telling an agent", "Told an agent"),
    "sendMessage": ("Telling an agent", "Told an agent"),
    "followupTask": ("Giving an agent more to do", "Gave an agent more to do"),
    "resumeAgent": ("Resuming an agent", "Resumed an agent"),
    "wait": ("Waiting for agents", "Waited for agents"),
    "closeAgent": ("Closing an agent", "Closed an agent"),
    "interruptAgent": ("Interrupting an agent", "Interrupted an agent"),
    "listAgents": ("Looking at the agents", "Looked at the agents"),
}


def _collab(item: it.CollabAgentCall, context: Context, role: str) -> Block | None:
    live = item.status == "in_progress"
    titles = _AGENT_TITLES.get(item.tool, (f"Agents: {item.tool}",) * 2)
    title = titles[0 if live else 1] + (f": {one_line(item.prompt, 100)}" if item.prompt else "")
    body: list[Body] = [Plain(_bounded(item.prompt))] if len(item.prompt) > 100 else []
    rows = [_agent_line(a.thread_id, a, context) for a in item.agents]
    body += [Lines(tuple(rows))] if rows else []
    glyph: Glyph = "running" if live else "agent"
    meta = item.model
    if item.status in ("failed", "aborted", "declined"):
        glyph, meta = ("failed" if item.status == "failed" else "stopped"), item.status
    return Block(key(item), "agent", title, glyph, meta, "agent", tuple(body))


def _sub_agent(item: it.SubAgentActivity, context: Context, role: str) -> Block | None:
    name = file_name(item.agent_path) or item.agent_thread_id[:8] or "agent"
    word = {
        "started": "started",
        "interacted": "was spoken to",
        "interrupted": "was interrupted",
        "completed": "finished",
    }.get(item.kind, item.kind)
    known = next((a for a in context.agents if a.thread_id == item.agent_thread_id), None)
    body: list[Body] = []
    if known is not None and item.kind == "started" and (known.status or known.message):
        body.append(Lines((_agent_line(name, known, context),)))
    glyph: Glyph = {"interrupted": "stopped", "completed": "ok"}.get(item.kind, "agent")  # type: ignore[assignment]
    return Block(
        key(item), "agent", f"Agent {name} {word}".strip(), glyph, item.model, "agent", tuple(body)
    )


def _agent_line(name: str, agent: it.Agent, context: Context) -> str:
    known = next((a for a in context.agents if a.thread_id == agent.thread_id), agent)
    status = (agent.status or known.status).replace("_", " ")
    message = agent.message or known.message
    short = name if len(name) < 30 else name[:8]
    return f"{short}: " + " · ".join(p for p in (status, one_line(message, 300)) if p)


# --- looking things up, pictures, time --------------------------------------------------------------------------------


def _web_search(item: it.WebSearch, context: Context, role: str) -> Block | None:
    live = item.status == "in_progress"
    body: list[Body] = []
    if item.action == "open":
        title = f"Opened {one_line(item.url)}" if item.url else "Opened a page"
    elif item.action == "find":
        title = f"Looked for “{one_line(item.pattern, 60)}” in {one_line(item.url) or 'a page'}"
    else:
        what = one_line(item.query) or one_line(", ".join(item.queries))
        title = f"{'Searching' if live else 'Searched'} {what}".strip()
        if title == "Searched":
            title = "Searched the web"
        if len(item.queries) > 1:
            body.append(Lines(item.queries[:20]))
    if item.url:
        body.append(Link(item.url))
    glyph: Glyph = "running" if live else "stopped" if item.status == "aborted" else "search"
    return Block(key(item), "search", title, glyph, "", "web search", tuple(body))


def _image_view(item: it.ImageView, context: Context, role: str) -> Block | None:
    path = short_path(item.path, context.cwd, context.home)
    body = (_picture(item.data, file_name(item.path), path),)
    return Block(key(item), "image", f"Looked at {path or 'an image'}", "image", "", "image", body)


def _image_generation(item: it.ImageGeneration, context: Context, role: str) -> Block | None:
    prompt = one_line(item.prompt, 100)
    if item.status == "in_progress":
        title = "Drawing an image" + (f": {prompt}" if prompt else "")
        return Block(key(item), "image", title, "running", "", "generated image")
    path = short_path(item.saved_path, context.cwd, context.home)
    if item.failure or item.status in ("failed", "aborted"):
        words = {"aborted": "not finished"}.get(item.status, "failed")
        body: tuple[Body, ...] = (Plain(item.failure),) if item.failure else ()
        return Block(
            key(item),
            "image",
            f"Image: {prompt}" if prompt else "Image",
            "failed",
            words,
            "generated image",
            body,
            "never",
            True,
        )
    body = (_picture(item.data, prompt or "generated image", path),)
    return Block(
        key(item),
        "image",
        f"Image: {prompt}" if prompt else "Image",
        "image",
        path,
        "generated image",
        body,
        "never",
        True,
    )


def _sleep(item: it.Sleep, context: Context, role: str) -> Block | None:
    live = item.status == "in_progress"
    title = f"{'Waiting' if live else 'Waited'} {span(item.duration_ms)}".strip()
    meta = "cut short" if item.status == "aborted" else ""
    return Block(key(item), "sleep", title, "running" if live else "sleep", meta, "pause")


# --- reviews, hooks, the rest -----------------------------------------------------------------------------------------


def _review_entered(item: it.ReviewEntered, context: Context, role: str) -> Block | None:
    title = f"Review of {one_line(item.review) or 'the changes'}"
    return Block(key(item), "review", title, "review", "", "review", (), "never", True)


def _review_exited(item: it.ReviewExited, context: Context, role: str) -> Block | None:
    said, findings = parse(item.review)
    body: list[Body] = [Prose(Text.of(said))] if said and role != "shown" else []
    if findings:
        body.append(Findings(findings))
    title = f"Review: {count(len(findings), 'finding')}" if findings else "Review finished"
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
    body = tuple(Plain(_bounded(f)) for f in item.fragments[:20] if f)
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
    body = (Plain(_bounded(item.output)),) if item.output else ()
    return Block(
        key(item), "tool", f"Given to the model: {name}", "info", "", "given to the model", body
    )


def _unknown(item: it.UnknownItem, context: Context, role: str) -> Block | None:
    name = one_line(item.type, 60)
    title = f"Unknown item: {name}" if name else "Unknown item"
    body = (Code(_bounded(_pretty(item.raw)), "json"),) if item.raw else ()
    return Block(key(item), "unknown", title, "unknown", "", "unknown item", body)


def _refused(item: it.RefusedCall, context: Context, role: str) -> Block | None:
    what, source, language = tried(item.tool, item.arguments)
    title = one_line(unwrap(what), 160)
    body: list[Body] = (
        [Code(_bounded(source), language)] if source.strip() not in ("", title) else []
    )
    if item.output:
        body.append(Plain(_bounded(item.output)))
    return Block(
        key(item),
        "refused",
        title,
        "declined",
        reason(item.output),
        "refused",
        tuple(body),
        "never",
        code_title=True,
    )


def _notice(item: it.Notice, context: Context, role: str) -> Block | None:
    body: list[Body] = [Plain(_bounded(item.detail))] if item.detail else []
    if item.hint:
        body.append(Lines((item.hint,)))
    glyph: Glyph = {"warning": "warning", "retry": "retry", "error": "error"}.get(
        item.level, "info"
    )  # type: ignore[assignment]
    fold: Fold = {"warning": "body", "retry": "never", "error": "never"}.get(item.level, "work")  # type: ignore[assignment]
    kind: Kind = "error" if item.level == "error" else "notice"
    return Block(
        key(item),
        kind,
        one_line(item.message, 300) or item.code,
        glyph,
        "",
        item.level,
        tuple(body),
        fold,
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
    facts = [("risk", item.risk), ("allowed by you", item.authorization)]
    meta = " · ".join(f"{name}: {value}" for name, value in facts if value)
    body: tuple[Body, ...] = (Plain(_bounded(item.rationale)),) if item.rationale else ()
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


_MAKERS: dict[type, Callable[..., Block | None]] = {
    it.UserMessage: _user_message,
    it.AgentMessage: _agent_message,
    it.Reasoning: _reasoning,
    it.Plan: _plan,
    it.Command: _command,
    it.FileChange: _file_change,
    it.McpToolCall: _mcp,
    it.DynamicToolCall: _dynamic,
    it.CollabAgentCall: _collab,
    it.SubAgentActivity: _sub_agent,
    it.WebSearch: _web_search,
    it.ImageView: _image_view,
    it.ImageGeneration: _image_generation,
    it.Sleep: _sleep,
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


def _took(item: Item, known_ms: int | None = None) -> str:
    """How long it took, when that is noticeable."""
    if known_ms is None and item.started_ms is not None and item.ended_ms is not None:
        known_ms = item.ended_ms - item.started_ms
    return span(known_ms) if known_ms is not None and known_ms >= NOTICEABLE_MS else ""


def _picture(source: str, alt: str, path: str = "") -> Picture:
    """A raster image by its ``data:`` URL; any other address is only named."""
    if source.startswith(_RASTER):
        return Picture(source, alt or "image", path)
    named = "" if source.startswith("data:") else one_line(source, 300)
    return Picture("", alt or "image", path or named)


def _pretty(text: str) -> str:
    try:
        return _json(json.loads(text))
    except (ValueError, RecursionError):
        return text


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


def _bounded(text: str) -> str:
    if len(text) <= MOST_PLAIN:
        return text
    half = MOST_PLAIN // 2
    return f"{text[:half]}\n… {len(text) - 2 * half:,} characters omitted …\n{text[-half:]}"
