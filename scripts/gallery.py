"""Plays the gallery in the browser tests and says where its notebooks, html and pictures are.

Tests whose name has `gallery` in it run. What they call `notebook.screenshot("gallery-NAME", ...)` becomes
docs/images/NAME.png, so no picture of the documentation shows what no test has seen. tests/browser/test_gallery.py
plays every item type and what is around them into build/gallery: executed notebooks, their html, and pictures of each
turn, unfolded, in both themes and in a narrow column, some also while they run.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TAKEN = ROOT / "build" / "screenshots"
SHOWN = ROOT / "docs" / "images"
GALLERY = ROOT / "build" / "gallery"
PREFIX = "gallery-"


def main() -> int:
    """Run the tests, copy what they took; return the process's exit status."""
    for old in TAKEN.glob(f"{PREFIX}*.png"):
        old.unlink()
    shutil.rmtree(GALLERY, ignore_errors=True)
    tests = [sys.executable, "-m", "pytest", "-q", "tests/browser", "-k", "gallery"]
    wanted = {**os.environ, "CODEX_JUPYTER_PICTURES": "1"}
    ended = subprocess.run(tests, cwd=ROOT, env=wanted, stdin=subprocess.DEVNULL, check=False)
    status = ended.returncode
    if status:
        return status
    SHOWN.mkdir(parents=True, exist_ok=True)
    taken = sorted(TAKEN.glob(f"{PREFIX}*.png"))
    for picture in taken:
        shutil.copy(picture, SHOWN / picture.name.removeprefix(PREFIX))
        print(f"docs/images/{picture.name.removeprefix(PREFIX)}")
    for made in sorted([*GALLERY.glob("*.ipynb"), *GALLERY.glob("*.html")]):
        print(made.relative_to(ROOT))
    for folder in sorted(path for path in GALLERY.iterdir() if path.is_dir()):
        print(f"{folder.relative_to(ROOT)}: {len(list(folder.glob('*.png')))} pictures")
    return 0 if taken and (GALLERY / "items.html").exists() else 1


if __name__ == "__main__":
    sys.exit(main())
