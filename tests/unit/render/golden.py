"""Golden files: what a renderer made last time a person looked at it. ``GOLDEN_UPDATE=1`` writes them anew."""

from __future__ import annotations

import os
import re
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "data" / "golden" / "render"
_BREAK = re.compile(
    r"(?<=>)(?=<(?:div|details|summary|pre|ul|form|button|fieldset|label|table|p|img)\b)"
)
_PICTURE = re.compile(r"(data:image/png;base64,)[A-Za-z0-9+/=]{40,}")


def readable(html: str) -> str:
    """Html with line breaks where they change nothing, and without the bytes of pictures."""
    return _PICTURE.sub(r"\1…", _BREAK.sub("\n", html))


def check(name: str, made: str) -> None:
    """``made`` is what the golden file ``name`` holds."""
    path = FOLDER / name
    if os.environ.get("GOLDEN_UPDATE") == "1":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(made, "utf-8", newline="\n")
    assert path.exists(), f"{path} is missing: look at the output, then run with GOLDEN_UPDATE=1"
    assert made == path.read_bytes().decode("utf-8")
