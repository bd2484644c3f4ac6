"""One stage for each class of models, shared by all its plays."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.contract.items.stage import Stage


@pytest.fixture(scope="package")
def stage() -> Iterator[Callable[[str], Stage]]:
    """The stage of a class of models, made when it is first asked for."""
    with ExitStack() as opened:
        stages: dict[str, Stage] = {}

        def stage(models: str) -> Stage:
            if models not in stages:
                folder = Path.home() / uuid.uuid4().hex[:12]
                opened.callback(shutil.rmtree, folder, ignore_errors=True)
                stages[models] = Stage(models, folder)
                opened.callback(stages[models].close)
            return stages[models]

        yield stage
