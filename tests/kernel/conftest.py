"""Fixtures of the kernel tier: real kernels in front of the real runtime, and the offline model behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from codex_jupyter import offline
from tests.environments import KERNELS, clean_environ, python_of
from tests.kernel.live_kernel import LiveKernel

StartKernel = Callable[..., LiveKernel]


@pytest.fixture
def model(scratch: Path) -> Iterator[offline.Offline]:
    """The offline model, with a CODEX_HOME of this test's own; `model.server.script` may be replaced."""
    with offline.start(codex_home=scratch / "codex") as running:
        yield running


@pytest.fixture
def start_kernel(scratch: Path, model: offline.Offline) -> Iterator[StartKernel]:
    """Start kernels: `start_kernel("ipykernel-6.29", stdin=False, environ={...}, folder=...)`.

    Every argument may be left out. The kernel works in `scratch/work`, and its runtime finds the
    offline model and nothing else.
    """
    with ExitStack() as stack:

        def start(
            environment: str = KERNELS[0],
            *,
            stdin: bool = True,
            environ: dict[str, str] | None = None,
            folder: Path | None = None,
        ) -> LiveKernel:
            work = folder or scratch / "work"
            work.mkdir(parents=True, exist_ok=True)
            variables = clean_environ(scratch, {**model.env, **(environ or {})})
            kernel = LiveKernel(python_of(environment), variables, work, stdin=stdin)
            stack.callback(kernel.close)
            return kernel

        yield start


#: What differs between the oldest and the newest supported ipykernel, so that a test of it runs on both.
REASONS = {
    "cells": "how a cell is run, counted, displayed and kept in history",
    "prompts": "stdin: who asks, who may answer, what a late answer reaches",
    "interrupts": "what a Ctrl-C meets: the kernel's loop, a task of it, a thread",
    "subshells": "where a page's message is heard while a cell runs; the oldest has no subshells",
    "the loop": "what of the kernel's event loop goes on while a cell waits, or is idle",
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test runs on the newest ipykernel, and on the oldest too where it is marked with a reason why."""
    mark = metafunc.definition.get_closest_marker("both_kernels")
    if mark and not (mark.args and set(mark.args) <= set(REASONS)):
        raise pytest.UsageError(
            f"{metafunc.definition.nodeid}: both_kernels takes reasons: {list(REASONS)}"
        )
    for fixture in ("kernel", "headless_kernel"):
        if fixture in metafunc.fixturenames:
            metafunc.parametrize(fixture, KERNELS if mark else KERNELS[:1], indirect=True)


@pytest.fixture
def kernel(request: pytest.FixtureRequest, start_kernel: StartKernel) -> LiveKernel:
    """A kernel of the newest ipykernel; of the oldest too where the test is marked ``both_kernels``."""
    return start_kernel(request.param)


@pytest.fixture
def newest_kernel(start_kernel: StartKernel) -> LiveKernel:
    """A kernel on the newest ipykernel only, for what does not depend on its version."""
    return start_kernel(KERNELS[0])


@pytest.fixture
def oldest_kernel(start_kernel: StartKernel) -> LiveKernel:
    """A kernel on the oldest supported ipykernel only."""
    return start_kernel(KERNELS[1])


@pytest.fixture
def headless_kernel(request: pytest.FixtureRequest, start_kernel: StartKernel) -> LiveKernel:
    """As `kernel`, but its client cannot answer prompts, as under nbclient."""
    return start_kernel(request.param, stdin=False)
