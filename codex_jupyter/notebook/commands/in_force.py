"""What holds for the next turn of a thread, in words: what was chosen and where, or what Codex has it at by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codex_jupyter.session.session import Session

#: What is said of a setting that nobody chose, before the thread has begun and Codex has told.
UNTOLD = {
    "model": "as Codex is configured",
    "effort": "the model's default",
    "sandbox": "as Codex has it for the folder, told once the thread begins",
    "approval": "ask",
    "kernel": "read",
    "cwd": "the kernel's current folder",
}
#: Behind a value that nobody chose.
BY_ITSELF = {
    "model": "as Codex is configured",
    "effort": "as Codex is configured",
    "sandbox": "as Codex has it for the folder",
}


def told(session: Session, name: str, field: str) -> str:
    """The value of a setting and where it comes from: ``gpt-5.4 (this thread)``, ``read-only (as Codex has it …)``."""
    settings, origins = session.effective(name)
    value = getattr(settings, field)
    held = session.upcoming(name)
    verdict = session.engine.supplier.sandbox
    if field == "sandbox" and value != "full-access" and verdict is not None and not verdict.works:
        why = f" ({verdict.reason})" if verdict.reason else ""
        return f"unavailable{why}: every command is asked for"
    if value is not None:
        return f"{value} ({origins[field]})" if field in origins else str(value)
    known = str(getattr(held, field)) if held is not None and field in BY_ITSELF else ""
    return f"{known} ({BY_ITSELF[field]})" if known else UNTOLD[field]
