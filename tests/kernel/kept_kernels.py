"""Kernels that are lent to one test after the other: most tests do not look at how a kernel starts, which is what takes time.

A kernel is lent as it has just started, and taken back only when it can be made so again (`made_new.py`); else it is ended, and the
next test gets one that really has.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from tests.environments import clean_environ, python_of
from tests.kernel.live_kernel import LiveKernel
from tests.processes import below, kill

INSIDE = "__import__('tests.kernel.made_new', fromlist=['made_new'])"
#: Seconds to make a kernel new; one that takes longer, or still runs a cell, is ended.
_PATIENCE = 30.0


class KeptKernels:
    """The kernels of a worker.

    Attributes:
        ended: why kernels were not used again, and how many.
        started: how many were started.
    """

    def __init__(self, home: Path) -> None:
        self.ended: Counter[str] = Counter()
        self.started = 0
        self._home = home
        self._free: dict[str, LiveKernel] = {}
        self._lent: list[LiveKernel] = []
        self._names: dict[int, str] = {}

    def lend(
        self, environment: str, environ: Mapping[str, str], folder: Path, *, stdin: bool
    ) -> LiveKernel:
        """A kernel of this environment, with these variables and this folder."""
        kernel = self._free.pop(environment, None) or self._start(environment)
        self._lent.append(kernel)
        kernel.value(f"{INSIDE}.lend({dict(environ)!r}, {str(folder)!r})")
        kernel.run("", store_history=False)  # what was under way on iopub has arrived when this has
        kernel.handed_over(folder, stdin=stdin)
        return kernel

    def _start(self, environment: str) -> LiveKernel:
        place = self._home / f"{environment}-{self.started}"
        (place / "work").mkdir(parents=True)
        self.started += 1
        environ = clean_environ(place)
        kernel = LiveKernel(python_of(environment), environ, place / "work")
        self._names[id(kernel)] = environment
        try:
            kernel.value(f"{INSIDE}.begin({environ!r})")
        except BaseException:
            kernel.close()
            raise
        return kernel

    def take_back(self, kernel: LiveKernel) -> None:
        """Keep it for the next test where it can be made new; else end it."""
        try:
            why = self._renewed(kernel)
        except (AssertionError, TimeoutError) as error:
            why = str(error).partition("\n")[0][:200] or "no answer"
        environment = self._names[id(kernel)]
        self._lent.remove(kernel)
        if why or environment in self._free:
            self.ended[why] += 1
            kernel.close()
        else:
            self._free[environment] = kernel

    @staticmethod
    def _renewed(kernel: LiveKernel) -> str:
        kernel.delete_subshells()
        why = ast.literal_eval(kernel.value(f"{INSIDE}.renew()", deadline=_PATIENCE))
        if not why:
            kill(below(kernel.process.pid))
        return why

    def close(self) -> None:
        """End all of them."""
        for kernel in (*self._free.values(), *self._lent):
            kernel.close()
        self._free.clear()
        self._lent.clear()
