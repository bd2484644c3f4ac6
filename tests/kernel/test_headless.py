"""Notebooks run by programs: nbclient, papermill and nbconvert each save a readable output and no widget state."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest

from codex_jupyter import offline
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


@pytest.mark.parametrize("runner", MODULES)
def test_a_runner_saves_what_was_done(
    runner: str, scratch: Path, model: offline.Offline, tmp_path: Path
) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in CELLS])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "x", "language": "python"}
    source, out = tmp_path / "job.ipynb", tmp_path / "done.ipynb"
    nbformat.write(notebook, source)
    environ = clean_environ(scratch, model.env)
    done = subprocess.run(
        [sys.executable, "-m", *MODULES[runner](source, out)],
        cwd=tmp_path,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr

    saved: dict[str, Any] = json.loads(out.read_text())
    (output,) = saved["cells"][2]["outputs"]
    assert set(output["data"]) == {"text/html", "text/markdown", "text/plain"}
    assert "Fixed: the dates were naive." in "".join(output["data"]["text/plain"])
    assert "widgets" not in saved["metadata"]
    assert "timezone.utc" in (tmp_path / "churn" / "load.py").read_text()
