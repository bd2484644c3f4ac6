"""Executes the quickstart on the real runtime with the offline model, and prints what a reader would see.

The notebook runs as a copy in build/demo, so that what Codex changes there changes nothing in the
repository. The executed copy and its HTML stay for a look.
"""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbconvert import HTMLExporter
from nbconvert.filters import strip_ansi
from nbformat import NotebookNode
from offline_environment import ROOT, offline_environment

NOTEBOOK = ROOT / "notebooks" / "01_quickstart.ipynb"
FOLDER = ROOT / "build" / "demo"


def plain(output: NotebookNode) -> str:
    """One output as text, the way a terminal or a diff shows it."""
    if output.output_type == "stream":
        return output.text
    if output.output_type == "error":
        return strip_ansi("\n".join(output.traceback))
    return output.data.get("text/plain", f"[{', '.join(output.data)}]")


def transcript(notebook: NotebookNode) -> str:
    """The notebook as text: prose, input, output."""
    parts = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            parts.append(cell.source)
        elif cell.cell_type == "code" and cell.source.strip():
            label = f"In [{cell.execution_count or ' '}]: "
            parts.append(label + textwrap.indent(cell.source, " " * len(label)).lstrip())
            parts.extend(textwrap.indent(plain(o).rstrip(), "    ") for o in cell.outputs)
    return "\n\n".join(parts)


def main() -> int:
    """Execute, print, save; return the process's exit status."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    failure = None
    with offline_environment() as environ:
        client = NotebookClient(
            notebook,
            timeout=300,
            kernel_name="python3",
            extra_arguments=["--log-level=40"],  # the kernel's own warnings are not the demo's
            resources={"metadata": {"path": str(FOLDER)}},
        )
        try:
            client.execute(env=environ)
        except CellExecutionError as error:
            failure = error  # what was executed until then is worth reading

    executed = FOLDER / NOTEBOOK.name
    page = executed.with_suffix(".html")
    nbformat.write(notebook, executed)
    html, _ = HTMLExporter().from_notebook_node(notebook)
    page.write_text(html, encoding="utf-8")

    print(transcript(notebook))
    print(f"\n{'-' * 80}")
    here = Path.cwd()
    for what, path in (("executed notebook", executed), ("as a page", page)):
        print(f"{what:<18} {os.path.relpath(path, here)}", flush=True)
    if failure is not None:
        print(f"\nThe demo failed: {failure.ename}: {failure.evalue}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
