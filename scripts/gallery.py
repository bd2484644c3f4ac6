"""Takes the pictures that the documentation shows, in the browser tests, and copies them into docs/images.

A test whose name has `gallery` in it calls `notebook.screenshot("gallery-NAME", ...)`; the picture
becomes docs/images/NAME.png. So no picture shows what no test has seen.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TAKEN = ROOT / "build" / "screenshots"
SHOWN = ROOT / "docs" / "images"
PREFIX = "gallery-"


def main() -> int:
    """Run the tests, copy what they took; return the process's exit status."""
    for old in TAKEN.glob(f"{PREFIX}*.png"):
        old.unlink()
    tests = [sys.executable, "-m", "pytest", "-q", "tests/browser", "-k", "gallery"]
    status = subprocess.run(tests, cwd=ROOT, stdin=subprocess.DEVNULL, check=False).returncode
    if status:
        return status
    SHOWN.mkdir(parents=True, exist_ok=True)
    taken = sorted(TAKEN.glob(f"{PREFIX}*.png"))
    for picture in taken:
        shutil.copy(picture, SHOWN / picture.name.removeprefix(PREFIX))
        print(f"docs/images/{picture.name.removeprefix(PREFIX)}")
    return 0 if taken else 1


if __name__ == "__main__":
    sys.exit(main())
