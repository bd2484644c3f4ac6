"""Other agents as blocks. Part of ``item_blocks.py``; nothing here knows the other items."""

from __future__ import annotations

from collections.abc import Callable

from codex_jupyter.core import items as it
from codex_jupyter.core.block_parts import (
    Context,
    bounded,
    key,
)
from codex_jupyter.core.document import (
    Block,
    Body,
    Glyph,
    Lines,
    Plain,
)
from codex_jupyter.core.titles import file_name, one_line

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
    body: list[Body] = [Plain(bounded(item.prompt))] if len(item.prompt) > 100 else []
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
    status = (known.status or agent.status).replace("_", " ")
    message = known.message or agent.message
    short = name if len(name) < 30 else f"agent {name[:8]}"
    return f"{short}: " + " · ".join(p for p in (status, one_line(message, 300)) if p)


#: Item type -> maker of its block.
MAKERS: dict[type, Callable[..., Block | None]] = {
    it.CollabAgentCall: _collab,
    it.SubAgentActivity: _sub_agent,
}
