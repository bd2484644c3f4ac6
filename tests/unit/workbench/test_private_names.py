"""What the notebook's tools use of others that is not public is still there, and means what it meant.

Of ipykernel it is ``notebook/kernel_internals.py``, of pandas ``tests/unit/objects/test_pandas_parts.py``.
"""

from __future__ import annotations

import asyncio
import sys
from collections import OrderedDict
from types import CodeType, FrameType
from typing import Any

import pytest


def test_a_step_of_a_task_runs_in_the_frame_that_we_look_for() -> None:
    seen: list[CodeType] = []

    async def step() -> None:
        frame: FrameType | None = sys._getframe()
        while frame is not None:
            seen.append(frame.f_code)
            frame = frame.f_back

    asyncio.run(step())
    assert asyncio.Handle._run.__code__ in seen


def test_the_inline_backend_shows_open_figures_when_it_is_told_that_something_was_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from matplotlib import pyplot
    from matplotlib._pylab_helpers import Gcf
    from matplotlib_inline import backend_inline

    shown: list[object] = []
    monkeypatch.setattr(backend_inline, "display", lambda figure, **_kind: shown.append(figure))
    monkeypatch.setattr(Gcf, "figs", OrderedDict())
    show: Any = backend_inline.show
    figure = pyplot.figure()
    try:
        assert [manager.canvas.figure for manager in Gcf.figs.values()] == [figure]
        show._draw_called = False
        backend_inline.flush_figures()
        assert shown == []
        show._draw_called = True
        backend_inline.flush_figures()
        assert shown == [figure]
        assert show._draw_called is False
    finally:
        pyplot.close("all")
