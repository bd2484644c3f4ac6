"""Time to import, in a fresh interpreter: the Codex SDK, this package, and this package loaded in IPython.

In an empty folder; the last row in one that holds the environment (``.venv``), whose files are remembered as they are.

The best of several runs: what the machine was busy with besides is not ours.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bench import Row

ROOT = Path(__file__).resolve().parent.parent

RUNS = 7
_TIMED = "import time; t = time.perf_counter(); {}; print(time.perf_counter() - t)"
_LOADED = (
    "from IPython.core.interactiveshell import InteractiveShell; import time; "
    "shell = InteractiveShell.instance(); t = time.perf_counter(); "
    "shell.extension_manager.load_extension('codex_jupyter'); print(time.perf_counter() - t)"
)


def _best(code: str, folder: str) -> float:
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}

    def once() -> float:
        command = [sys.executable, "-c", code]
        done = subprocess.run(
            command, cwd=folder, env=environ, capture_output=True, text=True, check=True
        )
        return float(done.stdout.split()[-1])

    return min(once() for _ in range(RUNS))


def measure() -> list[Row]:
    """Milliseconds, the SDK first."""
    cases = {
        "import openai_codex": _TIMED.format("import openai_codex"),
        "import codex_jupyter": _TIMED.format("import codex_jupyter"),
        "%load_ext codex_jupyter, IPython running": _LOADED,
    }
    with tempfile.TemporaryDirectory() as folder:
        found = {what: _best(code, folder) for what, code in cases.items()}
    if Path(sys.prefix).is_relative_to(ROOT):
        found["%load_ext codex_jupyter, .venv in the folder"] = _best(_LOADED, str(ROOT))
    return [Row(what, seconds * 1000, "ms") for what, seconds in found.items()]
