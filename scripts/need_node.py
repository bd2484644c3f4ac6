"""Says what to do when Node is missing or too old for the page's bundle. Standard library only."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys

OLDEST = 18


def complaint() -> str:
    """What is wrong with this machine's Node, or ``""``."""
    if not shutil.which("node") or not shutil.which("npm"):
        return f"Node {OLDEST} or later builds the page's bundle, and `node` or `npm` is not here."
    said = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout
    found = re.match(r"v(\d+)\.", said)
    if not found or int(found[1]) < OLDEST:
        return f"Node {OLDEST} or later builds the page's bundle; here is {said.strip() or '?'}."
    return ""


if __name__ == "__main__":
    if wrong := complaint():
        sys.exit(
            f"{wrong}\nOn Debian: apt-get install nodejs npm. Then run the same command again."
        )
