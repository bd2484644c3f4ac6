"""Messages, thoughts and plans as blocks: what was said. Part of ``item_blocks.py``; nothing here knows the other items."""

from __future__ import annotations

from collections.abc import Callable

from codex_jupyter.core import items as it
from codex_jupyter.core.block_parts import (
    Context,
    duration,
    key,
    picture,
)
from codex_jupyter.core.document import (
    Block,
    Body,
    Fold,
    Glyph,
    Lines,
    Plain,
    Prose,
)
from codex_jupyter.core.notebook_blocks import FIGURES
from codex_jupyter.core.text import Text
from codex_jupyter.core.titles import file_name, one_line, short_path


def _user_message(item: it.UserMessage, context: Context, role: str) -> Block | None:
    words = "\n".join(p.text for p in item.parts if p.kind == "text" and p.text)
    body: list[Body] = [Plain(words)] if words and role != "prompt" else []
    attached: list[str] = []
    for part in item.parts:
        if part.kind in ("image", "local_image"):
            path = part.text or part.source if part.kind == "local_image" else ""
            ours = f"/{FIGURES}" in path
            named = file_name(path) if ours else short_path(path, context.cwd, context.home)
            body.append(picture(part.source, file_name(path) or "image", named))
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
    if role == "repeated":
        return None
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
        took = duration(item)
        about = next((h for h in map(headline, sections) if h), "")
        if not about:
            about = one_line(sections[0].head(400).replace("**", ""), 100)
        title = f"Thought{' ' + took if took else ''}: {about}"
        if len(sections) == 1:  # the title says its headline
            rest = str(sections[0]).strip().removeprefix(f"**{about}**").strip()
            sections = [Text.of(rest)] if rest else []
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


#: Item type -> maker of its block.
MAKERS: dict[type, Callable[..., Block | None]] = {
    it.UserMessage: _user_message,
    it.AgentMessage: _agent_message,
    it.Reasoning: _reasoning,
    it.Plan: _plan,
}
