"""Fixtures of the kernel tier: real kernels in front of the real runtime, and the offline model behind it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import pytest

from codex_jupyter import offline
from tests.environments import KERNELS, clean_environ, python_of
from tests.kernel.kept_kernels import KeptKernels
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


@pytest.fixture(scope="session")
def kept_kernels() -> Iterator[KeptKernels]:
    """The kernels that are lent to one test after the other."""
    home = Path.home() / f"kept-{uuid4().hex[:8]}"
    kept = KeptKernels(home)
    try:
        yield kept
    finally:
        kept.close()
        shutil.rmtree(home, ignore_errors=True)


LendKernel = Callable[..., LiveKernel]


@pytest.fixture
def lend_kernel(
    request: pytest.FixtureRequest,
    scratch: Path,
    model: offline.Offline,
    start_kernel: StartKernel,
) -> Iterator[LendKernel]:
    """Give a kernel as it is after its start: one that others had before, or one of its own for a test marked ``own_kernel``."""
    mark = request.node.get_closest_marker("own_kernel")
    if mark:
        if len(mark.args) != 1:
            raise pytest.UsageError(f"{request.node.nodeid}: own_kernel takes one reason")
        yield start_kernel
        return
    kept = request.getfixturevalue("kept_kernels")
    with ExitStack() as stack:

        def lend(environment: str, *, stdin: bool = True) -> LiveKernel:
            work = scratch / "work"
            work.mkdir(exist_ok=True)
            variables = clean_environ(scratch, model.env)
            kernel = kept.lend(environment, variables, work, stdin=stdin)
            stack.callback(kept.take_back, kernel)
            return kernel

        yield lend


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
def kernel(request: pytest.FixtureRequest, lend_kernel: LendKernel) -> LiveKernel:
    """A kernel of the newest ipykernel; of the oldest too where the test is marked ``both_kernels``."""
    return lend_kernel(request.param)


@pytest.fixture
def newest_kernel(lend_kernel: LendKernel) -> LiveKernel:
    """A kernel on the newest ipykernel only, for what does not depend on its version."""
    return lend_kernel(KERNELS[0])


@pytest.fixture
def oldest_kernel(lend_kernel: LendKernel) -> LiveKernel:
    """A kernel on the oldest supported ipykernel only."""
    return lend_kernel(KERNELS[1])


@pytest.fixture
def headless_kernel(request: pytest.FixtureRequest, lend_kernel: LendKernel) -> LiveKernel:
    """As `kernel`, but its client cannot answer prompts, as under nbclient."""
    return lend_kernel(request.param, stdin=False)
