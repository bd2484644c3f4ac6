"""``/undo``: takes back what the newest turns of a conversation did to cells and files, and has it go on before them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from codex_jupyter import agent_code
from codex_jupyter.core.titles import count, one_line, short_path
from codex_jupyter.errors import OptionError, UserError
from codex_jupyter.notebook import kernel_internals
from codex_jupyter.notebook.command import Caller, TypedCommand, command
from codex_jupyter.notebook.document.cells import ALL, read_excerpt
from codex_jupyter.notebook.document.inverse import CellEdit, conflicts
from codex_jupyter.notebook.frontend import kind_of
from codex_jupyter.notebook.notice import made_of, show
from codex_jupyter.session import archive, undoing
from codex_jupyter.settings import Options

if TYPE_CHECKING:
    from codex_jupyter.core.document import Document
    from codex_jupyter.notebook.document.channel import DocumentChannel
    from codex_jupyter.session.edits import Edits, FileEdit
    from codex_jupyter.session.session import Session

#: Turns that one command takes back.
MOST = 20
NOTHING = "Nothing was taken back."
BY_HAND = "The notebook's own undo (Ctrl+Z beside the cells) goes back step by step."


@command(
    "undo",
    group="Turns",
    help="take back what turns did to cells and files",
    takes="[N]",
)
def undo(caller: Caller, typed: TypedCommand, options: Options) -> None:
    """Take back what the newest turn, or the newest N, changed of cells and files: all of it, or nothing."""
    agent_code.refuse("take back changes")
    session, name = caller.session(), options.thread or "main"
    wanted = _number(typed.args.strip())
    thread = session.thread(name)
    if thread.line.turns:
        raise UserError(
            f"A turn of this conversation is running. {NOTHING}", "%codex /stop ends it."
        )
    edits = session.engine.edits.newest(thread, wanted)
    if len(edits) < wanted:
        known = f"only {count(len(edits), 'turn')}" if edits else "no turn"
        raise UserError(f"This kernel knows {known} of this conversation. {NOTHING}")
    cells: list[CellEdit] = [cell for one in edits for cell in one.cells]
    files = [file for one in edits for file in one.files]
    if not cells:
        taken = session.engine.call(_take_back_files(files))
        show(**_outcome(session, name, edits, cells, taken))
        return
    if kind_of(caller.shell) != "page":
        raise UserError(
            f"These turns changed cells, and no page of the notebook is here. {NOTHING}",
            "Open it in JupyterLab or Notebook 7.",
        )
    from codex_jupyter.notebook.panel.document_panel import DocumentPanel

    panel = DocumentPanel(caller.shell, session.engine, "Taking back")
    own = kernel_internals.cell_id(kernel_internals.kernel_of(caller.shell))

    async def work() -> Callable[[], Document]:
        taken = await _take_back(panel.document, cells, files, own)
        return lambda: made_of(**_outcome(session, name, edits, cells, taken))

    panel.run(work())


def _number(typed: str) -> int:
    if not typed:
        return 1
    if not typed.isascii() or not typed.isdecimal() or not 0 < int(typed[:6]) <= MOST:
        raise OptionError(
            f"/undo takes a number of turns, 1 to {MOST}. {NOTHING}", "%codex /undo 2"
        )
    return int(typed)


def _refused(conflicts: Sequence[str]) -> UserError:
    """Why nothing was taken back, each cell and file."""
    shown = "\n".join(f"- {line}" for line in conflicts[:20])
    more = f"\n- and {len(conflicts) - 20} more" if len(conflicts) > 20 else ""
    return UserError(
        f"{NOTHING} What is not as Codex left it:\n{shown}{more}",
        BY_HAND,
    )


async def _take_back_files(files: Sequence[FileEdit]) -> list[str]:
    """Take back the files, and name them.

    Raises:
        UserError: a file is not as it was left.
    """
    plan = await asyncio.to_thread(undoing.plan, files)
    if plan.conflicts:
        raise _refused(plan.conflicts)
    await asyncio.to_thread(undoing.carry_out, plan.steps)
    return [step.path for step in plan.steps]


async def _take_back(
    document: DocumentChannel, cells: Sequence[CellEdit], files: Sequence[FileEdit], own: str
) -> list[str]:
    """Take back cells and files, the cells first: those the page may refuse. Returns the files."""
    notebook = read_excerpt(await document.ask(ALL))
    found = conflicts(cells, notebook.cells)
    others = {cell.notebook for cell in cells} - {notebook.path}
    found += [f"cells of another notebook, {path}" for path in sorted(others)]
    found += (await asyncio.to_thread(undoing.plan, files)).conflicts
    if found:
        raise _refused(found)
    for number, edit in enumerate(reversed(cells)):
        told = await document.ask({"kind": "change", "changes": list(edit.back), "kept": own})
        if told.get("refused"):
            if not number:
                raise _refused(["a cell was changed at this moment, or runs"])
            raise UserError(
                "Only a part of the cells was taken back: one was changed at this moment, or runs.",
                BY_HAND,
            )
    return await _take_back_files(files)


def _outcome(
    session: Session,
    name: str,
    edits: Sequence[Edits],
    cells: Sequence[CellEdit],
    files: Sequence[str],
) -> dict[str, Any]:
    """Have the conversation step back, and say what was taken back and what not; what ``notice.show`` takes."""
    stepped = archive.step_back(session, name, [one.turn_id for one in edits if one.turn_id])
    home = os.path.expanduser("~")
    rows = [("turns", "\n".join(one_line(one.prompt, 80) for one in edits))]
    names = list(dict.fromkeys(each for cell in cells for each in cell.names))
    if names:
        rows.append(("cells", ", ".join(names)))
    if files:
        rows.append(("files", "\n".join(short_path(path, "", home) for path in files)))
    rows.append(("conversation", stepped))
    stays = [*dict.fromkeys(text for cell in cells for text in cell.lost)]
    if commands := sum(one.commands for one in edits):
        stays.append(f"what {count(commands, 'command')} did")
    if runs := sum(one.runs for one in edits):
        stays.append(f"what code in the kernel did (run {count(runs, 'time')}), and its variables")
    if stays:
        rows.append(("stays", "\n".join(stays)))
    what = [
        count(len(names), "cell") if names else "",
        count(len(files), "file") if files else "",
    ]
    changed = " and ".join(filter(None, what))
    of = "the newest turn" if len(edits) == 1 else f"the newest {len(edits)} turns"
    title = (
        f"Took back what {of} changed: {changed}."
        if changed
        else f"{of[:1].upper()}{of[1:]} had changed no cell and no file."
    )
    return {"title": title, "rows": rows, "glyph": "ok", "offline": session.engine.offline}
