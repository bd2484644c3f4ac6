"""Opens the notebooks in JupyterLab as `make lab` does, and a change in js/src shows in the open panels within a second.

Two programs: esbuild rebuilds codex_jupyter/static when a file of js/src or the style sheet changes, and anywidget, told by
ANYWIDGET_HMR in the kernels, watches the bundle and sends it to the page. Ctrl-C ends both and builds
the bundle as it is shipped. A change in Python wants a new kernel (Kernel, Restart).
"""

from __future__ import annotations

import os
import subprocess
import sys

from lab import main as open_lab
from offline_environment import ROOT


def main() -> int:
    """Watch and serve until Ctrl-C; return JupyterLab's exit status."""
    # Not `npm run watch`: npm does not hand on the signal that ends it.
    command = ["node", "build.mjs", "--watch"]
    watch = subprocess.Popen(command, cwd=ROOT / "js", stdin=subprocess.DEVNULL)
    os.environ["ANYWIDGET_HMR"] = "1"
    try:
        return open_lab()
    finally:
        watch.terminate()
        watch.wait()
        subprocess.run(["node", "build.mjs"], cwd=ROOT / "js", check=False)


if __name__ == "__main__":
    sys.exit(main())
