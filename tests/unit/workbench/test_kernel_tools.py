"""What a session's turns carry, and what becomes of calls: in one process, without a runtime."""

from __future__ import annotations

import base64
import io
import logging
from collections.abc import Iterator
from typing import Any, cast

import pytest
from matplotlib.figure import Figure

from codex_jupyter import journal
from codex_jupyter.core.items import DynamicToolCall
from codex_jupyter.core.requests import ToolCall
from codex_jupyter.core.rights import Rights
from codex_jupyter.core.turn import Turn, TurnSettings
from codex_jupyter.notebook.workbench import reading_tools
from codex_jupyter.notebook.workbench.kernel_tools import KernelTools
from codex_jupyter.notebook.workbench.shell_state import ShellState
from codex_jupyter.session.engine import Engine
from codex_jupyter.session.live import LiveTurn, Wake
from codex_jupyter.settings import Settings
from tests.waiting import GENEROUS


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """Gives turns their loop; no runtime is started."""
    engine = Engine("tools")
    yield engine
    engine.thread.stop()


class Control:
    """Hears of the turn's changes, and does nothing about them."""

    def changed(self, before: Turn, after: Turn) -> None:
        return None


class Calls:
    """Calls tools for one turn, in which the call is an item."""

    def __init__(self, state: ShellState, engine: Engine) -> None:
        self.engine, self.tools = engine, KernelTools(state.shell, engine)
        item = DynamicToolCall("i1", namespace="notebook", tool="run_python")
        allowed = TurnSettings(rights=Rights(kernel="run"))
        turn = Turn(entries=(item,), settings=allowed)
        self.live = LiveTurn(engine.thread, "go", Settings(kernel="run"), turn)
        self.live.control = cast(Any, Control())

    def call(self, tool: str, arguments: str = "{}") -> Any:
        call = ToolCall("r1", "", "", item_id="i1", call_id="i1", tool=tool, arguments=arguments)
        future = self.engine.thread.submit(self.tools.call(self.live, call))
        while not future.done():
            task = self.live.main_thread_jobs.get(timeout=GENEROUS)
            if not isinstance(task, Wake):
                task()
                break
        return future.result(GENEROUS)

    def answer(self, tool: str, arguments: str = "{}") -> Any:
        """Of a call that runs nothing."""
        call = ToolCall("r1", "", "", item_id="i1", call_id="i1", tool=tool, arguments=arguments)
        return self.engine.thread.submit(self.tools.call(self.live, call)).result(GENEROUS)


@pytest.fixture
def calls(state: ShellState, engine: Engine) -> Calls:
    return Calls(state, engine)


def test_what_became_of_code_is_in_the_turn_and_the_model_is_told_from_it(calls: Calls) -> None:
    calls.tools.state.shell.user_ns["API_KEY"] = "Battery-Staple-7"
    told = calls.call("run_python", '{"code": "made = 1\\nraise ValueError(API_KEY)"}')
    item = calls.live.turn.find("i1")
    assert isinstance(item, DynamicToolCall)
    assert item.run is not None
    assert item.run.ending.kind == "failed"
    assert item.run.ending.error == "ValueError: [hidden]"
    assert item.run.changes.new == ("made",)
    assert item.run.printed
    assert not told.success
    assert "Failed after" in told.text
    assert "Variables new: made" in told.text
    assert "Battery" not in told.text


def test_a_crash_of_a_tool_is_logged_with_its_traceback(
    calls: Calls, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: Any) -> Any:
        raise KeyError("of ours")

    monkeypatch.setattr(reading_tools, "list_names", broken)
    told = calls.answer("list_variables")
    assert (told.success, told.text) == (False, "The tool failed: KeyError.")
    entry = journal.entries()[-1]
    assert (entry.room, entry.level) == ("workbench", logging.ERROR)
    assert "list_variables" in entry.text
    assert "in broken" in entry.trace
    assert entry.trace.endswith("KeyError: 'of ours'")
    assert capsys.readouterr() == ("", "")
    ours = logging.getLogger("codex_jupyter")
    assert not ours.propagate
    assert not any(type(handler) is logging.StreamHandler for handler in ours.handlers)


def png() -> bytes:
    import PIL.Image

    kept = io.BytesIO()
    PIL.Image.new("RGB", (7, 7)).save(kept, "PNG")
    return kept.getvalue()


def test_a_figure_that_holds_code_is_seen_as_its_cell_showed_it(
    calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell, state = calls.tools.state.shell, calls.tools.state
    ran: list[int] = []
    figure = Figure()
    figure.add_subplot().xaxis.set_major_formatter(lambda x, position: ran.append(1) or "")
    shell.user_ns["figure"] = figure
    picture = png()
    formatter = shell.display_formatter.formatters["image/png"]
    formatter.for_type(Figure, lambda _: base64.b64encode(picture).decode())
    try:
        shell.display_formatter.format(figure)
    finally:
        formatter.pop(Figure)
    assert state.shown_figures.of(figure) == picture
    assert state.shown_figures.of(Figure()) is None
    told = calls.answer("inspect_variable", '{"name": "figure"}')
    assert "image, as a cell showed it: " in told.text
    assert ran == []


def test_a_picture_is_kept_no_longer_than_its_figure(calls: Calls) -> None:
    shown = calls.tools.state.shown_figures
    figure = Figure()
    shown._formatted(lambda *_: ({"image/png": png()}, {}), figure)
    key = id(figure)
    assert shown.of(figure)
    alive = shown._shown[key][0]
    del figure
    import gc

    gc.collect()
    assert alive() is None
