"""A folder to work in that the sandbox does not make writable by itself (as it does the temporary one)."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def folder(scratch: Path) -> Path:
    """Where turns work."""
    path = scratch / "work"
    path.mkdir(exist_ok=True)  # a kernel may work in it as well
    return path
