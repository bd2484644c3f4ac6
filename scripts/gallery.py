"""Plays the gallery in the browser tests and says where its notebooks, html and pictures are.

python scripts/gallery.py [pytest arguments]

Tests whose name has `gallery` in it run. What they call `notebook.screenshot("gallery-NAME", ...)` becomes
docs/images/NAME.png, so no picture of the documentation shows what no test has seen. tests/browser/test_gallery.py
plays every item type and what is around them into build/gallery: executed notebooks, their html, and pictures of each
turn, unfolded, in both themes and in a narrow column, some also while they run. `-k first_tutorial` takes the pictures of
one test alone.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
TAKEN = ROOT / "build" / "screenshots"
SHOWN = ROOT / "docs" / "images"
GALLERY = ROOT / "build" / "gallery"
PREFIX = "gallery-"


def keep(picture: Path) -> Path:
    """Write a picture for the documentation, with 128 colours, which is a third of its bytes; returns where it is."""
    kept = SHOWN / picture.name.removeprefix(PREFIX)
    with Image.open(picture) as taken:
        taken.convert("RGB").quantize(128, dither=Image.Dither.NONE).save(kept, optimize=True)
    return kept


def main(arguments: list[str]) -> int:
    """Run the tests, keep what they took; return the process's exit status."""
    for old in TAKEN.glob(f"{PREFIX}*.png"):
        old.unlink()
    shutil.rmtree(GALLERY, ignore_errors=True)
    tests = [sys.executable, "-m", "pytest", "-q", "tests/browser", "-k", "gallery", *arguments]
    wanted = {**os.environ, "CODEX_JUPYTER_PICTURES": "1"}
    ended = subprocess.run(tests, cwd=ROOT, env=wanted, stdin=subprocess.DEVNULL, check=False)
    status = ended.returncode
    if status:
        return status
    SHOWN.mkdir(parents=True, exist_ok=True)
    taken = sorted(TAKEN.glob(f"{PREFIX}*.png"))
    for picture in taken:
        print(keep(picture).relative_to(ROOT))
    if arguments:
        return 0 if taken else 1
    for made in sorted([*GALLERY.glob("*.ipynb"), *GALLERY.glob("*.html")]):
        print(made.relative_to(ROOT))
    for folder in sorted(path for path in GALLERY.iterdir() if path.is_dir()):
        print(f"{folder.relative_to(ROOT)}: {len(list(folder.glob('*.png')))} pictures")
    return 0 if taken and (GALLERY / "items.html").exists() else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
