"""Executes the notebooks with the offline model and saves them with their outputs, for who reads them without running.

python scripts/tutorials.py [part of a name]

Each runs in a folder of its own that is also its home, and where a program prints that folder's path, ``~`` is saved. A
notebook with another path of this machine in it is left as it was, and that is a failure. Look at the difference before
committing.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from offline_environment import ROOT, offline_environment

NOTEBOOKS = ROOT / "notebooks"
FOLDER = ROOT / "build" / "tutorials"


def execute(path: Path) -> nbformat.NotebookNode:
    """The notebook as it ran, without the times at which it did."""
    folder = FOLDER / path.stem
    folder.mkdir(parents=True)
    notebook = nbformat.read(path, as_version=4)
    with offline_environment() as environ:
        client = NotebookClient(
            notebook,
            timeout=300,
            kernel_name="python3",
            record_timing=False,
            extra_arguments=["--log-level=40"],
            resources={"metadata": {"path": str(folder)}},
        )
        client.execute(env={**environ, "HOME": str(folder)})
    notebook.metadata.pop("widgets", None)
    return nbformat.reads(nbformat.writes(notebook).replace(str(folder), "~"), as_version=4)


def main(arguments: list[str]) -> int:
    """Execute and save; return the process's exit status."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    status = 0
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        if not all(part in path.name for part in arguments):
            continue
        notebook = execute(path)
        written = json.dumps(notebook)
        told = re.findall(
            f".{{0,60}}(?:{re.escape(str(ROOT))}|{re.escape(str(Path.home()))}).{{0,60}}", written
        )
        if told:
            print(
                f"{path.name}: not saved, it tells of this machine:",
                *told,
                sep="\n  ",
                file=sys.stderr,
            )
            status = 1
            continue
        nbformat.write(notebook, path)
        print(path.relative_to(ROOT))
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
