"""The tools that act: ``run_python``, ``propose_cells``, and the user's own functions."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from codex_jupyter.core.requests import ToolCall
from codex_jupyter.core.runs import Run
from codex_jupyter.errors import UserError
from codex_jupyter.notebook.document.cells import ALL, read_excerpt
from codex_jupyter.notebook.workbench.consent import ask, may_look
from codex_jupyter.notebook.workbench.proposals import LONGEST as LONGEST_CELL
from codex_jupyter.notebook.workbench.proposals import MOST
from codex_jupyter.notebook.workbench.report import call_report, run_of, run_report
from codex_jupyter.notebook.workbench.saved_cells import SavedCells, saved_cells
from codex_jupyter.notebook.workbench.tool_context import Reply, ToolContext, text_of
from codex_jupyter.notebook.workbench.tool_schemas import LIMIT, LONGEST

if TYPE_CHECKING:
    from codex_jupyter.notebook.workbench.functions import Offered
    from codex_jupyter.session.live import LiveTurn


async def run_python(
    context: ToolContext,
    live: LiveTurn,
    call: ToolCall,
    given: dict[str, Any],
    late: Callable[[Run], None],
) -> Reply:
    """Run code in the kernel; ``Reply.run`` says what became of it, None where it was refused.

    ``late`` is told what became of it where the turn ended first.
    """
    code = text_of(given, "code", needed=True)
    limit = limit_of(given.get("timeout"))
    refused = (await ask(context.engine, live, call, "run", code=code)).refused
    if refused:
        return Reply(f"The code was not run: {refused}", success=False)
    outcome = await context.run(
        live,
        context.code(code),
        limit=limit,
        late=lambda outcome: late(run_of(outcome)),
    )
    return run_report(outcome, context.state.figures)


def limit_of(asked: object) -> float:
    """The seconds that code may take, of those that the model asks for."""
    given = float(asked) if isinstance(asked, (int, float)) else 0.0
    return min(given, LONGEST) if given > 0 else LIMIT


async def propose_cells(
    context: ToolContext, live: LiveTurn, call: ToolCall, given: dict[str, Any]
) -> Reply:
    """Put cells into the user's notebook, or into the transcript where that cannot be done."""
    await may_look(context.engine, live, call)
    cells = given.get("cells")
    if type(cells) is not list or not cells:
        raise UserError("`cells` has to be a list of the cells' code.")
    if not all(type(code) is str and code.strip() for code in cells):
        raise UserError("Each of `cells` has to be the code of a cell.")
    if len(cells) > MOST or any(len(code) > LONGEST_CELL for code in cells):
        raise UserError(f"At most {MOST} cells of {LONGEST_CELL:,} characters at a time.")
    origin = context.origins.get(live)
    insertable = bool(live.waiters) and origin is not None and origin.kind != "headless"
    kept = insertable and origin is not None and origin.kind == "page"
    saved = await _cells_there(live) if kept else None
    made = context.state.proposals.propose(
        cells, batch=live.number, insertable=insertable, saved=saved
    )
    if all(proposal.placed for proposal in made):
        how = "The notebook has the same code in a cell already, so nothing is inserted."
    elif insertable:
        how = (
            "The first appears below when this turn ends, each further one when the one before has run."
            if len(made) > 1
            else "It appears below when this turn ends."
        )
    else:
        how = "Nothing can be inserted into the notebook here, so they stand in the transcript, for the user to copy."
    count = f"{len(made)} cell{'' if len(made) == 1 else 's'}"
    return Reply(f"Proposed {count}. {how} Nothing has run; you are told when the user runs them.")


async def _cells_there(live: LiveTurn) -> SavedCells:
    """What the notebook has: as it is open, else as it was saved."""
    if live.document is not None:
        try:
            cells = read_excerpt(await live.document.ask(ALL)).cells
        except UserError:  # out of reach
            pass
        else:
            sources = (cell.source.strip() for cell in cells if cell.kind == "code")
            return SavedCells(frozenset(sources), time.time())
    return await asyncio.to_thread(saved_cells)


async def call_function(
    context: ToolContext, live: LiveTurn, call: ToolCall, offered: Offered, given: dict[str, Any]
) -> Reply:
    """Call a function that the user offered, with the consent that code needs."""
    from codex_jupyter.notebook.workbench.functions import result_text

    bound = offered.bind(given)
    arguments = ", ".join(f"{name}={value!r}" for name, value in given.items())
    code = f"{offered.name}({arguments})"
    consent = await ask(context.engine, live, call, "call", code=code, function=offered.identity)
    if consent.refused:
        return Reply(f"The function was not called: {consent.refused}", success=False)
    work = context.call(bound, silent=False, show=lambda value: {"text/plain": result_text(value)})
    outcome = await context.run(live, work, limit=LIMIT)
    return Reply(
        call_report(outcome, context.state.figures),
        success=outcome.ending.kind == "ok",
        sent=[f"{offered.name}'s result"],
    )
