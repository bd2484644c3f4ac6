"""``run_cells``: cells of the open notebook are run where they stand, in order, up to the first that fails."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from codex_jupyter.core.requests import ToolCall
from codex_jupyter.core.runs import Run
from codex_jupyter.core.titles import count
from codex_jupyter.errors import UserError
from codex_jupyter.notebook.document.cells import DocumentCell, read_excerpt
from codex_jupyter.notebook.document.changes import KIND_WORDS, READ_AGAIN, named
from codex_jupyter.notebook.document.channel import ELSEWHERE, NO_PAGE
from codex_jupyter.notebook.workbench.cell_feed import CellFeed, CellRecord
from codex_jupyter.notebook.workbench.cell_source import names_ours
from codex_jupyter.notebook.workbench.clean_cut import clean_bounded
from codex_jupyter.notebook.workbench.consent import ask, may_look
from codex_jupyter.notebook.workbench.document_tools import OURS, READ_CELLS, not_made
from codex_jupyter.notebook.workbench.report import ROOM, run_of, run_report
from codex_jupyter.notebook.workbench.running_tools import limit_of
from codex_jupyter.notebook.workbench.tool_context import Reply, ToolContext

if TYPE_CHECKING:
    from codex_jupyter.notebook.workbench.job import Outcome
    from codex_jupyter.session.live import LiveTurn

#: Cells of one call.
MOST = 50
NOT_RUN = "Nothing was run."


async def run_cells(
    context: ToolContext,
    live: LiveTurn,
    call: ToolCall,
    given: dict[str, Any],
    late: Callable[[Run], None],
) -> Reply:
    """Run cells where they stand; ``Reply.run`` is that of the last one that began.

    ``late`` is told what became of a cell where the turn ended first.
    """
    await may_look(context.engine, live, call)
    asked = read_asked(given.get("cells"))
    document = live.document
    if document is None:
        raise UserError(NO_PAGE, ELSEWHERE)
    own = context.own_cell(live)
    question = {"kind": "read", "ids": list(asked), "brief": True}
    notebook = read_excerpt(await document.ask(question))
    try:
        cells = to_run(asked, notebook.cells, own)
    except UserError as error:  # which may tell what a cell is now
        return Reply(str(error), success=False, sent=[READ_CELLS])
    ours = any(names_ours(cell.source, context.shell.user_ns) for cell in cells)
    consent = await ask(
        context.engine,
        live,
        call,
        "run",
        code=shown(cells),
        notebook=notebook.path,
        always=OURS if ours else "",
    )
    if consent.refused:
        return Reply(f"Nothing was run: {consent.refused}", success=False)
    limit = limit_of(given.get("timeout"))
    parts: list[str] = []
    sent: list[str] = []
    done = Reply("")
    for number, cell in enumerate(cells, 1):
        feed = CellFeed(document, cell.id, cell.source, own)
        told = await feed.begin()
        if told.get("refused"):
            parts.append(not_made("It was not run.", told["refused"]))
            sent.append(READ_CELLS)
            done = Reply("", success=False, run=done.run)
            break
        done = await _run(context, live, cell, feed, limit, late)
        parts.append(f"{named(cell)} (id {cell.id}): {done.text}")
        sent += [each for each in done.sent if each not in sent]
        if not done.success:
            if left := len(cells) - number:
                parts.append(f"The {count(left, 'cell')} after it did not run.")
            break
    return Reply(clean_bounded("\n\n".join(parts), 2 * ROOM), done.success, sent, done.run)


async def _run(
    context: ToolContext,
    live: LiveTurn,
    cell: DocumentCell,
    feed: CellFeed,
    limit: float,
    late: Callable[[Run], None],
) -> Reply:
    work = context.cell(cell.source, CellRecord(feed))
    over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def ended_late(outcome: Outcome) -> None:
        late(run_of(outcome))
        over.set_result(None)

    async def end_late() -> None:
        await over
        await feed.end(work.number)

    try:
        outcome = await context.run(live, work, limit=limit, late=ended_late)
    except (
        asyncio.CancelledError
    ):  # its turn ends; what the code says to that is the cell's as well
        context.ends_with(live, asyncio.ensure_future(end_late()))
        raise
    await feed.end(work.number)
    reply = run_report(outcome, context.state.figures)
    if feed.lost:
        reply.text += f"\n(What it put out is not in the cell: {feed.lost})"
    return reply


def shown(cells: Sequence[DocumentCell]) -> str:
    """What a person is shown of the cells: each whole, under its name.

    Example:
        >>> shown([DocumentCell(0, "a", "code", "x = 1", 3)])
        '# cell [3]\\nx = 1'
    """
    return "\n\n".join(f"# {named(cell)}\n{cell.source}" for cell in cells)


def read_asked(given: object) -> dict[str, str]:
    """The cells of a call, in order: by its id each, the hash of the source that is to run.

    Args:
        given: ``cells`` of ``run_cells``.

    Raises:
        UserError: they are none; the text says which one, and what is wrong with it.

    Example:
        >>> read_asked([{"id": "a", "hash": "72fce594"}])
        {'a': '72fce594'}
    """
    if type(given) is not list or not given:
        raise UserError("`cells` has to be a list of cells, each with its id and hash.")
    if len(given) > MOST:
        raise UserError(f"At most {MOST} cells in one call.")
    asked: dict[str, str] = {}
    for number, one in enumerate(given, 1):
        cell_id, source = (one.get("id"), one.get("hash")) if isinstance(one, dict) else ("", "")
        if not (isinstance(cell_id, str) and cell_id and isinstance(source, str) and source):
            raise UserError(f"Cell {number}: `id` and `hash` have to be texts. {NOT_RUN}")
        if cell_id in asked:
            raise UserError(f"Cell {number}: the cell {cell_id} is there twice. {NOT_RUN}")
        asked[cell_id] = source
    return asked


def to_run(asked: dict[str, str], there: Sequence[DocumentCell], own: str) -> list[DocumentCell]:
    """The cells, in the order of the call.

    Args:
        asked: see ``read_asked``.
        there: those of them that the notebook has.
        own: the cell that runs the turn.

    Raises:
        UserError: one is not there, is another one by now, or is nothing that runs.
    """
    by_id = {cell.id: cell for cell in there}
    if missing := [one for one in asked if one not in by_id]:
        names = ", ".join(missing[:5])
        raise UserError(f"The notebook has no cell {names}. {NOT_RUN}", READ_AGAIN)
    cells = [by_id[one] for one in asked]
    for cell in cells:
        if cell.id == own:
            raise UserError(f"That cell runs this turn, so it cannot run in it. {NOT_RUN}")
        if cell.kind != "code" or cell.left_out:
            why = "is too long" if cell.left_out else f"is {KIND_WORDS[cell.kind]}, no code"
            raise UserError(f"The cell {cell.id} {why}. {NOT_RUN}")
        if cell.hash != asked[cell.id]:
            raise UserError(
                f"The cell {cell.id} is another one by now (hash {cell.hash}). {NOT_RUN} It reads:\n{cell.source}",
                "Run it with this hash if that is what should run.",
            )
    return cells
