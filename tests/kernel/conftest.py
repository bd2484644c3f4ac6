"""Fixtures of the kernel tier: real kernels in front of the real runtime, and the offline model behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

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


@pytest.fixture(params=KERNELS)
def kernel(request: pytest.FixtureRequest, start_kernel: StartKernel) -> LiveKernel:
    """A kernel; the test runs once on the newest and once on the oldest supported ipykernel."""
    return start_kernel(request.param)


@pytest.fixture
def newest_kernel(start_kernel: StartKernel) -> LiveKernel:
    """A kernel on the newest ipykernel only, for what does not depend on its version."""
    return start_kernel(KERNELS[0])


@pytest.fixture
def oldest_kernel(start_kernel: StartKernel) -> LiveKernel:
    """A kernel on the oldest supported ipykernel only."""
    return start_kernel(KERNELS[1])


@pytest.fixture(params=KERNELS)
def headless_kernel(request: pytest.FixtureRequest, start_kernel: StartKernel) -> Any:
    """A kernel whose client cannot answer prompts, as under nbclient; on both ipykernels."""
    return start_kernel(request.param, stdin=False)
