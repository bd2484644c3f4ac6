"""The workbench's tools as the runtime and the model see them: names, descriptions, schemas. Data only.

A thread's tools are frozen when it starts, so all are registered always; what a call may do is decided when it comes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NAMESPACE = "notebook"

#: Seconds that code may run unless the model asks for more, and at most.
LIMIT, LONGEST = 120, 3_600

INSTRUCTIONS = """\
You work inside a Jupyter notebook, next to the person who runs it. Their data is in the memory of the notebook's live \
Python kernel: variables, DataFrames, trained models, figures, the outputs of cells. It is not in files, and not in the \
shell that exec_command gives you: a python3 started there sees none of it.

The tools of the namespace `notebook` work on the live kernel; in code mode they are `await tools.notebook__NAME({...})`:
- list_variables, inspect_variable and read_cells look without running anything. When a prompt mentions data, results, a \
plot or an error, look first, and quote real values; never guess them.
- read_notebook reads the notebook that is open in the browser: every cell in order, Markdown and cells that never ran \
included, with what came out of them. Read it when the user speaks of "this notebook", "the cell above", its text or its \
structure, or before you propose cells that should fit in.
- edit_cells changes cells of that open notebook: their source, new ones, where they stand. Use it to correct, tidy or \
document the cells that are there; it runs nothing. Each change names the hash from read_notebook, and the user may be shown \
the changes first.
- run_cells runs cells of that open notebook where they stand, by id and hash, and their outputs go into those cells. Use it \
to check cells that you changed.
- run_python runs code in that kernel, in the user's namespace; its output appears in the notebook as it comes. Prefer it \
to scripts in the shell for anything that touches the user's data. Variables it makes stay, so do not clobber theirs: \
they can see what changed. It may need the user's consent; if they decline, go on without it.
- propose_cells puts code into new cells below for the user to read and run. Use it when the user asks for code to keep, \
and for a corrected cell. You are told later when they ran and what came out.
- Figures come as files: open them with view_image before you say what they show.

Never edit the notebook's own .ipynb file on disk. The open notebook lives in the browser with changes that are not on \
disk; writing the file would be overwritten at the next save or lose the user's work, and mangles its JSON. Use \
propose_cells instead. Other files are fine.

Values marked [hidden] look like secrets. Use them by their variable's name; never print or ask for them.\
"""


def _tool(
    name: str, description: str, properties: Mapping[str, Any], required: tuple[str, ...] = ()
) -> dict[str, Any]:
    return {
        "type": "function",
        "name": name,
        "description": " ".join(description.split()),
        "inputSchema": {
            "type": "object",
            "properties": dict(properties),
            "required": list(required),
            "additionalProperties": False,
        },
    }


