"""The tools of the open notebook: ``read_notebook`` and ``edit_cells``. What runs and what ran is for the other tools."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from codex_jupyter.core.requests import ToolCall
from codex_jupyter.errors import UserError
from codex_jupyter.notebook.document.cells import (
    ALL,
    DocumentCell,
    Excerpt,
    hash_of,
    read_excerpt,
)
from codex_jupyter.notebook.document.changes import (
    NOTHING,
    READ_AGAIN,
    Delete,
    Insert,
    Move,
    Planned,
    Replace,
    drawn,
    plan,
    read_changes,
    sent,
)
from codex_jupyter.notebook.document.channel import ELSEWHERE, NO_PAGE
from codex_jupyter.notebook.document.inverse import inverse
from codex_jupyter.notebook.workbench.cell_source import is_ours, names_ours
from codex_jupyter.notebook.workbench.cells import Reading, record_text
from codex_jupyter.notebook.workbench.clean_cut import clean_bounded
from codex_jupyter.notebook.workbench.consent import ask, may_look
from codex_jupyter.notebook.workbench.record import Record, plain
from codex_jupyter.notebook.workbench.tool_context import Reply, ToolContext, in_time, text_of

if TYPE_CHECKING:
    from codex_jupyter.notebook.workbench.figures import Figures
    from codex_jupyter.session.live import LiveTurn

#: Cells of one reply; characters of one source, of one that was asked for by its id, of the outputs of one cell, of the reply.
MOST, SOURCE, ONE_SOURCE, OUTPUTS, ROOM = 50, 4_000, 40_000, 4_000, 40_000


async def read_notebook(
    context: ToolContext, live: LiveTurn, call: ToolCall, given: dict[str, Any]
) -> Reply:
    """The cells of the notebook that shows the turn, in order."""
    await may_look(context.engine, live, call)
    if live.document is None:
        raise UserError(NO_PAGE, ELSEWHERE)
    question = _question(given)
    excerpt = read_excerpt(await live.document.ask(question))
    if missing := set(question.get("ids", ())) - {cell.id for cell in excerpt.cells}:
        raise UserError(
            f"The notebook has no cell {', '.join(sorted(missing)[:5])}.",
            "read_notebook without ids lists the cells that it has.",
        )
    history = context.shell.history_manager.input_hist_raw
    ran = tuple(history) if type(history) is list else ()
    whole = "ids" in question

    def look() -> Reply:
        return _reply(excerpt, ran, context.state.figures, ONE_SOURCE if whole else SOURCE)

    return await in_time(look)


#: What is sent where changes do not fit the cells as they are.
READ_CELLS = "cells of the open notebook"
#: Why a person is asked about a cell whatever was allowed before.
OURS = "a cell could start Codex, or change what it may do"


async def edit_cells(
    context: ToolContext, live: LiveTurn, call: ToolCall, given: dict[str, Any]
) -> Reply:
    """Changes of cells: shown, consented to, and made all or none."""
    await may_look(context.engine, live, call)  # what a change does not fit is told
    changes = read_changes(given.get("changes"))
    document = live.document
    if document is None:
        raise UserError(NO_PAGE, ELSEWHERE)
    notebook = read_excerpt(await document.ask(ALL))
    try:
        planned = plan(notebook.cells, changes)
    except UserError as error:  # which may tell what a cell is now
        return Reply(str(error), success=False, sent=[READ_CELLS])
    ours = any(names_ours(source, context.shell.user_ns) for source in new_sources(planned))
    patch = drawn(planned, notebook.cells)
    consent = await ask(
        context.engine,
        live,
        call,
        "edit",
        changes=patch,
        notebook=notebook.path,
        always=OURS if ours else "",
        reason=text_of(given, "why"),
    )
    if consent.refused:
        raise UserError(f"Nothing was changed: {consent.refused}")
    left = [change.path for number, change in enumerate(patch) if number not in consent.chosen]
    planned = tuple(planned[number] for number in consent.chosen)
    patch = tuple(patch[number] for number in consent.chosen)
    wanted = [sent(one) for one in planned]
    own = context.own_cell(live)
    told = await document.ask({"kind": "change", "changes": wanted, "kept": own})
    if told.get("refused"):
        return Reply(not_made(NOTHING, told["refused"]), success=False, sent=[READ_CELLS])
    new = [str(one) for one in told.get("made") or ()]
    names, stood = [change.path for change in patch], told.get("stood") or []
    way_back = inverse(notebook.path, planned, names, new, stood)
    context.engine.edits.of(live).cells.append(way_back)
    text = made(planned, new)
    if left:
        text += f"\nThe user declined the rest, which is not made: {', '.join(left)}."
    return Reply(text, changes=patch)


def new_sources(planned: Sequence[Planned]) -> list[str]:
    """What a call writes into cells, and moves to where it may run sooner."""
    changes = (one.change for one in planned)
    written = [each.source for each in changes if isinstance(each, Replace | Insert)]
    return written + [
        one.cell.source for one in planned if isinstance(one.change, Move) and one.cell is not None
    ]


_WHY = {
    "changed": "is another one by now",
    "gone": "is not there any more",
    "runs": "runs, so it stays where it is",
}


def not_made(outcome: str, refused: Any) -> str:
    """What the model is told where the page refused, which it does by cells: what did not happen, and why."""
    lines = [outcome]
    for one in refused if isinstance(refused, list) else []:
        if isinstance(one, dict):
            lines.append(
                f"The cell {one.get('id')} {_WHY.get(str(one.get('why')), 'cannot be changed')}."
            )
            if type(one.get("source")) is str:
                lines.append(f"It reads (hash {hash_of(one['source'])}):\n{one['source']}")
    return "\n".join([*lines, READ_AGAIN])


def made(planned: Sequence[Planned], ids: Any) -> str:
    """What the model is told of changes that were made, with the ids and hashes that later ones need."""
    new = iter(ids if isinstance(ids, list) else [])
    lines = ["Changed. Nothing ran; the user can undo it."]
    for one in planned:
        match one.change:
            case Replace(id=cell_id, source=source):
                lines.append(f"replaced: id {cell_id} | hash {hash_of(source)}")
            case Insert(source=source):
                lines.append(f"inserted: id {next(new, '?')} | hash {hash_of(source)}")
            case Delete(id=cell_id):
                lines.append(f"deleted: id {cell_id}")
            case Move(id=cell_id):
                lines.append(f"moved: id {cell_id}")
    return "\n".join(lines)


def _question(given: dict[str, Any]) -> dict[str, Any]:
    """What a page is asked. Raises ``UserError``: the arguments are none."""
    ids, start, count = given.get("ids"), given.get("from"), given.get("count")
    if ids is not None:
        if type(ids) is not list or not ids or not all(type(one) is str for one in ids):
            raise UserError("`ids` has to be a list of ids of cells.")
        return {"kind": "read", "ids": ids[:MOST]}
    for name, value in (("from", start), ("count", count)):
        if value is not None and (type(value) is not int or value < 0):
            raise UserError(f"`{name}` has to be a number, 0 or more.")
    return {"kind": "read", "from": start or 0, "count": min(count or MOST, MOST)}


def _reply(excerpt: Excerpt, ran: tuple[str, ...], figures: Figures, room: int) -> Reply:
    head = f"{excerpt.path}: {excerpt.total} cell{'' if excerpt.total == 1 else 's'}"
    if excerpt.active >= 0:
        head += f"; the user is at cell {excerpt.active}"
    if len(excerpt.selected) > 1:
        head += f", with cells {', '.join(map(str, excerpt.selected[:50]))} selected"
    parts, length, reading = [head + "."], 0, Reading("")
    shown = 0
    for cell in excerpt.cells:
        text = cell_text(cell, ran, figures, reading, room)
        if shown and length + len(text) > ROOM:
            break
        parts.append(text)
        length += len(text)
        shown += 1
    following = excerpt.cells[shown - 1].index + 1 if shown else excerpt.total
    if shown < len(excerpt.cells):
        parts.append(f"(More was asked for than fits: go on with from={following}.)")
    elif shown and following < excerpt.total:
        parts.append(f"(Go on with from={following}.)")
    sent = [f"{shown} cell{'' if shown == 1 else 's'} of the open notebook"] if shown else []
    return Reply("\n\n".join(parts), sent=sent)


def cell_text(
    cell: DocumentCell, ran: tuple[str, ...], figures: Figures, reading: Reading, room: int
) -> str:
    """One cell: a line that names it, its source, what came out of it.

    Args:
        cell: the cell.
        ran: ``In`` as it was typed: what ran in this kernel, by execution number.
        figures: where images go.
        reading: counts them.
        room: characters of the source.
    """
    facts = [f"cell {cell.index}", f"id {cell.id}", cell.kind]
    if cell.kind == "code":
        facts.append(f"[{cell.count}]" if cell.count else "[ ]")
    facts.append(f"hash {cell.hash}" if cell.hash else "too long for a hash")
    if cell.count and not is_same(cell, ran):
        facts.append("edited since it ran, or ran in an earlier kernel")
    lines = [" | ".join(facts), clean_bounded(cell.source.rstrip(), room) or "(empty)"]
    if cell.left_out:
        lines.append(f"({cell.left_out:,} more characters)")
    if cell.outputs and is_ours(cell.source):
        lines.append("(a turn of Codex; what it showed is left out)")
    elif cell.outputs:
        record = record_of(cell)
        told = record_text(record, figures, reading, stem=f"cell-{cell.index}")
        lines.append(clean_bounded(told, OUTPUTS))
    return "\n".join(lines)


def is_same(cell: DocumentCell, ran: tuple[str, ...]) -> bool:
    """Whether what ran in this kernel under the cell's number is its source."""
    return 0 < cell.count < len(ran) and ran[cell.count].rstrip() == cell.source.rstrip()


def record_of(cell: DocumentCell) -> Record:
    """The outputs of a cell of a file, as those of one that ran."""
    record = Record(silent=True)
    for output in cell.outputs:
        data = output.get("data")
        match output.get("output_type"):
            case "stream":
                name = "stderr" if output.get("name") == "stderr" else "stdout"
                record.write(name, plain(_joined(output.get("text"))))
            case "error":
                trace = output.get("traceback")
                said = f"{output.get('ename')}: {output.get('evalue')}"
                record.fail(
                    "\n".join(map(str, trace)) if isinstance(trace, list) and trace else said
                )
            case "execute_result" | "display_data" if isinstance(data, dict):
                kind = "result" if output["output_type"] == "execute_result" else "display"
                texts = {mime: _joined(told) for mime, told in data.items()}
                record.show(texts, kind)
    return record


def _joined(text: Any) -> str:
    """A text of a file, which may be a list of lines."""
    return "".join(map(str, text)) if isinstance(text, list) else str(text or "")
