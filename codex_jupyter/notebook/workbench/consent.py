"""Who may do what: looking is free but under ``-k off``; changing cells asks below ``-k edit``, foreign code below ``-k run``.

Asking is the broker's: the policy or a person answers, and the record says who. Fails closed.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codex_jupyter.core.diffs import Change
from codex_jupyter.core.forms import chosen_changes
from codex_jupyter.core.requests import KernelRequest, ToolCall
from codex_jupyter.errors import UserError

if TYPE_CHECKING:
    from codex_jupyter.session.engine import Engine
    from codex_jupyter.session.live import LiveTurn

_requests = itertools.count(1)


async def may_look(engine: Engine, live: LiveTurn, call: ToolCall) -> None:
    """Let a call look at the user's data, or not.

    Raises:
        UserError: refused; the text says why, for the model.
    """
    rights = live.turn.settings.rights
    if rights is not None and rights.kernel in ("read", "edit", "run"):
        return
    refused = (await ask(engine, live, call, "look")).refused
    if refused:
        raise UserError(f"The notebook was not looked at: {refused}")


@dataclass(frozen=True, slots=True)
class Consent:
    """What came of asking.

    Attributes:
        refused: why not, for the model, or ``""``.
        chosen: which of the changes may be made, by their numbers from 0.
    """

    refused: str = ""
    chosen: tuple[int, ...] = ()


async def ask(
    engine: Engine,
    live: LiveTurn,
    call: ToolCall,
    action: str,
    code: str = "",
    *,
    function: str = "",
    changes: tuple[Change, ...] = (),
    notebook: str = "",
    always: str = "",
    reason: str = "",
) -> Consent:
    """Ask for consent to one action.

    Args:
        engine: whose broker asks.
        live: the turn that wants it.
        call: the tool call behind it.
        action: run, inspect, call, look or edit; what ``session`` would allow from then on.
        code: what exactly would run.
        function: which function is called, where that is one of the user's.
        changes: what would become of cells.
        notebook: whose cells those are.
        always: why a person is asked whatever was allowed before.
        reason: the agent's own.
    """
    request = KernelRequest(
        id=f"kernel-{next(_requests)}",
        thread_id=live.turn.thread_id,
        turn_id=live.turn.turn_id,
        item_id=call.call_id or call.item_id,
        action=action,
        code=code,
        tool=call.tool,
        function=function,
        changes=changes,
        notebook=notebook,
        always=always,
        reason=reason,
    )
    answer = await engine.broker.ask(live, request)
    if answer.choice in ("once", "session", "always"):
        return Consent(chosen=tuple(range(len(changes))))
    if answer.choice == "submit":
        return Consent(chosen=chosen_changes(answer.values, len(changes)) or ())
    by = engine.broker.answered_by(request.id)
    if answer.choice == "stop":
        live.interrupt(by.stopper if by is not None else "you")
    if by is not None and by.kind == "policy":
        why = f"{by.words} ({by.option})" if by.option else by.words
        done = "changed" if action == "edit" else "run"
        return Consent(f"{why}. Do not try again in this turn; say what you would have {done}.")
    return Consent("the user declined. Go on without it, or ask what they prefer.")
