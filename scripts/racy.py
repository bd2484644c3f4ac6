"""Repeats the tests of what was a race once, beside four busy loops: a race that is back shows in one run of many.

    python scripts/racy.py         200 times each
    python scripts/racy.py 5

The loops keep every core taken, so that threads and processes wait for each other in all orders.
"""

from __future__ import annotations

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


class Repeat:
    """Has pytest run each test so many times, in one process: one JupyterLab and one tab serve all of them."""

    def __init__(self, times: int) -> None:
        self._times = times

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Give each test one parameter more, which it does not look at."""
        metafunc.fixturenames.append("repetition")
        metafunc.parametrize("repetition", range(1, self._times + 1))


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
    tests = [f"{ROOT}/{test}" for test in TESTS]
    with busy(BUSY):
        return pytest.main(["-q", f"--rootdir={ROOT}", "--durations=3", *tests], [Repeat(times)])


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 200))
