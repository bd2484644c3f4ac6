"""A plugin of pytest for ``make compat``: writes what passed and failed, and which methods the binary names."""

from __future__ import annotations

import asyncio
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where the report goes."""
    parser.addoption("--compat-report", default="")


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Write it."""
    if not config.getoption("--compat-report") or hasattr(config, "workerinput"):
        return
    stats = terminalreporter.stats
    failed = [one.nodeid for kind in ("failed", "error") for one in stats.get(kind, ())]
    failed += [f"skipped: {one.nodeid}" for one in stats.get("skipped", ())]
    told = {
        "passed": len(stats.get("passed", ())),
        "failed": failed,
        "methods": sorted(asyncio.run(methods())),
    }
    Path(config.getoption("--compat-report")).write_text(json.dumps(told, indent=1))


async def methods() -> frozenset[str]:
    """Those that the installed binary names."""
    from codex_jupyter.runtime.api import Api
    from codex_jupyter.runtime.client import Runtime
    from codex_jupyter.runtime.launch import Launch

    with tempfile.TemporaryDirectory() as home:
        runtime = await Runtime.start(Launch(codex_home=home), on_batch=lambda arrivals: None)
        try:
            return await Api(runtime).methods()
        finally:
            await runtime.close()
