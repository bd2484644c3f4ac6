"""A folder to work in that the sandbox does not make writable by itself (as it does the temporary one)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.approvals.asked import end_shared


@pytest.fixture(scope="session", autouse=True)
def shared_sessions() -> Iterator[None]:
    """Sessions that are kept from test to test end with the last one."""
    yield
    end_shared()


@pytest.fixture
def folder(scratch: Path) -> Path:
    """Where turns work."""
    path = scratch / "work"
    path.mkdir(exist_ok=True)  # a kernel may work in it as well
    return path
