"""The sign and the spoken word for each named mark; one table for all formats. Text characters, no emoji, no icons."""

from __future__ import annotations

from codex_jupyter.core.document import Glyph, Kind

#: Signs survive every sanitiser and every terminal.
SIGNS: dict[Glyph, str] = {
    "none": "",
    "ok": "✓",
    "failed": "✗",
    "running": "…",
    "edit": "✎",
    "stopped": "■",
    "declined": "⊘",
    "allowed": "✓",
    "ask": "?",
    "info": "·",
    "warning": "!",
    "error": "✗",
    "retry": "↻",
    "think": "",
    "plan": "☰",
    "search": "⌕",
    "image": "▣",
    "agent": "◇",
    "review": "◉",
    "tool": "ƒ",
    "sleep": "☾",
    "user": "❯",
    "unknown": "◦",
}

#: What a screen reader says for a mark; marks that only repeat the kind say nothing.
WORDS: dict[Glyph, str] = {
    "ok": "done",
    "failed": "failed",
    "running": "running",
    "stopped": "stopped",
    "declined": "declined",
    "allowed": "allowed",
    "ask": "waits for an answer",
    "warning": "warning",
    "error": "error",
    "retry": "tries again",
}

#: Names of the kinds for blocks that carry no label of their own.
KINDS: dict[Kind, str] = {
    "prompt": "You asked",
    "answer": "Answer",
    "commentary": "Remark",
    "thought": "Thought",
    "plan": "Plan",
    "checklist": "Checklist",
    "command": "Command",
    "explored": "Explored",
    "edit": "File change",
    "tool": "Tool",
    "search": "Web search",
    "image": "Image",
    "agent": "Agent",
    "review": "Review",
    "compaction": "Compaction",
    "hook": "Hook",
    "sleep": "Pause",
    "notice": "Notice",
    "error": "Error",
    "decision": "Decision",
    "refused": "Refused",
    "card": "Question",
    "unknown": "Item",
}

STEPS = {"completed": "✓", "in_progress": "▸", "pending": "○"}
STEP_WORDS = {"completed": "done", "in_progress": "in progress", "pending": "to do"}


def sign(glyph: Glyph) -> str:
    """The sign of a mark, ``""`` for none; a mark that is not in the table gets the sign of the unknown."""
    return SIGNS.get(glyph, SIGNS["unknown"])
