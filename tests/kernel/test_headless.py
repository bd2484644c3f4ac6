"""Notebooks run by programs: nbclient, papermill and nbconvert each save a readable output and no widget state."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest

from codex_jupyter import offline
from codex_jupyter.offline import Rule, Script, run, say, wait
from tests.environments import clean_environ

CELLS = (
    "%load_ext codex_jupyter",
    "import codex_jupyter as cj\ncj.offline.write_project('churn').name",
    "%%codex -s workspace-write -C churn\nFix the failing check.",
)
MODULES: dict[str, Callable[[Path, Path], list[str]]] = {
    "nbclient": lambda source, out: ["jupyter", "execute", str(source), f"--output={out.stem}"],
    "papermill": lambda source, out: ["papermill", str(source), str(out), "--log-output"],
    "nbconvert": lambda source, out: [
        *("nbconvert", "--to", "notebook", "--execute", str(source), "--output", out.stem)
    ],
}


def executed(command: list[str], out: Path, environ: dict[str, str]) -> dict[str, Any]:
    """The notebook that a runner saved."""
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=out.parent,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(out.read_text())


@pytest.mark.parametrize("runner", MODULES)
def test_a_runner_saves_what_was_done(
    runner: str, scratch: Path, model: offline.Offline, tmp_path: Path
) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in CELLS])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "x", "language": "python"}
    source, out = tmp_path / "job.ipynb", tmp_path / "done.ipynb"
    nbformat.write(notebook, source)
    saved = executed(MODULES[runner](source, out), out, clean_environ(scratch, model.env))
    (output,) = saved["cells"][2]["outputs"]
    assert set(output["data"]) == {"text/html", "text/markdown", "text/plain"}
    assert "Fixed: the dates were naive." in "".join(output["data"]["text/plain"])
    assert "widgets" not in saved["metadata"]
    assert "timezone.utc" in (tmp_path / "churn" / "load.py").read_text()


#: How a turn is started and waited for in a program, each a list of cells; its output is to stand in the first one.
WAYS = (
    ["%codex touch"],
    ["turn = %codex -b touch", "turn.result();"],
    ["turn = cj.session().start('touch')\nturn.result();"],
    ["turn = cj.session().start('touch')\nawait turn;"],
    ["turn = %codex -b touch", "await turn;"],
    ["turn = %codex -b touch", "import asyncio\nawait asyncio.to_thread(turn.result);"],
    ["turn = %codex -b touch", "while not turn.done:\n    time.sleep(0.05)"],
)
UNFINISHED = "turn = %codex -b wait"


def test_a_turn_in_the_background_leaves_what_a_waiting_cell_leaves(
    scratch: Path, model: offline.Offline, tmp_path: Path
) -> None:
    asks = run("touch made", escalate=True, justification="I want to")
    model.server.script = Script.of(
        Rule("ask", [[asks], [say("Done.", phase="final_answer")]], when={"contains": "touch"}, repeat=True),
        Rule("wait", [[wait("never")]]),
    )  # fmt: skip
    first = "%load_ext codex_jupyter\nimport codex_jupyter as cj, time"
    reset = "%codex /new"
    codes = [first, *(code for way in WAYS for code in (reset, *way)), reset, UNFINISHED]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code) for code in codes])
    source, out = tmp_path / "job.ipynb", tmp_path / "done.ipynb"
    nbformat.write(notebook, source)
    cells = executed(MODULES["nbclient"](source, out), out, clean_environ(scratch, model.env))[
        "cells"
    ]
    told = {"".join(cell["source"]): plain_texts(cell) for cell in cells}
    (expected,) = told[WAYS[0][0]]
    assert "Declined by policy" in expected and "I want to" in expected and "Done." in expected
    at = 1
    for way in WAYS:
        texts = [plain_texts(cell) for cell in cells[at + 1 : at + 1 + len(way)]]
        assert texts == [[expected], *([] for _ in way[1:])], way
        at += 1 + len(way)
    assert [text.splitlines()[-2:] for text in plain_texts(cells[-1])] == [
        ["· still going on when this was saved", "  What came after that is not in this file."]
    ]


def plain_texts(cell: dict[str, Any]) -> list[str]:
    """What a cell shows, as text, without what differs between two turns: times and sums of tokens."""
    texts = ["".join(output["data"]["text/plain"]) for output in cell["outputs"]]
    return [
        re.sub(
            r"[\d.]+ s\b|[\d.]+k tokens.*|\d\d:\d\d(:\d\d)?|  Sent to the model: .*", "", text
        ).rstrip()
        for text in texts
    ]
