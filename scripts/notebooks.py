"""Runs nbval over copies of the notebooks, with the offline model, then the tests in tests/notebooks.

python scripts/notebooks.py [pytest arguments]
"""

from __future__ import annotations

import shutil
import subprocess
import sys

from offline_environment import ROOT, offline_environment

COPIES = ROOT / "build" / "notebooks"


def main(arguments: list[str]) -> int:
    """Copy, run, return pytest's exit status; a folder without notebooks is a failure."""
    shutil.rmtree(COPIES, ignore_errors=True)
    COPIES.mkdir(parents=True)
    notebooks = sorted((ROOT / "notebooks").glob("*.ipynb"))
    if not notebooks:
        print("notebooks/ holds no notebook", file=sys.stderr)
        return 1
    copies = []
    for notebook in notebooks:
        # A folder each: what Codex writes for one is not there for the next.
        folder = COPIES / notebook.stem
        folder.mkdir()
        copies.append(str(shutil.copy(notebook, folder)))
    with offline_environment() as environ:
        return subprocess.run(
            [
                sys.executable, "-m", "pytest", "-p", "nbval", "--nbval-lax", "--nbval-current-env",
                *arguments, *copies, "tests/notebooks",
            ],
            cwd=ROOT, env=environ, stdin=subprocess.DEVNULL, check=False,
        ).returncode  # fmt: skip


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
