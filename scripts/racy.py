"""Repeats the tests of what was a race once, beside four busy loops: a race that is back shows in one run of many.

    python scripts/racy.py         200 times each
    python scripts/racy.py 5

The loops keep every core taken, so that threads and processes wait for each other in all orders. The tests wait more than
they work, so several run at once. It is pytest's plugin, too, in each of its processes.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TESTS = (
    "tests/unit/runtime/test_bookkeeping.py::test_what_comes_while_a_step_runs_does_not_overtake_whom_the_step_woke",
    "tests/browser/test_first_turn.py::test_a_page_that_is_late_shows_the_panel_all_the_same",
)
BUSY = 4
AT_ONCE = 5
_TIMES = "RACY_TIMES"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each test one parameter more, which it does not look at."""
    metafunc.fixturenames.append("repetition")
    metafunc.parametrize("repetition", range(1, int(os.environ[_TIMES]) + 1))


@contextmanager
def busy(loops: int) -> Iterator[None]:
    """Keep the processors busy meanwhile."""
    started = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(loops)]
    try:
        yield
    finally:
        for loop in started:
            loop.kill()
            loop.wait()


def main(times: int) -> int:
    """Repeat them; pytest's exit status."""
    here = str(Path(__file__).parent)
    environ = {**os.environ, _TIMES: str(times), "PYTHONPATH": here}
    how = [f"--numprocesses={AT_ONCE}", "--dist=load", "--durations=3", "-p", Path(__file__).stem]
    with busy(BUSY):
        return subprocess.run(
            [sys.executable, "-m", "pytest", "-q", *how, *TESTS],
            cwd=ROOT, env=environ, stdin=subprocess.DEVNULL, check=False,
        ).returncode  # fmt: skip


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 200))