TOOLS: tuple[dict[str, Any], ...] = (
    _tool(
        "list_variables",
        """List the variables in the user's live notebook kernel: name, type, shape, memory size and a short preview of
        each. Runs no code and changes nothing. Call it first whenever the user speaks of their data, a DataFrame, a
        model or a variable, to learn what exists and what it is called.""",
        {
            "match": {
                "type": "string",
                "description": "Only names that contain this text, or fit this pattern (such as df*). Leave out for all.",
            }
        },
    ),
    _tool(
        "inspect_variable",
        """Look closely at one variable of the live kernel: for a table its columns, types, first rows and statistics of
        a sample; for an array its shape and range; for a function or class its signature, docstring and source; for a
        figure or an image a file to open with view_image; for other objects their attributes and, with the user's
        consent, their own representation. Use it before you write code about a variable.""",
        {
            "name": {
                "type": "string",
                "description": "A variable, with attributes and constant indexes if need be: df, df['price'], config['paths'][0], model.coef_",
            },
            "attributes_only": {
                "type": "boolean",
                "description": "true: never run the object's own code, so that the user is not asked. Default false.",
            },
        },
        ("name",),
    ),
    _tool(
        "read_cells",
        """Read cells that ran in the user's notebook, with their code and their real outputs: printed text, values,
        tracebacks, and figures as files to open with view_image. Use it when the user mentions an error, an output, a
        plot, or "the cell above". Runs no code.""",
        {
            "numbers": {
                "type": "array",
                "items": {"type": "integer"},
                "description": "Execution numbers, as in In [7]. Leave out for the most recent cells.",
            },
            "last": {
                "type": "integer",
                "description": "How many recent cells, 1 to 20. Default 5.",
            },
        },
    ),
    _tool(
        "read_notebook",
        """Read the notebook that the user has open: its cells in order, code, Markdown and raw, also those that never ran,
        with short outputs, errors, and figures as files to open with view_image. The first line of each cell holds its
        index, id, kind, execution number and a hash of its source; it says where a cell was edited since it ran. Long
        notebooks come in parts. Runs no code and changes nothing. Not every front end lets it be read; then use
        read_cells.""",
        {
            "ids": {
                "type": "array",
                "items": {"type": "string"},
                "description": "Only these cells, with more of a long source. Leave out for all.",
            },
            "from": {"type": "integer", "description": "Index of the first cell. Default 0."},
            "count": {
                "type": "integer",
                "description": "How many cells. Default and most: 50.",
            },
        },
    ),
    _tool(
        "edit_cells",
        """Change cells of the notebook that the user has open: replace a source, insert code or Markdown, delete, move. All
        changes of a call are one step that the user can undo, and all are made or none. `hash` is the one that
        read_notebook gave for the cell: where the user changed it meanwhile, nothing is changed and you are told what it
        is now. Nothing runs. The user may be asked first, and sees each change as a diff.""",
        {
            "changes": {
                "type": "array",
                "description": "In order. Several inserts behind the same cell stand in this order.",
                "items": {
                    "type": "object",
                    "properties": {
                        "op": {"type": "string", "enum": ["replace", "insert", "delete", "move"]},
                        "id": {"type": "string", "description": "The cell; not for insert."},
                        "hash": {"type": "string", "description": "For replace and delete."},
                        "after": {
                            "type": ["string", "null"],
                            "description": "For insert and move: the id of the cell before it, null for the top.",
                        },
                        "kind": {
                            "type": "string",
                            "enum": ["code", "markdown"],
                            "description": "For insert.",
                        },
                        "source": {
                            "type": "string",
                            "description": "For replace and insert: all of it.",
                        },
                    },
                    "required": ["op"],
                    "additionalProperties": False,
                },
            },
            "why": {
                "type": "string",
                "description": "A line for the user: what the changes are for.",
            },
        },
        ("changes",),
    ),
    _tool(
        "run_python",
        """Run Python in the user's live notebook kernel and get back what it printed, the value of its last expression,
        tracebacks, figures (as files to open with view_image) and which variables changed. It runs like a cell: the
        user's variables and imports are there, magics (%time), shell lines (!ls), display(), matplotlib and top-level
        await work. The output is also shown to the user. Use it to compute on the user's data instead of starting
        python in a shell, which has none of it. The user may be asked for consent first.""",
        {
            "code": {"type": "string", "description": "The code, as it would stand in a cell."},
            "timeout": {
                "type": "number",
                "description": f"Seconds after which the code is interrupted. Default {LIMIT}, at most {LONGEST}.",
            },
        },
        ("code",),
    ),
    _tool(
        "run_cells",
        """Run code cells of the notebook that the user has open, where they stand: in order, up to the first that fails.
        Their outputs, figures, errors and numbers appear in those cells and are saved with them, as if the user had run
        them; you get back what came out. Use it after edit_cells to see whether the change works, and when the user wants
        cells run; for a computation of your own use run_python. The user may be asked for consent first.""",
        {
            "cells": {
                "type": "array",
                "description": "In the order in which they run; ids and hashes from read_notebook or edit_cells.",
                "items": {
                    "type": "object",
                    "properties": {
                        "id": {"type": "string"},
                        "hash": {
                            "type": "string",
                            "description": "Of the source that is to run: another one does not.",
                        },
                    },
                    "required": ["id", "hash"],
                    "additionalProperties": False,
                },
            },
            "timeout": {
                "type": "number",
                "description": f"Seconds after which each is interrupted. Default {LIMIT}, at most {LONGEST}.",
            },
        },
        ("cells",),
    ),
    _tool(
        "propose_cells",
        """Put new code cells below the current one in the user's notebook, for the user to read, change and run
        themselves; nothing runs now. Use it when the user wants code in their notebook or a corrected version of a
        cell, instead of editing the .ipynb file. You are told later which of them ran and what came out.""",
        {
            "cells": {
                "type": "array",
                "items": {"type": "string"},
                "description": "The code of each cell, in order. 1 to 10 cells.",
            }
        },
        ("cells",),
    ),
)

NAMES: tuple[str, ...] = tuple(tool["name"] for tool in TOOLS)


def dynamic_tools(offered: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """``dynamicTools`` for ``thread/start``: our tools, and functions that the user offers, in one namespace."""
    return [
        {
            "type": "namespace",
            "name": NAMESPACE,
            "description": "The live kernel of the Jupyter notebook that the user works in: its variables, cells and figures.",
            "tools": [*TOOLS, *offered],
        }
    ]
