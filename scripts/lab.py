"""Opens the notebooks in JupyterLab, with the offline model behind them.

They open as copies in build/lab, refreshed when the original changed: trying things out changes
nothing in the repository. Their pictures lie beside them as they do here.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys

from offline_environment import ROOT, offline_environment

FOLDER = ROOT / "build" / "lab"


def main() -> int:
    """Serve until Ctrl-C; return JupyterLab's exit status."""
    for pattern in ("notebooks/*.ipynb", "docs/images/*.png"):
        for original in sorted(ROOT.glob(pattern)):
            copy = FOLDER / original.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            if not copy.exists() or copy.stat().st_mtime < original.stat().st_mtime:
                shutil.copy(original, copy)
    as_root = hasattr(os, "geteuid") and os.geteuid() == 0
    command = [
        sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={FOLDER}",
        "--LabApp.default_url=/lab/tree/notebooks/01_quickstart.ipynb",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        *(["--allow-root", "--no-browser"] if as_root else []),
    ]  # fmt: skip
    print("JupyterLab with the offline model. Ctrl-C ends both.", flush=True)
    with offline_environment() as environ:
        process = subprocess.Popen(command, cwd=FOLDER, env=environ)
        signal.signal(signal.SIGTERM, lambda *_: process.terminate())
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:
                continue  # JupyterLab got it too, and asks or ends by itself


if __name__ == "__main__":
    sys.exit(main())
