"""The ports that a browser sign-in comes back to belong to the whole machine: who uses them takes turns."""

from __future__ import annotations

import fcntl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def login_ports() -> Iterator[None]:
    """Alone on this machine with 1455 and 1457."""
    path = Path(tempfile.gettempdir()) / "codex-jupyter-tests-login.lock"
    with path.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
