"""Time to import, in a fresh interpreter: the Codex SDK, this package, and this package loaded in IPython.

The best of several runs: what the machine was busy with besides is not ours.
"""

from __future__ import annotations

import subprocess
import sys

from bench import Row

RUNS = 7
_TIMED = "import time; t = time.perf_counter(); {}; print(time.perf_counter() - t)"
_LOADED = (
    "from IPython.core.interactiveshell import InteractiveShell; import time; "
    "shell = InteractiveShell.instance(); t = time.perf_counter(); "
    "shell.extension_manager.load_extension('codex_jupyter'); print(time.perf_counter() - t)"
)


def _best(code: str) -> float:
    def once() -> float:
        command = [sys.executable, "-c", code]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return float(done.stdout.split()[-1])

    return min(once() for _ in range(RUNS))


def measure() -> list[Row]:
    """Milliseconds, the SDK first."""
    cases = {
        "import openai_codex": _TIMED.format("import openai_codex"),
        "import codex_jupyter": _TIMED.format("import codex_jupyter"),
        "%load_ext codex_jupyter, IPython running": _LOADED,
    }
    return [Row(what, _best(code) * 1000, "ms") for what, code in cases.items()]
