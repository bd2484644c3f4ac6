"""What the offline model says when its script says nothing. Honest, and useful: never an invented answer.

Whoever asks gets a form it can read: a person a message, the runtime's reviewer of approvals a refusal in its JSON
(so that nothing is allowed by default), a request to summarise the conversation a note in its place.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from .moves import Move, say
from .request import Request
from .script import Rule, Script

_LEAVE = (
    "For real answers, restart the kernel, load the extension without starting the offline model, "
    "and sign in with `%codex login`."
)


def unscripted(request: Request, script: Script) -> Sequence[Move]:
    """The reply to a request that no rule holds for."""
    if request.subagent == "guardian":
        return [say(json.dumps(_refusal()))]
    if request.kind == "compaction":
        return [say("The offline model keeps no summary: its script has none.")]
    known = list(dict.fromkeys(rule.shown_prompt for rule in script.rules if rule.shown_prompt))
    lines = [
        "**This is the offline model.** It plays a script, and the script has nothing for this prompt.",
        "",
    ]
    if known:
        lines += ["It knows these prompts:", "", *(f"- {prompt}" for prompt in known), ""]
    lines.append(_LEAVE)
    return [say("\n".join(lines), phase="final_answer")]


def exhausted(rule: Rule) -> Sequence[Move]:
    """The reply to one request more than the rule has replies for."""
    text = f"**This is the offline model.** Its script {rule.name!r} has no further reply for this turn."
    return [say(text, phase="final_answer")]


def _refusal() -> dict[str, str]:
    return {
        "outcome": "deny",
        "risk_level": "high",
        "user_authorization": "low",
        "rationale": "The offline model has no script for this review, so it allows nothing.",
    }
