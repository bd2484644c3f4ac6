"""The variables of a process whose Codex runtime finds the offline model, and no account or key of a person."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from codex_jupyter import offline

ROOT = Path(__file__).resolve().parent.parent

_PERSONAL = ("OPENAI_API_KEY", "CODEX_API_KEY", "CODEX_ACCESS_TOKEN", "CODEX_HOME")


@contextmanager
def offline_environment() -> Iterator[dict[str, str]]:
    """Run the offline model with the quickstart's script; yield the variables that lead to it."""
    kept = {name: value for name, value in os.environ.items() if name not in _PERSONAL}
    with offline.start() as model:
        # The kernel named python3 is this environment's, whatever else the machine has installed.
        yield {**kept, **model.env, "JUPYTER_PREFER_ENV_PATH": "1"}
